"""Estimates behind 'what moves a score?': the crossed model within employee, and the raters' share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.questions.appraisal.frame import Rows
from walesi_research.stats.mixed import MixedFit, crossed
from walesi_research.stats.regression import dependent_columns
from walesi_research.stats.robust_mixed import cr2_mixed

__all__ = ["Effect", "Share", "Within", "rater_share", "within_employee"]


@dataclass(frozen=True)
class Effect:
    """A coefficient with its CR2 interval."""

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Within:
    """What a tie and ten points of achievement go with, in score points, within employee."""

    tie: Effect
    achievement: Effect
    appraisals: int
    employees: int


@dataclass(frozen=True)
class Share:
    """Share of the rater in the variance of scores, and what it is made of."""

    estimate: float
    low: float
    high: float
    fit: MixedFit


def _independent(*blocks: np.ndarray) -> np.ndarray:
    """Return the blocks side by side, columns left out that those before them give."""
    X = np.column_stack(blocks)
    return np.delete(X, dependent_columns(X), axis=1)


def within_employee(rows: Rows, level: float) -> Within:
    """Fit score on tie and achievement, period effects and the means of both by employee and rater.

    Crossed random intercepts of employees and raters (REML); CR2 errors by employee with Satterthwaite
    degrees of freedom. The means make the two coefficients those within employee.
    """
    frame = rows.frame
    y = frame["score"].to_numpy()
    exposures = frame[["tie", "achievement"]].to_numpy(dtype=float)
    X = _independent(np.ones(len(y)), exposures, rows.periods(), rows.means())
    fit = crossed(y, X, rows.factors)
    robust = cr2_mixed(fit, y, X, rows.factors, by="employee", columns=[1, 2], level=level)
    columns = zip(robust.coef, robust.se, robust.df, robust.low, robust.high, robust.pvalue, strict=True)
    tie, achievement = (Effect(*map(float, column)) for column in columns)
    return Within(tie, achievement, len(y), frame["employee"].nunique())


def rater_share(rows: Rows, level: float) -> Share:
    """Return the rater's share of variance, net of achievement, tie and period (REML, without the means)."""
    y = rows.frame["score"].to_numpy()
    exposures = rows.frame[["tie", "achievement"]].to_numpy(dtype=float)
    fit = crossed(y, _independent(np.ones(len(y)), exposures, rows.periods()), rows.factors)
    low, high = fit.share_interval("rater", level)
    return Share(float(fit.shares["rater"]), float(low), float(high), fit)
