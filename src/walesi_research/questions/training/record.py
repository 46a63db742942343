"""The record of training by calendar year: which years it covers, who served all of one, and their hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["covered_years", "hours_of_year", "in_service"]


def covered_years(study: Study) -> list[int]:
    """Return the calendar years that the training table covers in full, ascending.

    A year is covered where the table's first completion falls in its January or earlier and the last in its
    December or later: few courses end in the first and the last days of a year.
    """
    days = study.training["completed_on"].dropna()
    if days.empty:
        return []
    first, last = days.min(), days.max()
    return list(range(first.year + (first.month > 1), last.year + (last.month == 12)))


def in_service(study: Study, year: int) -> pd.DataFrame:
    """Return the employees in service all of `year`: begun in an earlier year and not left by its end.

    Whose year of entry is blank is left out; without that column everyone listed is taken to have begun.
    """
    employees = study.employees
    served = pd.Series(True, index=employees.index)
    if "start_year" in employees:
        served &= employees["start_year"] < year
    if "left_on" in employees:
        served &= ~(employees["left_on"] <= pd.Timestamp(year, 12, 31))
    return employees[served]


def hours_of_year(study: Study, year: int, employees: pd.DataFrame) -> pd.Series:
    """Return the JP of all kinds that `employees` completed in `year`; 0 for who has no row.

    Returns
    -------
    Series
        Indexed as `employees`.
    """
    courses = study.training[study.training["completed_on"].dt.year == year]
    total = courses.groupby("employee_id", observed=True)["hours"].sum()
    hours = total.reindex(employees["employee_id"]).fillna(0.0).to_numpy(dtype=float)
    return pd.Series(hours, index=employees.index)
