"""Scores before 2022, with their gaps and the innovation clause."""

import math

import pandas as pd
import pytest

from walesi_research.rules import skp as rule


@pytest.mark.parametrize(
    ("score", "innovation", "grade"),
    [
        (120, True, "sangat_baik"),
        (110, True, "sangat_baik"),
        (110, False, "baik"),
        (120, False, "baik"),
        (109.99, True, "baik"),
        (109.995, True, "sangat_baik"),  # 110.00 to two decimals
        (90, False, "baik"),
        (89.99, True, "cukup"),
        (70, False, "cukup"),
        (69.99, False, "kurang"),
        (50, False, "kurang"),
        (49.99, False, "sangat_kurang"),
        (0, True, "sangat_kurang"),
        (100, None, "baik"),
        (115, None, None),
        (None, True, None),
    ],
)
def test_pp30_grades(score, innovation, grade):
    assert rule.grade_pp30(score, innovation) == grade


def test_pp30_weights():
    # 1e-12: one multiplication and one addition in binary
    assert rule.score_pp30(90, 100) == pytest.approx(93, abs=1e-12)
    assert rule.score_pp30(90, 100, views_of_others=True) == pytest.approx(94, abs=1e-12)
    assert math.isnan(rule.score_pp30(90, None))
    assert rule.grade_pp30(rule.score_pp30(90, 90), False) == "baik"  # .7 × 90 + .3 × 90 is not 90 in binary


def test_pp46():
    assert rule.score_pp46(90, 80) == pytest.approx(86, abs=1e-12)
    scores = pd.Series([100.5, 91, 90.5, 90, 76, 75.01, 75, 61, 60, 51, 50.4, 50, 0])
    grades = rule.grade_pp46(scores)
    assert list(grades) == [
        "sangat_baik", "sangat_baik", "sangat_baik", "baik", "baik", "baik", "cukup", "cukup",
        "kurang", "kurang", "kurang", "buruk", "buruk",
    ]  # fmt: skip


def test_dp3():
    assert [rule.grade_dp3(s) for s in (100, 91, 90, 76, 75, 61, 60, 51, 50)] == [
        "amat_baik", "amat_baik", "baik", "baik", "cukup", "cukup", "sedang", "sedang", "kurang",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "call",
    [
        lambda: rule.grade_pp30(120.1, True),
        lambda: rule.grade_pp30(-1, True),
        lambda: rule.grade_pp30(100, "ya"),
        lambda: rule.grade_pp46(121),
        lambda: rule.grade_dp3(101),
        lambda: rule.score_pp30(90, 130),
    ],
)
def test_what_no_record_can_hold_is_refused(call):
    with pytest.raises(ValueError):
        call()
