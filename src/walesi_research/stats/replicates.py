"""Estimates from bootstrap replicates given by counts, all replicates at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .resampling import moments

__all__ = ["intercept_replicates", "mean_and_sd", "quantile_of_counts", "two_way_replicates"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_FLAT = 1e-10
"""An eigenvalue below this share of the largest is zero: the column hangs on others."""
_HELD = 4_000_000
"""Numbers held at a time where products within groups are formed (32 MB)."""


def mean_and_sd(x: ArrayLike, counts: ArrayLike) -> tuple[Array, Array]:
    """Return means and standard deviations (divisor N - 1) of x (n,) under counts (B, n), both (B,)."""
    x, counts = np.asarray(x, float), np.asarray(counts, float)
    size = counts.sum(axis=1)
    centre = x.mean()
    first, second = counts @ (x - centre), counts @ (x - centre) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (second - first**2 / size) / (size - 1)
        return centre + first / size, np.sqrt(np.maximum(variance, 0.0))


def quantile_of_counts(x: ArrayLike, counts: ArrayLike, q: float) -> Array:
    """Return what ``numpy.quantile(numpy.repeat(x, c), q)`` is for every row c of counts.

    Parameters
    ----------
    x : array_like, shape (n,)
    counts : array_like of whole numbers, shape (B, n)
        Each row has a positive sum.
    q : float

    Returns
    -------
    ndarray, shape (B,)
    """
    x, counts = np.asarray(x, float), np.asarray(counts, float)
    order = np.argsort(x, kind="stable")
    x, reached = x[order], np.cumsum(counts[:, order], axis=1)
    at = (reached[:, -1] - 1) * q
    below = np.floor(at)
    above = np.minimum(below + 1, reached[:, -1] - 1)
    low, high = (x[(reached <= place[:, None]).sum(axis=1)] for place in (below, above))
    return low + (high - low) * (at - below)


def two_way_replicates(
    y: ArrayLike, X: ArrayLike, first: ArrayLike, second: ArrayLike, counts: ArrayLike
) -> Array:
    """Return the last column's coefficient in least squares with two sets of effects, in every replicate.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        The last column is the one reported; columns that others or the effects give are no matter.
    first, second : array_like of int, shape (n,)
        Labels of the two sets; the first, from 0 to G - 1, are what is drawn. The second are few.
    counts : array_like, shape (B, G)
        How often each level of the first set is drawn.

    Returns
    -------
    ndarray, shape (B,)
        NaN where effects and other columns leave nothing of the column. At counts of one it is the
        coefficient of `two_way.two_way`.

    Notes
    -----
    Weights are alike within a level of the first set, so that its effects are taken out by centring once;
    normal equations are then sums over levels of products within them, times the counts. The other columns
    are taken out of the last one by a pseudo-inverse (Frisch and Waugh 1933, Econometrica 1, 387–401).
    """
    first, counts = np.asarray(first, np.int64), np.asarray(counts, float)
    dummies = np.asarray(second)[:, None] == np.unique(second)[1:]
    Z = np.column_stack([np.asarray(X, float)[:, :-1], dummies, np.asarray(X, float)[:, -1], y])
    groups = counts.shape[1]
    Z = _centred(Z, first, groups)
    size = np.sqrt(np.sum(Z**2, axis=0))
    Z = Z / np.where(size > 0, size, 1.0)
    crossed = _products(Z, first, counts)
    return _partial_slope(crossed) * size[-1] / size[-2]


def intercept_replicates(
    y: ArrayLike, X: ArrayLike, group: ArrayLike, ratio: float, counts: ArrayLike
) -> Array:
    """Return the last column's coefficient in a model with random intercepts, in every replicate.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        The constant included; the last column is the one reported.
    group : array_like, shape (n,)
        Labels of the groups that have an intercept.
    ratio : float
        Variance of the intercepts over that of the errors, held at its estimate.
    counts : array_like, shape (B, n)

    Returns
    -------
    ndarray, shape (B,)

    Notes
    -----
    Generalised least squares: a group of size m loses the part ``m r / (1 + m r)`` of the products of its
    means, r being the ratio.
    """
    counts, code = np.asarray(counts, float), np.unique(group, return_inverse=True)[1]
    Z = np.column_stack([X, y]).astype(float)
    crossed = moments(Z, [counts])
    for g in range(code.max() + 1):
        mine = code == g
        sums, m = counts[:, mine] @ Z[mine], counts[:, mine].sum(axis=1)
        crossed -= (ratio / (1 + m * ratio))[:, None, None] * sums[:, :, None] * sums[:, None, :]
    return _partial_slope(crossed)


def _centred(Z: Array, code: Index, groups: int) -> Array:
    size = np.maximum(np.bincount(code, minlength=groups), 1)
    means = np.column_stack([np.bincount(code, z, groups) for z in Z.T]) / size[:, None]
    return Z - means[code]


def _products(Z: Array, code: Index, counts: Array) -> Array:
    """Return ``Z' diag(c[code]) Z`` for every row c of counts, shape (B, q, q)."""
    q = Z.shape[1]
    order = np.argsort(code, kind="stable")
    Z, code = Z[order], code[order]
    starts = np.searchsorted(code, np.arange(counts.shape[1] + 1))
    total, step = np.zeros((len(counts), q * q)), max(1, _HELD // q**2)
    for a in range(0, counts.shape[1], step):
        b = min(a + step, counts.shape[1])
        own = np.stack([Z[s:e].T @ Z[s:e] for s, e in zip(starts[a:b], starts[a + 1 : b + 1], strict=True)])
        total += counts[:, a:b] @ own.reshape(b - a, -1)
    return total.reshape(-1, q, q)


def _partial_slope(crossed: Array) -> Array:
    """Return the slope of the last variable on the last but one, the others held fixed, from products."""
    others, x, y = slice(None, -2), -2, -1
    scale = np.sqrt(np.maximum(np.diagonal(crossed, axis1=1, axis2=2), 0.0))
    scale = np.where(scale > 0, scale, 1.0)
    unit = crossed / (scale[:, :, None] * scale[:, None, :])
    inverse = np.linalg.pinv(unit[:, others, others], rcond=_FLAT, hermitian=True)
    through = np.einsum("bij,bj->bi", inverse, unit[:, others, x])
    left = unit[:, x, x] - np.einsum("bi,bi->b", through, unit[:, others, x])
    shared = unit[:, x, y] - np.einsum("bi,bi->b", through, unit[:, others, y])
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(left > 1e-9, shared / left, np.nan)
    return slope * scale[:, y] / scale[:, x]
