"""Cluster-robust inference that holds with few or unequal clusters: CR2 errors and the wild bootstrap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import reduce
from itertools import chain, pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .regression import check_design, codes, whitened
from .wild import WildTest, wild_cluster

__all__ = ["RobustFit", "WildTest", "cr2", "wild_cluster"]

Array = NDArray[np.float64]

_ABSORBED = 1e-9
"""Eigenvalues of a cluster's residual operator below it are directions that the fit takes up wholly."""
_SEEN = 1e-6
"""A standard error that sees less than this share of a coefficient's variance is none."""
_CHUNK = 4_000_000
"""Numbers held at a time in a batch of small matrices (32 MB)."""


@dataclass(frozen=True, slots=True)
class RobustFit:
    """Least-squares coefficients with cluster-robust uncertainty.

    Attributes
    ----------
    coef, se, df : ndarray, shape (p,)
        Coefficients, CR2 standard errors, Satterthwaite degrees of freedom.
    low, high : ndarray, shape (p,)
        Confidence interval at `level`, from t with `df`.
    pvalue : ndarray, shape (p,)
        Two-sided, of coefficient zero.
    captured : ndarray, shape (p,)
        Share of a coefficient's variance, were errors equal and independent, that `se` can see: one, unless
        the fit hides errors by following a cluster wholly, as a dummy of one cluster does. Well below one the
        standard error is too small; at zero it is NaN.
    covariance : ndarray, shape (p, p)
    level : float
    n, groups : int
        Rows and clusters.
    """

    coef: Array
    se: Array
    df: Array
    low: Array
    high: Array
    pvalue: Array
    captured: Array
    covariance: Array = field(repr=False)
    level: float
    n: int
    groups: int


def cr2(
    y: ArrayLike,
    X: ArrayLike,
    groups: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    level: float = 0.95,
    columns: Sequence[int] | None = None,
) -> RobustFit:
    """Fit by (weighted) least squares with CR2 standard errors and Satterthwaite degrees of freedom.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        The constant included if there is to be one.
    groups : array_like, shape (n,)
        Cluster labels. Where every row is its own cluster the errors are HC2.
    weights : array_like, shape (n,), optional
        Positive weights of the rows.
    level : float
        Level of the intervals.
    columns : sequence of int, optional
        The columns of `X` to report, all by default. Leave dummies out that are only there to be held fixed:
        the degrees of freedom of each coefficient cost as much as its fit.

    Returns
    -------
    RobustFit

    Raises
    ------
    ValueError
        If `X` is collinear (its columns are named), a value or label is missing, a weight is not positive, or
        there is only one cluster.

    Notes
    -----
    With hat matrix H, weights W and a working model of equal, independent errors, ``B_g`` is the block of
    ``(I - H)(I - H)'`` of cluster g and ``A_g = B_g^(-1/2)``, zero where B_g is singular. The covariance is
    ``M [sum_g X_g'W_g A_g e_g e_g'A_g W_g X_g] M`` with ``M = (X'WX)^-1``: Bell and McCaffrey (2002), Survey
    Methodology 28, 169–181; Pustejovsky and Tipton (2018), Journal of Business & Economic Statistics 36,
    672–683. Degrees of freedom of coefficient c are ``tr(P)² / tr(P²)`` with ``P_gh = p_g'p_h`` and
    ``p_g = (I - H)_g' A_g W_g X_g M c``.

    As ``(I - H)(I - H)' = I + U K U'`` with ``U = X`` (or [X, WX]), a cluster of more rows than U has columns
    needs the decomposition of ``U_g'U_g`` only, and P is a diagonal matrix plus one of the rank of U: neither
    a large cluster's own matrix nor one of the order of the number of clusters is ever formed.
    """
    y, X = check_design(y, X)
    w = _weights(weights, len(y))
    group, labels = codes(groups, len(y))
    if len(labels) < 2:
        raise ValueError("robust errors need at least two clusters")
    white, turn = whitened(X, w)
    coef = turn @ (white.T @ (y if w is None else w * y))
    chosen = np.arange(X.shape[1]) if columns is None else np.asarray(columns)
    model = _working_model(white, w, turn[chosen].T)
    sums = _accumulate(model, y - X @ coef, group, len(labels))
    return _fit(coef[chosen], model, sums, level, len(y), len(labels))


