"""Means, totals, ratios and regressions of a sample, with linearised errors of its design."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from .design import Design
from .regression import check_design, codes

__all__ = [
    "SurveyEstimate",
    "design_effect",
    "domain_means",
    "survey_logit",
    "survey_mean",
    "survey_quantile",
    "survey_ratio",
    "survey_regression",
    "survey_total",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STEPS = 50
_CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class SurveyEstimate:
    """Estimates of a population with their design-based uncertainty.

    Attributes
    ----------
    estimate, se : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
    df : float
        Degrees of freedom of the design (clusters less strata), less those a regression takes.
    n : ndarray of int, shape (k,)
        Rows used.
    """

    estimate: Array
    se: Array
    covariance: Array = field(repr=False)
    df: float
    n: NDArray[np.int64]

    def interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return the confidence interval from t with `df`, each of shape (k,); NaN without any df."""
        half = stats.t.ppf((1 + level) / 2, self.df if self.df > 0 else np.nan) * self.se
        return self.estimate - half, self.estimate + half

    @property
    def pvalue(self) -> Array:
        """Two-sided, of an estimate zero, shape (k,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * stats.t.sf(np.abs(self.estimate / self.se), self.df if self.df > 0 else np.nan)


def survey_mean(design: Design, y: ArrayLike, within: ArrayLike | None = None) -> SurveyEstimate:
    """Estimate population means; those of indicators are proportions.

    Parameters
    ----------
    design : Design
    y : array_like, shape (n,) or (n, k)
        NaN counts as outside the domain, each column by itself.
    within : array_like of bool, shape (n,), optional
        The domain: rows outside it stay part of the design, as they must.

    Returns
    -------
    SurveyEstimate
        Linearised variable ``u = (y - mean) / sum w``.

    Raises
    ------
    ValueError
        If nobody in the domain has a value.
    """
    y, used = _columns(design, y, within)
    size = _positive(design.weights @ used)
    mean = design.weights @ y / size
    return _estimate(design, mean, (y - used * mean) / size, used)


def survey_total(design: Design, y: ArrayLike, within: ArrayLike | None = None) -> SurveyEstimate:
    """Estimate population totals; parameters as of `survey_mean`. NaN counts for nothing."""
    y, used = _columns(design, y, within)
    return _estimate(design, design.weights @ y, y, used)


def survey_ratio(
    design: Design, y: ArrayLike, x: ArrayLike, within: ArrayLike | None = None
) -> SurveyEstimate:
    """Estimate the ratio of the totals of y and x, in the rows that have both.

    Parameters
    ----------
    design : Design
    y, x : array_like, shape (n,)
    within : array_like of bool, shape (n,), optional

    Returns
    -------
    SurveyEstimate
        Linearised variable ``u = (y - ratio x) / sum w x``.
    """
    y, x = np.asarray(y, float), np.asarray(x, float)
    pair, used = _columns(design, np.column_stack([y + 0 * x, x + 0 * y]), within)
    below = design.weights @ pair[:, 1]
    if below == 0:
        raise ValueError("the total below the line is zero")
    ratio = design.weights @ pair[:, 0] / below
    influence = (pair[:, :1] - ratio * pair[:, 1:]) / below
    return _estimate(design, np.array([ratio]), influence, used[:, :1])


def domain_means(design: Design, y: ArrayLike, groups: ArrayLike) -> dict[Hashable, SurveyEstimate]:
    """Estimate the mean of y in each group, keyed by the group's label in sorted order."""
    code, labels = codes(groups, design.n)
    return {label: survey_mean(design, y, code == k) for k, label in enumerate(labels)}


def survey_quantile(design: Design, y: ArrayLike, probabilities: ArrayLike) -> Array:
    """Return weighted quantiles: the least value that at least such a share of the population reaches.

    Parameters
    ----------
    design : Design
    y : array_like, shape (n,)
    probabilities : array_like, shape (q,)

    Returns
    -------
    ndarray, shape (q,)
    """
    y = np.asarray(y, float)
    order = np.argsort(y, kind="stable")[: int(np.isfinite(y).sum())]
    reached = np.cumsum(design.weights[order])
    wanted = np.atleast_1d(np.asarray(probabilities, float)) * reached[-1]
    first = np.searchsorted(reached, wanted * (1 - 1e-12))  # a share met to rounding is met
    return y[order[np.minimum(first, len(order) - 1)]]


