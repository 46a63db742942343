"""Regression on scale means, corrected for their measurement error, for many bootstrap samples at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .moment_bootstrap import definite
from .one_factor import one_factor
from .resampling import covariances, moments

__all__ = ["CorrectedSlopes", "Scale", "corrected_slopes", "unique_variances"]

Array = NDArray[np.float64]

_HELD = 4_000_000
"""Counts that are looked at together."""
_STILL = 1e-12
"""Share of a variable's sum of squares under which it does not vary."""
ALPHA = 2.0
"""Of Fuller's modification: with 2 the estimates are unbiased in the order of 1 / n."""


@dataclass(frozen=True, eq=False)
class Scale:
    """A variable that is the mean of the items a row has.

    Attributes
    ----------
    column : int
        Its column in the data.
    items : ndarray, shape (n, k)
        Two items or more, keyed the same way, NaN where missing; every row has one at least.
    """

    column: int
    items: Array

    @property
    def parts(self) -> Array:
        """What the unique variance of each item adds to the error variance of each row, shape (n, k)."""
        seen = ~np.isnan(self.items)
        return seen / seen.sum(axis=1, keepdims=True) ** 2


@dataclass(frozen=True, slots=True)
class CorrectedSlopes:
    """Slopes in B samples.

    Attributes
    ----------
    slopes : ndarray, shape (B, p)
        Standard deviations of the response for one of the predictor, both without error; NaN where the
        items of a scale have no one-factor solution, a variable is nothing but error, or variables depend on
        each other.
    reliability : ndarray, shape (B, number of scales)
        Share of each scale's variance that is not error.
    apart : ndarray of bool, shape (B,)
        Whether the variables can be told apart without their error; else the slopes are corrected in part.
    """

    slopes: Array
    reliability: Array
    apart: NDArray[np.bool_]


