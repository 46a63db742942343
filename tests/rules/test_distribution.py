"""The distribution pattern in whole people, for offices of any size."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walesi_research.rules import distribution as rule
from walesi_research.rules.predicate import PREDICATES

ORGANISATIONS = rule.ORGANISATION_PREDICATES
COUNTS = st.fixed_dictionaries({p: st.integers(0, 12) for p in PREDICATES}).filter(lambda c: sum(c.values()))


def every_count(n):
    """All ways to give n people a predicate each."""
    for bars in itertools.combinations(range(n + 4), 4):
        edges = (-1, *bars, n + 4)
        yield dict(zip(PREDICATES, (b - a - 1 for a, b in itertools.pairwise(edges)), strict=True))


def squared_distance(counts, reference):
    return sum((counts[p] - reference[p]) ** 2 for p in PREDICATES)


@pytest.mark.parametrize("organisation", ORGANISATIONS)
def test_counts_sum_to_n_and_bounds_hold_wherever_attainable(organisation):
    for n in range(1, 201):
        allocation = rule.nearest_counts(organisation, n)
        assert sum(allocation.counts.values()) == n
        assert min(allocation.counts.values()) >= 0
        assert all(limit.holds(allocation.counts) for limit in allocation.limits)
        unheld = [b for b in rule.PATTERNS[organisation] if not b.holds(allocation.counts)]
        assert unheld == list(allocation.gives_way)


@pytest.mark.parametrize("organisation", ORGANISATIONS)
@pytest.mark.parametrize("n", range(1, 9))
def test_a_bound_gives_way_only_where_no_counts_hold_the_pattern(organisation, n):
    pattern = rule.PATTERNS[organisation]
    attainable = any(all(bound.holds(counts) for bound in pattern) for counts in every_count(n))
    assert bool(rule.nearest_counts(organisation, n).gives_way) != attainable


@pytest.mark.parametrize(
    ("organisation", "sizes"),
    [
        ("istimewa", {1, 2, 4}),
        ("baik", {1, 2, 4}),
        ("butuh_perbaikan", set()),
        ("kurang", {1, 2}),
        ("sangat_kurang", {1, 2}),
    ],
)
def test_the_sizes_at_which_something_gives_way(organisation, sizes):
    found = {n for n in range(1, 201) if rule.nearest_counts(organisation, n).gives_way}
    assert found == sizes


@pytest.mark.parametrize("organisation", ORGANISATIONS)
@pytest.mark.parametrize("n", range(1, 9))
def test_nearest_is_nearest_of_all(organisation, n):
    references = [rule.nearest_counts(organisation, n).counts, *itertools.islice(every_count(n), 0, None, 17)]
    share = dict(zip(PREDICATES, rule.REFERENCE_PERCENT[organisation], strict=True))
    references.append({p: share[p] * n / 100 for p in PREDICATES})
    for reference in references:
        found = rule.nearest_counts(organisation, n, reference)
        feasible = [c for c in every_count(n) if all(limit.holds(c) for limit in found.limits)]
        best = min(squared_distance(c, reference) for c in feasible)
        # 1e-9: sums of a few squares of one-decimal numbers
        assert squared_distance(found.counts, reference) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("organisation", ORGANISATIONS)
def test_the_reference_satisfies_its_own_pattern(organisation):
    shares = dict(zip(PREDICATES, rule.REFERENCE_PERCENT[organisation], strict=True))
    assert sum(shares.values()) == 100
    assert all(bound.holds(shares) for bound in rule.PATTERNS[organisation])
    assert dict(rule.nearest_counts(organisation, 100).counts) == shares


def test_six_people_in_an_outstanding_office():
    allocation = rule.nearest_counts("istimewa", 6)
    assert dict(allocation.counts) == {
        "sangat_baik": 4, "baik": 2, "butuh_perbaikan": 0, "kurang": 0, "sangat_kurang": 0,
    }  # fmt: skip
    assert not allocation.gives_way


def test_the_maximum_gives_way_by_as_little_as_it_can():
    judged = rule.judge_counts("istimewa", {"sangat_baik": 4})
    assert [b.code for b in judged.broken] == ["at_most_70_sangat_baik"]
    assert not judged.fits and judged.moves == 1
    assert rule.judge_counts("istimewa", {"sangat_baik": 3, "baik": 1}).fits


def test_a_good_office_needs_someone_to_improve():
    judged = rule.judge_counts("baik", {"sangat_baik": 3, "baik": 7})
    assert [b.code for b in judged.broken] == ["someone_butuh_perbaikan_or_kurang"]
    assert judged.moves == 1 and not judged.excused
    assert rule.judge_counts("baik", {"sangat_baik": 3, "baik": 6, "kurang": 1}).fits


def test_everyone_very_good_in_a_very_poor_office():
    judged = rule.judge_counts("sangat_kurang", {"sangat_baik": 10})
    assert len(judged.broken) == 3
    assert judged.nearest.counts["sangat_baik"] == 0 and judged.nearest.counts["sangat_kurang"] >= 6
    assert judged.moves == 10


@settings(deadline=None)
@given(organisation=st.sampled_from(ORGANISATIONS), counts=COUNTS)
def test_nobody_has_to_move_just_where_the_pattern_fits(organisation, counts):
    judged = rule.judge_counts(organisation, counts)
    assert (judged.moves == 0) == judged.fits
    assert rule.judge_counts(organisation, judged.nearest.counts).fits


@pytest.mark.parametrize("n", [0, -1, 2.5, True])
def test_no_office_without_people(n):
    with pytest.raises(ValueError, match="at least one person"):
        rule.nearest_counts("baik", n)


@pytest.mark.parametrize(
    ("organisation", "counts", "words"),
    [
        ("cukup", {"baik": 1}, "'cukup' is not one of"),
        ("baik", {"bagus": 1}, "'bagus' is not one of"),
        ("baik", {"baik": -1}, "whole numbers"),
        ("baik", {"baik": 1.5}, "whole numbers"),
        ("baik", {"baik": 0}, "nobody"),
    ],
)
def test_counts_no_office_has_are_refused(organisation, counts, words):
    with pytest.raises(ValueError, match=words):
        rule.judge_counts(organisation, counts)
