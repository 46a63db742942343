"""Rank correlation within groups: do those who rank higher on one rank higher on the other?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from .regression import codes

__all__ = ["RankCorrelation", "rank_correlation"]


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """A rank correlation with its uncertainty.

    Attributes
    ----------
    estimate, se : float
        Correlation, and its standard error.
    low, high, level : float
        Interval at `level`.
    pvalue : float
        Two-sided, of no correlation.
    n, groups : int
    """

    estimate: float
    se: float
    low: float
    high: float
    level: float
    pvalue: float
    n: int
    groups: int


def rank_correlation(
    x: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None, *, level: float = 0.95
) -> RankCorrelation:
    """Return Spearman's correlation with the differences between groups taken out.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Ties get their mean rank.
    groups : array_like, shape (n,), optional
        Labels; one group by default.
    level : float
        Level of the interval.

    Returns
    -------
    RankCorrelation

    Raises
    ------
    ValueError
        If a value is missing, x or y do not vary within groups, or there are fewer than four more rows than
        groups.

    Notes
    -----
    The correlation r of the ranks less their groups' means. With g groups ``arctanh r`` has the variance
    ``(1 + r² / 2) / (n - g - 2)``, one degree of freedom lost for each group beyond the first: Bonett and
    Wright (2000), Psychometrika 65, 23–28. The p-value takes r as zero in it.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.shape != y.shape or x.ndim != 1 or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("x and y must be as many numbers, none missing")
    group, labels = codes(np.zeros(len(x)) if groups is None else groups, len(x))
    free = len(x) - len(labels) - 2
    if free < 2:
        raise ValueError(f"{len(x)} rows are too few for {len(labels)} groups")
    a, b = (_within(stats.rankdata(values), group) for values in (x, y))
    size = np.linalg.norm(a) * np.linalg.norm(b)
    if size <= 1e-9 * len(x):
        raise ValueError("x or y do not vary within groups")
    r = float(np.clip(a @ b / size, -1 + 1e-12, 1 - 1e-12))
    spread = np.sqrt((1 + r**2 / 2) / free)
    half = stats.norm.ppf((1 + level) / 2) * spread
    low, high = np.tanh(np.arctanh(r) + np.array([-half, half]))
    p = 2 * stats.norm.sf(abs(np.arctanh(r)) * np.sqrt(free))
    return RankCorrelation(
        r, float((1 - r**2) * spread), float(low), float(high), level, float(p), len(x), len(labels)
    )


def _within(ranks: np.ndarray, group: np.ndarray) -> np.ndarray:
    return ranks - (np.bincount(group, ranks) / np.bincount(group))[group]
