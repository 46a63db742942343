"""The joint model corrected for measurement error: whose answers enter, and how sure what it says is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from walesi_research.language import Message
from walesi_research.questions.effect import Effect
from walesi_research.questions.pathways.chain import contradicted, keyed
from walesi_research.questions.performance.cases import Cases
from walesi_research.questions.performance.estimate import design, too_thin
from walesi_research.questions.performance.random_intercepts import variances
from walesi_research.questions.variables import construct_of_role, latest_wave
from walesi_research.stats.errors_in_variables import CorrectedSlopes, Scale, corrected_slopes
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["FEWEST", "LatentModel", "fit_latent"]

FEWEST = 40
"""Complete cases from whom on errors of measurement are estimated; see tests/calibration."""
MOST_FAILED = 0.1
"""Share of bootstrap samples without estimates above which there is no answer."""
FEWEST_ITEMS = 2


@dataclass(frozen=True)
class LatentModel:
    """Corrected standardised coefficients.

    Parameters
    ----------
    coefficients : dict of str to Effect
        By predictor.
    reliability : dict of str to float
        Share of variance that is not error, by role measured by a scale; performance among them where it is.
    n, units : int
        Employees and units.
    """

    coefficients: dict[str, Effect]
    reliability: dict[str, float]
    n: int
    units: int


def fit_latent(study: Study, cases: Cases, level: float, draws: int) -> LatentModel | Message:
    """Fit the joint model without the attenuation by errors of the scales, or say why that cannot be.

    The employees are those of `cases` but for questionnaires that contradict themselves
    (`pathways.chain.contradicted`). Recorded hours and achievement count as exact. Intervals are percentiles
    of a bootstrap of employees within units, error variances and standard deviations estimated anew in each
    sample and the variance ratio of units held at its estimate; see `_effect` for their width.
    """
    cases, rows = _kept(study, cases)
    if (thin := _too_thin(study, cases)) is not None:
        return thin
    names = [*cases.predictors, *cases.controls, "performance"]
    roles = _measured_by_scale(cases)
    scales = [Scale(names.index(role), _items(study, cases, role)) for role in roles]
    Z, unit = cases.frame[names].to_numpy(dtype=float), cases.frame["unit"].astype(str).to_numpy()
    between, residual = variances(*design(cases))
    ratio = between / residual
    found = corrected_slopes(Z, scales, unit, ratio, [np.ones((1, len(Z)))])
    if not np.isfinite(found.slopes[0, : len(cases.predictors)]).all():
        return Message.of("performance_latent.no_solution")
    if not found.apart[0]:
        return Message.of("performance_latent.not_apart")
    plan = Resampling.within(study.employees["unit"], study.seed)
    drawn = corrected_slopes(Z, scales, unit, ratio, plan.counts(draws, rows))
    return _model(cases, roles, found, drawn, level)


def _kept(study: Study, cases: Cases) -> tuple[Cases, np.ndarray]:
    """Return cases in the study's order without contradictions, and their rows in its employees."""
    lost = latest_wave(study)["employee_id"].to_numpy()[contradicted(study)]
    everyone = study.employees["employee_id"].to_numpy()
    rows = np.flatnonzero(pd.Index(everyone).isin(cases.frame.index.difference(lost)))
    frame = cases.frame.loc[everyone[rows]]
    still = [name for name in cases.controls if frame[name].nunique() < 2]
    return replace(cases, frame=frame.drop(columns=still)), rows


def _too_thin(study: Study, cases: Cases) -> Message | None:
    least = study.settings.privacy.minimum_cell
    if (thin := too_thin(cases, least)) is not None:
        return thin
    if len(cases.frame) < FEWEST:
        return Message.of("performance_latent.too_few", n=FEWEST)
    for role in _measured_by_scale(cases):
        if len(study.codebook.constructs[construct_of_role(study, role)].items) < FEWEST_ITEMS:
            return Message.of("performance_latent.one_question", role=_name(role))
    return None


def _name(role: str) -> Message:
    return Message.of("performance_latent.rated" if role == "performance" else f"performance.role_{role}")


def _measured_by_scale(cases: Cases) -> list[str]:
    exact = {"training"} if cases.trained_by == "hours" else set()
    response = ["performance"] if cases.source == "scale" else []
    return [role for role in [*cases.predictors, *response] if role not in exact]


def _items(study: Study, cases: Cases, role: str) -> np.ndarray:
    return keyed(study, role).loc[cases.frame.index].to_numpy(dtype=float)


def _model(
    cases: Cases, roles: list[str], found: CorrectedSlopes, drawn: CorrectedSlopes, level: float
) -> LatentModel | Message:
    slopes = drawn.slopes[:, : len(cases.predictors)]
    slopes = slopes[np.isfinite(slopes).all(axis=1)]
    if len(slopes) < (1 - MOST_FAILED) * len(drawn.slopes):
        return Message.of("performance_latent.unstable")
    n, units = len(cases.frame), cases.frame["unit"].nunique()
    df = n - units - len(cases.predictors) - len(cases.controls)
    if df < 1 or _tail(n, df, level) * len(slopes) < 1:
        return Message.of("performance_latent.thin_units")
    coefficients = {
        name: _effect(found.slopes[0, j], slopes[:, j], n, df, level)
        for j, name in enumerate(cases.predictors)
    }
    return LatentModel(
        coefficients, dict(zip(roles, map(float, found.reliability[0]), strict=True)), n, units
    )


def _effect(estimate: float, drawn: np.ndarray, n: int, df: int, level: float) -> Effect:
    """Return an estimate with its expanded percentile interval.

    Draws within units vary too little: as if n employees were left where levels of units and coefficients
    take all but df. The ends are the percentiles ``Phi(± sqrt(n / df) t)``, t the quantile of Student's
    distribution with df degrees of freedom (Hesterberg 2015, The American Statistician 69, 371–386, section
    5.3, there for one mean); the p-value is the level at which the interval ends at zero. The standard
    error is the draws' interquartile range in normal terms, wider by ``sqrt(n / df)``.
    """
    wider, tail = np.sqrt(n / df), _tail(n, df, level)
    low, first, third, high = np.quantile(drawn, [tail, 0.25, 0.75, 1 - tail])
    beyond = (min(np.sum(drawn <= 0), np.sum(drawn >= 0)) + 1) / (len(drawn) + 1)
    p = 2 * stats.t.cdf(stats.norm.ppf(min(beyond, 0.5)) / wider, df)
    se = wider * (third - first) / (2 * stats.norm.ppf(0.75))
    return Effect(float(estimate), float(se), float(df), float(low), float(high), float(p))


def _tail(n: int, df: int, level: float) -> float:
    """Return the share of the draws beyond each end of the expanded interval."""
    return float(stats.norm.cdf(np.sqrt(n / df) * stats.t.ppf((1 - level) / 2, df)))
