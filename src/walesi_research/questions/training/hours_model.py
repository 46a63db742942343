"""Achievement and hours of training within employees: the employee-periods compared, and the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.language import Message
from walesi_research.questions.effect import Effect, effects_of
from walesi_research.questions.training.panel import Panel
from walesi_research.questions.training.windows import When, hours_in
from walesi_research.stats.two_way import two_way

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Rows", "rows_of", "within_employee"]

STEP = 5.0
"""The hours up to which the data speak are told in multiples of it."""
FAR = 0.95
"""Share of employee-periods that the data speak of."""
_EXACT = 1e-9


@dataclass(frozen=True, eq=False)
class Rows:
    """Employee-periods with achievement and hours, of employees who have at least two.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Points of achievement.
    hours : dict of str to ndarray, shape (n,)
        JP in each window asked for.
    employee, period : ndarray of int, shape (n,)
        Positions in the panel.
    leadership : ndarray, shape (n, q)
        Columns that hold a completed leadership programme fixed.
    """

    y: np.ndarray
    hours: Mapping[When, np.ndarray]
    employee: np.ndarray
    period: np.ndarray
    leadership: np.ndarray

    @property
    def people(self) -> int:
        """Number of employees."""
        return len(np.unique(self.employee))

    def varying(self, values: np.ndarray) -> int:
        """Return for how many employees a column, shape (n,), differs between periods."""
        _, who = np.unique(self.employee, return_inverse=True)
        low, high = np.full(self.people, np.inf), np.full(self.people, -np.inf)
        np.minimum.at(low, who, values)
        np.maximum.at(high, who, values)
        return int(np.sum(high > low))

    def reach(self, least: int) -> float:
        """Return the JP up to which the data speak: reached by at least `least` employees, rounded down.

        No more than the 95th percentile of employee-periods; in multiples of 5, or 1 where that is less.
        """
        hours = self.hours["before"]
        most = np.zeros(self.people)
        np.maximum.at(most, np.unique(self.employee, return_inverse=True)[1], hours)
        reached = np.sort(most)[-min(least, len(most))]
        return max(1.0, STEP * np.floor(min(reached, np.quantile(hours, FAR)) / STEP))


def rows_of(study: Study, panel: Panel, *whens: When) -> Rows | Message:
    """Return the employee-periods in which all windows lie inside the training table, or why there are none.

    Parameters
    ----------
    study : Study
    panel : Panel
    *whens : {"before", "earlier", "after"}
        Windows that must be known; each one's hours must differ between periods for at least
        ``minimum_cell`` employees.
    """
    hours = {when: hours_in(study, panel, when) for when in whens}
    for when, table in hours.items():
        if np.isnan(table).all():
            return Message.of(f"training_hours.no_window_{when}")
    kept = np.isfinite(panel.y) & np.all([np.isfinite(table) for table in hours.values()], axis=0)
    kept &= kept.sum(axis=1, keepdims=True) > 1
    employee, period = np.nonzero(kept)
    inside = {when: table[kept] for when, table in hours.items()}
    rows = Rows(panel.y[kept], inside, employee, period, _leadership(panel, employee, period))
    least = study.settings.privacy.minimum_cell
    for when in whens:
        if not len(rows.y) or rows.varying(inside[when]) < least:
            return Message.of(f"training_hours.few_vary_{when}", n=least)
    return rows


def _leadership(panel: Panel, employee: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Return columns for a completed programme: by period of onset and by periods since, shape (rows, q).

    One indicator would do if every programme added the same at once and for good. Where it adds more to
    those who went early, or grows, what the indicator leaves would be taken for hours of the same time.
    """
    onset = panel.onset[employee][:, None]
    since = period[:, None] - onset
    by_onset = (since >= 0) & (onset == np.unique(panel.onset[~panel.always & ~panel.never]))
    by_since = since == np.arange(1, len(panel.periods))
    return np.hstack([by_onset, by_since]).astype(float)


def within_employee(rows: Rows, exposures: np.ndarray, level: float) -> list[Effect]:
    """Return what each exposure goes with, in points of achievement.

    Least squares with effects of employees and periods, completed leadership programmes held fixed; CR2
    errors by employee, Satterthwaite degrees of freedom.

    Parameters
    ----------
    rows : Rows
    exposures : ndarray, shape (n, k)
    level : float
        Level of the intervals.

    Raises
    ------
    ValueError
        If employees, periods and programmes leave nothing of an exposure, or nothing of achievement.
    """
    X = np.column_stack([rows.leadership, exposures])
    columns = range(rows.leadership.shape[1], X.shape[1])
    fit = two_way(rows.y, X, rows.employee, rows.period, columns=columns, level=level)
    if not np.all(np.isfinite(fit.low + fit.high) & (fit.se > _EXACT * np.abs(fit.coef))):
        raise ValueError("achievement follows the exposures exactly")
    return effects_of(fit)
