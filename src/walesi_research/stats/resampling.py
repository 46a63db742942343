"""Bootstrap on moments: draws are counts of rows, and estimates are functions of moment matrices.

An estimator that needs only means and covariances never has to see a resampled data set: the moments of a
bootstrap sample are those of the data weighted by how often each row was drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

__all__ = ["bca_interval", "bootstrap_counts", "covariances", "moments", "percentile_interval"]

Array = NDArray[np.float64]

_CHUNK = 100_000
"""Counts held at a time: so many stay in a processor's cache."""
_FEWEST = 16
"""Samples drawn at a time where rows are many."""


def bootstrap_counts(
    rng: np.random.Generator, n: int, draws: int, strata: ArrayLike | None = None
) -> Iterator[Array]:
    """Yield how often each row is drawn, for all bootstrap draws, some draws at a time.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of rows.
    draws : int
        Number of bootstrap samples in all.
    strata : array_like of int, shape (n,), optional
        Rows are drawn within strata, each keeping its size.

    Yields
    ------
    ndarray, shape (b, n)
        Counts; each row sums to n. The b of all chunks sum to `draws`.
    """
    order, start, size = _strata(n, strata)
    step = max(_FEWEST, _CHUNK // n)
    for first in range(0, draws, step):
        b = min(step, draws - first)
        picked = (rng.random((b, n)) * size).astype(np.int64)
        if strata is not None:
            picked = order[start + picked]
        picked += n * np.arange(b)[:, None]
        yield np.bincount(picked.ravel(), minlength=b * n).reshape(b, n).astype(float)


def _strata(n: int, strata: ArrayLike | None) -> tuple[NDArray[np.int64], ArrayLike, ArrayLike]:
    """Return rows in order of stratum, and first position and size of the stratum of each."""
    if strata is None:
        return np.arange(n), 0, n
    code = np.unique(np.asarray(strata), return_inverse=True)[1]
    size = np.bincount(code)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    order = np.argsort(code, kind="stable")
    return order, start[code[order]], size[code[order]]


def moments(Z: ArrayLike, counts: Iterable[ArrayLike]) -> Array:
    """Return the raw cross-products of bootstrap samples, ``Z' diag(c) Z`` for each vector of counts c.

    Parameters
    ----------
    Z : array_like, shape (n, p)
        Give it a column of ones to have sums and means among the products.
    counts : iterable of array_like, each of shape (b, n)
        As `bootstrap_counts` yields them; weights serve too.

    Returns
    -------
    ndarray, shape (B, p, p)
        B is the number of draws in all chunks together.
    """
    Z = np.asarray(Z, float)
    row, column = np.triu_indices(Z.shape[1])
    products = Z[:, row] * Z[:, column]
    sums = np.concatenate([np.asarray(c, float) @ products for c in counts])
    out = np.empty((len(sums), Z.shape[1], Z.shape[1]))
    out[:, row, column] = sums
    out[:, column, row] = sums
    return out


def covariances(raw: ArrayLike) -> Array:
    """Return covariance matrices from cross-products whose first column is the constant one.

    Parameters
    ----------
    raw : array_like, shape (..., p + 1, p + 1)
        Cross-products of ``[1, x_1 … x_p]``. Centre x beforehand where its mean is large beside its spread.

    Returns
    -------
    ndarray, shape (..., p, p)
        Divisor n - 1, where n is the sum of the counts.
    """
    raw = np.asarray(raw, float)
    n = raw[..., :1, :1]
    sums = raw[..., 0, 1:]
    return (raw[..., 1:, 1:] - sums[..., :, None] * sums[..., None, :] / n) / (n - 1)


def percentile_interval(draws: ArrayLike, level: float = 0.95) -> tuple[Array, Array]:
    """Return the percentile interval over the first axis.

    Parameters
    ----------
    draws : array_like, shape (B, ...)
        Bootstrap estimates; one that is NaN makes its interval NaN.

    Returns
    -------
    low, high : ndarray, shape (...)
    """
    tail = (1 - level) / 2
    low, high = np.quantile(np.asarray(draws, float), [tail, 1 - tail], axis=0)
    return low, high


def bca_interval(
    estimate: float, draws: ArrayLike, jackknife: ArrayLike, level: float = 0.95
) -> tuple[float, float]:
    """Return the bias-corrected and accelerated bootstrap interval.

    Parameters
    ----------
    estimate : float
    draws : array_like, shape (B,)
        Bootstrap estimates.
    jackknife : array_like, shape (n,)
        Estimates with one row (or cluster) left out each.
    level : float

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        If a draw is not finite, or all draws lie on one side of the estimate.

    Notes
    -----
    Efron (1987), Journal of the American Statistical Association 82, 171–185, eq. 2.3 and 6.6. Draws equal to
    the estimate count half on either side.
    """
    draws = np.asarray(draws, float)
    below = np.mean(draws < estimate) + np.mean(draws == estimate) / 2
    if not np.isfinite(draws).all() or not 0 < below < 1:
        raise ValueError("the draws are not finite or all lie on one side of the estimate")
    bias = ndtri(below)
    z = bias + ndtri([(1 - level) / 2, (1 + level) / 2])
    low, high = np.quantile(draws, ndtr(bias + z / (1 - _acceleration(jackknife) * z)))
    return float(low), float(high)


def _acceleration(jackknife: ArrayLike) -> float:
    d = np.mean(jackknife) - np.asarray(jackknife, float)
    spread = np.sum(d**2)
    return float(np.sum(d**3) / (6 * spread**1.5)) if spread > 0 else 0.0
