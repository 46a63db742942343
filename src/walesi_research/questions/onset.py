"""The panel that effects rest on which start at a date of each person's own: achievement by period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.questions import variables

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Panel", "achievement_panel", "lacking_achievement"]


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
        Column from which what happened counts: that of the first period that starts after its day; T for
        those to whom nothing happened until then, 0 for those to whom it had before the first.
    event : ndarray of int, shape (n,)
        Column of the period in which it happened; T for none within the panel, -1 where before the first.
    """

    row: np.ndarray
    unit: np.ndarray
    periods: np.ndarray
    y: np.ndarray
    onset: np.ndarray
    event: np.ndarray

    @property
    def treated(self) -> np.ndarray:
        """Whether it counts, shape (n, T)."""
        return np.arange(len(self.periods)) >= self.onset[:, None]

    @property
    def always(self) -> np.ndarray:
        """Whether it had happened before the panel began, shape (n,)."""
        return self.onset <= 0

    @property
    def never(self) -> np.ndarray:
        """Whether nothing that counts happens within the panel, shape (n,)."""
        return self.onset >= len(self.periods)


def achievement_panel(study: Study, days: pd.Series) -> Panel:
    """Return the panel of achievement and of what happened on `days`.

    Parameters
    ----------
    study : Study
        With an achievement in its appraisals: see `lacking_achievement`.
    days : Series of datetime64
        The day on which it happened, by employee; employees left out or without a day had none.

    Returns
    -------
    Panel
    """
    wide = variables.achievement(study)
    everyone = study.employees["employee_id"].to_numpy()
    wide = wide.reindex([e for e in everyone if e in wide.index])
    wide = wide.reindex(columns=range(int(wide.columns.min()), int(wide.columns.max()) + 1))
    row = pd.Index(everyone).get_indexer(wide.index)
    periods = wide.columns.to_numpy(dtype=int)
    units = study.employees["unit"].astype(str).to_numpy()[row]
    onset, event = _columns(study, days.reindex(wide.index), periods)
    return Panel(row, units, periods, wide.to_numpy(dtype=float), onset, event)


def lacking_achievement(study: Study) -> str | None:
    """Return ``no_appraisals`` or ``no_achievement``, the name of a message; None where there is one."""
    if not study.has("appraisals"):
        return "no_appraisals"
    if "achievement" not in study.appraisals or study.appraisals["achievement"].isna().all():
        return "no_achievement"
    return None


def _columns(study: Study, days: pd.Series, periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first column whose period starts after each day, and that of the period the day is in."""
    first = pd.DatetimeIndex([study.calendar.first_day(int(p)) for p in periods])
    beyond = (
        days.isna().to_numpy() | (days > pd.Timestamp(study.calendar.last_day(int(periods[-1])))).to_numpy()
    )
    after = first.searchsorted(pd.DatetimeIndex(days), side="right")
    return np.where(beyond, len(periods), after), np.where(beyond, len(periods), after - 1)
