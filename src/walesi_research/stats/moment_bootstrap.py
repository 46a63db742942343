"""Bootstrap intervals of estimates that are functions of a covariance matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .resampling import bootstrap_counts, covariances, moments, percentile_interval

__all__ = [
    "Spread",
    "bootstrap_covariances",
    "complete_covariance",
    "correlation_of",
    "definite",
    "refuse_singular",
    "spread",
    "where_definite",
]

Array = NDArray[np.float64]

_MANY = 20_000
"""Above so many rows, rows are drawn in bundles …"""
_BUNDLES = 2_000
"""… of which there are so many: they fix a standard error to 1.6 %."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far bootstrap estimates spread; floats, or arrays of the estimate's shape.

    Attributes
    ----------
    se, low, high : float or ndarray
        Standard error and percentile interval; NaN where there are no draws, or more than a tenth failed.
    failed : int
        Draws in which there is no estimate.
    """

    se: float | Array
    low: float | Array
    high: float | Array
    failed: int


def complete_covariance(x: ArrayLike, least: int) -> tuple[int, Array]:
    """Return the number of rows without NaN and their covariance, shape (k, k).

    Raises
    ------
    ValueError
        If there are fewer than `least` items or three complete rows, or an item does not vary.
    """
    x = np.asarray(x, float)
    if x.ndim != 2 or x.shape[1] < least:
        raise ValueError(f"a matrix of at least {least} items is needed, not shape {x.shape}")
    x = x[~np.isnan(x).any(axis=1)]
    if len(x) < 3:
        raise ValueError(f"{len(x)} complete rows are too few")
    covariance = np.cov(x, rowvar=False)
    if not (np.diag(covariance) > 0).all():
        raise ValueError("an item does not vary")
    return len(x), covariance


def refuse_singular(covariance: Array, n: int) -> None:
    """Refuse covariances that no factor model can be fitted to.

    Raises
    ------
    ValueError
        If there are too few rows for the items, or an item is a sum of others.
    """
    if n <= len(covariance) + 1:
        raise ValueError(f"{n} complete rows are too few for {len(covariance)} items")
    if not definite(covariance):
        raise ValueError("an item is a sum of others")


def bootstrap_covariances(
    x: ArrayLike,
    rng: np.random.Generator | None = None,
    draws: int = 1_000,
    counts: Iterable[ArrayLike] | None = None,
) -> Array:
    """Return the covariances of bootstrap samples of rows.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Rows with NaN count for nothing.
    rng : numpy.random.Generator, optional
        Without it and `counts` there are no draws.
    draws : int
        Bootstrap samples to draw with `rng`.
    counts : iterable of array_like, each of shape (b, n), optional
        Samples drawn elsewhere, as `resampling.bootstrap_counts` yields them.

    Returns
    -------
    ndarray, shape (draws, k, k)

    Notes
    -----
    Above 20,000 complete rows `rng` shuffles them into 2,000 bundles of (almost) equal size, and bundles are
    drawn in place of rows: their sums vary as the sums of their rows do.
    """
    x = np.asarray(x, float)
    if counts is None and rng is None:
        return np.empty((0, x.shape[1], x.shape[1]))
    complete = ~np.isnan(x).any(axis=1)
    rows = np.column_stack([np.ones(complete.sum()), x[complete] - x[complete].mean(axis=0)])
    if counts is None and len(rows) > _MANY:
        return covariances(_bundled(rows, rng, draws))
    if counts is None:
        counts = bootstrap_counts(rng, len(x), draws)
    return covariances(moments(rows, (np.asarray(c)[:, complete] for c in counts)))


def spread(function: Callable[[Array], Array], drawn: Array, shape: tuple[int, ...], level: float) -> Spread:
    """Return how far a function of covariances spreads over bootstrap samples.

    Parameters
    ----------
    function : callable
        From covariances (b, k, k) to estimates (b, ...), one with NaN or infinity where there is none. It is
        not asked where an item does not vary.
    drawn : ndarray, shape (B, k, k)
    shape : tuple of int
        Of an estimate.
    level : float

    Returns
    -------
    Spread
    """
    variance = np.diagonal(drawn, axis1=1, axis2=2)
    usable = drawn[(variance > 1e-10 * variance.max(axis=0, initial=0)).all(axis=1)]
    values = function(usable) if len(usable) else np.empty((0, *shape))
    values = values[np.isfinite(values).all(axis=tuple(range(1, values.ndim)))]
    failed = len(drawn) - len(values)
    if len(values) < 2 or failed > len(drawn) / 10:
        nothing = _plain(np.full(shape, np.nan))
        return Spread(nothing, nothing, nothing, failed)
    low, high = percentile_interval(values, level)
    return Spread(_plain(values.std(axis=0, ddof=1)), _plain(low), _plain(high), failed)


def where_definite(function: Callable[[Array], Array], covariance: Array) -> Array:
    """Return the values (b,) of a function of positive definite covariances (b, k, k), NaN for others."""
    out, usable = np.full(len(covariance), np.nan), definite(covariance)
    if usable.any():
        out[usable] = function(covariance[usable])
    return out


def correlation_of(covariance: Array) -> Array:
    """Return the correlations of covariances, shape (..., k, k)."""
    size = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    return covariance / size[..., :, None] / size[..., None, :]


def definite(covariance: Array) -> NDArray[np.bool_]:
    """Tell which covariances (..., k, k) are positive definite, to rounding."""
    smallest = np.linalg.eigvalsh(covariance)[..., 0]
    return smallest > 1e-10 * np.trace(covariance, axis1=-2, axis2=-1)


def _bundled(rows: Array, rng: np.random.Generator, draws: int) -> Array:
    """Return the cross-products of bootstrap samples of bundles, shape (draws, p, p)."""
    bundles = (rows[own] for own in np.array_split(rng.permutation(len(rows)), _BUNDLES))
    sums = np.stack([(bundle.T @ bundle).ravel() for bundle in bundles])
    drawn = [counts @ sums for counts in bootstrap_counts(rng, _BUNDLES, draws)]
    return np.concatenate(drawn).reshape(-1, rows.shape[1], rows.shape[1])


def _plain(x: ArrayLike) -> float | Array:
    x = np.asarray(x)
    return float(x) if x.ndim == 0 else x
