"""The smallest effect that a staggered design can see, and how it falls with more units and periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize, stats

__all__ = ["Errors", "design_error", "errors_of", "minimum_effect", "stretched"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Errors:
    """How outcomes vary within units, net of period.

    Attributes
    ----------
    sd : float
        Standard deviation of a unit's deviations from its own level.
    correlation : float
        Of deviations one period apart; those k apart correlate by its k-th power.
    cells, units : int
        What it is estimated from.
    """

    sd: float
    correlation: float
    cells: int
    units: int


def minimum_effect(se: ArrayLike, *, level: float = 0.95, power: float = 0.8) -> Array | float:
    """Return the effect that would be found with chance `power`, given its standard error.

    ``(z((1 + level) / 2) + z(power)) se``, 2.80 standard errors by default: Bloom (1995), Evaluation Review
    19, 547–556.
    """
    return (stats.norm.ppf((1 + level) / 2) + stats.norm.ppf(power)) * se


def errors_of(y: ArrayLike, untreated: ArrayLike) -> Errors:
    """Estimate the variation within units of untreated cells, with first-order serial correlation.

    Parameters
    ----------
    y : array_like, shape (n, T)
        Outcomes; NaN where there is none.
    untreated : array_like of bool, shape (n, T)

    Returns
    -------
    Errors

    Raises
    ------
    ValueError
        If fewer than two units have three untreated cells, or what is left of them does not vary.

    Notes
    -----
    Period effects are taken out by least squares with unit effects; then restricted maximum likelihood of
    ``sd² ρ^|s - t|`` with a free level for each unit. Least-squares residuals would make ρ too small, for a
    unit's level takes up part of it: Nickell (1981), Econometrica 49, 1417–1426.
    """
    y = np.asarray(y, float)
    kept = ~np.isnan(y) & np.asarray(untreated)
    kept &= kept.sum(axis=1, keepdims=True) >= 3
    if kept.any(axis=1).sum() < 2:
        raise ValueError("errors need two units with three untreated periods each")
    y, kept = y[kept.any(axis=1)], kept[kept.any(axis=1)]
    left = np.where(kept, y - _period_effects(y, kept), 0.0)
    n, cells = len(y), int(kept.sum())
    df = cells - n - int(kept.any(axis=0).sum()) + 1
    deviations = left - kept * (left.sum(axis=1) / kept.sum(axis=1))[:, None]
    if df < 1 or not np.sum(deviations**2) > 1e-12 * max(1.0, np.sum(left**2)):
        raise ValueError("nothing is left to vary")
    fit = optimize.minimize_scalar(
        lambda rho: _deviance(rho, left, kept, df)[0], bounds=(-0.95, 0.95), method="bounded"
    )
    rho = float(fit.x)
    return Errors(float(np.sqrt(_deviance(rho, left, kept, df)[1] / df)), rho, cells, n)


def _period_effects(y: Array, kept: NDArray[np.bool_]) -> Array:
    """Return least-squares effects of the periods, the units' own levels taken out; shape (T,)."""
    share = kept / kept.sum(axis=1, keepdims=True)
    gram = np.diag(kept.sum(axis=0)) - kept.T.astype(float) @ share
    above = np.where(
        kept, y - np.where(kept, y, 0).sum(axis=1, keepdims=True) / kept.sum(axis=1, keepdims=True), 0
    )
    return np.linalg.pinv(gram, hermitian=True) @ above.sum(axis=0)


def _deviance(rho: float, left: Array, kept: NDArray[np.bool_], df: int) -> tuple[float, float]:
    """Return minus twice the restricted log-likelihood, and the weighted sum of squares."""
    squares, logs = 0.0, 0.0
    patterns, which = np.unique(kept, axis=0, return_inverse=True)
    for k, pattern in enumerate(patterns):
        at = np.flatnonzero(pattern)
        root = linalg.cho_factor(rho ** np.abs(at[:, None] - at) if rho else np.eye(len(at)), lower=True)
        rows = left[which.ravel() == k][:, at].T
        one = linalg.cho_solve(root, np.ones(len(at)))
        squares += np.sum(rows * linalg.cho_solve(root, rows)) - np.sum((one @ rows) ** 2) / one.sum()
        logs += rows.shape[1] * (2 * np.log(np.diag(root[0])).sum() + np.log(one.sum()))
    return float(df * np.log(squares) + logs), float(squares)


def design_error(onset_counts: ArrayLike, errors: Errors) -> float:
    """Return the standard error that the imputation estimator's mean effect would have.

    Parameters
    ----------
    onset_counts : array_like, shape (T + 1,)
        Units treated from column 0, 1, ..., T - 1 on, and never; need not be whole numbers.
    errors : Errors

    Returns
    -------
    float
        Infinite where no treated cell can be held against an untreated one.

    Notes
    -----
    The estimator is a weighted sum of outcomes (``1 / N`` on each of N treated cells, on untreated ones what
    their least-squares fit gives), alike for all units of an onset: its variance is the sum over onsets of
    units times ``v' Σ v``. It falls with one over the number of units. Units treated from the first, and
    treated cells of periods without an untreated one, are left out, as the estimator does.
    """
    count = np.asarray(onset_counts, float)
    T = len(count) - 1
    time, onset = np.arange(T), np.flatnonzero(count[1:] > 0) + 1
    size = count[onset]
    free = time < onset[:, None]
    can = ~free & free.any(axis=0)
    total = (size[:, None] * can).sum()
    if not total:
        return float("inf")
    mean = free / free.sum(axis=1, keepdims=True)
    kept = free[..., None] * (np.eye(T) - mean[:, None])  # (cohorts, T, periods), the unit's level taken out
    gram = np.einsum("c,ctp,ctq->pq", size, kept, kept)
    reach = np.einsum("c,cp->p", size, can - can.sum(axis=1, keepdims=True) * mean)
    weights = (
        can - can.sum(axis=1, keepdims=True) * mean - kept @ np.linalg.pinv(gram, hermitian=True) @ reach
    )
    sigma = errors.sd**2 * errors.correlation ** np.abs(time[:, None] - time)
    variance = np.einsum("c,ct,ts,cs->", size, weights, sigma, weights)
    return float(np.sqrt(variance) / total)


def stretched(onset_counts: ArrayLike, periods: int) -> Array:
    """Return onsets spread over another number of periods in the same way, shape (periods + 1,).

    First stays first, never stays never; what lies between keeps its place, in shares of the time.
    """
    count = np.asarray(onset_counts, float)
    T = len(count) - 1
    where = np.rint(np.arange(T + 1) * periods / T).astype(int)
    where[1:T] = np.clip(where[1:T], 1, periods - 1) if periods > 1 else periods
    return np.bincount(where, count, periods + 1)
