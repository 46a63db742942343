"""Hours of training in the 12 months before, the year before those, and the year after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from walesi_research.questions.training.panel import Panel
from walesi_research.questions.variables import Window, window_hours, windows_before

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["When", "hours_in"]

When = Literal["before", "earlier", "after"]


def hours_in(study: Study, panel: Panel, when: When = "before") -> np.ndarray:
    """Return JP of courses other than leadership programmes in a window of each period.

    Parameters
    ----------
    study : Study
    panel : Panel
    when : {"before", "earlier", "after"}
        The 12 months before the period's first day, the 12 months before those, or the 12 months after the
        period's last day. A course of the current period is in none of them.

    Returns
    -------
    ndarray, shape (n, T)
        By employee and period of the panel, 0 without a course; NaN in periods whose window is not wholly
        inside the time that the training table covers.
    """
    wide = window_hours(study, _windows(study, panel.periods, when))
    return wide.iloc[panel.row].reindex(columns=panel.periods).to_numpy(dtype=float)


def _windows(study: Study, periods: np.ndarray, when: When) -> dict[int, Window]:
    if when != "after":
        return windows_before(study, periods, years={"before": 0, "earlier": 1}[when])
    one = pd.DateOffset(years=1)
    starts = {int(p): pd.Timestamp(study.calendar.first_day(int(p) + 1)) for p in periods}
    ends = study.training["completed_on"].max() + pd.Timedelta(days=1)
    return {p: (first, first + one) for p, first in starts.items() if first + one <= ends}
