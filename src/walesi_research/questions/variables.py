"""The variables that several questions share: one row an employee, named as the contract names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = [
    "PREDICTORS",
    "Outcome",
    "achievement",
    "construct_of_role",
    "latest_wave",
    "listed_at_survey",
    "performance",
    "prior_achievement",
    "scores",
    "survey_day",
    "survey_year",
    "training_hours",
    "window_hours",
    "windows_before",
]

Window = tuple[pd.Timestamp, pd.Timestamp]
"""First day of a window, and the first day after it."""

PREDICTORS = ("training", "culture", "recognition", "fairness")
"""The four roles whose joint association with performance is asked for."""

HOURS = 10.0
"""Training hours are counted in tens of JP (jam pelajaran, lesson hours)."""


def latest_wave(study: Study) -> pd.DataFrame:
    """Return the survey's latest wave, one row an employee, in the study's canonical order."""
    survey = study.survey
    if "wave" not in survey:
        return survey
    return survey[survey["wave"] == survey["wave"].max()]


def scores(study: Study) -> pd.DataFrame:
    """Return the scale means of the latest wave by employee (index) and construct (columns)."""
    wave = latest_wave(study)
    return study.codebook.scores(wave).set_axis(wave["employee_id"].to_numpy(), axis=0)


def construct_of_role(study: Study, role: str) -> str | None:
    """Return the name of the first construct of the codebook with `role`, or None."""
    return next((name for name, c in study.codebook.constructs.items() if c.role == role), None)


def survey_year(study: Study) -> int | None:
    """Return the calendar year in which most answers of the latest wave were given."""
    wave = latest_wave(study)
    if "date" in wave and wave["date"].notna().any():
        return int(wave["date"].dt.year.mode().iloc[0])
    return None


def listed_at_survey(study: Study) -> pd.DataFrame:
    """Return the employees who had not left when the latest wave was asked."""
    employees = study.employees
    day = survey_day(study)
    if day is None or "left_on" not in employees:
        return employees
    return employees[~(employees["left_on"] < day)]


def survey_day(study: Study) -> pd.Timestamp | None:
    """Return the middle day of the latest wave, or None where no answer has a date."""
    wave = latest_wave(study) if study.has("survey") else pd.DataFrame()
    dates = wave["date"].dropna() if "date" in wave else pd.Series(dtype="datetime64[ns]")
    return None if dates.empty else dates.sort_values().iloc[len(dates) // 2]


def achievement(study: Study) -> pd.DataFrame:
    """Return recorded achievement (% of target) by employee (index) and period (columns).

    An employee-period's achievement is the mean of its non-missing rows.
    """
    rows = study.appraisals.dropna(subset=["achievement"])
    wide = rows.groupby(["employee_id", "period"], observed=True)["achievement"].mean().unstack("period")
    return wide.sort_index(axis=1)


def _year_of_achievement(study: Study, year: int | None) -> pd.DataFrame:
    if year is None or not study.has("appraisals") or "achievement" not in study.appraisals:
        return pd.DataFrame()
    wide = achievement(study)
    return wide[[p for p in wide.columns if study.calendar.year(p) == year]]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Performance as the joint and pathway models use it.

    Parameters
    ----------
    values : Series
        Performance by employee.
    source : {"achievement", "scale"}
        Appraised achievement (% of target) or the codebook's performance construct (scale mean).
    periods : tuple of int
        The periods averaged; empty for a scale.
    """

    values: pd.Series
    source: Literal["achievement", "scale"]
    periods: tuple[int, ...] = ()


def performance(study: Study) -> Outcome | None:
    """Return performance, or None where neither appraisals nor a performance construct give one.

    The employee's mean achievement over the periods of the survey's calendar year where appraisals exist,
    else the scale mean of the codebook's ``performance`` construct.
    """
    wide = _year_of_achievement(study, survey_year(study)) if study.has("survey") else pd.DataFrame()
    if wide.size:
        return Outcome(wide.mean(axis=1).dropna(), "achievement", tuple(int(p) for p in wide.columns))
    name = construct_of_role(study, "performance") if study.has("survey") else None
    if name is None:
        return None
    return Outcome(scores(study)[name].dropna(), "scale")


def prior_achievement(study: Study) -> pd.Series | None:
    """Return the employee's mean achievement of the calendar year before the survey's, or None."""
    year = survey_year(study)
    wide = _year_of_achievement(study, None if year is None else year - 1)
    return wide.mean(axis=1).dropna() if wide.size else None


def training_hours(study: Study, periods: tuple[int, ...]) -> pd.Series | None:
    """Return tens of JP in the 12 months before each period's first day, averaged over `periods`.

    As `window_hours` counts them; periods whose window begins before the training table does are left out.
    None where no period is left.
    """
    wide = window_hours(study, windows_before(study, periods))
    if not wide.shape[1]:
        return None
    return sum(wide[period] for period in wide) / wide.shape[1] / HOURS


def windows_before(study: Study, periods: Iterable[int], years: int = 0) -> dict[int, Window]:
    """Return the 12 months that end `years` before each period's first day, by period."""
    first_days = {int(p): pd.Timestamp(study.calendar.first_day(int(p))) for p in periods}
    back = {p: day - pd.DateOffset(years=years) for p, day in first_days.items()}
    return {p: (last - pd.DateOffset(years=1), last) for p, last in back.items()}


def window_hours(study: Study, windows: Mapping[int, Window]) -> pd.DataFrame:
    """Return JP of courses other than leadership programmes by employee (index) and period (columns).

    A window holds ``first <= completed_on < last``. Those that begin before the training table does are left
    out; an employee without a row has 0.
    """
    courses = study.training
    begins = courses["completed_on"].min()
    if "kind" in courses:
        courses = courses[courses["kind"] != "leadership"]
    none = pd.Series(0.0, index=study.employees["employee_id"].to_numpy())
    columns = {}
    for period, (first, last) in windows.items():
        if first >= begins:
            inside = courses[(courses["completed_on"] >= first) & (courses["completed_on"] < last)]
            hours = inside.groupby("employee_id", observed=True)["hours"].sum()
            columns[period] = none.add(hours, fill_value=0.0)
    return pd.DataFrame(columns, index=none.index)
