"""What a unit's first team building adds to its employees' achievement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.onset import achievement_panel
from walesi_research.questions.pathways.change import Change
from walesi_research.questions.pathways.event_days import first_days, lacking
from walesi_research.stats.exchanged_onset import assignments, exchanged_onset

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["large_enough", "team_building"]

DRAWS = 1_999
"""Ways of handing out the dates that are drawn where there are too many to look at all."""


def team_building(study: Study, level: float = 0.95, draws: int = DRAWS) -> Change | Message:
    """Return how achievement changes from the first period after a unit's first team building on.

    Units are few: the interval is that of randomisation inference, exchanging the units' dates.

    Parameters
    ----------
    study : Study
    level : float
        Level of the interval.
    draws : int
        Ways of exchanging the dates that are drawn, with more than six units.

    Returns
    -------
    Change or Message
        A message says why there is no estimate.
    """
    if reason := lacking(study, "team_building"):
        return reason
    panel = achievement_panel(study, first_days(study, "team_building"))
    least = study.settings.privacy.minimum_cell
    kept = large_enough(panel.unit, least)
    y, onset, unit = panel.y[kept], panel.onset[kept], panel.unit[kept]
    inside = (onset > 0) & (onset < y.shape[1])
    if not inside.any():
        return Message.of("pathways_events.team_outside")
    by_unit = pd.Series(onset).groupby(unit).first()
    if assignments(by_unit) < 1 / (1 - level):
        return Message.of("pathways_events.team_units", units=len(by_unit))
    try:
        e = exchanged_onset(y, onset, unit, study.rng("pathways", "team_building"), draws=draws, level=level)
    except ValueError:
        return Message.of("pathways_events.team_uncompared")
    if not np.isfinite([e.low, e.high]).all():
        return Message.of("pathways_events.team_units", units=e.groups)
    if e.people < least:
        return Message.of("pathways_events.team_uncompared")
    return Change(e.estimate, e.se, e.low, e.high, e.pvalue, len(y), e.people, e.groups)


def large_enough(unit: np.ndarray, least: int) -> np.ndarray:
    """Tell which employees' unit has at least `least` of them, shape (n,)."""
    return (pd.Series(unit).groupby(unit).transform("size") >= least).to_numpy()
