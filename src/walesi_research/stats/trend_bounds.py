"""How far an effect stands if treated and untreated would have drifted apart anyway."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

__all__ = ["BlockStudy", "Bounds", "block_study", "breakdown", "relative_bounds", "usual_change"]

Array = NDArray[np.float64]

_DRAWS = 20_000
_FAR = 100.0
"""Beyond so many times the largest departure before treatment, no breakdown is looked for."""


@dataclass(frozen=True, slots=True)
class BlockStudy:
    """Departures before treatment and effects after it, by blocks of periods, against the last block before.

    Attributes
    ----------
    block : ndarray of int, shape (m,)
        ..., -3, -2 before, 0, 1, ... after; block -1, the last before treatment, is what all are held
        against, and left out.
    estimate : ndarray, shape (m,)
    covariance : ndarray, shape (m, m)
        Over the draws; NaN without them.
    units, cells : ndarray of int, shape (m,)
        Treated units, and their cells, that each block rests on.
    """

    block: NDArray[np.int64]
    estimate: Array
    covariance: Array = field(repr=False)
    units: NDArray[np.int64]
    cells: NDArray[np.int64]


def block_study(y: ArrayLike, onset: ArrayLike, width: int, counts: ArrayLike | None = None) -> BlockStudy:
    """Estimate an event study by imputation, in blocks of `width` periods from the onset.

    Parameters
    ----------
    y : array_like, shape (n, T)
        Outcomes; NaN where there is none.
    onset : array_like of int, shape (n,)
        Column from which each unit is treated: T for never; those treated from the first are left out.
    width : int
        Periods in a block. With T there is one block before and one after, and the effect after is the
        imputation estimator's average over treated cells.
    counts : array_like, shape (B, n), optional
        How often each unit is drawn in each bootstrap replicate.

    Returns
    -------
    BlockStudy

    Raises
    ------
    ValueError
        If no treated cell can be held against an untreated one.

    Notes
    -----
    Untreated cells are fitted by least squares on unit, period, and every block before -1; the effects are
    the means of what treated cells have above unit and period effects: the estimator of Borusyak, Jaravel and
    Spiess (2024), Review of Economic Studies 91, 3253–3285, with unit effects taken from block -1, so that
    departures and effects share one reference. Treated cells count whose unit has an untreated cell and whose
    period has one. A replicate in which a block or a period is without a unit is left out.
    """
    parts = _parts(np.asarray(y, float), np.asarray(onset), width)
    n = parts.bare.shape[1]
    estimate = _solved(parts, np.ones((1, n)))[0]
    if counts is None:
        covariance = np.full((len(estimate),) * 2, np.nan)
    else:
        draws = _solved(parts, np.asarray(counts, float))
        covariance = np.atleast_2d(np.cov(draws[np.isfinite(draws).all(axis=1)], rowvar=False))
    return BlockStudy(parts.block, estimate, covariance, parts.units, parts.cells)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a replicate sums over units: normal equations, and the treated cells of each block."""

    gram: Array  # (n, p, p)
    cross: Array  # (n, p)
    bare: Array  # (k, n): sums of treated outcomes above their unit's untreated mean
    shift: Array  # (k, n, p): sums of the treated cells' columns above the same means
    size: Array  # (k, n): treated cells
    before: int  # columns of blocks before, the last ones
    block: NDArray[np.int64]
    units: NDArray[np.int64]
    cells: NDArray[np.int64]


