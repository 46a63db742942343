"""Shares of a study that tell of few people: worlds do not copy them, and no page shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from walesi_research.errands.calibrate.measures import known

if TYPE_CHECKING:
    import pandas as pd

    from walesi_research.study import Study

__all__ = ["few"]

Parts = Iterator[tuple[str, "pd.Series", "pd.Series"]]


def few(study: Study) -> tuple[str, ...]:
    """Return the settings of a world that are shares behind which, on either side, are too few people.

    A share of appraisals counts as one of those employees who have any that count towards it, and of those
    who have any that do not. A side without anybody tells of nobody.
    """
    minimum = study.settings.privacy.minimum_cell
    return tuple(
        name
        for name, employee, counts in _parts(study)
        if any(0 < employee[side].nunique() < minimum for side in (counts, ~counts))
    )


def _parts(study: Study) -> Parts:
    """Yield a setting, the employee of each row, and whether the row counts towards the share."""
    if study.has("appraisals"):
        yield from _of_appraisals(study.appraisals, study.employees)
    if study.has("survey") and (items := [c for c in study.codebook.items if c in study.survey]):
        yield "missing_items", study.survey["employee_id"], study.survey[items].isna().any(axis=1)
    if study.has("events") and "employee_id" in study.events:
        events, people = study.events, study.employees["employee_id"]
        given = events["employee_id"][events["kind"].astype(object) == "award"]
        yield "award_rate", people, people.isin(given)


def _of_appraisals(rows: pd.DataFrame, employees: pd.DataFrame) -> Parts:
    employee = rows["employee_id"]
    yield "second_rater_share", employee, rows.duplicated(["employee_id", "period"], keep=False)
    unit = employees.set_index("employee_id")["unit"].astype(str)
    own, home = rows["rater_id"].map(unit), employee.map(unit)
    yield "home_rater_share", employee[own.notna()], (own == home)[own.notna()]
    if "tie" in rows:
        tie = known(rows["tie"])
        yield "missing_tie", employee, tie.isna()
        yield "tie_share", employee[tie.notna()], (tie != "none")[tie.notna()]
    if "achievement" in rows:
        yield "missing_achievement", employee, rows["achievement"].isna()
