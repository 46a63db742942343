"""Estimates of several imputed data sets pooled into one, by Rubin's rules."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = ["Pooled", "pool"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pooled:
    """Coefficients pooled over m imputed data sets.

    Attributes
    ----------
    coef, se, df : ndarray, shape (p,)
        Mean estimates, their standard errors, Barnard–Rubin degrees of freedom.
    low, high : ndarray, shape (p,)
        Confidence interval at `level`, from t with `df`.
    pvalue : ndarray, shape (p,)
        Two-sided, of coefficient zero.
    within, between : ndarray, shape (p,)
        Mean variance within data sets, and variance of the estimates between them.
    increase : ndarray, shape (p,)
        Relative increase of the variance through what is missing (`riv`).
    missing_share : ndarray, shape (p,)
        Share of the variance that is due to what is missing (`lambda`).
    missing_information : ndarray, shape (p,)
        Fraction of missing information, with the degrees of freedom reckoned in (`fmi`).
    covariance : ndarray, shape (p, p)
        Total covariance; diagonal where only variances were given.
    level : float
    m : int
    """

    coef: Array
    se: Array
    df: Array
    low: Array
    high: Array
    pvalue: Array
    within: Array
    between: Array
    increase: Array
    missing_share: Array
    missing_information: Array
    covariance: Array = field(repr=False)
    level: float
    m: int


def pool(
    estimates: ArrayLike, covariances: ArrayLike, df: ArrayLike = np.inf, *, level: float = 0.95
) -> Pooled:
    """Pool the estimates of the same model in m imputed data sets.

    Parameters
    ----------
    estimates : array_like, shape (m, p)
    covariances : array_like, shape (m, p, p) or (m, p)
        Their covariance matrices, or variances.
    df : float or array_like, shape (p,)
        Degrees of freedom of the model were the data complete: one number, or one a coefficient as `cr2` has
        them.
    level : float

    Returns
    -------
    Pooled

    Raises
    ------
    ValueError
        If there are fewer than two data sets, shapes do not agree or a value is not finite.

    Notes
    -----
    ``T = W + (1 + 1/m) B`` with W the mean covariance and B the covariance of the estimates: Rubin (1987),
    Multiple Imputation for Nonresponse in Surveys, section 3.3. With ``lambda = (1 + 1/m) B / T`` the degrees
    of freedom are ``1 / (lambda² / (m - 1) + 1 / d)``, ``d = (df + 1) / (df + 3) df (1 - lambda)``: Barnard
    and Rubin (1999), Biometrika 86, 948–955.
    """
    q, u = np.asarray(estimates, float), np.asarray(covariances, float)
    if q.ndim != 2 or len(q) < 2:
        raise ValueError(f"estimates of at least two data sets are needed, not of shape {q.shape}")
    if u.shape not in (q.shape, (*q.shape, q.shape[1])):
        raise ValueError(f"covariances of shape {u.shape} do not go with estimates of shape {q.shape}")
    if not (np.isfinite(q).all() and np.isfinite(u).all()):
        raise ValueError("an estimate or a covariance is not finite")
    m, coef = len(q), q.mean(axis=0)
    mean = u.mean(axis=0)
    within = mean if u.ndim == 2 else np.diag(mean)
    off = q - coef
    between = np.sum(off**2, axis=0) / (m - 1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    freedom = _freedom(share, m, df)
    se = np.sqrt(total)
    half = stats.t.ppf((1 + level) / 2, freedom) * se
    increase = share / (1 - share)
    information = (increase + 2 / (freedom + 3)) / (increase + 1)
    covariance = np.diag(total) if u.ndim == 2 else mean + (1 + 1 / m) * off.T @ off / (m - 1)
    pvalue = 2 * stats.t.sf(np.abs(coef / se), freedom)
    return Pooled(
        coef, se, freedom, coef - half, coef + half, pvalue, within, between, increase, share, information,
        covariance, level, m,
    )  # fmt: skip


def _freedom(share: Array, m: int, df: ArrayLike) -> Array:
    """Return Barnard and Rubin's degrees of freedom."""
    d = np.asarray(df, float)
    with np.errstate(divide="ignore"):
        observed = d * (1 - 2 / (d + 3)) * (1 - share)
        return 1 / (share**2 / (m - 1) + 1 / observed)
