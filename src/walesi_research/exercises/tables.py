"""The small tables that students work on, taken from the study that is open."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from walesi_research.language import Message
from walesi_research.questions import variables
from walesi_research.questions.appraisal.frame import rows_of_scores
from walesi_research.questions.measurement import reliability
from walesi_research.questions.training.hours_model import rows_of
from walesi_research.questions.training.panel import panel_of
from walesi_research.questions.training.windows import hours_in
from walesi_research.questions.variables import HOURS
from walesi_research.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from walesi_research.questions.measurement.reliability import Reliability

__all__ = [
    "appraisals_of",
    "columns_of",
    "items_of",
    "panel_of_hours",
    "people_of",
    "published_alpha",
    "scale_of",
]


def appraisals_of(study: Study) -> pd.DataFrame | Message:
    """Return the complete appraisals, one a row, or why there are none.

    Columns ``employee rater period`` (numbers that stand for them), ``score``, ``tie`` (1 or 0) and
    ``achievement`` (tens of percentage points).
    """
    rows = rows_of_scores(study, ("score", "tie", "achievement"))
    if isinstance(rows, Message):
        return rows
    least = study.settings.privacy.minimum_cell
    if (rows.frame.groupby("tie")["employee"].nunique().reindex([0.0, 1.0]).fillna(0) < least).any():
        return Message.of("exercises.too_few_ties", n=least)
    return rows.frame[["employee", "rater", "period", "score", "tie", "achievement"]]


def panel_of_hours(study: Study) -> pd.DataFrame | Message:
    """Return employee-periods with achievement and the hours of the 12 months before, or why there are none.

    Columns ``employee period``, ``achievement`` (points), ``hours`` (tens of JP of ordinary courses),
    ``hours_with_leadership`` (of all courses) and ``leadership`` (1 once a programme is completed).
    """
    panel = panel_of(study)
    if isinstance(panel, Message):
        return panel
    rows = rows_of(study, panel, "before")
    if isinstance(rows, Message):
        return rows
    unsorted = study.training.drop(columns="kind")
    plain = Study(study.settings, study.codebook, {"employees": study.employees, "training": unsorted})
    every = hours_in(plain, panel)[rows.employee, rows.period]
    return pd.DataFrame(
        {
            "employee": rows.employee,
            "period": rows.period,
            "achievement": rows.y,
            "hours": rows.hours["before"] / HOURS,
            "hours_with_leadership": every / HOURS,
            "leadership": (panel.onset[rows.employee] <= rows.period).astype(int),
        }
    )


@lru_cache(maxsize=1)
def published_alpha(study: Study) -> Reliability:
    """Return the published answer on the reliability of scales."""
    return reliability(study)


def scale_of(study: Study) -> str | Message:
    """Return the construct whose alpha is asked for, or why there is none.

    The first that has an estimate, one with reversed items before others.
    """
    if not study.has("survey"):
        return Message.of("measurement.no_survey")
    found = published_alpha(study).estimates
    known = [name for (name, kind), e in found.items() if kind == "alpha" and e.value is not None]
    reverse = [name for name in known if study.codebook.constructs[name].reverse]
    return next(iter([*reverse, *known]), Message.of("measurement.too_few_people"))


def items_of(study: Study) -> pd.DataFrame | Message:
    """Return the answers to that construct's items as given, not reversed, or why there are none."""
    name = scale_of(study)
    if isinstance(name, Message):
        return name
    items = [i for i in study.codebook.constructs[name].items if i in study.survey]
    return variables.latest_wave(study)[items].dropna(axis=1, how="all").reset_index(drop=True)


def people_of(study: Study) -> pd.DataFrame | Message:
    """Return one row an employee: unit, scale means, performance and hours; or why there is none."""
    if not study.has("survey"):
        return Message.of("measurement.no_survey")
    table = pd.DataFrame(dict(_columns(study)))
    units = study.employees.set_index("employee_id")["unit"].astype(str)
    table.insert(0, "unit", units.reindex(table.index))
    return table.reset_index(drop=True)


def _columns(study: Study) -> Iterator[tuple[str, pd.Series]]:
    scales = variables.scores(study)
    yield from scales.items()
    outcome = variables.performance(study)
    if outcome is None or outcome.source != "achievement":
        return
    yield "achievement", outcome.values.reindex(scales.index)
    hours = variables.training_hours(study, outcome.periods) if study.has("training") else None
    if hours is not None:
        yield "hours", hours.reindex(scales.index)


def columns_of(table: pd.DataFrame) -> list[str]:
    """Return the columns of `people_of` that a question may be asked of."""
    return [name for name in table if name != "unit"]
