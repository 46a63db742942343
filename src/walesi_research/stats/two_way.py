"""Least squares with two sets of effects absorbed, and CR2 errors by the levels of the first.

The second set is solved for by a sparse factor of what the first leaves of it, so that dummies are never
formed: eight thousand raters of a hundred thousand employees take as little memory as their pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, stats
from scipy.sparse import csgraph

from .fronts import Factor, plan
from .regression import codes, dependent_columns, whitened

__all__ = ["TwoWayFit", "two_way"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_ABSORBED = 1e-9
"""Of a column or direction with less than this share of its size left, the effects absorb all."""
_CHUNK = 4_000_000
"""Numbers held at a time in a batch of small matrices (32 MB)."""
_WHOLE = 30_000_000
"""Clusters times columns up to which what clusters share through the second set enters the degrees of
freedom; with more of both these are in the thousands, and what is left out does not show."""


@dataclass(frozen=True, slots=True)
class TwoWayFit:
    """Coefficients with their uncertainty.

    Attributes
    ----------
    coef, se, df, low, high, pvalue : ndarray, shape (c,)
        Coefficients, CR2 errors by the first set, Satterthwaite degrees of freedom, interval at `level`, and
        two-sided p-value of zero.
    plain_se : ndarray, shape (c,)
        Errors as if all residuals were alike and independent.
    unscaled : ndarray, shape (c, c)
        Inverse of what is left of the columns' products, by columns reported.
    residual_df : int
        Rows less everything fitted.
    n, groups : int
    level : float
    """

    coef: Array
    se: Array
    df: Array
    low: Array
    high: Array
    pvalue: Array
    plain_se: Array
    unscaled: Array = field(repr=False)
    residual_df: int
    n: int
    groups: int
    level: float


def two_way(
    y: ArrayLike,
    X: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    columns: Sequence[int] = (0,),
    level: float = 0.95,
) -> TwoWayFit:
    """Fit y on X and an effect of every level of two groupings.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        Columns of which the effects leave nothing are left out, and those that earlier ones give.
    first, second : array_like, shape (n,)
        Labels; the first are also the clusters.
    columns : sequence of int
        The columns of X to report.
    level : float
        Level of the intervals.

    Returns
    -------
    TwoWayFit

    Raises
    ------
    ValueError
        If a column to report is absorbed, or no row is left to judge errors by.

    Notes
    -----
    As in `robust.cr2` with all dummies in X: errors and degrees of freedom are the same (Pustejovsky and
    Tipton 2018, Journal of Business & Economic Statistics 36, 672–683, theorem 2, for the first set; the
    second enters the residuals' covariance).
    """
    y, X = np.asarray(y, float), np.asarray(X, float)
    X = X[:, None] if X.ndim == 1 else X
    effects = _Effects.of(first, second, len(y))
    left = effects.residuals(np.column_stack([y, X]))
    kept, chosen = _kept(X, left[:, 1:], columns)
    white, turn = whitened(left[:, 1:][:, kept])
    inside = white.T @ left[:, 0]
    residual = left[:, 0] - white @ inside
    rows_left = len(y) - effects.size - white.shape[1]
    if rows_left < 1:
        raise ValueError("as many coefficients as rows: nothing is left to judge errors by")
    wanted = turn[chosen].T
    batches = list(_clusters(effects, white, residual, wanted))
    score, seen, through = (np.concatenate(part) for part in zip(*batches, strict=True))
    se = np.sqrt(np.sum(score**2, axis=0))
    df = _satterthwaite(seen, through)
    coef = wanted.T @ inside
    half = stats.t.ppf((1 + level) / 2, df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        pvalue = 2 * stats.t.sf(np.abs(coef / se), df)
    unscaled = wanted.T @ wanted
    plain = np.sqrt(residual @ residual / rows_left * np.diag(unscaled))
    return TwoWayFit(
        coef, se, df, coef - half, coef + half, pvalue, plain, unscaled, rows_left, len(y),
        effects.groups, level,
    )  # fmt: skip


def _kept(X: Array, left: Array, columns: Sequence[int]) -> tuple[Index, list[int]]:
    """Return the columns that something is left of, and where among them those to report stand."""
    size = np.sum((X - X.mean(axis=0)) ** 2, axis=0)
    some = np.flatnonzero(np.sum(left**2, axis=0) > _ABSORBED * np.maximum(size, 1e-300))
    kept = np.delete(some, dependent_columns(left[:, some])) if some.size else some
    if lost := [c for c in columns if c not in kept]:
        raise ValueError(f"the effects and earlier columns give column {lost[0]}")
    return kept, [int(np.flatnonzero(kept == c)[0]) for c in columns]


@dataclass(frozen=True, slots=True)
class _Effects:
    """Both sets: the first taken off by its means, the second by a factor of what that leaves.

    Attributes
    ----------
    first : ndarray of int, shape (n,)
    second : ndarray of int, shape (n,)
        Column of each row; -1 for one level of every connected part, which the others and the first give.
    groups, columns : int
    factor : Factor
    key, inverse : ndarray
        Places and entries of the inverse for pairs of columns that share a group.
    """

    first: Index
    second: Index
    groups: int
    columns: int
    factor: Factor
    key: Index
    inverse: Array

    @classmethod
    def of(cls, first: ArrayLike, second: ArrayLike, n: int) -> _Effects:
        a, firsts = codes(first, n)
        b, seconds = codes(second, n)
        b = _without_one_a_part(a, b, len(firsts), len(seconds))
        columns, has = int(b.max()) + 1, b >= 0
        pairs = sparse.csr_array((np.ones(has.sum()), (a[has], b[has])), shape=(len(firsts), columns))
        size = np.bincount(a)
        shared = sparse.triu(pairs.T @ sparse.diags_array(1 / size) @ pairs).tocoo()
        rows, cols = shared.coords
        order = np.lexsort((cols, rows))
        rows, cols = rows[order].astype(np.int64), cols[order].astype(np.int64)
        own = np.where(rows == cols, np.bincount(b[has], minlength=columns)[rows], 0)
        factor = plan(columns, rows, cols).factor(own - shared.data[order])
        return cls(
            a, b, len(firsts), columns, factor, rows * max(columns, 1) + cols, factor.inverse_entries()
        )

    @property
    def size(self) -> int:
        """Number of effects that can be told apart."""
        return self.groups + self.columns

    def residuals(self, Z: Array) -> Array:
        """Return columns without what the effects explain."""
        Z = self._off(Z)
        if not self.columns:
            return Z
        has = self.second >= 0
        sums = np.column_stack([np.bincount(self.second[has], z[has], self.columns) for z in Z.T])
        solved = np.vstack([self.factor.backward(self.factor.forward(sums)), np.zeros((1, Z.shape[1]))])
        return Z - self._off(solved[self.second])

    def _off(self, Z: Array) -> Array:
        size = np.bincount(self.first)
        means = np.column_stack([np.bincount(self.first, z) / size for z in Z.T])
        return Z - means[self.first]

    def blocks(self, rows: Index) -> Array:
        """Return what the second set explains of each cluster's rows, shape (G, m, m) for rows (G, m)."""
        g, m = rows.shape
        if not self.columns:
            return np.zeros((g, m, m))
        a, b = self.second[rows][:, :, None], self.second[rows][:, None, :]
        low, high = np.minimum(a, b), np.maximum(a, b)
        at = np.searchsorted(self.key, np.where(low < 0, 0, low * self.columns + high))
        full = np.where(low < 0, 0.0, self.inverse[at.clip(max=len(self.inverse) - 1)])
        full = full - full.mean(axis=1, keepdims=True)
        return full - full.mean(axis=2, keepdims=True)

    def by_second(self, rows: Index, values: Array) -> Array:
        """Return ``L^-1`` of values (G, m, c) summed by the second set, shape (G, columns, c)."""
        g, m, c = values.shape
        sums = np.zeros((g, self.columns + 1, c))
        np.add.at(sums, (np.repeat(np.arange(g), m), self.second[rows].ravel()), values.reshape(-1, c))
        flat = sums[:, :-1].transpose(1, 0, 2).reshape(self.columns, -1)
        return self.factor.forward(flat).reshape(self.columns, g, c).transpose(1, 0, 2)


def _without_one_a_part(a: Index, b: Index, firsts: int, seconds: int) -> Index:
    """Return columns of the second set, -1 for the first level of every connected part."""
    size = firsts + seconds
    graph = sparse.coo_array((np.ones(len(a)), (a, firsts + b)), shape=(size, size))
    _, part = csgraph.connected_components(graph, directed=False)
    _, lead = np.unique(part[firsts:], return_index=True)
    kept = np.ones(seconds, bool)
    kept[lead] = False
    return np.where(kept, np.cumsum(kept) - 1, -1)[b]


def _clusters(
    effects: _Effects, white: Array, residual: Array, wanted: Array
) -> Iterator[tuple[Array, Array, Array]]:
    """Yield, for batches of clusters: scores (G, c), variances seen (G, c), what is shared (G, s, c)."""
    size = np.bincount(effects.first)[effects.first]
    order = np.argsort(effects.first, kind="stable")
    width = white.shape[1] + effects.columns
    whole = effects.groups * width <= _WHOLE and effects.columns > 0
    for m in np.unique(size):
        members = order[size[order] == m].reshape(-1, m)
        step = max(1, _CHUNK // (m * (m + white.shape[1]) + (width if whole else 0)))
        for rows in (members[i : i + step] for i in range(0, len(members), step)):
            u = white[rows]
            covariance = np.eye(m) - 1 / m - effects.blocks(rows) - u @ u.swapaxes(1, 2)
            value, vector = np.linalg.eigh(covariance)
            power = np.where(value > _ABSORBED, value.clip(_ABSORBED) ** -0.5, 0.0)
            adjust = (vector * power[:, None, :]) @ vector.swapaxes(1, 2)
            turned = adjust @ (u @ wanted)
            score = np.einsum("gmc,gm->gc", turned, residual[rows])
            seen = np.einsum("gmc,gmc->gc", turned, covariance @ turned)
            through = u.swapaxes(1, 2) @ turned
            if whole:
                through = np.concatenate([through, effects.by_second(rows, turned)], axis=1)
            yield score, seen, through


def _satterthwaite(seen: Array, through: Array) -> Array:
    """Return ``tr(P)² / tr(P²)`` with ``P_gg = seen`` and ``P_gh = -through_g'through_h``, shape (c,)."""
    across = through.transpose(2, 0, 1)
    gram = across.swapaxes(1, 2) @ across
    cross = np.einsum("cij,cij->c", gram, gram) - np.sum(np.sum(across**2, axis=2) ** 2, axis=1)
    return seen.sum(axis=0) ** 2 / (np.sum(seen**2, axis=0) + cross)
