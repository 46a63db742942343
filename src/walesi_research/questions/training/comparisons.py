"""Other comparisons of the leadership effect: from the naive one to the doubly robust one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.training.panel import Panel
from walesi_research.stats.doubly_robust import doubly_robust
from walesi_research.stats.regression import independent_columns
from walesi_research.stats.robust import cr2
from walesi_research.stats.staggered import group_time, two_way_effect

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["COMPARISONS", "Comparison", "compared", "lead_before"]

COMPARISONS = ("naive", "before_after", "twfe", "doubly_robust", "group_time")
ENOUGH = 10
"""Fewest trained people for the doubly robust comparison, if need be at the price of a shorter beginning."""
TRAITS = ("gender", "status", "position")


@dataclass(frozen=True)
class Comparison:
    """One estimate.

    Parameters
    ----------
    estimate, se, low, high : float
        Points of achievement, standard error, and interval at the question's level.
    p : float
        Of no difference.
    people, trained : int
        People it rests on, and those of them who were trained.
    outside : float or None
        Share of them with a chance of training so small or large that few can be compared with them.
    """

    estimate: float
    se: float
    low: float
    high: float
    p: float
    people: int
    trained: int
    outside: float | None = None


def compared(study: Study, panel: Panel, level: float) -> dict[str, Comparison | Message]:
    """Return every comparison's estimate, or why there is none.

    Parameters
    ----------
    study : Study
    panel : Panel
    level : float
        Level of the intervals.

    Returns
    -------
    dict of str to (Comparison or Message)
        By name, in the order of `COMPARISONS`.
    """
    least = study.settings.privacy.minimum_cell
    makers: dict[str, Callable[[], Comparison]] = {
        "naive": lambda: _naive(study, panel, level),
        "before_after": lambda: _before_after(panel, level),
        "twfe": lambda: _two_way(panel, level),
        "doubly_robust": lambda: _doubly_robust(study, panel, level),
        "group_time": lambda: _group_time(panel, level),
    }
    return {name: _shown(make, least) for name, make in makers.items()}


def _shown(make: Callable[[], Comparison], least: int) -> Comparison | Message:
    """Return an estimate that rests on enough people of either kind, or why there is none."""
    try:
        c = make()
    except (ValueError, np.linalg.LinAlgError):
        return Message.of("training_doubt.no_comparison")
    if c.trained < least or 0 < c.people - c.trained < least:
        return Message.of("training_doubt.few", n=least)
    if not np.isfinite([c.estimate, c.se, c.low, c.high, c.p]).all():
        return Message.of("training_doubt.unfit")
    return c


def lead_before(study: Study, panel: Panel, level: float) -> Comparison | None:
    """Return how much more those trained later achieved before it than those never trained.

    Each employee's mean, while untreated, of what lies above the mean of those never trained in the same
    period; every employee counts once, as in the naive comparison. HC2 errors. None where either are few.
    """

    def make() -> Comparison:
        usual = _mean(np.where(panel.never[:, None], panel.y, np.nan).T)
        above = _mean(np.where(panel.treated, np.nan, panel.y - usual))
        return _difference(above, ~panel.never, level)  # who was always trained has no time before

    comparison = _shown(make, study.settings.privacy.minimum_cell)
    return None if isinstance(comparison, Message) else comparison


def _of(fit: Any, people: int, trained: int) -> Comparison:
    """Return the one coefficient that a least-squares fit reports."""
    first = (float(x[0]) for x in (fit.coef, fit.se, fit.low, fit.high, fit.pvalue))
    return Comparison(*first, people, trained)


def _naive(study: Study, panel: Panel, level: float) -> Comparison:
    """Compare mean achievement of the last year: with a programme that counts by then, and without."""
    return _difference(_mean(panel.y[:, -_year(study, panel) :]), ~panel.never, level)


def _difference(values: np.ndarray, trained: np.ndarray, level: float) -> Comparison:
    """Compare means of two groups, NaN left out, each with a variance of its own."""
    known = ~np.isnan(values)
    X = np.column_stack([trained[known], np.ones(known.sum())])
    fit = cr2(values[known], X, np.flatnonzero(known), level=level, columns=[0])
    return _of(fit, int(known.sum()), int((trained & known).sum()))


def _before_after(panel: Panel, level: float) -> Comparison:
    """Compare those trained within the panel with themselves, after and before."""
    change = _mean(np.where(panel.treated, panel.y, np.nan)) - _mean(np.where(panel.treated, np.nan, panel.y))
    known = ~np.isnan(change)
    fit = cr2(change[known], np.ones((known.sum(), 1)), np.flatnonzero(known), level=level)
    return _of(fit, int(known.sum()), int(known.sum()))


def _two_way(panel: Panel, level: float) -> Comparison:
    fit = two_way_effect(panel.y, panel.onset, level)
    seen = ~np.isnan(panel.y).all(axis=1)
    return _of(fit, int(seen.sum()), int((seen & ~panel.never).sum()))


def _group_time(panel: Panel, level: float) -> Comparison:
    a = group_time(panel.y, panel.onset, level=level).overall
    seen = ~np.isnan(panel.y).all(axis=1) & ~panel.always
    return Comparison(
        a.estimate, a.se, a.low, a.high, a.pvalue, int(seen.sum()), int((seen & ~panel.never).sum())
    )


def _doubly_robust(study: Study, panel: Panel, level: float) -> Comparison:
    """Compare the last year's achievement of trained and never trained who were alike at the beginning.

    The beginning is the first periods, up to a year, before anyone compared was trained: as many as leave
    `ENOUGH` of those trained later. Who was trained before their end, or within the last year, is left out.
    """
    span = _year(study, panel)
    now, never = _mean(panel.y[:, -span:]), panel.never
    for periods in range(span, 0, -1):
        start = _mean(panel.y[:, :periods])
        trained = (panel.onset >= periods) & (panel.onset <= panel.y.shape[1] - span)
        kept = (trained | never) & ~np.isnan(now) & ~np.isnan(start)
        if (trained & kept).sum() >= ENOUGH:
            break
    else:
        raise ValueError(f"fewer than {ENOUGH} trained between the beginning and the last year")
    X = _alike(study, panel, start, kept)
    fit = doubly_robust(now[kept], trained[kept], X, level=level)
    return Comparison(fit.estimate, fit.se, fit.low, fit.high, fit.pvalue, fit.n, fit.treated, fit.outside)


def _alike(study: Study, panel: Panel, start: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return what is held alike: achievement at the beginning, the unit's mean of it, and traits."""
    own = pd.Series(start[kept])
    unit = own.groupby(panel.unit[kept]).transform("mean")
    people = study.employees.iloc[panel.row[kept]]
    traits = [people[name].astype(str) for name in TRAITS if name in people]
    dummies = [(trait.to_numpy()[:, None] == np.unique(trait)[1:]).astype(float) for trait in traits]
    return independent_columns(np.ones(kept.sum()), own, unit, *(d for d in dummies if d.size))


def _year(study: Study, panel: Panel) -> int:
    """Return a year's periods, or fewer where the panel is shorter than three years."""
    return max(1, min(study.calendar.per_year, panel.y.shape[1] // 3))


def _mean(values: np.ndarray) -> np.ndarray:
    """Return row means of what is known, NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
