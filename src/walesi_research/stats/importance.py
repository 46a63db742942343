"""Relative importance of correlated predictors: R² shared out over all orders of entry."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Importance", "lmg"]

Array = NDArray[np.float64]

_CHUNK = 4_000_000
"""Subsets, over a batch, whose R² is held at a time."""
_DEPENDENT = 1e-12
"""A predictor with less than this share of its variance left by others adds nothing to them."""


@dataclass(frozen=True, slots=True)
class Importance:
    """R² shared out among predictors.

    Attributes
    ----------
    contributions : ndarray, shape (..., p)
        Each predictor's part of R²; they sum to `r2` over the last axis.
    r2 : ndarray, shape (...)
        Squared multiple correlation of the response with all predictors.
    """

    contributions: Array
    r2: Array

    @property
    def shares(self) -> Array:
        """Parts of R² as shares that sum to one, shape (..., p); NaN where R² is zero."""
        with np.errstate(invalid="ignore"):
            return self.contributions / self.r2[..., None]


def lmg(covariance: ArrayLike) -> Importance:
    """Share R² out by the increase that each predictor brings, averaged over all orders of entry (LMG).

    Parameters
    ----------
    covariance : array_like, shape (..., p + 1, p + 1)
        Covariance or correlation matrices, one or a batch of bootstrap draws; the **response is the last**
        row and column.

    Returns
    -------
    Importance
        Batch shape ``...`` as given.

    Raises
    ------
    ValueError
        If a matrix is not square, not finite, or has a response without variance.

    Notes
    -----
    ``LMG_k = sum_S |S|! (p - 1 - |S|)! / p! [R²(S + k) - R²(S)]`` over the subsets S of the other predictors:
    Lindeman, Merenda and Gold (1980); Grömping (2006), Journal of Statistical Software 17(1). R² of all 2^p
    subsets comes from sweeping one predictor at a time, in all subsets of those before it at once, so that
    the work is about 12 · 2^p operations a matrix.
    """
    matrix = np.asarray(covariance, float)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] < 2:
        raise ValueError(f"a square matrix of predictors and response is needed, not shape {matrix.shape}")
    if not np.isfinite(matrix).all() or (matrix[..., -1, -1] <= 0).any():
        raise ValueError("the matrix is not finite or the response has no variance")
    p = matrix.shape[-1] - 1
    flat = matrix.reshape(-1, p + 1, p + 1)
    step = max(1, _CHUNK >> p)
    parts = [_contributions(_r2_of_subsets(flat[i : i + step]), p) for i in range(0, len(flat), step)]
    contributions = np.concatenate(parts).reshape(*matrix.shape[:-2], p)
    return Importance(contributions, contributions.sum(axis=-1))


def _r2_of_subsets(matrix: Array) -> Array:
    """Return R² of every subset of predictors, shape (B, 2^p); bit k of the position says k is in it."""
    size = np.sqrt(np.einsum("bii->bi", matrix))
    size[size == 0] = 1
    states = (matrix / size[:, :, None] / size[:, None, :])[:, None]
    while states.shape[-1] > 1:
        states = np.concatenate([states[..., 1:, 1:], _sweep_first(states)], axis=1)
    return 1 - states[..., 0, 0]


def _sweep_first(states: Array) -> Array:
    """Return the covariance of the other variables given the first, or as it was if that has none left."""
    pivot = states[..., :1, :1]
    column = states[..., 1:, :1]
    useful = pivot > _DEPENDENT
    return states[..., 1:, 1:] - np.where(useful, column / np.where(useful, pivot, 1), 0) * column.swapaxes(
        -1, -2
    )


def _contributions(r2: Array, p: int) -> Array:
    """Return LMG from R² of all subsets, shape (B, p)."""
    sizes = np.bitwise_count(np.arange(1 << (p - 1), dtype=np.uint64)).astype(int)
    weight = np.array([factorial(s) * factorial(p - 1 - s) / factorial(p) for s in range(p)])[sizes]
    out = np.empty((len(r2), p))
    for k in range(p):
        pairs = r2.reshape(len(r2), -1, 2, 1 << k)
        out[:, k] = (pairs[:, :, 1] - pairs[:, :, 0]).reshape(len(r2), -1) @ weight
    return out
