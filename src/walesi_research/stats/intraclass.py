"""Intraclass correlations: how far raters agree on the targets that they all rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["Intraclass", "IntraclassCorrelations", "intraclass"]


@dataclass(frozen=True, slots=True)
class Intraclass:
    """One intraclass correlation.

    Attributes
    ----------
    estimate, low, high : float
        With its interval.
    f : float
        Test that targets do not differ, on `df1` and `df2` degrees of freedom.
    df1, df2 : int
    pvalue : float
    """

    estimate: float
    low: float
    high: float
    f: float
    df1: int
    df2: int
    pvalue: float


@dataclass(frozen=True, slots=True)
class IntraclassCorrelations:
    """The six intraclass correlations of Shrout and Fleiss, each an `Intraclass`.

    Attributes
    ----------
    one_way, one_way_mean
        ICC(1,1) and ICC(1,k): each target rated by raters of its own; of one rating, and of the mean of k.
    agreement, agreement_mean
        ICC(2,1) and ICC(2,k): the same raters, drawn from many, rate all targets; their levels count.
    consistency, consistency_mean
        ICC(3,1) and ICC(3,k): these raters only; their levels do not count. ICC(3,k) is Cronbach's alpha.
    level : float
        Of the intervals.
    n, k : int
        Targets and raters.
    """

    one_way: Intraclass
    one_way_mean: Intraclass
    agreement: Intraclass
    agreement_mean: Intraclass
    consistency: Intraclass
    consistency_mean: Intraclass
    level: float
    n: int
    k: int


def intraclass(x: ArrayLike, *, level: float = 0.95) -> IntraclassCorrelations:
    """Return the intraclass correlations of ratings.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Ratings of n targets by k raters; targets with a rating missing are left out.
    level : float

    Returns
    -------
    IntraclassCorrelations

    Raises
    ------
    ValueError
        If there are fewer than two raters or two complete targets, or the ratings do not vary within targets.

    Notes
    -----
    Shrout and Fleiss (1979), Psychological Bulletin 86, 420–428, estimates and intervals.
    """
    x = np.asarray(x, float)
    if x.ndim != 2 or x.shape[1] < 2:
        raise ValueError(f"ratings by two raters or more are needed, not shape {x.shape}")
    x = x[~np.isnan(x).any(axis=1)]
    n, k = x.shape
    if n < 2:
        raise ValueError(f"{n} targets with all ratings are too few")
    between, raters, within, residual = _mean_squares(x)
    if not residual > 0:
        raise ValueError("the ratings of a target do not differ beyond the levels of the raters")
    one_way = _ratio_based(between / within, k, n - 1, n * (k - 1), level)
    consistency = _ratio_based(between / residual, k, n - 1, (n - 1) * (k - 1), level)
    agreement = _agreement(between, raters, residual, n, k, level)
    return IntraclassCorrelations(
        one_way,
        _of_mean(one_way, k),
        agreement,
        _of_mean(agreement, k),
        consistency,
        _of_mean(consistency, k),
        level,
        n,
        k,
    )


def _mean_squares(x: np.ndarray) -> tuple[float, float, float, float]:
    """Return mean squares between targets, between raters, within targets, and of the residuals."""
    n, k = x.shape
    rows, columns = x.mean(axis=1, keepdims=True), x.mean(axis=0)
    residual = x - rows - columns + x.mean()
    return (
        float(k * rows.var(ddof=1)),
        float(n * columns.var(ddof=1)),
        float(((x - rows) ** 2).sum() / (n * (k - 1))),
        float((residual**2).sum() / ((n - 1) * (k - 1))),
    )


def _ratio_based(f: float, k: int, df1: int, df2: int, level: float) -> Intraclass:
    """Return ``(F - 1)/(F + k - 1)``, its interval from those of F."""
    tail = (1 + level) / 2
    estimate, low, high = (
        (g - 1) / (g + k - 1) for g in (f, f / stats.f.ppf(tail, df1, df2), f * stats.f.ppf(tail, df2, df1))
    )
    return Intraclass(estimate, float(low), float(high), f, df1, df2, float(stats.f.sf(f, df1, df2)))


def _agreement(between: float, raters: float, residual: float, n: int, k: int, level: float) -> Intraclass:
    """Return ICC(2,1), the degrees of freedom of its interval after Satterthwaite."""
    estimate = (between - residual) / (between + (k - 1) * residual + k * (raters - residual) / n)
    ratio = raters / residual
    a, b = n * (1 + (k - 1) * estimate) - k * estimate, k * ratio * estimate
    df = (k - 1) * (n - 1) * (b + a) ** 2 / ((n - 1) * b**2 + a**2)
    upper, lower = stats.f.ppf((1 + level) / 2, n - 1, df), stats.f.ppf((1 + level) / 2, df, n - 1)
    noise = k * raters + (k * n - k - n) * residual
    low = n * (between - upper * residual) / (upper * noise + n * between)
    high = n * (lower * between - residual) / (noise + n * lower * between)
    f, df1, df2 = between / residual, n - 1, (n - 1) * (k - 1)
    return Intraclass(estimate, float(low), float(high), f, df1, df2, float(stats.f.sf(f, df1, df2)))


def _of_mean(single: Intraclass, k: int) -> Intraclass:
    """Return what the mean of k ratings has, by the formula of Spearman and Brown."""
    estimate, low, high = (k * r / (1 + (k - 1) * r) for r in (single.estimate, single.low, single.high))
    return Intraclass(estimate, low, high, single.f, single.df1, single.df2, single.pvalue)
