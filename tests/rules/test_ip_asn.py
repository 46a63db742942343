"""The professionality index: a worked example, the point table and its gaps."""

import math

import pytest

from walesi_research.rules import ip_asn as rule


def test_golden():
    index = rule.ip_asn(
        rule.qualification("d4_s1"),
        rule.competence("executor", None, 20, True),
        rule.performance(85),
        rule.discipline("none"),
    )
    assert index == 85
    assert rule.category(index) == "tinggi"


def test_the_best_of_everything_is_100():
    for position in rule.POSITIONS:
        competence = rule.competence(position, True, 20, True)
        assert rule.ip_asn(rule.qualification("s3"), competence, rule.performance(120), 5) == 100


@pytest.mark.parametrize(
    ("position", "role", "hours", "seminar", "points"),
    [
        ("managerial", True, 20, True, 40),
        ("managerial", True, 19.9, True, 25),
        ("managerial", False, 20, False, 15),
        ("functional", True, 0, False, 15),
        ("executor", True, 0, False, 0),
        ("executor", None, 20, False, 22.5),
        ("executor", False, 0, True, 17.5),
    ],
)
def test_competence(position, role, hours, seminar, points):
    assert rule.competence(position, role, hours, seminar) == points


def test_competence_is_missing_where_what_counts_is():
    assert math.isnan(rule.competence("managerial", None, 20, True))
    assert math.isnan(rule.competence("executor", False, None, True))
    assert math.isnan(rule.competence("executor", False, 20, None))
    assert math.isnan(rule.competence(None, True, 20, True))


@pytest.mark.parametrize(
    ("score", "points"),
    [(0, 1), (50, 1), (50.004, 1), (50.5, 5), (60, 5), (60.5, 15), (75, 15), (76, 25), (90, 25), (90.01, 30),
     (100, 30), (120, 30)],
)  # fmt: skip
def test_performance_has_no_gap(score, points):
    assert rule.performance(score) == points


@pytest.mark.parametrize(
    ("index", "category"),
    [(0, "sangat_rendah"), (60, "sangat_rendah"), (60.5, "rendah"), (70, "rendah"), (71, "sedang"),
     (80, "sedang"), (80.01, "tinggi"), (90, "tinggi"), (90.5, "sangat_tinggi"), (100, "sangat_tinggi")],
)  # fmt: skip
def test_categories_have_no_gap(index, category):
    assert rule.category(index) == category


def test_predicates_take_the_five_steps():
    steps = [rule.performance_of_predicate(p) for p in rule.PREDICATES]
    assert steps == [30, 25, 15, 5, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: rule.qualification("phd"),
        lambda: rule.competence("staf", True, 20, True),
        lambda: rule.competence("executor", True, -1, True),
        lambda: rule.performance(121),
        lambda: rule.discipline("berat"),
        lambda: rule.ip_asn(26, 40, 30, 5),
        lambda: rule.category(101),
    ],
)
def test_what_the_table_does_not_know_is_refused(call):
    with pytest.raises(ValueError):
        call()
