"""Estimates behind 'taken together, what matters?': joint mixed model, weighted twin, importance shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from walesi_research.language import Message
from walesi_research.questions.performance.cases import Cases
from walesi_research.questions.variables import standard
from walesi_research.stats.importance import lmg
from walesi_research.stats.mixed import MixedFit, crossed
from walesi_research.stats.resampling import moments, percentile_interval
from walesi_research.stats.robust import cr2

__all__ = [
    "Coefficient",
    "JointModel",
    "Shares",
    "enough",
    "fit_joint",
    "fit_weighted",
    "importance_shares",
    "joint_test",
    "too_thin",
]

SPARE = 10
"""Employees that must be left after one is counted for each coefficient."""


@dataclass(frozen=True)
class Coefficient:
    """A standardised coefficient with its interval."""

    estimate: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class JointModel:
    """Standardised coefficients by predictor, and the share of residual variance between units."""

    coefficients: dict[str, Coefficient]
    unit_share: float
    n: int
    units: int


@dataclass(frozen=True)
class Shares:
    """LMG shares of R² by predictor with percentile intervals, and R² itself."""

    estimate: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    r_squared: float


def too_thin(cases: Cases, people: int) -> Message:
    """Return why the complete cases, `people` as it may be published, do not carry the joint model."""
    needed = len(cases.predictors) + len(cases.controls) + 1
    if len(cases.frame) < needed + SPARE:
        return Message.of("performance.too_few", n=people, k=needed)
    return Message.of("performance.no_variation")


def enough(cases: Cases) -> bool:
    """Tell whether the complete cases carry the coefficients of the joint model."""
    names = [*cases.predictors, *cases.controls]
    varies = cases.frame[["performance", *names]].nunique().gt(1).all() if len(cases.frame) else False
    return bool(cases.predictors) and varies and len(cases.frame) >= len(names) + 1 + SPARE


def _design(cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    y = standard(cases.frame["performance"])
    names = [*cases.predictors, *cases.controls]
    return y, np.column_stack([np.ones(len(y)), *(standard(cases.frame[name]) for name in names)])


def _coefficients(cases: Cases, coef, se, df, level: float) -> dict[str, Coefficient]:
    reach = stats.t.ppf((1 + level) / 2, df) * se
    p = 2 * stats.t.sf(np.abs(coef / se), df)
    columns = zip(coef, se, coef - reach, coef + reach, p, strict=True)
    values = [Coefficient(*(float(v) for v in column)) for column in columns]
    return dict(zip(cases.predictors, values[1:], strict=False))


def fit_joint(cases: Cases, level: float) -> JointModel:
    """Fit performance on all predictors at once, units as random intercepts (REML, Satterthwaite).

    Where units cannot be told from employees or there is only one: least squares with CR2 errors, each
    employee a cluster, and no share between units.
    """
    y, X = _design(cases)
    unit = cases.frame["unit"].astype(str).to_numpy()
    units = len(np.unique(unit))
    if 1 < units < len(y):
        fit, share = _mixed(y, X, unit)
    else:
        fit, share = cr2(y, X, np.arange(len(y))), float("nan")
    return JointModel(_coefficients(cases, fit.coef, fit.se, fit.df, level), share, n=len(y), units=units)


def _mixed(y: np.ndarray, X: np.ndarray, unit: np.ndarray) -> tuple[MixedFit, float]:
    fit = crossed(y, X, {"unit": unit})
    return fit, float(fit.shares["unit"])


def fit_weighted(cases: Cases, level: float) -> JointModel | None:
    """Fit the survey-weighted twin (weighted least squares, CR2 errors by unit); None without weights."""
    if "weight" not in cases.frame:
        return None
    y, X = _design(cases)
    unit = cases.frame["unit"].astype(str).to_numpy()
    fit = cr2(y, X, unit, weights=cases.frame["weight"].to_numpy())
    coefficients = _coefficients(cases, fit.coef, fit.se, fit.df, level)
    return JointModel(coefficients, unit_share=float("nan"), n=len(y), units=len(np.unique(unit)))


def _within(cases: Cases) -> np.ndarray:
    """Return performance and predictors, unit means removed where performance comes from appraisals."""
    Z = cases.frame[["performance", *cases.predictors]]
    if cases.source == "achievement":
        Z = Z - Z.groupby(cases.frame["unit"], observed=True).transform("mean")
    return Z.to_numpy(dtype=float)


def joint_test(cases: Cases) -> float:
    """Return the p-value of the F test that no predictor is associated with performance.

    Ordinary least squares on the data that the shares rest on; the means removed count as parameters.
    """
    Z = _within(cases)
    means = cases.frame["unit"].nunique() if cases.source == "achievement" else 1
    y, X = Z[:, 0] - Z[:, 0].mean(), Z[:, 1:] - Z[:, 1:].mean(axis=0)
    total = y @ y
    rest = total - y @ X @ np.linalg.lstsq(X, y, rcond=None)[0]
    df = len(y) - means - X.shape[1]
    return float(stats.f.sf((total - rest) / X.shape[1] / (rest / df), X.shape[1], df)) if df > 0 else 1.0


def importance_shares(cases: Cases, counts: Iterable[np.ndarray], level: float) -> Shares:
    """Return LMG shares of R² with percentile intervals.

    Parameters
    ----------
    cases : Cases
        Complete cases, n employees sorted by unit.
    counts : iterable of ndarray, shape (b, n)
        How often each employee is drawn, blocks of bootstrap draws.
    level : float
        Confidence level.
    """
    unit = cases.frame["unit"].astype(str).to_numpy()
    groups = unit if cases.source == "achievement" else np.zeros(len(unit), dtype=int)
    Z = cases.frame[[*cases.predictors, "performance"]].to_numpy(dtype=float)
    observed = lmg(_within_covariances(Z, groups, np.ones((1, len(Z)))))
    draws = np.concatenate([lmg(_within_covariances(Z, groups, block)).shares for block in counts])
    low, high = percentile_interval(draws, level)
    named = [dict(zip(cases.predictors, map(float, v), strict=True)) for v in (observed.shares[0], low, high)]
    return Shares(*named, r_squared=float(observed.r2[0]))


def _within_covariances(Z: np.ndarray, groups: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return sums of squares and products within groups, weighted by each row of `counts`.

    Parameters
    ----------
    Z : ndarray, shape (n, p)
    groups : ndarray, shape (n,)
        Rows of a group stand side by side.
    counts : ndarray, shape (b, n)

    Returns
    -------
    ndarray, shape (b, p, p)
    """
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    Z = Z - Z.mean(axis=0)
    total = moments(Z, [counts])
    size = np.add.reduceat(counts, starts, axis=1)
    sums = np.stack([np.add.reduceat(counts * z, starts, axis=1) for z in Z.T], axis=-1)
    means = sums / np.maximum(size, 1)[..., None]
    return total - np.einsum("bgj,bgk->bjk", sums, means)
