"""Polychoric correlations of ordered answers, by the two-step maximum-likelihood method."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from .bivariate_normal import FAR, bivariate_cdf, bivariate_density, rectangles
from .polychoric_covariance import polychoric_covariance

__all__ = ["Polychoric", "polychoric"]

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

_MANY = 20
"""An item with more distinct answers than that is not one of ordered categories."""
_TINY = 1e-100
"""Least probability of a cell."""
_EDGE = 0.999
"""Correlations are sought between minus and plus this."""
_STEPS = 100
_TOLERANCE = 1e-11
"""A search has ended when its step in the correlation is shorter."""
_BLOCK = 4_096
"""Rows that are tabulated at a time."""


@dataclass(frozen=True)
class Polychoric:
    """Polychoric correlations of k items.

    Attributes
    ----------
    correlations : ndarray, shape (k, k)
    thresholds : tuple of ndarray
        Of each item, one fewer than its categories; standard normal quantiles of the cumulative shares.
    categories : tuple of ndarray
        The distinct answers to each item, rising.
    n : int
        Rows with at least one answer.
    pairs : ndarray of int, shape (k, k)
        Rows in which both items are answered.
    empty_cells : ndarray of int, shape (k, k)
        Cells of the two items' table that nobody is in; many of them make a correlation doubtful.
    at_bound : ndarray of bool, shape (k, k)
        Pairs whose likelihood rises all the way to a correlation of plus or minus one.
    """

    correlations: Array
    thresholds: tuple[Array, ...] = field(repr=False)
    categories: tuple[NDArray, ...] = field(repr=False)
    n: int
    pairs: NDArray[np.int64] = field(repr=False)
    empty_cells: NDArray[np.int64] = field(repr=False)
    at_bound: NDArray[np.bool_] = field(repr=False)
    _codes: Codes = field(repr=False)
    _tables: Array = field(repr=False)

    @cached_property
    def asymptotic_covariance(self) -> Array:
        """The covariance of ``sqrt(n)`` times the estimates, shape (t + p, t + p); computed when first asked.

        All t thresholds come first, item by item, then the ``p = k(k-1)/2`` correlations in the order of
        ``numpy.triu_indices(k, 1)``. Standard errors are ``sqrt(diag / n)``.
        See `polychoric_covariance`.
        """
        pair = np.triu_indices(len(self.thresholds), 1)
        rho = self.correlations[pair]
        return self.n * polychoric_covariance(self._codes, self._tables, _padded(self.thresholds), rho)


def polychoric(x: ArrayLike) -> Polychoric:
    """Return the polychoric correlations of items with ordered answers.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Numbers whose order is that of the categories; NaN where there is no answer. Thresholds use all
        answers to an item, a correlation all rows in which both items are answered.

    Returns
    -------
    Polychoric
        The matrix need not be positive definite, in small samples above all.

    Raises
    ------
    ValueError
        If there are fewer than two items, an item has one answer only or more than twenty different ones, or
        two items are never answered by the same person.

    Notes
    -----
    Thresholds are fixed by the margins; the correlation of two items then maximises the likelihood of their
    table (Olsson 1979, Psychometrika 44, 443–460, the two-step estimator), by Newton's method in a bracket
    that closes in on the root of the score. Empty cells stay empty, except in tables of two by two: there an
    empty cell would make the correlation plus or minus one, so that a half is added to it and to the one
    across, and taken from the others, which leaves the margins as they are (lavaan's ``zero.add``).
    """
    codes, categories = _coded(x)
    k = len(categories)
    pairs, tables = _tables(codes, [len(c) for c in categories])
    first, second = np.triu_indices(k, 1)
    _refuse_strangers(pairs, first, second)
    thresholds = tuple(_thresholds(codes[:, j], len(categories[j])) for j in range(k))
    bounds = _padded(thresholds)
    search = _Search(_without_empty_corners(tables, categories, first, second), bounds[first], bounds[second])
    rho = search.root()
    cells = np.array([len(c) for c in categories])
    empty = cells[first] * cells[second] - (tables > 0).sum(axis=(1, 2))
    return Polychoric(
        correlations=_square(rho, k) + np.eye(k),
        thresholds=thresholds,
        categories=categories,
        n=int((codes >= 0).any(axis=1).sum()),
        pairs=pairs,
        empty_cells=_square(empty, k),
        at_bound=_square(np.abs(rho) > _EDGE - 1e-6, k),
        _codes=codes,
        _tables=tables,
    )


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────


def _coded(x: ArrayLike) -> tuple[Codes, tuple[NDArray, ...]]:
    """Return the position of each answer among the item's categories, -1 where missing."""
    items = np.asarray(x, float)
    if items.ndim != 2 or items.shape[1] < 2:
        raise ValueError(f"a matrix of at least 2 items is needed, not shape {items.shape}")
    codes, categories = np.full(items.shape, -1), []
    for j, item in enumerate(items.T):
        given = ~np.isnan(item)
        found, position = np.unique(item[given], return_inverse=True)
        if not 2 <= len(found) <= _MANY:
            raise ValueError(f"item {j + 1} has {len(found)} different answers; 2 to {_MANY} are needed")
        codes[given, j] = position
        categories.append(found)
    return codes, tuple(categories)


def _tables(codes: Codes, cells: list[int]) -> tuple[NDArray[np.int64], Array]:
    """Return rows in common, shape (k, k), and the table of each pair of items, shape (pairs, c, c)."""
    k, c = codes.shape[1], max(cells)
    products = np.zeros((k * c, k * c))
    for first in range(0, len(codes), _BLOCK):
        indicator = (codes[first : first + _BLOCK, :, None] == np.arange(c)).reshape(-1, k * c).astype(float)
        products += indicator.T @ indicator
    tables = products.reshape(k, c, k, c).swapaxes(1, 2)
    first, second = np.triu_indices(k, 1)
    return tables.sum(axis=(2, 3)).astype(np.int64), tables[first, second]


def _refuse_strangers(pairs: NDArray[np.int64], first: Codes, second: Codes) -> None:
    alone = np.flatnonzero(pairs[first, second] == 0)
    if len(alone):
        i, j = first[alone[0]] + 1, second[alone[0]] + 1
        raise ValueError(f"nobody answered both item {i} and item {j}")


def _thresholds(code: Codes, cells: int) -> Array:
    counts = np.bincount(code[code >= 0], minlength=cells)
    return ndtri(counts.cumsum()[:-1] / counts.sum())


def _padded(thresholds: tuple[Array, ...]) -> Array:
    """Return the upper bounds of each item's categories, shape (k, c), far away from the last one on."""
    bounds = np.full((len(thresholds), max(map(len, thresholds)) + 1), FAR)
    for row, own in zip(bounds, thresholds, strict=True):
        row[: len(own)] = own
    return bounds


def _without_empty_corners(
    tables: Array, categories: tuple[NDArray, ...], first: Codes, second: Codes
) -> Array:
    """Return the tables with a half moved into the empty cells of those of two by two."""
    two = np.array([len(c) == 2 for c in categories])
    corner = tables[:, :2, :2]
    aligned, crossed = (np.einsum("paa->pa", corner), np.einsum("paa->pa", corner[:, :, ::-1]))
    to_aligned = np.where((aligned == 0).any(axis=1), 0.5, 0) - np.where((crossed == 0).any(axis=1), 0.5, 0)
    moved = np.where(two[first] & two[second], to_aligned, 0)[:, None, None] * np.array([[1, -1], [-1, 1]])
    out = tables.copy()
    out[:, :2, :2] += moved
    return out


def _square(values: NDArray, k: int) -> NDArray:
    """Return a symmetric matrix with the values of pairs off its diagonal and zeros on it."""
    out = np.zeros((k, k), values.dtype)
    out[np.triu_indices(k, 1)] = values
    return out + out.T


# ── the likelihood of a table ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Search:
    """Tables of pairs of items and the upper bounds of their categories, shapes (p, c, c), (p, c), (p, c)."""

    tables: Array
    h: Array
    k: Array

    def root(self) -> Array:
        """Return the correlation of each table at which its score vanishes, shape (p,)."""
        rho = self._start()
        low, high = np.full(len(rho), -_EDGE), np.full(len(rho), _EDGE)
        active = np.arange(len(rho))
        for _ in range(_STEPS):
            here = _Search(self.tables[active], self.h[active], self.k[active])
            score, curvature = here._derivatives(rho[active])
            low[active] = np.where(score > 0, rho[active], low[active])
            high[active] = np.where(score > 0, high[active], rho[active])
            moved = _newton(rho[active], score, curvature, low[active], high[active])
            step = np.abs(moved - rho[active])
            rho[active] = moved
            active = active[step > _TOLERANCE]
            if not len(active):
                break
        return rho

    def _start(self) -> Array:
        """Return product-moment correlations of the category numbers."""
        t = self.tables / self.tables.sum(axis=(1, 2), keepdims=True)
        number = np.arange(t.shape[1])
        rows, columns = t.sum(axis=2), t.sum(axis=1)
        mean = rows @ number, columns @ number
        spread = (rows @ number**2 - mean[0] ** 2) * (columns @ number**2 - mean[1] ** 2)
        product = np.einsum("pab,a,b->p", t, number, number) - mean[0] * mean[1]
        return np.clip(product / np.sqrt(np.where(spread > 0, spread, np.inf)), -0.9, 0.9)

    def _derivatives(self, rho: Array) -> tuple[Array, Array]:
        """Return the first and second derivative of the log-likelihood in the correlation, shape (p,)."""
        r, h, k = rho[:, None, None], self.h[:, :, None], self.k[:, None, :]
        density = bivariate_density(h, k, r)
        free = 1 - r**2
        bend = density * (r / free + ((1 + r**2) * h * k - r * (h**2 + k**2)) / free**2)
        cell = rectangles(bivariate_cdf(h, k, r)).clip(_TINY)
        slope = rectangles(density) / cell
        score = (self.tables * slope).sum(axis=(1, 2))
        return score, (self.tables * (rectangles(bend) / cell - slope**2)).sum(axis=(1, 2))


def _newton(rho: Array, score: Array, curvature: Array, low: Array, high: Array) -> Array:
    """Return Newton's next point, or the middle of the bracket where that falls outside it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = rho - score / curvature
    inside = (curvature < 0) & (moved > low) & (moved < high)
    return np.where(inside, moved, (low + high) / 2)
