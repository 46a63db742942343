"""Ordinary pieces of linear models that the other estimators share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, stats

__all__ = [
    "Wald",
    "check_design",
    "codes",
    "dependent_columns",
    "independent_columns",
    "joint_wald",
    "standardise",
    "whitened",
]

Array = NDArray[np.float64]

_DEPENDENT = 1e-12
"""A column is dependent when less than this share of its sum of squares is left by the columns before it."""


@dataclass(frozen=True, slots=True)
class Wald:
    """An F test that several coefficients are all zero.

    Attributes
    ----------
    statistic, pvalue : float
    df1, df2 : float
        Numerator and denominator degrees of freedom; `df2` may be infinite.
    """

    statistic: float
    df1: float
    df2: float
    pvalue: float


def joint_wald(coef: ArrayLike, covariance: ArrayLike, df: float) -> Wald:
    """Test that a set of coefficients is jointly zero.

    Parameters
    ----------
    coef : array_like, shape (q,)
    covariance : array_like, shape (q, q)
        Their estimated covariance.
    df : float
        Denominator degrees of freedom; ``inf`` gives the chi-square test divided by q.

    Returns
    -------
    Wald
        ``F = b' V^-1 b / q`` on (q, df) degrees of freedom.

    Raises
    ------
    ValueError
        If the covariance is singular, or the shapes do not agree.
    """
    b = np.atleast_1d(np.asarray(coef, float))
    v = np.atleast_2d(np.asarray(covariance, float))
    if v.shape != (b.size, b.size):
        raise ValueError(f"{b.size} coefficients need a covariance of that order, not of shape {v.shape}")
    if dependent := dependent_columns(v, of_gram=True):
        raise ValueError(f"the covariance is singular at positions {_listed(dependent)}")
    statistic = float(b @ np.linalg.solve(v, b)) / b.size
    law = stats.f(b.size, df) if np.isfinite(df) else stats.chi2(b.size, scale=1 / b.size)
    pvalue = float(law.sf(statistic))
    return Wald(statistic, float(b.size), float(df), pvalue)


def standardise(x: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """Centre columns and divide them by their standard deviation (divisor n - 1), NaN left aside.

    Parameters
    ----------
    x : array_like, shape (n,) or (n, k)
    weights : array_like, shape (n,), optional
        Weights of the mean and of the standard deviation (then with divisor sum of weights).

    Returns
    -------
    ndarray, same shape as `x`

    Raises
    ------
    ValueError
        If a column does not vary.
    """
    x = np.asarray(x, float)
    if weights is None:
        mean, sd = np.nanmean(x, axis=0), np.nanstd(x, axis=0, ddof=1)
    else:
        w = np.asarray(weights, float).reshape(-1, *[1] * (x.ndim - 1)) * ~np.isnan(x)
        mean = np.nansum(w * x, axis=0) / w.sum(axis=0)
        sd = np.sqrt(np.nansum(w * (x - mean) ** 2, axis=0) / w.sum(axis=0))
    flat = np.flatnonzero(~(np.atleast_1d(sd) > 1e-12 * np.maximum(1, np.abs(np.atleast_1d(mean)))))
    if flat.size:
        raise ValueError(f"no variation in column {_listed(flat)}")
    return (x - mean) / sd


def check_design(y: ArrayLike, X: ArrayLike) -> tuple[Array, Array]:
    """Return response and design as finite float arrays of matching length and full column rank.

    Raises
    ------
    ValueError
        Naming what is wrong: lengths, missing values, too few rows, or the linearly dependent columns.
    """
    y = np.asarray(y, float)
    X = np.asarray(X, float)
    X = X[:, None] if X.ndim == 1 else X
    if y.ndim != 1 or X.ndim != 2 or len(X) != len(y):
        raise ValueError(f"y of shape {y.shape} and X of shape {X.shape} do not belong together")
    if not np.isfinite(y).all():
        raise ValueError("y has missing or infinite values")
    if not np.isfinite(X).all():
        bad = np.flatnonzero(~np.isfinite(X).all(axis=0))
        raise ValueError(f"X has missing or infinite values in column {_listed(bad)}")
    if len(y) <= X.shape[1]:
        raise ValueError(f"{len(y)} rows are too few for {X.shape[1]} coefficients")
    if dependent := dependent_columns(X):
        raise ValueError(f"X is collinear: column {_listed(dependent)} depends on the columns before it")
    return y, X


def independent_columns(*blocks: ArrayLike) -> Array:
    """Return the columns of all blocks side by side, those left out that earlier ones give.

    Parameters
    ----------
    *blocks : array_like, each of shape (n,) or (n, k)

    Returns
    -------
    ndarray, shape (n, p)
    """
    X = np.column_stack(blocks)
    return np.delete(X, dependent_columns(X), axis=1)


def dependent_columns(X: ArrayLike, *, of_gram: bool = False) -> list[int]:
    """Return the columns that are linear combinations of earlier ones (zero columns included).

    Parameters
    ----------
    X : array_like, shape (n, p)
        The matrix, or with `of_gram` its Gram matrix ``X'X`` of shape (p, p).

    Notes
    -----
    Cholesky elimination of the Gram matrix scaled to a unit diagonal: column j is dependent when the
    pivot, one minus the squared multiple correlation (about zero) with the kept columns before it,
    is below 1e-12.
    """
    X = np.asarray(X, float)
    gram = X if of_gram else X.T @ X
    size = np.sqrt(np.diag(gram).clip(0))
    rest = gram / np.outer(np.where(size > 0, size, 1), np.where(size > 0, size, 1))
    found = []
    for j in range(len(rest)):
        if rest[j, j] < _DEPENDENT:
            found.append(j)
        else:
            rest = rest - np.outer(rest[:, j], rest[j]) / rest[j, j]
    return found


def whitened(X: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """Return Q and T with ``Q = X T`` and ``Q' W Q = I``.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        Of full column rank, as `check_design` returns it.
    weights : ndarray, shape (n,), optional
        The diagonal of W.

    Returns
    -------
    Q : ndarray, shape (n, p)
    T : ndarray, shape (p, p)
        Upper triangular.

    Notes
    -----
    Cholesky factorisation of the Gram matrix, done twice for accuracy: Yamamoto, Nakatsukasa, Yanagisawa and
    Fukaya (2015), Electronic Transactions on Numerical Analysis 44, 306–326.
    """
    turn = np.diag(1 / np.sqrt(np.einsum("ij,ij->j", X, X)))
    for _ in range(2):
        q = X @ turn
        upper = linalg.cholesky(q.T @ (q if weights is None else weights[:, None] * q))
        turn = turn @ linalg.solve_triangular(upper, np.eye(X.shape[1]))
    return X @ turn, turn


def codes(labels: ArrayLike, n: int | None = None) -> tuple[NDArray[np.int64], NDArray]:
    """Return integer codes 0 … g-1 and the sorted labels of a grouping.

    Raises
    ------
    ValueError
        If a label is missing, or there are not `n` of them.
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ValueError("group labels must have one dimension")
    code, levels = pd.factorize(array, sort=True)
    if n is not None and len(code) != n:
        raise ValueError(f"{len(code)} group labels for {n} rows")
    if (code < 0).any():
        raise ValueError("a group label is missing")
    return code.astype(np.int64), np.asarray(levels)


def _listed(positions: ArrayLike) -> str:
    return ", ".join(str(int(i)) for i in np.atleast_1d(positions))
