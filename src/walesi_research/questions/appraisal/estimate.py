"""Estimates behind 'what moves a score?': the crossed model within employee, and the raters' share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from walesi_research.questions.appraisal.frame import Rows
from walesi_research.questions.effect import Effect, effects_of
from walesi_research.stats.mixed import MixedFit, crossed
from walesi_research.stats.regression import dependent_columns, independent_columns
from walesi_research.stats.robust import cr2
from walesi_research.stats.robust_mixed import cr2_mixed
from walesi_research.stats.two_way import two_way
from walesi_research.stats.whitening import whitened_by_group

__all__ = ["Share", "fitted", "means_of", "rater_share", "within_employee"]


@dataclass(frozen=True)
class Share:
    """Share of the rater in the variance of scores, and what it is made of."""

    estimate: float
    low: float
    high: float
    fit: MixedFit


def fitted(
    frame: pd.DataFrame, exposures: np.ndarray, nuisance: np.ndarray, people: str, level: float
) -> list[Effect]:
    """Return what each exposure goes with, in score points, errors CR2 by employee.

    Parameters
    ----------
    frame : DataFrame
        As `Rows` holds it.
    exposures : ndarray, shape (n, k)
        To report; their means by employee and rater enter where `people` says so.
    nuisance : ndarray, shape (n, p)
        Held fixed only.
    people : {"random_means", "random", "fixed", "rater_means", "rater"}
        How employees and raters enter.
    level : float
        Level of the intervals.

    Raises
    ------
    ValueError
        If the effects leave nothing of an exposure, or the model follows the scores exactly.
    """
    y = frame["score"].to_numpy(dtype=float)
    employee, rater = frame["employee"].to_numpy(), frame["rater"].to_numpy()
    if people == "fixed":
        X = np.column_stack([nuisance, exposures])
        columns = range(nuisance.shape[1], X.shape[1])
        return effects_of(two_way(y, X, employee, rater, columns=columns, level=level))
    held = independent_columns(np.ones(len(y)), nuisance)
    columns = [held.shape[1] + k for k in range(exposures.shape[1])]
    X = np.column_stack([held, exposures])
    if dependent_columns(X):
        raise ValueError("periods or other exposures give an exposure")
    X = independent_columns(X, *means_of(frame, exposures)) if people.endswith("means") else X
    factors = {"employee": employee, "rater": rater} if people.startswith("random") else {"rater": rater}
    fit = crossed(y, X, factors)
    if len(factors) > 1:
        return effects_of(cr2_mixed(fit, y, X, factors, by="employee", columns=columns, level=level))
    y, X = whitened_by_group(y, X, rater, fit.variances["rater"], fit.residual)
    return effects_of(cr2(y, X, employee, columns=columns, level=level))


def means_of(frame: pd.DataFrame, exposures: np.ndarray) -> list[np.ndarray]:
    """Return the means of exposures by employee and by rater, each of shape (n, k).

    They take up what goes with the person and the rater, so that the coefficients are those within employee
    (Mundlak 1978, Econometrica 46, 69–85).
    """
    columns = pd.DataFrame(exposures)
    return [
        columns.groupby(frame[by].to_numpy()).transform("mean").to_numpy() for by in ("employee", "rater")
    ]


def within_employee(
    rows: Rows, level: float, exposures: Sequence[str] = ("tie", "achievement")
) -> dict[str, Effect]:
    """Fit score on tie and achievement, period effects and the means of both by employee and rater.

    Crossed random intercepts of employees and raters (REML); CR2 errors by employee with Satterthwaite
    degrees of freedom. The means make the coefficients those within employee.

    Parameters
    ----------
    rows : Rows
    level : float
    exposures : sequence of str
        Those to report: they must vary within employees. The others are held fixed only.

    Returns
    -------
    dict of str to Effect
        By exposure.
    """
    values = rows.frame[list(exposures)].to_numpy(dtype=float)
    others = [name for name in rows.exposures if name not in exposures]
    held = np.column_stack([rows.periods(), rows.frame[others].to_numpy(dtype=float)])
    return dict(zip(exposures, fitted(rows.frame, values, held, "random_means", level), strict=True))


def rater_share(rows: Rows, level: float) -> Share:
    """Return the rater's share of variance, net of achievement, tie and period (REML, without the means)."""
    y = rows.frame["score"].to_numpy()
    exposures = rows.frame[rows.exposures].to_numpy(dtype=float)
    fit = crossed(y, independent_columns(np.ones(len(y)), exposures, rows.periods()), rows.factors)
    low, high = fit.share_interval("rater", level)
    return Share(float(fit.shares["rater"]), float(low), float(high), fit)
