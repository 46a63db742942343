"""The panel that effects of training rest on: achievement by period, and when a programme counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions import variables

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["NOTEBOOK", "Panel", "completed_first", "panel_of"]

NOTEBOOK = "04_training"


@dataclass(frozen=True, eq=False)
class Panel:
    """Achievement of the employees who were ever appraised with one, in the study's canonical order.

    Parameters
    ----------
    row : ndarray of int, shape (n,)
        Position of each employee in the study's table of employees.
    unit : ndarray of str, shape (n,)
    periods : ndarray of int, shape (T,)
        Ordinals of the study's calendar, from the first to the last in which any achievement stands.
    y : ndarray of float, shape (n, T)
        Points of achievement (% of target); NaN where none stands.
    onset : ndarray of int, shape (n,)
        Column from which a leadership programme counts: that of the first period that starts after its
        completion; T for those without one until then, 0 for those who had completed one before the first.
    """

    row: np.ndarray
    unit: np.ndarray
    periods: np.ndarray
    y: np.ndarray
    onset: np.ndarray

    @property
    def treated(self) -> np.ndarray:
        """Whether a programme counts, shape (n, T)."""
        return np.arange(len(self.periods)) >= self.onset[:, None]

    @property
    def always(self) -> np.ndarray:
        """Whether an employee had completed one before the panel began, shape (n,)."""
        return self.onset <= 0

    @property
    def never(self) -> np.ndarray:
        """Whether an employee completes none that counts within the panel, shape (n,)."""
        return self.onset >= len(self.periods)


def panel_of(study: Study) -> Panel | Message:
    """Return the panel of achievement and leadership programmes, or why there is none.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Panel or Message
        A message where there is no achievement, no training table, or no kind of course in it.
    """
    if reason := _lacking(study):
        return reason
    wide = variables.achievement(study)
    everyone = study.employees["employee_id"].to_numpy()
    wide = wide.reindex([e for e in everyone if e in wide.index])
    wide = wide.reindex(columns=range(int(wide.columns.min()), int(wide.columns.max()) + 1))
    row = pd.Index(everyone).get_indexer(wide.index)
    periods = wide.columns.to_numpy(dtype=int)
    units = study.employees["unit"].astype(str).to_numpy()[row]
    onset = _columns(study, completed_first(study).reindex(wide.index), periods)
    return Panel(row, units, periods, wide.to_numpy(dtype=float), onset)


def completed_first(study: Study) -> pd.Series:
    """Return the day on which each employee completed the first leadership programme, by employee."""
    courses = study.training
    return (
        courses[courses["kind"] == "leadership"].groupby("employee_id", observed=True)["completed_on"].min()
    )


def _lacking(study: Study) -> Message | None:
    if not study.has("appraisals"):
        return Message.of("training.no_appraisals")
    if "achievement" not in study.appraisals or study.appraisals["achievement"].isna().all():
        return Message.of("training.no_achievement")
    if not study.has("training"):
        return Message.of("training.no_training")
    if "kind" not in study.training or study.training["kind"].isna().all():
        return Message.of("training.no_kind")
    return None


def _columns(study: Study, days: pd.Series, periods: np.ndarray) -> np.ndarray:
    """Return the first column whose period starts after each day; the number of columns without a day."""
    first = pd.DatetimeIndex([study.calendar.first_day(int(p)) for p in periods])
    after = first.searchsorted(pd.DatetimeIndex(days), side="right")
    return np.where(days.isna().to_numpy(), len(periods), after)
