"""The variables that questions share, counted by hand."""

import pandas as pd
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research.questions import variables


def rated(rows):
    frame = pd.DataFrame(rows, columns=["employee_id", "period", "rater_id", "achievement"])
    return frame.assign(period=frame["period"].astype("int64"))


def course(rows):
    frame = pd.DataFrame(rows, columns=["employee_id", "kind", "hours", "completed_on"])
    return frame.assign(programme="x", completed_on=pd.to_datetime(frame["completed_on"]))


EMPLOYEES = people(3, units=1)
ANSWERS = survey(EMPLOYEES, {f"{role}{i}": [3, 4, 5] for role in ("culture", "performance") for i in (1, 2)})
Q1_2024 = 2024 * 4


def small(**tables):
    return study({"employees": EMPLOYEES, "survey": ANSWERS} | tables, codebook(("culture", "performance")))


def test_achievement_is_the_mean_of_the_rows_that_are_there():
    rows = [
        ("p000", Q1_2024, "a", 90),
        ("p000", Q1_2024, "b", None),
        ("p000", Q1_2024, "c", 100),
        ("p001", Q1_2024 + 1, "a", 80),
    ]
    wide = variables.achievement(small(appraisals=rated(rows)))
    assert wide.loc["p000", Q1_2024] == 95
    assert pd.isna(wide.loc["p001", Q1_2024])
    assert "p002" not in wide.index


def test_performance_is_the_mean_over_the_periods_of_the_surveys_year():
    rows = [
        ("p000", Q1_2024, "a", 90),
        ("p000", Q1_2024 + 2, "a", 110),
        ("p000", Q1_2024 - 1, "a", 20),
        ("p001", Q1_2024, "a", 70),
    ]
    opened = small(appraisals=rated(rows))
    outcome = variables.performance(opened)
    assert outcome.source == "achievement"
    assert outcome.periods == (Q1_2024, Q1_2024 + 2)
    assert outcome.values.to_dict() == {"p000": 100, "p001": 70}
    assert variables.prior_achievement(opened).to_dict() == {"p000": 20}


def test_without_appraisals_of_that_year_performance_is_the_scale():
    opened = small(appraisals=rated([("p000", Q1_2024 - 8, "a", 90)]))
    outcome = variables.performance(opened)
    assert (outcome.source, outcome.periods) == ("scale", ())
    assert outcome.values.to_dict() == {"p000": 3, "p001": 4, "p002": 5}


def test_hours_are_those_of_the_twelve_months_before_the_periods_first_day():
    rows = [
        ("p000", "technical", 10, "2022-01-01"),  # opens the table, long before any window
        ("p000", "technical", 20, "2023-01-01"),  # first day of the window of 2024-Q1
        ("p000", "technical", 40, "2023-12-31"),  # last day of the window of 2024-Q1
        ("p001", "technical", 40, "2024-01-01"),  # outside Q1's window, inside Q2's
    ]
    hours = variables.training_hours(small(training=course(rows)), (Q1_2024,))
    assert hours.to_dict() == {"p000": 6.0, "p001": 0.0, "p002": 0.0}
    hours = variables.training_hours(small(training=course(rows)), (Q1_2024, Q1_2024 + 1))
    assert hours.to_dict() == pytest.approx({"p000": (6 + 4) / 2, "p001": (0 + 4) / 2, "p002": 0.0})


def test_leadership_programmes_count_for_nothing():
    rows = [
        ("p000", "technical", 10, "2022-01-01"),
        ("p000", "technical", 20, "2023-06-01"),
        ("p001", "leadership", 120, "2023-06-01"),
    ]
    hours = [
        variables.training_hours(
            small(training=course([*rows[:2], (*rows[2][:2], h, rows[2][3])])), (Q1_2024,)
        )
        for h in (120, 1200)
    ]
    assert hours[0].equals(hours[1])
    assert hours[0]["p001"] == 0


def test_windows_that_begin_before_the_table_does_are_left_out():
    rows = [("p000", "technical", 10, "2023-03-01"), ("p000", "technical", 20, "2023-06-01")]
    assert variables.training_hours(small(training=course(rows)), (Q1_2024,)) is None
    hours = variables.training_hours(small(training=course(rows)), (Q1_2024, Q1_2024 + 1))
    assert hours["p000"] == 2.0  # the second window, from 1 April 2023, holds the second course only


def test_the_latest_wave_speaks():
    waves = pd.concat(
        [ANSWERS, ANSWERS.assign(wave=2, culture1=1.0, culture2=1.0).iloc[:2]], ignore_index=True
    )
    opened = small(survey=waves)
    assert variables.scores(opened)["culture"].to_dict() == {"p000": 1, "p001": 1}
