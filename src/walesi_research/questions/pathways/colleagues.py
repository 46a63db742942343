"""How the achievement of colleagues moves once somebody of their unit has been recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.onset import Panel
from walesi_research.questions.pathways.awards import award_panel, untouched
from walesi_research.questions.pathways.change import Change
from walesi_research.questions.pathways.team_building import large_enough
from walesi_research.stats.regression import independent_columns
from walesi_research.stats.robust import RobustFit, cr2

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["colleagues"]


def colleagues(study: Study, level: float = 0.95) -> Change | Message:
    """Return how colleagues' achievement changes after the first award in their unit; an association.

    Within employee and period, on the records that no award of the employee's own can have touched; CR2
    errors by unit, Satterthwaite degrees of freedom. Neither who is recognised nor what else went on in the
    unit then is accounted for.

    Parameters
    ----------
    study : Study
    level : float
        Level of the interval.

    Returns
    -------
    Change or Message
        A message says why there is no estimate.
    """
    panel = award_panel(study)
    if isinstance(panel, Message):
        return panel
    least = study.settings.privacy.minimum_cell
    row, column = _own_untouched(panel, large_enough(panel.unit, least))
    after = (column >= _first_in_unit(panel)[row]).astype(float)
    both = pd.Series(after).groupby(row).transform("nunique").to_numpy() > 1
    touched = len(np.unique(row[both]))
    units = len(np.unique(panel.unit[row]))
    if touched < least or units < 2:
        return Message.of("pathways_events.colleagues_uncompared")
    try:
        fit = _within(panel.y[row, column], after, row, column, panel.unit[row], level)
    except ValueError:
        return Message.of("pathways_events.colleagues_uncompared")
    numbers = (float(x[0]) for x in (fit.coef, fit.se, fit.low, fit.high, fit.pvalue))
    return Change(*numbers, people=len(np.unique(row)), touched=touched, groups=units)


def _own_untouched(panel: Panel, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the records before the employee's own award drew near."""
    before = np.arange(len(panel.periods)) < untouched(panel)[:, None]
    seen = ~np.isnan(panel.y) & before & kept[:, None]
    seen &= seen.sum(axis=1, keepdims=True) > 1
    return np.nonzero(seen)


def _first_in_unit(panel: Panel) -> np.ndarray:
    """Return the column after that of the first award in each employee's unit, shape (n,)."""
    return pd.Series(panel.event + 1).groupby(panel.unit).transform("min").to_numpy()


def _within(
    y: np.ndarray, after: np.ndarray, row: np.ndarray, column: np.ndarray, unit: np.ndarray, level: float
) -> RobustFit:
    """Fit y on `after` with effects of employees, taken out as means, and of periods, as dummies."""
    frame = pd.DataFrame({"y": y, "after": after}).join(pd.get_dummies(pd.Series(column), dtype=float))
    frame = (frame - frame.groupby(row).transform("mean")).to_numpy()
    X = independent_columns(frame[:, 2:], frame[:, 1])
    if X.shape[1] == 0 or not np.array_equal(X[:, -1], frame[:, 1]):
        raise ValueError("periods and employees leave nothing of the event")
    X = np.column_stack([X[:, -1], X[:, :-1]])
    return cr2(frame[:, 0], X, unit, level=level, columns=[0])