def corrected_slopes(
    Z: ArrayLike, scales: Sequence[Scale], groups: ArrayLike, ratio: float, counts: Iterable[ArrayLike]
) -> CorrectedSlopes:
    """Regress on variables some of which are means of items, without the attenuation by their error.

    Generalised least squares with random intercepts of groups. The errors of scales are taken to be
    independent of each other, of the variables and of the groups, their variances from the unique variances
    of the items in a one-factor model, estimated anew in each sample.

    Parameters
    ----------
    Z : array_like, shape (n, p + 1)
        Predictors, and the response in the last column.
    scales : sequence of Scale
        The columns measured with error; the others are exact.
    groups : array_like, shape (n,)
        Labels; rows of a group stand side by side.
    ratio : float
        Variance of the intercepts over that of the residuals, the same in all samples.
    counts : iterable of array_like, each of shape (b, n)
        How often each row is drawn; a single row of ones is the data as they are.

    Returns
    -------
    CorrectedSlopes

    Notes
    -----
    With cross-products ``M = Z'V^-1 Z`` and error variances ``C = diag(sum_i (V^-1)_ii s_ij^2)``, where
    ``s_ij^2`` is the error variance of row i in column j, the slopes are ``(M_xx - f C)^-1 M_xy``. With
    ``f = 1`` they are consistent; ``f = min(1, l - 1/(n - 1)) - 2/(n - 1)``, l the smallest root of
    ``|M - l C| = 0``, keeps what is inverted definite and has moments in small samples: Fuller (1987),
    Measurement Error Models, sections 2.5 and 3.1.
    """
    Z = np.asarray(Z, float)
    Z = Z - Z.mean(axis=0)
    code = np.unique(np.asarray(groups), return_inverse=True)[1]
    starts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
    group = np.cumsum(np.r_[False, code[1:] != code[:-1]])
    blocks = (c for block in counts for c in np.array_split(block, -(-np.size(block) // _HELD)))
    found = [_corrected(Z, scales, starts, group, ratio, np.asarray(c, float)) for c in blocks]
    return CorrectedSlopes(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _corrected(
    Z: Array, scales: Sequence[Scale], starts: Array, group: Array, ratio: float, counts: Array
) -> tuple[Array, Array, Array]:
    """Return slopes, reliabilities and whether variables are apart in samples of `counts`."""
    pooled = ratio / (1 + ratio * np.add.reduceat(counts, starts, axis=1))
    n = counts.sum(axis=1)
    error, loss = np.zeros((2, len(counts), Z.shape[1]))
    for scale in scales:
        unique = unique_variances(scale.items, counts)
        error[:, scale.column] = (((counts * (1 - pooled)[:, group]) @ scale.parts) * unique).sum(axis=1)
        loss[:, scale.column] = ((counts @ scale.parts) * unique).sum(axis=1) / n
    rows = np.column_stack([np.ones(len(Z)), Z])
    whole = moments(rows, [counts])
    sums = np.stack([np.add.reduceat(counts * z, starts, axis=1) for z in rows.T], axis=-1)
    cross = whole - np.einsum("bg,bgj,bgk->bjk", pooled, sums, sums)
    slopes, apart = _solved(_net_of_constant(cross), error, n, (Z**2).sum(axis=0))
    variance = np.einsum("bjj->bj", covariances(whole))
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.where(variance > loss, variance - loss, np.nan))
        reliability = 1 - loss / variance
        slopes = slopes * spread[:, :-1] / spread[:, -1:]
    return slopes, reliability[:, [scale.column for scale in scales]], apart


def _net_of_constant(cross: Array) -> Array:
    """Return cross-products net of the constant, which comes first."""
    return cross[:, 1:, 1:] - cross[:, 1:, :1] * cross[:, :1, 1:] / cross[:, :1, :1]


def _solved(cross: Array, error: Array, n: Array, size: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return Fuller's slopes, shape (B, p), and whether what is inverted is definite without them.

    NaN where an error is not known or variables are dependent. A column that does not vary in a sample, by
    its `size` in the data, has no slope there; the others have.
    """
    still = np.einsum("bjj->bj", cross) <= _STILL * size
    cross = np.where(still[:, :, None] | still[:, None, :], 0, cross)
    cross[:, *np.diag_indices(cross.shape[1])] += still * size
    good = np.isfinite(error).all(axis=1)
    good[good] = definite(cross[good])
    slopes, apart = np.full((len(cross), cross.shape[1] - 1), np.nan), np.zeros(len(cross), bool)
    slopes[good], apart[good] = _fuller(cross[good], error[good], n[good])
    return np.where(still[:, :-1] | still[:, -1:], np.nan, slopes), apart


def _fuller(cross: Array, error: Array, n: Array) -> tuple[Array, NDArray[np.bool_]]:
    error = error.copy()
    error[:, -1] = 0  # what the response is off by stays in the residual
    root = np.sqrt(error)
    greatest = np.linalg.eigvalsh(root[:, :, None] * np.linalg.inv(cross) * root[:, None, :])[:, -1]
    smallest = 1 / np.maximum(greatest, 1e-300) - 1 / (n - 1)
    factor = np.minimum(1, smallest) - ALPHA / (n - 1)
    taken = factor[:, None, None] * error[:, :-1, None] * np.eye(error.shape[1] - 1)
    slopes = np.linalg.solve(cross[:, :-1, :-1] - taken, cross[:, :-1, -1:])[..., 0]
    return slopes, smallest >= 1


def unique_variances(items: ArrayLike, counts: ArrayLike) -> Array:
    """Return the variance of each item that a single factor leaves, in each sample.

    Parameters
    ----------
    items : array_like, shape (n, k)
        NaN where missing; covariances are of the rows that have both items.
    counts : array_like, shape (B, n)

    Returns
    -------
    ndarray, shape (B, k)
        By maximum likelihood; of two items what they do not share, their loadings taken to be the same. NaN
        where there is no solution.
    """
    covariance = _pairwise(np.asarray(items, float), np.asarray(counts, float))
    variance = np.einsum("bkk->bk", covariance)
    if covariance.shape[-1] == 2:
        return np.maximum(variance - np.maximum(covariance[:, :1, 1], 0), 0)
    out = np.full(variance.shape, np.nan)
    good = np.isfinite(covariance).all(axis=(1, 2))
    good[good] = definite(covariance[good])
    if good.any():
        fit = one_factor(covariance[good])
        out[good] = np.where(fit.converged[:, None], fit.uniquenesses, np.nan)
    return out


def _pairwise(items: Array, counts: Array) -> Array:
    """Return covariances of the rows that have both items, shape (B, k, k)."""
    seen = ~np.isnan(items)
    off = np.where(seen, items - np.nanmean(items, axis=0), 0.0)
    row, column = np.triu_indices(items.shape[1])
    both = counts @ (seen[:, row] & seen[:, column]).astype(float)
    first, second = counts @ (off[:, row] * seen[:, column]), counts @ (off[:, column] * seen[:, row])
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (counts @ (off[:, row] * off[:, column]) - first * second / both) / (both - 1)
    out = np.empty((len(counts), items.shape[1], items.shape[1]))
    out[:, row, column] = value
    out[:, column, row] = value
    return out