def _fit(coef: Array, model: _WorkingModel, sums: _Sums, level: float, n: int, groups: int) -> RobustFit:
    covariance = model.wanted.T @ sums.meat @ model.wanted
    captured, df = sums.moments_of_variance(model)
    seen = captured > _SEEN
    se = np.where(seen, np.sqrt(np.diag(covariance)), np.nan)
    df = np.where(seen, df, np.nan)
    half = stats.t.ppf((1 + level) / 2, df) * se
    with np.errstate(divide="ignore"):
        pvalue = 2 * stats.t.sf(np.abs(coef / se), df)
    return RobustFit(coef, se, df, coef - half, coef + half, pvalue, captured, covariance, level, n, groups)


def _weights(weights: ArrayLike | None, n: int) -> Array | None:
    """Return weights with mean one, or None if there are none or they are all equal."""
    if weights is None:
        return None
    w = np.asarray(weights, float)
    if w.shape != (n,) or not np.isfinite(w).all() or (w <= 0).any():
        raise ValueError(f"weights must be {n} positive numbers")
    return None if np.ptp(w) <= 1e-12 * w.max() else w / w.mean()


@dataclass(frozen=True, slots=True)
class _WorkingModel:
    """The residual operator ``(I - H)(I - H)' = I + U kernel U'``, in whitened columns: ``X'WX = I``.

    Attributes
    ----------
    basis : ndarray, shape (n, q)
        U: X, or [X, WX] with weights.
    kernel : ndarray, shape (q, q)
    weighted : slice
        The columns of U that are WX.
    wanted : ndarray, shape (p, c)
        ``M c`` of each coefficient whose uncertainty is wanted.
    square : ndarray, shape (p, p)
        ``X'W²X``.
    """

    basis: Array
    kernel: Array
    weighted: slice
    wanted: Array
    square: Array


