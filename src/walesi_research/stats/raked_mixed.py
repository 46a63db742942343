"""A random-intercept model on raked rows, with errors that know of the raking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .design import survey_design
from .raking import Raked
from .robust import cr2

__all__ = ["RakedFit", "raked_mixed"]

Array = NDArray[np.float64]

_ABSORBED = 1e-9
"""A row of which the fit leaves less than this share is followed wholly: it has no residual."""


@dataclass(frozen=True, slots=True)
class RakedFit:
    """Coefficients of raked rows.

    Attributes
    ----------
    coef, se, df : ndarray, shape (p,)
        Coefficients, linearised standard errors, Satterthwaite degrees of freedom.
    low, high : ndarray, shape (p,)
        Interval at `level`, from t with `df`.
    pvalue : ndarray, shape (p,)
        Two-sided, of coefficient zero.
    level : float
    """

    coef: Array
    se: Array
    df: Array
    low: Array
    high: Array
    pvalue: Array
    level: float


def raked_mixed(
    y: ArrayLike,
    X: ArrayLike,
    groups: ArrayLike,
    raked: Raked,
    between: float,
    residual: float,
    *,
    level: float = 0.95,
) -> RakedFit:
    """Fit a linear model with random intercepts of groups to raked rows, the variances given.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        The constant included.
    groups : array_like, shape (n,)
    raked : Raked
        Weights of the rows and what they were raked on.
    between, residual : float
        Variance of the intercepts (zero for weighted least squares), and of the errors.
    level : float

    Returns
    -------
    RakedFit

    Notes
    -----
    With weights w of mean one the error of row i has variance ``residual / w_i``: what the weights do at the
    first level of Pfeffermann et al. (1998), Journal of the Royal Statistical Society B 60, 23–40, all groups
    being in the sample. Rows are made independent as `whitening.whitened_by_group` does.

    The standard error is that of ``sum_i w_i u_i``, u_i being the coefficient's influence M x_i e_i over
    ``sqrt(1 - h_i)`` (HC2) on those rows, less what the raking's margins explain of u: Deville and Särndal
    (1992), Journal of the American Statistical Association 87, 376–382, eq. 3.4; times
    ``sqrt((n - 1) / (n - q))`` for the q columns so used. Degrees of freedom are Satterthwaite's of the same
    rows (`robust.cr2`).
    """
    w = raked.weights / raked.weights.mean()
    y, X = np.asarray(y, float), np.asarray(X, float)
    rows = _independent(np.column_stack([y, X]), groups, w, between, residual)
    y, X = rows[:, 0], rows[:, 1:]
    fit = cr2(y, X, np.arange(len(y)), level=level)
    inverse = np.linalg.inv(X.T @ X)
    left = 1 - np.einsum("ij,jk,ik->i", X, inverse, X)
    own = left < _ABSORBED
    adjusted = np.where(own, 0.0, (y - X @ fit.coef) / np.sqrt(np.where(own, 1.0, left)))
    u = (X @ inverse) * (adjusted / w)[:, None]
    design = survey_design(w / raked.factors).calibrated(w, raked.auxiliary)
    n, q = raked.auxiliary.shape
    se = np.sqrt(np.diag(design.covariance(u)) * (n - 1) / (n - q))
    half = stats.t.ppf((1 + level) / 2, fit.df) * se
    pvalue = 2 * stats.t.sf(np.abs(fit.coef / se), fit.df)
    return RakedFit(fit.coef, se, fit.df, fit.coef - half, fit.coef + half, pvalue, level)


def _independent(Z: Array, groups: ArrayLike, w: Array, between: float, residual: float) -> Array:
    """Return V^(-1/2) Z of groups with ``V = residual diag(1 / w) + between``, up to a constant."""
    code = np.unique(np.asarray(groups), return_inverse=True)[1]
    size = np.bincount(code, w)
    mean = np.stack([np.bincount(code, w * z) for z in Z.T], axis=1) / size[:, None]
    part = 1 - np.sqrt(residual / (residual + size * between))
    return np.sqrt(w)[:, None] * (Z - (part[:, None] * mean)[code])
