"""Ten hours of training by hand: within the same employee, in the same period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exercises.tables import panel_of_hours
from walesi_research.exercises.target import Target
from walesi_research.language import Message
from walesi_research.questions import training
from walesi_research.stats.two_way import two_way

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["hours_slope"]

TOLERANCE = 0.006
"""An answer may be rounded to two decimals."""


def hours_slope(study: Study) -> Target | Message:
    """Return points of achievement for 10 JP, effects of employees and periods and leadership held fixed.

    The published finding, which holds leadership fixed in more detail, counts as right too.
    """
    panel = panel_of_hours(study)
    if isinstance(panel, Message):
        return panel
    published = training.hours(study)
    finding = published.findings[0]
    if finding.estimate is None:
        return published.reasons["slope"]
    told = {"finding": finding.estimate, "low": finding.low, "high": finding.high}
    within = _within(panel, "hours")
    mistakes = {
        "everyone": (_pooled(panel, [True]), _pooled(panel, [True, "leadership"])),
        "leadership_hours": _within(panel, "hours_with_leadership"),
        "leadership": _within(panel, "hours", held=False),
        "periods": _pooled(panel, ["employee", "leadership"]),
        "people": _pooled(panel, ["period", "leadership"]),
    }
    return Target((within, finding.estimate), TOLERANCE, mistakes, told)


def _within(panel: pd.DataFrame, hours: str, held: bool = True) -> float:
    """Return the slope of `hours` with effects of employees and periods, leadership held fixed or not."""
    columns = [hours, "leadership"] if held and panel["leadership"].nunique() > 1 else [hours]
    X = panel[columns].to_numpy(dtype=float)
    return float(two_way(panel["achievement"], X, panel["employee"], panel["period"]).coef[0])


def _pooled(panel: pd.DataFrame, held: list) -> float:
    """Return the slope of hours by least squares without the one or the other set of effects."""
    columns = panel[["achievement", "hours"]]
    if "leadership" in held and panel["leadership"].nunique() > 1:
        columns = panel[["achievement", "hours", "leadership"]]
    by = next((panel[name] for name in ("employee", "period") if name in held), np.zeros(len(panel)))
    Z = (columns - columns.groupby(by).transform("mean")).to_numpy(dtype=float)
    return float(np.linalg.lstsq(Z[:, 1:], Z[:, 0], rcond=None)[0][0])