def _working_model(white: Array, w: Array | None, wanted: Array) -> _WorkingModel:
    p = white.shape[1]
    eye = np.eye(p)
    if w is None:
        return _WorkingModel(white, -eye, slice(0, p), wanted, eye)
    weighted = w[:, None] * white
    square = weighted.T @ weighted
    kernel = np.block([[square, -eye], [-eye, np.zeros((p, p))]])
    return _WorkingModel(np.column_stack([white, weighted]), kernel, slice(p, 2 * p), wanted, square)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over clusters; with ``a = A_g W_g X_g M c`` and ``t = U_g'a`` for each coefficient c.

    Attributes
    ----------
    meat : ndarray, shape (p, p)
        Scores by scores.
    own, own2 : ndarray, shape (c,)
        ``a'a`` and its square.
    outer, mixed : ndarray, shape (c, q, q)
        ``t t'`` and ``a'a t t'``.
    """

    meat: Array
    own: Array
    own2: Array
    outer: Array
    mixed: Array

    def plus(self, other: _Sums) -> _Sums:
        return _Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def moments_of_variance(self, model: _WorkingModel) -> tuple[Array, Array]:
        """Return ``tr(P)`` over the true variance, and ``tr(P)² / tr(P²)``, each of shape (c,).

        ``P = diag(a'a) + T kernel T'``; the true variance under the working model is ``c'M X'W²X M c``.
        """
        turned = model.kernel @ self.outer
        trace = self.own + np.einsum("cii->c", turned)
        square = self.own2 + 2 * np.einsum("ij,cji->c", model.kernel, self.mixed)
        square += np.einsum("cij,cji->c", turned, turned)
        truth = np.einsum("ic,ij,jc->c", model.wanted, model.square, model.wanted)
        with np.errstate(divide="ignore", invalid="ignore"):
            return trace / truth, trace**2 / square


def _accumulate(model: _WorkingModel, residual: Array, group: NDArray[np.int64], count: int) -> _Sums:
    size = np.bincount(group, minlength=count)[group]
    rows = np.argsort(group, kind="stable")
    columns = model.basis.shape[1]
    small = [m for m in np.unique(size) if m <= columns]
    parts = [_small_clusters(model, residual, rows[size[rows] == m].reshape(-1, m)) for m in small]
    parts.append(_large_clusters(model, residual, rows[size[rows] > columns], group))
    return reduce(_Sums.plus, chain(*parts))


def _small_clusters(model: _WorkingModel, residual: Array, rows: NDArray[np.int64]) -> Iterator[_Sums]:
    """Yield sums over clusters of m rows each, `rows` of shape (G, m): ``A_g`` itself is the small matrix."""
    m = rows.shape[1]
    step = max(1, _CHUNK // (m * model.basis.shape[1] + model.basis.shape[1] * model.wanted.shape[1]))
    for chunk in (rows[i : i + step] for i in range(0, len(rows), step)):
        u = model.basis[chunk]
        adjust = _inverse_root(np.eye(m) + u @ model.kernel @ u.swapaxes(1, 2))
        own_columns = u[:, :, model.weighted]
        score = (own_columns.swapaxes(1, 2) @ (adjust @ residual[chunk][:, :, None]))[:, :, 0]
        a = adjust @ (own_columns @ model.wanted)
        yield _summed(score, np.einsum("gmc,gmc->gc", a, a), u.swapaxes(1, 2) @ a)


def _large_clusters(
    model: _WorkingModel, residual: Array, rows: NDArray[np.int64], group: NDArray[np.int64]
) -> Iterator[_Sums]:
    """Yield sums over clusters of more rows than columns; `rows` are in order of cluster."""
    bounds = np.append(np.flatnonzero(np.diff(group[rows], prepend=-1)), len(rows))
    step = max(1, _CHUNK // model.basis.shape[1] ** 2)
    for i in range(0, len(bounds) - 1, step):
        within = bounds[i : i + step + 1]
        chunk = rows[within[0] : within[-1]]
        yield _cluster_sums(model, model.basis[chunk], residual[chunk], within - within[0])


def _cluster_sums(model: _WorkingModel, basis: Array, residual: Array, bounds: NDArray[np.int64]) -> _Sums:
    """Return sums over clusters; `bounds` are the first rows of each and the end of the last."""
    gram = np.stack([basis[a:b].T @ basis[a:b] for a, b in pairwise(bounds)])
    moment = np.add.reduceat(basis * residual[:, None], bounds[:-1])
    root, once, twice = _adjusted(gram, model.kernel)
    part = model.weighted
    score = np.einsum("gij,gj->gi", root, moment)[:, part]
    own = np.einsum("ic,gic->gc", model.wanted, twice[:, part, part] @ model.wanted)
    return _summed(score, own, once[:, :, part] @ model.wanted)


def _adjusted(gram: Array, kernel: Array) -> tuple[Array, Array, Array]:
    """Return, for clusters g with ``S = U_g'U_g``, what ``A_g = (I + U_g kernel U_g')^(-1/2)`` does to U_g.

    The first, F, gives ``U_g'A_g e = F U_g'e`` for residuals e; the others are ``U_g'A_g U_g`` and
    ``U_g'A_g² U_g``. All follow from ``U_g = Q R`` with ``R = D^(1/2) V'`` of ``S = V D V'``, for then
    ``A_g = I + Q (f(I + R kernel R') - I) Q'``, f the inverse square root.
    """
    value, vector = np.linalg.eigh(gram)
    kept = value > 1e-13 * value[:, -1:]
    root = np.sqrt(np.where(kept, value, 0.0))[:, :, None]
    r = root * vector.swapaxes(1, 2)
    inverse_r = np.divide(vector.swapaxes(1, 2), root, out=np.zeros_like(r), where=root > 0)
    half = _inverse_root(np.eye(gram.shape[1]) + r @ kernel @ r.swapaxes(1, 2))
    left = r.swapaxes(1, 2) @ half
    return left @ inverse_r, left @ r, left @ left.swapaxes(1, 2)


def _inverse_root(matrices: Array) -> Array:
    """Return symmetric inverse square roots, zero in the directions that the fit takes up wholly."""
    value, vector = np.linalg.eigh(matrices)
    power = np.where(value > _ABSORBED, value.clip(_ABSORBED) ** -0.5, 0.0)
    return (vector * power[:, None, :]) @ vector.swapaxes(1, 2)


def _summed(score: Array, own: Array, t: Array) -> _Sums:
    """Return sums over clusters of scores (G, p), a'a (G, c) and t (G, q, c)."""
    across = np.ascontiguousarray(t.transpose(2, 1, 0))
    outer = across @ across.swapaxes(1, 2)
    mixed = (across * own.T[:, None, :]) @ across.swapaxes(1, 2)
    return _Sums(score.T @ score, own.sum(axis=0), (own**2).sum(axis=0), outer, mixed)