def _parts(y: Array, onset: NDArray, width: int) -> _Parts:
    (n, T), time = y.shape, np.arange(y.shape[1])
    seen = ~np.isnan(y)
    free = seen & (time < onset[:, None])
    can = seen & (time >= onset[:, None]) & free.any(axis=1)[:, None] & free.any(axis=0)
    if not can.any():
        raise ValueError("no treated cell has an untreated one of its unit and one of its period")
    block = np.where(onset[:, None] < T, (time - onset[:, None]) // width, -1)
    ahead, after = np.unique(block[free & (block < -1)]), np.unique(block[can])
    leads = (block[..., None] == ahead) & free[..., None]
    periods = np.broadcast_to(
        np.eye(T)[:, np.flatnonzero(free.any(axis=0))[1:]], (n, T, free.any(axis=0).sum() - 1)
    )
    X = np.concatenate([periods, leads], axis=2)
    share = free / np.maximum(free.sum(axis=1, keepdims=True), 1)
    above_x = X - np.einsum("nt,ntp->np", share, X)[:, None]
    above_y = np.where(seen, y, 0) - np.einsum("nt,nt->n", share, np.where(free, y, 0))[:, None]
    kept = above_x * free[..., None]
    inside = np.stack([can & (block == k) for k in after]).astype(float)
    own = [leads.any(axis=1).sum(axis=0), leads.sum(axis=(0, 1))]
    return _Parts(
        gram=np.einsum("ntp,ntq->npq", kept, kept),
        cross=np.einsum("ntp,nt->np", kept, above_y),
        bare=np.einsum("knt,nt->kn", inside, above_y),
        shift=np.einsum("knt,ntp->knp", inside, above_x),
        size=inside.sum(axis=2),
        before=len(ahead),
        block=np.concatenate([ahead, after]),
        units=np.concatenate([own[0], inside.any(axis=2).sum(axis=1)]),
        cells=np.concatenate([own[1], inside.sum(axis=(1, 2)).astype(int)]),
    )


def _solved(parts: _Parts, counts: Array) -> Array:
    """Return blocks before and after for each replicate, shape (B, m); NaN where one cannot be had."""
    n, p = parts.cross.shape
    gram = (counts @ parts.gram.reshape(n, -1)).reshape(-1, p, p)
    whole = np.einsum("bpp->bp", gram) > 0
    gram = gram + np.einsum("bp,pq->bpq", ~whole, np.eye(p))  # a column without a cell: solved as zero
    coef = np.linalg.solve(gram, (counts @ parts.cross)[..., None])[..., 0]
    coef[~whole] = np.nan
    size = counts @ parts.size.T
    with np.errstate(invalid="ignore", divide="ignore"):
        shifted = np.einsum("bn,knp,bp->bk", counts, parts.shift, coef, optimize=True)
        effects = (counts @ parts.bare.T - shifted) / size
    return np.concatenate([coef[:, p - parts.before :], effects], axis=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an effect may be, if treated units would have drifted by at most `ratio` times what they had.

    Attributes
    ----------
    ratio : float
        Largest change of the departure from block to block after treatment, over the largest one before.
    least, most : float
        Ends of what the estimates themselves leave open.
    low, high : float
        Ends of the interval at `level`, for which the departures before are estimates too.
    level : float
    """

    ratio: float
    least: float
    most: float
    low: float
    high: float
    level: float


def relative_bounds(
    estimate: ArrayLike,
    covariance: ArrayLike,
    before: int,
    ratio: float,
    *,
    weights: ArrayLike | None = None,
    level: float = 0.95,
    df: float = np.inf,
) -> Bounds:
    """Bound a mean effect under relative magnitudes of departures from parallel trends.

    Parameters
    ----------
    estimate : array_like, shape (m,)
        Departures of the blocks before (in order, the reference that follows them left out), then effects.
    covariance : array_like, shape (m, m)
    before : int
        How many of them are departures; at least one.
    ratio : float
        M of Rambachan and Roth.
    weights : array_like, shape (m - before,), optional
        Of the effects in the mean, equal by default.
    level, df : float
        Level of the interval, and degrees of freedom of its quantile.

    Returns
    -------
    Bounds

    Raises
    ------
    ValueError
        If there is no departure before or no effect after, or `ratio` is negative.

    Notes
    -----
    With departures δ, zero at the reference, ``D = max |δ(s+1) - δ(s)|`` before it and
    ``|δ(k+1) - δ(k)| <= M D`` after it, a mean effect ``l'τ`` lies within ``l'β ± M D h`` with
    ``h = Σ_k |Σ_(j >= k) l_j|``: Rambachan and Roth (2023), Review of Economic Studies 90, 2555–2591, their
    Δ^RM. For each change before and either sign of it an end is linear in β, with its own standard error;
    the interval reaches to the outermost of these. One of them is the largest change, whichever that is, so
    the interval covers at `level` at least, however uncertain the departures before are. (HonestDiD in
    diff-diff 3.13 takes them as known.)
    """
    beta, v = np.asarray(estimate, float), np.asarray(covariance, float)
    ends = _ends(len(beta), before, ratio, weights)
    values = ends @ beta
    margin = stats.t.ppf((1 + level) / 2, df) * np.sqrt(np.einsum("im,mq,iq->i", ends, v, ends).clip(0))
    return Bounds(
        ratio=float(ratio),
        least=float(values.min()),
        most=float(values.max()),
        low=float((values - margin).min()),
        high=float((values + margin).max()),
        level=level,
    )


def _ends(m: int, before: int, ratio: float, weights: ArrayLike | None) -> Array:
    """Return the mean effect moved by each change before, up and down: combinations of β, (2 before, m)."""
    if before < 1 or m <= before:
        raise ValueError("bounds need a block before the last one before treatment, and one after it")
    if not ratio >= 0:
        raise ValueError(f"ratio must not be negative, and is {ratio}")
    after = m - before
    mean = np.full(after, 1 / after) if weights is None else np.asarray(weights, float)
    reach = np.abs(np.cumsum(mean[::-1])).sum()
    changes = np.diff(np.eye(before + 1), axis=0)[:, :before]  # the reference is zero
    moved = ratio * reach * np.concatenate([changes, -changes])
    return np.concatenate([moved, np.tile(mean, (2 * before, 1))], axis=1)


def breakdown(
    estimate: ArrayLike, covariance: ArrayLike, before: int, limit: float = 0.0, **options
) -> float | None:
    """Return the ratio from which on the interval of `relative_bounds` reaches `limit`.

    Parameters
    ----------
    estimate, covariance, before, **options
        As for `relative_bounds`.
    limit : float
        What the interval lies beyond, on the side of the mean effect.

    Returns
    -------
    float or None
        Zero where the interval reaches the limit without any departure; None where it never does.
    """
    above = relative_bounds(estimate, covariance, before, 0.0, **options).least > limit

    def room(ratio: float) -> float:
        b = relative_bounds(estimate, covariance, before, ratio, **options)
        return b.low - limit if above else limit - b.high

    if room(0.0) <= 0:
        return 0.0
    if room(_FAR) > 0:
        return None
    return float(optimize.brentq(room, 0.0, _FAR, xtol=1e-10))


def usual_change(
    covariance: ArrayLike, before: int, rng: np.random.Generator, *, level: float = 0.95
) -> float:
    """Return how large the largest change before treatment gets by chance, were trends parallel.

    Parameters
    ----------
    covariance : array_like, shape (m, m)
        Of departures before, then effects.
    before : int
        How many are departures.
    rng : Generator
    level : float
        Share of studies in which it stays below.

    Returns
    -------
    float
        Quantile of the largest absolute change between neighbouring blocks, the reference among them, of
        normal departures about zero; to about one per cent, from 20,000 draws.
    """
    v = np.asarray(covariance, float)[:before, :before]
    departures = rng.multivariate_normal(np.zeros(before), v, size=_DRAWS, method="svd")
    changes = np.diff(departures, axis=1, append=0.0)
    return float(np.quantile(np.abs(changes).max(axis=1), level))
