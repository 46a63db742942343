"""Agreement within groups, by hand; correlations of groups against R, an exact property and simulation."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from walesi_research.stats.agreement import (
    SLIGHT_SKEW_OF_FIVE,
    group_correlations,
    uniform_variance,
    within_agreement,
    within_agreements,
)
from walesi_research.stats.intraclass import intraclass


def test_the_variance_of_even_answers():
    for categories in (2, 5, 7):
        assert uniform_variance(categories) == pytest.approx(np.var(np.arange(categories)), abs=1e-14)


def test_one_item_by_hand():
    """Mean 4.2, squares .04 .04 .64 .64 1.44, variance 2.8 / 4 = .7: 1 - .7 / 2 = .65 and 1 - .7 / 1.34."""
    x = [4, 4, 5, 5, 3]
    assert within_agreement(x, uniform_variance(5)) == pytest.approx(0.65, abs=1e-12)
    assert within_agreement(x, SLIGHT_SKEW_OF_FIVE) == pytest.approx(1 - 0.7 / 1.34, abs=1e-12)


def test_several_items_by_hand():
    """Variances .7 and .3, mean .5, q = .25: 2 (.75) / (2 (.75) + .25) = 6 / 7."""
    x = np.column_stack([[4, 4, 5, 5, 3], [4, 4, 4, 5, 5]])
    assert within_agreement(x, 2.0) == pytest.approx(6 / 7, abs=1e-12)


def test_answers_missing_and_beyond_chance():
    x = np.array([[4, np.nan, 1], [5, np.nan, 5], [np.nan, 3, 1], [np.nan, np.nan, 5]])
    one_item_left = within_agreement(x[:, :2], 2.0)  # variance .5 of two answers; the other item has one
    assert one_item_left == pytest.approx(0.75, abs=1e-12)
    assert within_agreement(x[:, 2], 2.0) == 0.0  # variance 16 / 3 is more than by chance
    assert np.isnan(within_agreement(x[:, 1], 2.0))
    assert within_agreement([3, 3, 3], 2.0) == 1.0
    with pytest.raises(ValueError, match="positive"):
        within_agreement([3, 4], 0.0)


def test_groups_in_the_order_of_their_labels():
    x, groups = np.array([1, 5, 4, 4, 5, 3.0]), np.array(["b", "b", "a", "a", "a", "b"])
    expected = [within_agreement([4, 4, 5], 2.0), within_agreement([1, 5, 3], 2.0)]
    assert within_agreements(x, groups, 2.0).tolist() == expected


def test_unequal_groups_by_hand():
    """Groups (1, 3), (4, 6, 8) and (7, 9): means 2, 6, 8, grand mean 38 / 7; W = (2 + 8 + 2) / 4 = 3,
    B = (2 (24/7)² + 3 (4/7)² + 2 (18/7)²) / 2, k = (7 - 17 / 7) / 2 = 16 / 7."""
    found = group_correlations([1, 3, 4, 6, 8, 7, 9], list("aabbbcc"))
    between = (2 * 24**2 + 3 * 4**2 + 2 * 18**2) / 49 / 2
    k = 16 / 7
    assert found.size == pytest.approx(k, abs=1e-12)
    assert found.single.f == pytest.approx(between / 3, abs=1e-12)
    assert found.single.estimate == pytest.approx((between - 3) / (between + (k - 1) * 3), abs=1e-12)
    assert found.mean.estimate == pytest.approx((between - 3) / between, abs=1e-12)
    assert (found.single.df1, found.single.df2, found.n, found.groups) == (2, 4, 7, 3)
    by_hand = stats.f_oneway([1, 3], [4, 6, 8], [7, 9])
    assert found.single.pvalue == pytest.approx(by_hand.pvalue, abs=1e-12)


def test_groups_of_one_size_are_raters_of_their_own():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(12, 1)) + rng.normal(size=(12, 6))
    found, known = group_correlations(x.ravel(), np.repeat(np.arange(12), 6)), intraclass(x)
    for mine, theirs in ((found.single, known.one_way), (found.mean, known.one_way_mean)):
        numbers = [(getattr(mine, k), getattr(theirs, k)) for k in ("estimate", "low", "high", "f", "pvalue")]
        assert all(a == pytest.approx(b, abs=1e-9) for a, b in numbers)


@pytest.mark.shared
def test_against_psych(shared):
    """psych::ICC prints thirteen digits; the ends are found to 1e-12."""
    known = json.loads((shared / "reference/values/icc_raters.json").read_text())["results"]["wine"]
    wine = pd.read_csv(shared / "reference/data/wine_ratings.csv")
    found = group_correlations(wine["response"], wine["bottle"])
    for mine, theirs in ((found.single, known[0]), (found.mean, known[3])):
        for name, of in (("estimate", "ICC"), ("low", "lower.bound"), ("high", "upper.bound")):
            assert getattr(mine, name) == pytest.approx(theirs[of], abs=1e-9)


def test_what_does_not_differ_between_groups_is_zero():
    found = group_correlations([1, 2, 3, 2, 3, 3], list("aaabbb"))
    assert found.single.estimate == found.single.low == found.mean.estimate == found.mean.low == 0.0
    assert found.single.high > 0


@pytest.mark.parametrize(
    ("y", "groups"), [([1, 2, 3], "aaa"), ([1, 2, np.nan], "abb"), ([1, 1, 2, 2], "aabb")]
)
def test_too_little_is_an_error(y, groups):
    with pytest.raises(ValueError):
        group_correlations(y, list(groups))


def test_the_interval_covers_with_groups_of_very_different_sizes():
    """2,000 worlds of nine groups of 3 to 90: 95 % within 3 Monte Carlo errors (1.5 points); the interval of
    Searle at the average size would miss it."""
    sizes = np.array([3, 4, 5, 6, 8, 10, 20, 40, 90])
    groups, share, rng = np.repeat(np.arange(9), sizes), 0.2, np.random.default_rng(11)
    held = plain = 0
    for _ in range(2_000):
        y = np.sqrt(share) * rng.normal(size=9)[groups] + np.sqrt(1 - share) * rng.normal(size=len(groups))
        found = group_correlations(y, groups)
        held += found.single.low <= share <= found.single.high
        f = found.single.f / stats.f.ppf([0.975, 0.025], found.single.df1, found.single.df2)
        low, high = (f - 1) / (f + found.size - 1)
        plain += low <= share <= high
    assert abs(held / 2_000 - 0.95) < 0.015
    assert plain / 2_000 < 0.93
