"""Estimates behind 'taken together, what matters?': joint mixed model, weighted twin, importance shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from walesi_research.language import Message
from walesi_research.questions.effect import Effect, effects_of
from walesi_research.questions.performance.cases import Cases
from walesi_research.questions.performance.random_intercepts import random_intercepts, variances
from walesi_research.stats.importance import lmg
from walesi_research.stats.regression import dependent_columns, standardise
from walesi_research.stats.resampling import moments, percentile_interval
from walesi_research.stats.robust import RobustFit, cr2

if TYPE_CHECKING:
    from walesi_research.stats.pooling import Pooled
    from walesi_research.stats.raked_mixed import RakedFit

__all__ = [
    "JointModel",
    "Shares",
    "design",
    "fit_joint",
    "fit_weighted",
    "importance_shares",
    "joint_test",
    "named",
    "too_thin",
]

SPARE = 10
"""Employees that must be left after one is counted for each coefficient."""


@dataclass(frozen=True)
class JointModel:
    """Standardised coefficients by predictor, and the share of residual variance between units."""

    coefficients: dict[str, Effect]
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


def too_thin(cases: Cases, minimum: int) -> Message | None:
    """Return why the complete cases do not carry the joint model, or None where they do.

    Parameters
    ----------
    cases : Cases
    minimum : int
        Fewest employees that a published number may rest on.
    """
    names = [*cases.predictors, *cases.controls]
    needed = max(len(names) + 1 + SPARE, minimum)
    if len(cases.frame) < needed:
        return Message.of("performance.too_few", n=needed, k=len(names) + 1)
    y, X = cases.frame["performance"].to_numpy(dtype=float), _columns(cases, names)
    if y.std() == 0 or dependent_columns(X) or _exact(y, X):
        return Message.of("performance.no_variation")
    return None


def _columns(cases: Cases, names: list[str]) -> np.ndarray:
    return np.column_stack([np.ones(len(cases.frame)), cases.frame[names].to_numpy(dtype=float)])


def _exact(y: np.ndarray, X: np.ndarray) -> bool:
    """Tell whether the columns give the response without error."""
    rest = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return bool(rest @ rest <= 1e-10 * ((y - y.mean()) @ (y - y.mean())))


def design(cases: Cases, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return performance, what goes with it, and units.

    Parameters
    ----------
    cases : Cases
    weights : ndarray, shape (n,), optional
        Standard deviations are those of weighted cases.

    Returns
    -------
    y : ndarray, shape (n,)
        Performance in standard deviations.
    X : ndarray, shape (n, p)
        Predictors, then controls, in standard deviations; last the constant.
    unit : ndarray of str, shape (n,)
    """
    names = ["performance", *cases.predictors, *cases.controls]
    y, *columns = (standardise(cases.frame[name], weights) for name in names)
    return y, np.column_stack([*columns, np.ones(len(y))]), cases.frame["unit"].astype(str).to_numpy()


def fit_joint(cases: Cases, level: float) -> JointModel:
    """Fit performance on all predictors at once, units as random intercepts (REML).

    Standard errors are CR2 with Satterthwaite degrees of freedom, each employee a cluster, of least squares
    on the rows whitened by the fitted model: they hold where variances differ and people are few. Where
    units cannot be told from employees or there is only one, plain least squares.
    """
    y, X, unit = design(cases)
    units = len(np.unique(unit))
    between, residual = variances(y, X, unit)
    share = between / (between + residual) if 1 < units < len(y) else float("nan")
    fit = random_intercepts(y, X, unit, level, known=(between, residual))
    return JointModel(named(cases, fit), share, n=len(y), units=units)


def fit_weighted(cases: Cases, level: float) -> JointModel | None:
    """Fit the survey-weighted twin: weighted least squares, CR2 errors by unit (by employee in one unit).

    None where weights do not vary.
    """
    if "weight" not in cases.frame:
        return None
    weights = cases.frame["weight"].to_numpy()
    y, X, unit = design(cases, weights)
    units = len(np.unique(unit))
    groups = unit if units > 1 else np.arange(len(y))
    fit = cr2(y, X, groups, weights=weights, level=level)
    return JointModel(named(cases, fit), unit_share=float("nan"), n=len(y), units=units)


def named(cases: Cases, fit: RobustFit | RakedFit | Pooled) -> dict[str, Effect]:
    """Return the predictors' coefficients of a fit to columns ordered as `design` orders them."""
    return dict(zip(cases.predictors, effects_of(fit), strict=False))


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
