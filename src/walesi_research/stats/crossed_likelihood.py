"""The profiled likelihood of crossed random intercepts, exact and sparse.

The model is ``y = X beta + sum_k Z_k b_k + e`` with ``b_k ~ N(0, v_k I)`` and ``e ~ N(0, s I)``. In terms of
``theta_k = sqrt(v_k / s)`` the deviance, profiled over beta and s, needs only the Cholesky factor of ::

    [ T Z'Z T + I    T Z'X    T Z'y ]
    [     X'Z T       X'X      X'y  ]          T = diag(theta) by level
    [     y'Z T       y'X      y'y  ]

(Bates, Mächler, Bolker and Walker 2015, Journal of Statistical Software 67(1), eq. 34–42; Bates and DebRoy
2004, Journal of Multivariate Analysis 91, 1–17). The block of the factor with most levels is diagonal and is
eliminated by hand. What is left of the other factors is as sparse as who shares a level of the first with
whom, and is factorised by `fronts`: raters who rate in districts of their own cost what their districts cost.
Fixed effects and response come last and are dense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, sparse

from .fronts import Factor, Plan, plan
from .regression import codes, whitened

__all__ = [
    "Errors", "Factorised", "System", "errors", "factorise", "gradient", "reduce", "residual_sums", "spread",
]  # fmt: skip

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


# ── the data, reduced once to sums by level ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class System:
    """What the likelihood needs of the data. Factor 0, with most levels if not told, is eliminated by hand.

    The columns of `sums` and `corner` are the p fixed effects and the response. Fixed effects are whitened
    (``X'X = I``), the response is what least squares on them leaves.

    Attributes
    ----------
    order : tuple of str
        Factors, the one eliminated first, then by falling number of levels.
    levels : mapping of str to ndarray
        Labels of each factor's levels.
    counts : ndarray, shape (levels of factor 0,)
        Rows of each level of factor 0.
    cross : sparse array, shape (levels of factor 0, q)
        Rows in common with each level of the other factors.
    sums : ndarray, shape (levels of factor 0, p + 1)
        Sums of fixed effects and response by level of factor 0.
    corner : ndarray, shape (q, p + 1)
        The same by level of the other factors.
    dense : ndarray, shape (p + 1, p + 1)
        Their products.
    cells : Cells
        Pairs of the other factors' levels that meet in a level of factor 0.
    plan : Plan
        How the matrix of these cells is factorised.
    owner : ndarray of int, shape (q,)
        Factor, by its place in `order`, of each of the q columns.
    whiten : ndarray, shape (p, p)
        Whitened fixed effects are ``X @ whiten``.
    start : ndarray, shape (p,)
        Least-squares coefficients.
    n : int
    reml : bool
    """

    order: tuple[str, ...]
    levels: Mapping[str, NDArray]
    counts: Array
    cross: sparse.csr_array
    sums: Array
    corner: Array
    dense: Array
    cells: Cells
    plan: Plan
    owner: Codes
    whiten: Array
    start: Array
    n: int
    reml: bool

    @property
    def q(self) -> int:
        """Levels of all factors but the first."""
        return len(self.owner)

    @property
    def p(self) -> int:
        """Fixed effects."""
        return len(self.start)

    @property
    def dof(self) -> int:
        """What the residual sum of squares is divided by: n, or n - p with REML."""
        return self.n - self.p if self.reml else self.n

    def by_factor(self, values: Array) -> Array:
        """Return sums over the levels of each factor but the first; `values` has one entry a level."""
        return np.bincount(self.owner - 1, values, len(self.order) - 1).astype(float)


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells (first column, second column), the first not after the second, of ``cross' W cross``.

    A pair is two nonzeros of one row of `cross`; pairs with the same two columns fall into one cell.

    Attributes
    ----------
    first, second : ndarray of int, shape (cells,)
    own : ndarray, shape (cells,)
        Entries of ``Z'Z`` of the other factors.
    row, cell : ndarray of int, shape (pairs,)
        Row and cell of each pair.
    value : ndarray, shape (pairs,)
        Product of the two nonzeros.
    """

    first: Codes
    second: Codes
    own: Array
    row: Codes
    cell: Codes
    value: Array

    @property
    def diagonal(self) -> Codes:
        """Cells of the diagonal, in order of column."""
        return np.flatnonzero(self.first == self.second)

    def eliminated(self, weight: Array) -> Array:
        """Return the entries of ``cross' diag(weight) cross``, shape (cells,)."""
        return np.bincount(self.cell, self.value * weight[self.row], len(self.first))

    def spread(self, entries: Array, rows: int) -> Array:
        """Return ``c' A c`` for each row c of `cross`, A symmetric with these entries."""
        doubled = np.where(self.first == self.second, entries, 2 * entries)
        return np.bincount(self.row, self.value * doubled[self.cell], rows).astype(float)


def reduce(
    y: Array, X: Array, factors: Mapping[str, ArrayLike], reml: bool, first: str | None = None
) -> System:
    """Return the sums that the likelihood needs; raises ValueError for factors that cannot be estimated.

    `first` names the factor to eliminate by hand, by default the one with most levels.
    """
    coded = {name: codes(labels, len(y)) for name, labels in factors.items()}
    _check_levels(coded, len(y))
    order = tuple(sorted(coded, key=lambda name: (name != first, -len(coded[name][1]))))
    alone, *others = (_indicators(*coded[name]) for name in order)
    start, whiten, dense = _least_squares(y, X)
    rest = sparse.hstack(others, format="csr") if others else sparse.csr_array((len(y), 0))
    cross = sparse.csr_array(alone.T @ rest)
    cross.sort_indices()
    cells = _cells(cross, rest)
    return System(
        order=order,
        levels={name: levels for name, (_, levels) in coded.items()},
        counts=np.asarray(alone.sum(axis=0)).ravel(),
        cross=cross,
        sums=alone.T @ dense,
        corner=rest.T @ dense,
        dense=dense.T @ dense,
        cells=cells,
        plan=plan(rest.shape[1], cells.first, cells.second),
        owner=np.repeat(np.arange(1, len(order)), [z.shape[1] for z in others]),
        whiten=whiten,
        start=start,
        n=len(y),
        reml=reml,
    )


def _check_levels(coded: Mapping[str, tuple[Codes, NDArray]], n: int) -> None:
    for name, (_, levels) in coded.items():
        if len(levels) < 2:
            raise ValueError(f"factor {name!r} has one level only")
        if len(levels) == n:
            raise ValueError(f"factor {name!r} has as many levels as there are rows")


def _indicators(code: Codes, levels: NDArray) -> sparse.csr_array:
    n = len(code)
    return sparse.csr_array((np.ones(n), code, np.arange(n + 1)), shape=(n, len(levels)))


def _least_squares(y: Array, X: Array) -> tuple[Array, Array, Array]:
    """Return coefficients, the whitening matrix, and the columns [whitened X, residual]."""
    white, whiten = whitened(X)
    start = whiten @ (white.T @ y)
    start += whiten @ (white.T @ (y - X @ start))  # once more, for a response far from zero
    residual = y - X @ start
    if residual @ residual <= 1e-24 * (y @ y):
        raise ValueError("the fixed effects fit the response exactly: no variance is left")
    return start, whiten, np.column_stack([white, residual])


def _cells(cross: sparse.csr_array, rest: sparse.csr_array) -> Cells:
    length = np.diff(cross.indptr)
    position = np.arange(cross.nnz)
    partners = np.repeat(cross.indptr[1:], length).astype(np.int64) - position
    one = np.repeat(position, partners)
    other = one + np.arange(len(one)) - np.repeat(np.cumsum(partners) - partners, partners)
    q = cross.shape[1]
    key = cross.indices[one].astype(np.int64) * q + cross.indices[other]
    kept, cell = _distinct(key, q * q)
    own = sparse.coo_array(sparse.triu(rest.T @ rest))
    value = np.zeros(len(kept))
    value[np.searchsorted(kept, own.row.astype(np.int64) * q + own.col)] = own.data
    row = np.repeat(np.arange(cross.shape[0]), length)[one]
    return Cells(kept // max(q, 1), kept % max(q, 1), value, row, cell, cross.data[one] * cross.data[other])


def _distinct(key: Codes, bound: int) -> tuple[Codes, Codes]:
    """Return sorted distinct keys, all below `bound`, and the place of each key among them."""
    if bound > 8 * len(key) + 1000:
        return np.unique(key, return_inverse=True)
    seen = np.zeros(bound, bool)
    seen[key] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[key]


# ── one evaluation ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Factorised:
    """The Cholesky factor at one theta.

    Attributes
    ----------
    theta : ndarray, shape (factors,)
    diagonal : ndarray, shape (levels of factor 0,)
        ``1 + theta_0² counts``.
    scale : ndarray, shape (q,)
        Theta of each level of the other factors.
    factor : Factor
        Of the other factors' block.
    above : ndarray, shape (q, p + 1)
        The factor's rows over fixed effects and response.
    upper : ndarray, shape (p + 1, p + 1)
        Its corner of fixed effects and response.
    modes : ndarray, shape (q,)
        Conditional modes of the other factors.
    fixed : ndarray, shape (p,)
        Whitened fixed effects.
    rss : float
        Penalised residual sum of squares.
    """

    theta: Array
    diagonal: Array
    scale: Array
    factor: Factor
    above: Array
    upper: Array
    modes: Array
    fixed: Array
    rss: float

    def deviance(self, system: System) -> float:
        """Return minus twice the profiled log-likelihood (restricted, if the system is)."""
        dof = system.dof
        value = np.log(self.diagonal).sum() + self.factor.logdet()
        value += dof * (1 + np.log(2 * np.pi * self.rss / dof))
        if system.reml:
            value += 2 * np.log(np.diag(self.upper)[:-1]).sum() - 2 * np.linalg.slogdet(system.whiten)[1]
        return float(value)


def factorise(system: System, theta: Array) -> Factorised:
    """Return the factor at `theta`, shape (factors,), none negative."""
    cells, diagonal = system.cells, 1 + theta[0] ** 2 * system.counts
    weight = theta[0] ** 2 / diagonal
    scale = theta[system.owner]
    entries = (cells.own - cells.eliminated(weight)) * scale[cells.first] * scale[cells.second]
    entries[cells.diagonal] += 1
    factor = system.plan.factor(entries)
    weighted = weight[:, None] * system.sums
    above = factor.forward(scale[:, None] * (system.corner - system.cross.T @ weighted))
    upper = linalg.cholesky(system.dense - system.sums.T @ weighted - above.T @ above, check_finite=False)
    fixed = linalg.solve_triangular(upper[:-1, :-1], upper[:-1, -1], check_finite=False)
    left = above[:, -1:] - above[:, :-1] @ fixed[:, None]
    modes = scale * factor.backward(left)[:, 0]
    return Factorised(theta, diagonal, scale, factor, above, upper, modes, fixed, float(upper[-1, -1] ** 2))


@dataclass(frozen=True, slots=True)
class Errors:
    """Covariance, over s, of the errors of the other factors' modes and of the whitened fixed effects.

    ``[ inner + gain gain'   -gain root' ]``
    ``[    -root gain'        root root' ]``, where without fixed effects gain and root have no columns.

    Attributes
    ----------
    inner : ndarray, shape (cells,)
        Given the fixed effects; the entries that the data's own cells need.
    gain : ndarray, shape (q, p)
    root : ndarray, shape (p, p)
    """

    inner: Array
    gain: Array
    root: Array

    def variance(self, system: System) -> Array:
        """Return the variances of the modes' errors, shape (q,)."""
        return self.inner[system.cells.diagonal] + np.einsum("ij,ij->i", self.gain, self.gain)


def errors(system: System, f: Factorised, *, fixed: bool) -> Errors:
    """Return the errors' covariance, or without `fixed` what it is given the fixed effects."""
    cells, p = system.cells, system.p if fixed else 0
    root = linalg.solve_triangular(f.upper[:p, :p], np.eye(p), check_finite=False)
    gain = f.scale[:, None] * f.factor.backward(f.above[:, :p] @ root)
    inner = f.factor.inverse_entries() * f.scale[cells.first] * f.scale[cells.second]
    return Errors(inner, gain, root)


def spread(system: System, covariance: Errors) -> Array:
    """Return ``c' covariance c`` for each level of factor 0, c being its row of [cross, sums]."""
    p = len(covariance.root)
    through = system.sums[:, :p] @ covariance.root - system.cross @ covariance.gain
    inner = system.cells.spread(covariance.inner, len(system.counts))
    return inner + np.einsum("ij,ij->i", through, through)


def residual_sums(system: System, f: Factorised) -> Array:
    """Return the sums, by level of factor 0, of the residuals that all other effects leave."""
    return system.sums[:, -1] - system.cross @ f.modes - system.sums[:, :-1] @ f.fixed


def gradient(system: System, f: Factorised) -> Array:
    """Return the derivative of the profiled deviance in each theta², ``tr(Z'P Z) - |Z'P y|² / s``.

    For factors other than the first it is returned as zero where theta is zero.
    """
    covariance = errors(system, f, fixed=system.reml)
    sigma2 = f.rss / system.dof
    lost = spread(system, covariance) + residual_sums(system, f) ** 2 / sigma2
    own = np.sum(system.counts / f.diagonal - lost / f.diagonal**2)
    ratio = f.theta[1:] ** 2
    members = system.by_factor(np.ones(system.q))
    kept = system.by_factor(covariance.variance(system) + f.modes**2 / sigma2)
    positive = np.where(ratio > 0, ratio, 1)
    return np.concatenate([[own], np.where(ratio > 0, (members - kept / positive) / positive, 0.0)])
