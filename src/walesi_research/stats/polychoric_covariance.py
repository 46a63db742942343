"""How far polychoric correlations and their thresholds vary together from sample to sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from .bivariate_normal import FAR, bivariate_cdf, bivariate_density, rectangles

__all__ = ["polychoric_covariance"]

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

_TINY = 1e-100
"""Least probability of a cell."""
_BLOCK = 4_096
"""Rows whose scores are held at a time."""


def polychoric_covariance(codes: Codes, tables: Array, bounds: Array, rho: Array) -> Array:
    """Return the covariance of two-step estimates of thresholds and polychoric correlations.

    Parameters
    ----------
    codes : ndarray of int, shape (n, k)
        Number of the category of each answer, -1 where missing.
    tables : ndarray, shape (p, c, c)
        Counts of each pair of items, ``p = k(k-1)/2``, in the order of ``numpy.triu_indices(k, 1)``.
    bounds : ndarray, shape (k, c)
        Upper bounds of each item's categories, `FAR` from the last one on.
    rho : ndarray, shape (p,)

    Returns
    -------
    ndarray, shape (t + p, t + p)
        Of the t thresholds, item by item, and the correlations.

    Notes
    -----
    ``B^-1 M B^-T`` (Muthén 1984, Psychometrika 49, 115–132; Jöreskog 1994, Psychometrika 59, 381–389). M sums
    over rows the squares and products of the derivatives (scores) of the log-likelihoods that the estimates
    maximise; an answer not given adds nothing. ``B = [[A11, 0], [A21, A22]]`` holds those within an item's
    thresholds (A11), of a correlation with its items' thresholds (A21), and of a correlation with itself
    (A22). Times n this is lavaan's NACOV.
    """
    single, double = _threshold_scores(bounds), _correlation_scores(bounds, rho)
    used = bounds[:, :-1] < FAR
    bread = np.zeros((used.sum() + len(rho),) * 2)
    _set_thresholds(bread, codes, single, used)
    _set_correlations(bread, tables * double, bounds, rho, used)
    np.fill_diagonal(bread[-len(rho) :, -len(rho) :], (tables * double**2).sum(axis=(1, 2)))
    middle = np.zeros_like(bread)
    for scores in _rows(codes, single, double, used):
        middle += scores.T @ scores
    inverse = np.linalg.inv(bread)
    return inverse @ middle @ inverse.T


def _rows(codes: Codes, single: Array, double: Array, used: NDArray[np.bool_]) -> Iterator[Array]:
    """Yield the scores of some rows at a time, shape (b, t + p)."""
    first, second = np.triu_indices(codes.shape[1], 1)
    single = np.pad(single, ((0, 0), (0, 1), (0, 0)))  # code -1 finds the zeros at the end
    double = np.pad(double, ((0, 0), (0, 1), (0, 1)))
    item, pair = np.arange(codes.shape[1]), np.arange(len(first))
    for start in range(0, len(codes), _BLOCK):
        code = codes[start : start + _BLOCK]
        yield np.hstack([single[item, code][:, used], double[pair, code[:, first], code[:, second]]])


def _set_thresholds(bread: Array, codes: Codes, single: Array, used: NDArray[np.bool_]) -> None:
    """Write A11."""
    position = _position(used)
    for j, item in enumerate(codes.T):
        own = single[j][:, used[j]]
        counts = np.bincount(item[item >= 0], minlength=len(own))
        bread[np.ix_(position[j, used[j]], position[j, used[j]])] = (own.T * counts) @ own


def _set_correlations(
    bread: Array, weighted: Array, bounds: Array, rho: Array, used: NDArray[np.bool_]
) -> None:
    """Write A21 from the tables times the scores of their correlations, shape (p, c, c)."""
    first, second = np.triu_indices(len(bounds), 1)
    rows = np.einsum("pab,pabm->pm", weighted, _joint_scores(bounds[first], bounds[second], rho))
    columns = np.einsum("pab,pbam->pm", weighted, _joint_scores(bounds[second], bounds[first], rho))
    position, below = _position(used), used.sum()
    for item, products in ((first, rows), (second, columns)):
        pair, threshold = np.nonzero(used[item])
        bread[below + pair, position[item[pair], threshold]] = products[pair, threshold]


def _position(used: NDArray[np.bool_]) -> Codes:
    """Return the place of each threshold among those that there are."""
    return np.cumsum(used).reshape(used.shape) - 1


# ── derivatives of log probabilities ─────────────────────────────────────────────────────────────────────


def _threshold_scores(bounds: Array) -> Array:
    """Return those of an item's categories in its thresholds, shape (k, c, c - 1)."""
    probability = np.diff(ndtr(bounds), axis=1, prepend=0).clip(_TINY)
    return _sides(bounds.shape[1]) * _density(bounds[:, None, :-1]) / probability[:, :, None]


def _correlation_scores(bounds: Array, rho: Array) -> Array:
    """Return those of the cells of two items' tables in their correlation, shape (p, c, c)."""
    first, second = np.triu_indices(len(bounds), 1)
    h, k, r = bounds[first][:, :, None], bounds[second][:, None, :], rho[:, None, None]
    return rectangles(bivariate_density(h, k, r)) / rectangles(bivariate_cdf(h, k, r)).clip(_TINY)


def _joint_scores(h: Array, k: Array, rho: Array) -> Array:
    """Return those of the cells of two items' tables in the row item's thresholds, (p, c, c, c - 1)."""
    r = rho[:, None, None]
    h, k = h[:, :, None], k[:, None, :]
    strips = _density(h) * np.diff(ndtr((k - r * h) / np.sqrt(1 - r**2)), axis=2, prepend=0)
    cell = rectangles(bivariate_cdf(h, k, r)).clip(_TINY)
    return np.einsum("pmb,am->pabm", strips[:, :-1], _sides(h.shape[1])) / cell[..., None]


def _sides(c: int) -> Array:
    """Return 1 where a threshold is the upper bound of a category, -1 where it is the lower, (c, c - 1)."""
    return np.eye(c, c - 1) - np.eye(c, c - 1, k=-1)


def _density(z: Array) -> Array:
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
