"""What a first award adds to the achievement of those who get it, good quarters before it set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from walesi_research.language import Message
from walesi_research.questions.onset import Panel, achievement_panel
from walesi_research.questions.pathways.change import Change
from walesi_research.questions.pathways.event_days import first_days, lacking
from walesi_research.stats.staggered import leads
from walesi_research.stats.triggered import triggered
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["LAGS", "award", "award_panel", "untouched"]

LAGS = 2
"""Periods left out that may have brought the award about: its own, and the one before."""
LEADS = 4
"""Most periods before those that are looked at: more would cost the test its power."""


def award(study: Study, level: float = 0.95, draws: int = 999) -> Change | Message:
    """Return how achievement changes from the first period after an employee's first award on.

    The period of the award and the one before are left out, and so is what the choice of who got one leaves
    in the others (`stats.triggered`). Doubtful where those about to be chosen stood out even before that.

    Parameters
    ----------
    study : Study
    level : float
        Level of the interval.
    draws : int
        Bootstrap draws of employees within units.

    Returns
    -------
    Change or Message
        A message says why there is no estimate.
    """
    panel = award_panel(study)
    if isinstance(panel, Message):
        return panel
    least = study.settings.privacy.minimum_cell
    plan = Resampling.within(study.employees["unit"], study.seed)
    try:
        fit = triggered(panel.y, panel.event, LAGS, plan.counts(draws, rows=panel.row), level)
    except ValueError:
        return Message.of("pathways_events.award_uncompared")
    e = fit.overall
    if e.people < least or not np.isfinite(e.se):
        return Message.of("pathways_events.award_few", n=least)
    flagged = _foretold(panel, level, least)
    return Change(e.estimate, e.se, e.low, e.high, e.pvalue, fit.people, e.people, e.people, flagged)


def award_panel(study: Study) -> Panel | Message:
    """Return the panel of achievement and first awards, or why none can be compared."""
    if reason := lacking(study, "award"):
        return reason
    panel = achievement_panel(study, first_days(study, "award"))
    within = (panel.event >= 0) & (panel.event < len(panel.periods))
    if not within.any():
        return Message.of("pathways_events.award_outside")
    least = study.settings.privacy.minimum_cell
    return Message.of("pathways_events.award_few", n=least) if within.sum() < least else panel


def untouched(panel: Panel) -> np.ndarray:
    """Return the first column that an employee's own award, or its approach, may have touched, shape (n,)."""
    columns = len(panel.periods)
    return np.where(panel.event >= columns, columns, panel.event - LAGS + 1)


def _foretold(panel: Panel, level: float, least: int) -> bool:
    """Tell whether good or bad periods foretold the award earlier than the ones left out."""
    before = leads(panel.y, untouched(panel), most=LEADS, least=least, level=level)
    return before is not None and before.flagged
