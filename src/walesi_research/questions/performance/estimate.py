"""Estimates behind 'taken together, what matters?': joint mixed model, weighted twin, importance shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from walesi_research.questions.joint_data import JointData
from walesi_research.questions.variables import standard
from walesi_research.stats.importance import lmg
from walesi_research.stats.mixed import crossed
from walesi_research.stats.resampling import percentile_interval
from walesi_research.stats.robust import cr2

__all__ = ["Coefficient", "JointModel", "Shares", "fit_joint", "fit_weighted", "joint_test", "importance_shares"]

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


def enough(data: JointData) -> bool:
    """Tell whether the complete cases carry the coefficients of the joint model."""
    names = [*data.predictors, *data.controls]
    varies = data.frame[["performance", *names]].nunique().gt(1).all() if len(data.frame) else False
    return bool(data.predictors) and varies and len(data.frame) >= len(names) + 1 + SPARE


def _design(data: JointData) -> tuple[np.ndarray, np.ndarray]:
    y = standard(data.frame["performance"])
    names = [*data.predictors, *data.controls]
    return y, np.column_stack([np.ones(len(y)), *(standard(data.frame[name]) for name in names)])


def _coefficients(data: JointData, coef, se, df, level: float) -> dict[str, Coefficient]:
    reach = stats.t.ppf((1 + level) / 2, df) * se
    p = 2 * stats.t.sf(np.abs(coef / se), df)
    columns = zip(coef, se, coef - reach, coef + reach, p, strict=True)
    values = [Coefficient(*(float(v) for v in column)) for column in columns]
    return dict(zip(data.predictors, values[1:], strict=False))


def fit_joint(data: JointData, level: float) -> JointModel:
    """Fit performance on all predictors at once, units as random intercepts (REML, Satterthwaite)."""
    y, X = _design(data)
    unit = data.frame["unit"].astype(str).to_numpy()
    fit = crossed(y, X, {"unit": unit})
    between = fit.variances["unit"]
    return JointModel(
        coefficients=_coefficients(data, fit.coef, fit.se, fit.df, level),
        unit_share=float(between / (between + fit.residual)),
        n=len(y),
        units=len(np.unique(unit)),
    )


def fit_weighted(data: JointData, level: float) -> JointModel | None:
    """Fit the survey-weighted twin (weighted least squares, CR2 errors by unit); None without weights."""
    if "weight" not in data.frame:
        return None
    y, X = _design(data)
    unit = data.frame["unit"].astype(str).to_numpy()
    fit = cr2(y, X, unit, weights=data.frame["weight"].to_numpy())
    coefficients = _coefficients(data, fit.coef, fit.se, fit.df, level)
    return JointModel(coefficients, unit_share=float("nan"), n=len(y), units=len(np.unique(unit)))


def _within(data: JointData) -> np.ndarray:
    """Return performance and predictors, unit means removed where performance comes from appraisals."""
    Z = data.frame[["performance", *data.predictors]]
    if data.source == "achievement":
        Z = Z - Z.groupby(data.frame["unit"], observed=True).transform("mean")
    return Z.to_numpy(dtype=float)


def joint_test(data: JointData) -> float:
    """Return the p-value of the F test that no predictor is associated with performance.

    Ordinary least squares on the data that the shares rest on; the means removed count as parameters.
    """
    Z = _within(data)
    means = data.frame["unit"].nunique() if data.source == "achievement" else 1
    y, X = Z[:, 0] - Z[:, 0].mean(), Z[:, 1:] - Z[:, 1:].mean(axis=0)
    total = y @ y
    rest = total - y @ X @ np.linalg.lstsq(X, y, rcond=None)[0]
    df = len(y) - means - X.shape[1]
    return float(stats.f.sf((total - rest) / X.shape[1] / (rest / df), X.shape[1], df)) if df > 0 else 1.0


def importance_shares(data: JointData, counts: Iterable[np.ndarray], level: float) -> Shares:
    """Return LMG shares of R² with percentile intervals.

    Parameters
    ----------
    data : JointData
        Complete cases, n employees sorted by unit.
    counts : iterable of ndarray, shape (b, n)
        How often each employee is drawn, blocks of bootstrap draws.
    level : float
        Confidence level.
    """
    unit = data.frame["unit"].astype(str).to_numpy()
    groups = unit if data.source == "achievement" else np.zeros(len(unit), dtype=int)
    Z = data.frame[["performance", *data.predictors]].to_numpy(dtype=float)
    observed = lmg(_correlations(Z, groups, np.ones((1, len(Z)))))
    blocks = [lmg(_correlations(Z, groups, c)).shares for c in counts]
    draws = np.concatenate(blocks)
    low, high = percentile_interval(draws, level)
    named = [dict(zip(data.predictors, map(float, v), strict=True)) for v in (observed.shares[0], low, high)]
    return Shares(*named, r_squared=float(observed.r_squared[0]))


def _correlations(Z: np.ndarray, groups: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return weighted correlations within groups, one matrix a row of `counts`; shape (b, p, p)."""
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    Z = Z - Z.mean(axis=0)
    i, j = np.triu_indices(Z.shape[1])
    products = counts @ (Z[:, i] * Z[:, j])
    size = np.add.reduceat(counts, starts, axis=1)
    sums = np.stack([np.add.reduceat(counts * z, starts, axis=1) for z in Z.T], axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(size[..., None] > 0, sums / size[..., None], 0.0)
    products = products - np.einsum("bgk,bgk->bk", sums[..., i], means[..., j])
    S = np.empty((len(counts), Z.shape[1], Z.shape[1]))
    S[:, i, j] = S[:, j, i] = products
    scale = np.sqrt(np.einsum("bii->bi", S))
    return S / scale[:, :, None] / scale[:, None, :]