def design_effect(design: Design, y: ArrayLike) -> float:
    """Return by how much the design multiplies the variance of a mean, beside a simple random sample.

    Parameters
    ----------
    design : Design
    y : array_like, shape (n,)

    Returns
    -------
    float
        The simple random sample is one without replacement from a population of ``sum w`` (Kish 1965).
    """
    found = survey_mean(design, y)
    (y, used), n = _columns(design, y, None), int(found.n[0])
    w = design.weights[:, None] * used
    spread = float(np.sum(w * (y - used * found.estimate) ** 2) / w.sum() * n / (n - 1))
    return float(found.covariance[0, 0] / (spread / n * (1 - n / w.sum())))


def survey_regression(design: Design, y: ArrayLike, X: ArrayLike) -> SurveyEstimate:
    """Fit a linear regression to the population.

    Parameters
    ----------
    design : Design
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        The constant included. Rows with NaN here or in `y` are left out, but stay part of the design.

    Returns
    -------
    SurveyEstimate
        ``b = (X'WX)^-1 X'Wy`` with linearised variables ``(X'WX)^-1 x e``; df those of the design plus one
        less p.

    Raises
    ------
    ValueError
        If X is collinear or there are too few rows.

    Notes
    -----
    Binder (1983), International Statistical Review 51, 279–292.
    """
    y, X, used = _complete(design, y, X)
    w = design.weights[used]
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    coef = bread @ (X.T @ (w * y))
    return _fitted(design, coef, (y - X @ coef)[:, None] * (X @ bread), used)


def survey_logit(design: Design, y: ArrayLike, X: ArrayLike) -> SurveyEstimate:
    """Fit a logistic regression to the population; parameters as of `survey_regression`, y in {0, 1}.

    Raises
    ------
    ValueError
        If y is not 0 or 1, X is collinear, or X separates the two.
    """
    y, X, used = _complete(design, y, X)
    if not np.isin(y, (0, 1)).all():
        raise ValueError("y must be 0 or 1")
    w, coef = design.weights[used], np.zeros(X.shape[1])
    for _ in range(_STEPS):
        p = special.expit(X @ coef)
        information = X.T @ ((w * p * (1 - p))[:, None] * X)
        step = np.linalg.lstsq(information, X.T @ (w * (y - p)), rcond=None)[0]
        coef = coef + step
        if np.abs(X @ step).max() < _CLOSE:
            return _fitted(design, coef, (y - p)[:, None] * (X @ np.linalg.inv(information)), used)
    raise ValueError("the logistic regression has no finite solution: X tells the two answers apart")


def _columns(design: Design, y: ArrayLike, within: ArrayLike | None) -> tuple[Array, Array]:
    """Return y as columns, zero where it is not used, and ones where it is."""
    y = np.asarray(y, float)
    y = y[:, None] if y.ndim == 1 else y
    if y.ndim != 2 or len(y) != design.n:
        raise ValueError(f"y of shape {y.shape} does not go with {design.n} weights")
    used = ~np.isnan(y)
    if within is not None:
        used = used & np.asarray(within, bool)[:, None]
    return np.where(used, y, 0.0), used.astype(float)


def _complete(design: Design, y: ArrayLike, X: ArrayLike) -> tuple[Array, Array, Mask]:
    y, X = np.asarray(y, float), np.asarray(X, float)
    if y.shape != (design.n,) or X.ndim != 2 or len(X) != design.n:
        raise ValueError(f"y of shape {y.shape} and X of shape {X.shape} do not go with {design.n} weights")
    used = ~(np.isnan(y) | np.isnan(X).any(axis=1))
    return *check_design(y[used], X[used]), used


def _fitted(design: Design, coef: Array, influence: Array, used: Mask) -> SurveyEstimate:
    whole = np.zeros((design.n, len(coef)))
    whole[used] = influence
    found = _estimate(design, coef, whole, np.repeat(used[:, None], len(coef), axis=1))
    return SurveyEstimate(coef, found.se, found.covariance, found.df + 1 - len(coef), found.n)


def _estimate(design: Design, estimate: Array, influence: Array, used: Array) -> SurveyEstimate:
    covariance = design.covariance(influence)
    se = np.sqrt(np.diag(covariance).clip(0))
    df = design.df((used > 0).any(axis=1))
    return SurveyEstimate(estimate, se, covariance, df, used.sum(axis=0).astype(int))


def _positive(size: Array) -> Array:
    if not (size > 0).all():
        raise ValueError("nobody in the domain has a value")
    return size
