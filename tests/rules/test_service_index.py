"""The service satisfaction index: exact and rounded weights, grades without gaps, missing elements."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walesi_research.rules import service_index as rule


@pytest.mark.parametrize(("weight", "perfect"), [(None, 100.0), (0.111, 99.9), (0.11, 99.0)])
def test_perfect_answers(weight, perfect):
    assert rule.service_index([4] * 9, weight=weight) == pytest.approx(perfect, abs=1e-12)  # binary weights


@pytest.mark.parametrize(
    ("mean", "nik", "grade"),
    [
        (1.0, 25.00, "D"),
        (2.5996, 64.99, "D"),
        (2.6, 65.00, "C"),
        (3.064, 76.60, "C"),
        (3.0642, 76.61, "B"),  # in the printed table's gap
        (3.0644, 76.61, "B"),
        (3.532, 88.30, "B"),
        (3.5322, 88.31, "A"),  # in the printed table's gap
        (3.5324, 88.31, "A"),
        (4.0, 100.0, "A"),
    ],
)
def test_grades(mean, nik, grade):
    index = rule.service_index([mean] * 9)
    assert index == pytest.approx(nik, abs=0.0051)  # the table gives two decimals
    assert rule.grade_of_index(index) == grade


@settings(deadline=None)
@given(st.floats(25, 100))
def test_no_index_falls_in_a_gap(index):
    assert rule.grade_of_index(index) in rule.GRADES


@settings(deadline=None)
@given(st.lists(st.floats(1, 4), min_size=1, max_size=16))
def test_index_is_between_25_and_100(answers):
    assert 25 - 1e-9 <= rule.service_index(answers) <= 100 + 1e-9  # rounding of a mean of 16
    assert rule.grade_of_index(rule.service_index(answers)) in rule.GRADES


def test_any_number_of_elements():
    assert rule.service_index([3] * 16) == 75
    assert rule.service_index({"u1": 4, "u2": 2}) == 75


def test_missing_elements():
    answers = [4, None, 2]
    assert math.isnan(rule.service_index(answers))
    assert rule.service_index(answers, missing="omit") == 75
    assert math.isnan(rule.service_index([None, np.nan], missing="omit"))
    # each of two present counts .11 × 3 / 2, so the total weight stays .33: 25 × .33 × 3
    assert rule.service_index(answers, weight=0.11, missing="omit") == pytest.approx(24.75, abs=1e-12)


def test_a_table_gives_an_index_a_row_and_its_means_the_unit_s():
    table = pd.DataFrame({"u1": [4, 2, None], "u2": [2, 2, 1]}, index=["a", "b", "c"])
    rows = rule.service_index(table)
    assert rows[["a", "b"]].tolist() == [75, 50] and math.isnan(rows["c"])
    # element means 3 and 5/3: 25 × (3 + 5/3) / 2
    assert rule.service_index(table.mean()) == pytest.approx(175 / 3, abs=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: rule.service_index([4, 5]),
        lambda: rule.service_index([0, 1]),
        lambda: rule.service_index([]),
        lambda: rule.service_index([4], missing="ignore"),
        lambda: rule.grade_of_index(100.5),
        lambda: rule.grade_of_index(-0.1),
    ],
)
def test_what_no_survey_holds_is_refused(call):
    with pytest.raises(ValueError):
        call()
