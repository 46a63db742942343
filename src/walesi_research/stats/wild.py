"""The wild cluster bootstrap: tests that hold with a handful of clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .regression import check_design, codes

__all__ = ["WildTest", "wild_cluster"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WildTest:
    """A wild cluster bootstrap test of one coefficient.

    Attributes
    ----------
    estimate, se, statistic : float
        Least-squares coefficient, its CR1 standard error, and t of the null.
    pvalue : float
        Share of sign vectors whose absolute t is at least the one observed, itself included.
    pvalue_strict : float
        Share whose absolute t is larger; zero where none is.
    low, high : float
        The nulls not rejected at `level`; infinite where there are too few clusters to reject any.
    level, null : float
    vectors : int
        Sign vectors the p-value rests on.
    enumerated : bool
        Whether these are all there are.
    groups : int
        Clusters.
    """

    estimate: float
    se: float
    statistic: float
    pvalue: float
    pvalue_strict: float
    low: float
    high: float
    level: float
    null: float
    vectors: int
    enumerated: bool
    groups: int


def wild_cluster(
    y: ArrayLike,
    X: ArrayLike,
    groups: ArrayLike,
    coefficient: int,
    null: float = 0.0,
    *,
    level: float = 0.95,
    interval: bool = True,
    enumerate_up_to: int = 12,
    draws: int = 9_999,
    rng: np.random.Generator | None = None,
) -> WildTest:
    """Test a coefficient by the restricted wild cluster bootstrap-t with Rademacher signs.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        The constant included if there is to be one.
    groups : array_like, shape (n,)
        Cluster labels.
    coefficient : int
        Column of `X` that is tested.
    null : float
        Its value under the null hypothesis.
    level : float
        Level of the interval, made of the nulls that are not rejected.
    interval : bool
        Whether to look for it; else its ends are NaN.
    enumerate_up_to : int
        With at most so many clusters all ``2^G`` sign vectors are used and nothing is random.
    draws : int
        Sign vectors drawn with more clusters.
    rng : numpy.random.Generator, optional
        Needed with more clusters.

    Returns
    -------
    WildTest

    Raises
    ------
    ValueError
        As `cr2`; if there are more clusters than are enumerated and no `rng`; or if the fit follows the
        clusters so closely that the coefficient has no standard error.

    Notes
    -----
    Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90, 414–427; the null is imposed
    and t is CR1. The bootstrap t of a sign vector v needs only ``v'a`` and ``(diag(a) - B C')v``, with
    matrices of one row a cluster that are linear in the null, so that the interval costs little more than
    the test. With G clusters no p-value is below ``2^(1-G)``: five clusters or fewer reject nothing at 5 %.
    """
    y, X = check_design(y, X)
    group, labels = codes(groups, len(y))
    if len(labels) < 2:
        raise ValueError("robust errors need at least two clusters")
    parts = _wild_parts(y, X, group, coefficient)
    enumerated = len(labels) <= enumerate_up_to
    signs = _all_signs(len(labels)) if enumerated else _drawn_signs(len(labels), draws, rng)
    t = parts.statistics(signs, null)
    low, high = _inverted(parts, signs, 1 - level) if interval else (np.nan, np.nan)
    return WildTest(
        estimate=parts.estimate,
        se=parts.se,
        statistic=float(t[0]),
        pvalue=_share(t, strict=False),
        pvalue_strict=_share(t, strict=True),
        low=low,
        high=high,
        level=level,
        null=null,
        vectors=2 * len(signs) if enumerated else len(signs),
        enumerated=enumerated,
        groups=len(labels),
    )


@dataclass(frozen=True, slots=True)
class _WildParts:
    """Sums by cluster, linear in the null r.

    Restricted residuals ``u(r)`` give the numerators ``a = a0 - r a1`` (the tested column net of the others,
    over its sum of squares, times u) and the moments ``C = c0 - r c1`` with an orthonormal basis of the
    design; `b` are the moments of the tested column with that basis.
    """

    a0: Array
    a1: Array
    c0: Array
    c1: Array
    b: Array
    factor: float
    estimate: float
    se: float

    def statistics(self, signs: Array, null: float) -> Array:
        """Return the t statistic of each sign vector, shape (D,); the first vector is that of the data."""
        a = self.a0 - null * self.a1
        scores = signs * a - (signs @ (self.c0 - null * self.c1)) @ self.b.T
        with np.errstate(divide="ignore", invalid="ignore"):
            return (signs @ a) / np.sqrt(self.factor * np.einsum("dg,dg->d", scores, scores))


def _wild_parts(y: Array, X: Array, group: NDArray[np.int64], coefficient: int) -> _WildParts:
    n, p = X.shape
    q, _ = np.linalg.qr(np.column_stack([np.delete(X, coefficient, axis=1), X[:, coefficient]]))
    others, own = q[:, :-1], q[:, -1]
    length = own @ X[:, coefficient]  # of the tested column net of the others
    residual = y - others @ (others.T @ y)
    residual -= others @ (others.T @ residual)
    sums = partial(_sums_by, group)
    a0, a1 = sums(own * residual) / length, sums(own * own)
    count = len(a0)
    estimate = float(own @ residual / length)
    factor = count / (count - 1) * (n - 1) / (n - p)
    left = residual - own * (own @ residual)
    se = float(np.sqrt(factor * np.sum((sums(own * left) / length) ** 2)))
    size = np.linalg.norm(left)
    if size <= 1e-12 * np.linalg.norm(y) or se <= 1e-9 * size / abs(length):
        raise ValueError(f"the fit leaves no error by which to judge column {coefficient}")
    return _WildParts(
        a0=a0,
        a1=a1,
        c0=sums(q * residual[:, None]),
        c1=sums(q * own[:, None]) * length,
        b=sums(q * own[:, None]) / length,
        factor=factor,
        estimate=estimate,
        se=se,
    )


def _sums_by(group: NDArray[np.int64], columns: Array) -> Array:
    if columns.ndim == 1:
        return np.bincount(group, columns)
    return np.column_stack([np.bincount(group, column) for column in columns.T])


def _all_signs(count: int) -> Array:
    """Return one of each pair of opposite sign vectors (their t differ in sign only), the data's first."""
    bits = np.arange(1 << (count - 1))[:, None] >> np.arange(count) & 1
    return 1.0 - 2.0 * bits


def _drawn_signs(count: int, draws: int, rng: np.random.Generator | None) -> Array:
    if rng is None:
        raise ValueError(f"{count} clusters are too many to enumerate: a random generator is needed")
    return np.vstack([np.ones(count), rng.choice([-1.0, 1.0], size=(draws, count))])


def _share(t: Array, *, strict: bool) -> float:
    size, observed = np.abs(t), np.abs(t[0])
    return float(np.mean(size > observed * (1 + 1e-9) if strict else size >= observed * (1 - 1e-9)))


def _inverted(parts: _WildParts, signs: Array, alpha: float) -> tuple[float, float]:
    def rejected(null: float) -> bool:
        return _share(parts.statistics(signs, null), strict=False) <= alpha

    return _edge(rejected, parts.estimate, -parts.se), _edge(rejected, parts.estimate, parts.se)


def _edge(rejected: Callable[[float], bool], inside: float, step: float) -> float:
    """Return where rejection begins, going from `inside` by growing steps and then by halving."""
    for _ in range(40):
        outside = inside + step
        if rejected(outside):
            break
        inside, step = outside, 2 * step
    else:
        return float(np.copysign(np.inf, step))
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
    return float(outside)
