"""The profiled likelihood of crossed random intercepts, exact and sparse.

The model is ``y = X beta + sum_k Z_k b_k + e`` with ``b_k ~ N(0, v_k I)`` and ``e ~ N(0, s I)``. In terms of
``theta_k = sqrt(v_k / s)`` the deviance, profiled over beta and s, needs only the Cholesky factor of ::

    [ T Z'Z T + I    T Z'X    T Z'y ]
    [     X'Z T       X'X      X'y  ]          T = diag(theta) by level
    [     y'Z T       y'X      y'y  ]

(Bates, Mächler, Bolker and Walker 2015, Journal of Statistical Software 67(1), eq. 34–42; Bates and DebRoy
2004, Journal of Multivariate Analysis 91, 1–17). The block of the factor with most levels is diagonal and is
eliminated by hand; what is left has the size of the other factors and is factorised densely. With one factor
nothing is left but the fixed effects, and an evaluation costs a pass over the groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, sparse

from .regression import codes, whitened

__all__ = ["Factorised", "System", "factorise", "gradient", "inverse", "reduce", "residual_sums", "spread"]

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


# ── the data, reduced once to sums by level ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class System:
    """What the likelihood needs of the data. Factor 0 is the one with most levels, eliminated by hand.

    The columns of `gram`, and of ``[cross, sums]``, are the q levels of the other factors, the p fixed
    effects and the response. Fixed effects are whitened (``X'X = I``), the response is what least squares on
    them leaves.

    Attributes
    ----------
    order : tuple of str
        Factors by falling number of levels.
    levels : mapping of str to ndarray
        Labels of each factor's levels.
    counts : ndarray, shape (levels of factor 0,)
        Rows of each level of factor 0.
    cross : sparse array, shape (levels of factor 0, q)
        Rows in common with each level of the other factors.
    sums : ndarray, shape (levels of factor 0, p + 1)
        Sums of fixed effects and response.
    gram : ndarray, shape (q + p + 1, q + p + 1)
    pairs : Pairs
        Of the nonzeros of `cross`.
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
    gram: Array
    pairs: Pairs
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
class Pairs:
    """Pairs of nonzeros within each row of a sparse matrix, the first not after the second.

    Attributes
    ----------
    row : ndarray of int
    cell : ndarray of int
        Position of (first column, second column) in the flattened matrix of columns by columns.
    value : ndarray
        Product of the two nonzeros.
    both : ndarray
        The same, doubled where the pair stands for its mirror image too.
    """

    row: Codes
    cell: Codes
    value: Array
    both: Array


def reduce(y: Array, X: Array, factors: Mapping[str, ArrayLike], reml: bool) -> System:
    """Return the sums that the likelihood needs; raises ValueError for factors that cannot be estimated."""
    coded = {name: codes(labels, len(y)) for name, labels in factors.items()}
    _check_levels(coded, len(y))
    order = tuple(sorted(coded, key=lambda name: -len(coded[name][1])))
    first, *others = (_indicators(*coded[name]) for name in order)
    start, whiten, dense = _least_squares(y, X)
    rest = sparse.hstack(others, format="csr") if others else sparse.csr_array((len(y), 0))
    cross = sparse.csr_array(first.T @ rest)
    cross.sort_indices()
    return System(
        order=order,
        levels={name: levels for name, (_, levels) in coded.items()},
        counts=np.asarray(first.sum(axis=0)).ravel(),
        cross=cross,
        sums=first.T @ dense,
        gram=_gram(rest, dense),
        pairs=_pairs(cross),
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


def _gram(rest: sparse.csr_array, dense: Array) -> Array:
    corner = rest.T @ dense
    return np.block([[(rest.T @ rest).toarray(), corner], [corner.T, dense.T @ dense]])


def _pairs(matrix: sparse.csr_array) -> Pairs:
    length = np.diff(matrix.indptr)
    position = np.arange(matrix.nnz)
    partners = np.repeat(matrix.indptr[1:], length).astype(np.int64) - position
    first = np.repeat(position, partners)
    second = first + np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners)
    a, b = matrix.indices[first].astype(np.int64), matrix.indices[second].astype(np.int64)
    value = matrix.data[first] * matrix.data[second]
    row = np.repeat(np.arange(matrix.shape[0]), length)[first]
    return Pairs(row, a * matrix.shape[1] + b, value, np.where(a == b, value, 2 * value))


# ── one evaluation ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Factorised:
    """The Cholesky factor at one theta.

    Attributes
    ----------
    theta : ndarray, shape (factors,)
    diagonal : ndarray, shape (levels of factor 0,)
        ``1 + theta_0² counts``.
    scale : ndarray, shape (q + p,)
        Theta of each column, one for fixed effects.
    upper : ndarray, shape (q + p + 1, q + p + 1)
        Factor of all but factor 0, the response last.
    solution : ndarray, shape (q + p,)
        Conditional modes of the other factors, then the whitened fixed effects.
    rss : float
        Penalised residual sum of squares.
    """

    theta: Array
    diagonal: Array
    scale: Array
    upper: Array
    solution: Array
    rss: float

    def deviance(self, system: System) -> float:
        """Return minus twice the profiled log-likelihood (restricted, if the system is)."""
        log = 2 * np.log(np.diag(self.upper))
        dof = system.dof
        value = np.log(self.diagonal).sum() + log[: system.q].sum()
        value += dof * (1 + np.log(2 * np.pi * self.rss / dof))
        if system.reml:
            value += log[system.q : -1].sum() - 2 * np.linalg.slogdet(system.whiten)[1]
        return float(value)


def factorise(system: System, theta: Array) -> Factorised:
    """Return the factor at `theta`, shape (factors,), none negative."""
    q, p = system.q, system.p
    diagonal = 1 + theta[0] ** 2 * system.counts
    matrix = system.gram - _eliminated(system, theta[0] ** 2 / diagonal)
    scale = np.concatenate([theta[system.owner], np.ones(p + 1)])
    matrix *= scale[:, None]
    matrix *= scale
    matrix[np.arange(q), np.arange(q)] += 1
    upper = linalg.cholesky(matrix, overwrite_a=True, check_finite=False)
    scale = scale[:-1]
    solution = scale * linalg.solve_triangular(upper[:-1, :-1], upper[:-1, -1], check_finite=False)
    return Factorised(theta, diagonal, scale, upper, solution, float(upper[-1, -1] ** 2))


def _eliminated(system: System, weight: Array) -> Array:
    """Return ``C' diag(weight) C``, C = [cross, sums]; of the block of `cross` the upper triangle only."""
    q, pairs = system.q, system.pairs
    out = np.empty_like(system.gram)
    out[:q, :q] = np.bincount(pairs.cell, pairs.value * weight[pairs.row], q * q).reshape(q, q)
    weighted = weight[:, None] * system.sums
    out[:q, q:] = system.cross.T @ weighted
    out[q:, :q] = out[:q, q:].T
    out[q:, q:] = system.sums.T @ weighted
    return out


def inverse(system: System, f: Factorised, *, fixed: bool) -> Array:
    """Return the covariance, over s, of the errors of the other factors' modes and of the fixed effects.

    The upper triangle only, shape (q + p, q + p); without `fixed`, given the fixed effects, shape (q, q).
    """
    size = system.q + system.p if fixed else system.q
    if size == 0:
        return np.zeros((0, 0))
    out, _ = linalg.lapack.dpotri(np.asfortranarray(f.upper[:size, :size]))
    out *= f.scale[:size, None]
    out *= f.scale[:size]
    return out


def spread(system: System, covariance: Array) -> Array:
    """Return ``c' covariance c`` for each level of factor 0, c being its row of [cross, sums].

    `covariance` is what `inverse` returns, its upper triangle.
    """
    q, pairs = system.q, system.pairs
    cells = covariance[:q, :q].ravel()[pairs.cell]
    out = np.bincount(pairs.row, pairs.both * cells, len(system.counts)).astype(float)
    fixed = system.sums[:, : len(covariance) - q]
    block = np.triu(covariance[q:, q:])
    out += np.einsum("ij,ij->i", fixed @ (block + np.triu(block, 1).T), fixed)
    return out + 2 * np.einsum("ij,ij->i", system.cross @ covariance[:q, q:], fixed)


def residual_sums(system: System, f: Factorised) -> Array:
    """Return the sums, by level of factor 0, of the residuals that all other effects leave."""
    others = system.cross @ f.solution[: system.q]
    return system.sums[:, -1] - others - system.sums[:, :-1] @ f.solution[system.q :]


def gradient(system: System, f: Factorised) -> Array:
    """Return the derivative of the profiled deviance in each theta², ``tr(Z'P Z) - |Z'P y|² / s``.

    For factors other than the first it is returned as zero where theta is zero.
    """
    covariance = inverse(system, f, fixed=system.reml)
    sigma2 = f.rss / system.dof
    lost = spread(system, covariance) + residual_sums(system, f) ** 2 / sigma2
    own = np.sum(system.counts / f.diagonal - lost / f.diagonal**2)
    ratio = f.theta[1:] ** 2
    members = system.by_factor(np.ones(system.q))
    kept = system.by_factor(np.diag(covariance)[: system.q] + f.solution[: system.q] ** 2 / sigma2)
    positive = np.where(ratio > 0, ratio, 1)
    return np.concatenate([[own], np.where(ratio > 0, (members - kept / positive) / positive, 0.0)])
