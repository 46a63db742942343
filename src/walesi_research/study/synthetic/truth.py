"""The true value of every finding of the contract, each for the estimand as the contract words it.

Nothing here uses the package's estimators: a value is a parameter of the world, a count or an average over
the realised employees, or a projection in a large simulated population.

Conventions
-----------
* *Achievement* is the column of the appraisals. In worlds whose record has an error or a ceiling, effects
  and slopes are those on the record: an estimator of the record can find nothing else. What the world did
  to achievement itself stands in ``world``.
* *Effects* are averages over the employee-periods that were really treated and have a recorded achievement.
* *Pathways* are products of structural coefficients, standardised by the standard deviations over the
  realised employees (in service through the survey's month, with a performance in its year) of the latent
  culture or recognition and of performance. Because other causes of performance do not depend on culture or
  recognition, the structural coefficients are those of the contract's latent-variable model.
* *Population* truths (joint, importance, measurement, perception) are properties of the process, computed in
  a million employees of the same world, in units of the same size, all answering the same questionnaire,
  some carelessly and with items left out, as there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from walesi_research.study.synthetic.appraisal import MATRIX
from walesi_research.study.synthetic.performance import leadership_effects, record
from walesi_research.study.synthetic.population import Population, gather
from walesi_research.study.synthetic.process import Draw
from walesi_research.study.synthetic.projection import (
    lmg_shares,
    random_intercept_projection,
    reliabilities,
    within_covariance,
)
from walesi_research.study.synthetic.scenario import ABOVE, BELOW, SCENARIO
from walesi_research.study.synthetic.service import unit_means
from walesi_research.study.synthetic.survey import eligible
from walesi_research.study.synthetic.tables import training_rows

__all__ = ["Truth", "true_values"]

NORM_HOURS = 20
LEAST_R_SQUARED = 1e-4
PREDICTORS = ("training", "culture", "recognition", "fairness")
POINTS, SCORE, SD = "points of achievement", "score points", "standard deviations"


class Truth(NamedTuple):
    """A true value (None where the estimand is not defined), its unit, and how it was computed."""

    value: float | None
    unit: str
    how: str


def true_values(drawn: Draw, population: int) -> dict[str, Any]:
    """Return the record written to ``truth.json``.

    Parameters
    ----------
    drawn : Draw
        The realised study.
    population : int
        Employees to simulate for the population truths; 0 leaves these out.

    Returns
    -------
    dict
        ``{"world": parameters, "population": int, "findings": {id: {"value", "unit", "how"}}}``, values to
        eight significant digits.
    """
    truths = dict(_realised(drawn))
    if population:
        truths |= dict(_of_population(gather(drawn.world, population), population))
    findings = {
        name: {"value": _rounded(truth.value), "unit": truth.unit, "how": truth.how}
        for name, truth in truths.items()
    }
    return {"world": asdict(drawn.world), "population": population, "findings": findings}


def _rounded(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.8g}")


def _realised(drawn: Draw) -> Iterator[tuple[str, Truth]]:
    yield "appraisal.tie_effect", tie_effect(drawn)
    yield "appraisal.achievement_slope", achievement_slope(drawn)
    yield "appraisal.rater_share", rater_share(drawn)
    yield "appraisal.changed_share", changed_share(drawn)
    yield "training.norm_share", norm_share(drawn)
    yield "training.leadership_att", leadership_att(drawn)
    yield "training.hours_slope", hours_slope(drawn)
    yield from pathways(drawn).items()
    yield "culture.award_att", award_att(drawn)
    yield "culture.team_building_att", team_building_att(drawn)
    yield "service.performance_slope", service_slope(drawn)
    yield "policy.combined_gain", combined_gain(drawn)


# ── appraisal ────────────────────────────────────────────────────────────────────────────────────


def tie_effect(drawn: Draw) -> Truth:
    """Return the points any tie adds: the same for every kind, employee and rater in this world."""
    return Truth(drawn.world.tie_effect, SCORE, "parameter of the score; every kind of tie adds the same")


def achievement_slope(drawn: Draw) -> Truth:
    """Return the score points for 10 points of recorded achievement within employee and period.

    The parameter, times the within-employee slope of achievement on its record where the record has an
    error or a ceiling: the estimand is of *recorded* achievement.
    """
    share, _ = _record_reliability(drawn)
    how = "parameter of the score"
    if _record_differs(drawn):
        how += " times the slope of achievement on its record within employee and period, realised appraisals"
    return Truth(drawn.world.achievement_slope * share, "score points for 10 points of achievement", how)


def rater_share(drawn: Draw) -> Truth:
    """Return rater variance over the sum of rater, employee and residual variances.

    Where the record differs from achievement, what the record does not show of achievement joins the
    employee and the residual variance.
    """
    world = drawn.world
    _, unseen = _record_reliability(drawn)
    rater = world.rater_sd**2
    employee = world.employee_score_sd**2 + unseen[0]
    residual = world.score_noise_sd**2 + unseen[1]
    total = rater + employee + residual
    how = "variances of rater, employee and residual in the process"
    if _record_differs(drawn):
        how += ", with what the record hides of achievement added to the last two"
    return Truth(rater / total if total > 0 else None, "share", how)


def _record_differs(drawn: Draw) -> bool:
    return drawn.world.record_error > 0 or drawn.world.record_ceiling is not None


def _record_reliability(drawn: Draw) -> tuple[float, tuple[float, float]]:
    """Return the slope of achievement on its record, and the score variance it leaves between and within."""
    if not _record_differs(drawn):
        return 1.0, (0.0, 0.0)
    seen = ~np.isnan(drawn.performance.recorded)
    true = _net_of_period(np.where(seen, drawn.performance.achievement, np.nan))
    shown = _net_of_period(drawn.performance.recorded)
    within_true, within_shown = _net_of_person(true), _net_of_person(shown)
    slope = np.nansum(within_true * within_shown) / np.nansum(within_shown**2)
    left = drawn.world.achievement_slope / 10 * (true - slope * shown)
    within = _net_of_person(left)
    spells = seen.sum(1)
    people = spells > 0
    within_variance = np.nansum(within**2) / (spells[people] - 1).sum()
    means = np.nansum(np.where(seen, left, 0), 1)[people] / spells[people]
    between = means.var(ddof=1) - within_variance * (1 / spells[people]).mean()
    return float(slope), (max(float(between), 0.0), float(within_variance))


def _net_of_period(values: np.ndarray) -> np.ndarray:
    return values - np.nanmean(values, axis=0)


def _net_of_person(values: np.ndarray) -> np.ndarray:
    seen = ~np.isnan(values)
    count = np.maximum(seen.sum(1), 1)
    return values - (np.where(seen, values, 0).sum(1) / count)[:, None]


def changed_share(drawn: Draw) -> Truth:
    """Return the realised share of the latest quarter's appraisals whose matrix predicate would differ."""
    rows = drawn.appraisals
    achievement = drawn.performance.recorded[rows.employee, rows.quarter]
    kept = (rows.quarter == drawn.world.quarters - 1) & ~np.isnan(achievement)
    deserved = 2 - (achievement[kept] < BELOW) + (achievement[kept] > ABOVE)
    behaviour = rows.behaviour[kept] - 1
    changed = MATRIX[deserved - 1, behaviour] != MATRIX[rows.work_result[kept] - 1, behaviour]
    how = "count over the latest quarter's appraisals with a recorded achievement"
    return Truth(float(changed.mean()), "share", how)


# ── training ─────────────────────────────────────────────────────────────────────────────────────


def norm_share(drawn: Draw) -> Truth:
    """Return the realised share of those in service all the last year with at least 20 JP in it."""
    people, year = drawn.people, drawn.world.last_year
    first, last = np.datetime64(f"{year}-01-01", "D"), np.datetime64(f"{year}-12-31", "D")
    served = (people.start_year < year) & (np.isnat(people.left) | (people.left > last))
    rows = training_rows(drawn)
    inside = (rows["day"] >= first) & (rows["day"] <= last)
    hours = np.bincount(rows["employee"][inside], rows["hours"][inside], len(people.unit))
    how = f"count over employees in service all of {year}; every kind of course"
    return Truth(float((hours[served] >= NORM_HOURS).mean()), "share", how)


def leadership_att(drawn: Draw) -> Truth:
    """Return the mean effect of the first leadership programme over treated employee-periods."""
    effect = leadership_effects(drawn.world, drawn.training)
    return _average_effect(drawn, effect, drawn.training.onset)


def award_att(drawn: Draw) -> Truth:
    """Return the mean effect of the first award over treated employee-periods."""
    onset = drawn.performance.award_onset
    return _average_effect(drawn, _constant_effect(drawn, drawn.world.award_effect, onset), onset)


def team_building_att(drawn: Draw) -> Truth:
    """Return the mean effect of the unit's first team building over treated employee-periods."""
    onset = drawn.performance.team_onset
    return _average_effect(drawn, _constant_effect(drawn, drawn.world.team_building_effect, onset), onset)


def _constant_effect(drawn: Draw, effect: float, onset: np.ndarray) -> np.ndarray:
    return effect * (np.arange(drawn.world.quarters) >= onset[:, None])


def _average_effect(drawn: Draw, effect: np.ndarray, onset: np.ndarray) -> Truth:
    """Return the mean of `effect` over treated employee-periods while someone is not yet treated.

    Those treated in the first period are left out. With a ceiling in the record the effect is the
    difference between the record with and without it.
    """
    performance, quarter = drawn.performance, np.arange(drawn.world.quarters)
    untreated = ((quarter < onset[:, None]) & drawn.people.present).any(0)
    treated = (quarter >= onset[:, None]) & (onset > 0)[:, None] & untreated
    treated &= ~np.isnan(performance.recorded)
    how = "mean effect over treated employee-periods while someone is untreated"
    if drawn.world.record_ceiling is not None:
        error = performance.error
        without = record(drawn.world, performance.achievement - effect, error)
        effect = record(drawn.world, performance.achievement, error) - without
        how += ", in the record, which has a ceiling"
    return Truth(float(effect[treated].mean()) if treated.any() else None, POINTS, how)


def hours_slope(drawn: Draw) -> Truth:
    """Return the points for 10 JP; a ceiling lets through the share of employee-periods below it."""
    value, how = drawn.world.hours_slope, "parameter of achievement"
    if drawn.world.record_ceiling is not None:
        shown = drawn.performance.recorded[~np.isnan(drawn.performance.recorded)]
        value = value * float((shown < drawn.world.record_ceiling).mean())
        how += " times the share of employee-periods under the record's ceiling"
    return Truth(value, f"{POINTS} for 10 JP", how)


# ── pathways ─────────────────────────────────────────────────────────────────────────────────────


def pathways(drawn: Draw) -> dict[str, Truth]:
    """Return standardised indirect and total effects of culture and recognition on performance.

    With motivation = a x, commitment = b1 motivation + b x and performance = d1 commitment + d2 motivation
    + d x (x culture or recognition): indirect = a d2 + b d1 + a b1 d1 and total = indirect + d, times the
    standard deviation of x over that of performance.
    """
    world, scale = drawn.world, _performance_spread(drawn) ** -1
    through = _shown_through_ceiling(drawn)
    d1, d2 = world.commitment_to_achievement, world.motivation_to_achievement
    paths = {
        "culture": (world.culture_to_motivation, world.culture_to_commitment, world.culture_to_achievement),
        "recognition": (
            world.recognition_to_motivation,
            world.recognition_to_commitment,
            world.recognition_to_achievement,
        ),
    }
    how = "structural coefficients, standard deviations over realised employees"
    truths = {}
    for name, (a, b, d) in paths.items():
        spread = getattr(drawn.attitudes, name)[_realised_employees(drawn)].std(ddof=1)
        indirect = a * d2 + b * d1 + a * world.motivation_to_commitment * d1
        factor = spread * scale * through
        truths[f"pathway.{name}_indirect"] = Truth(float(indirect * factor), SD, f"indirect: {how}")
        truths[f"pathway.{name}_total"] = Truth(float((indirect + d) * factor), SD, f"total: {how}")
    return truths


def _realised_employees(drawn: Draw) -> np.ndarray:
    return eligible(drawn.world, drawn.people) & ~np.isnan(drawn.performance.yearly())


def _performance_spread(drawn: Draw) -> float:
    return float(drawn.performance.yearly()[_realised_employees(drawn)].std(ddof=1))


def _shown_through_ceiling(drawn: Draw) -> float:
    """Return the share of a coefficient that a ceiling lets through: cov(record, true) / var(true).

    For jointly normal variables cov(f(y), x) = cov(y, x) cov(f(y), y) / var(y) (Bussgang 1952).
    """
    if drawn.world.record_ceiling is None:
        return 1.0
    who = _realised_employees(drawn)
    shown = drawn.performance.recorded[who, -4:]
    true = np.where(np.isnan(shown), np.nan, drawn.performance.achievement[who, -4:])
    pair = np.cov(np.nanmean(shown, 1), np.nanmean(true, 1))
    return float(pair[0, 1] / pair[1, 1])


# ── service and policy ───────────────────────────────────────────────────────────────────────────


def service_slope(drawn: Draw) -> Truth:
    """Return the IKM points for 10 points of the unit's mean achievement.

    Where the record differs from achievement: times the slope of the unit's mean on its recorded mean,
    unit and period means removed.
    """
    value, how = drawn.world.service_slope, "parameter of the service index"
    if _record_differs(drawn):
        recorded = drawn.performance.recorded
        true = np.where(np.isnan(recorded), np.nan, drawn.performance.achievement)
        unit, units = drawn.people.unit, drawn.world.units
        means = [_net_of_both(unit_means(values, unit, units)) for values in (true, recorded)]
        value *= float(np.nansum(means[0] * means[1]) / np.nansum(means[1] ** 2))
        how += " times the slope of the units' means on their recorded means"
    return Truth(value, "IKM points for 10 points of achievement", how)


def _net_of_both(values: np.ndarray) -> np.ndarray:
    for _ in range(50):
        values = _net_of_person(_net_of_period(values))
    return values


def combined_gain(drawn: Draw) -> Truth:
    """Return the gain in mean achievement under the study's scenario.

    Δhours / 10 x slope + share x (1 - share trained) x leadership effect + ΔSD x total x SD of performance,
    over employees in service in the last quarter. Hours and culture after the change are capped at their
    observed 95th percentile, nobody losing by it; culture is the latent variable in standard deviations.
    """
    here = drawn.people.present[:, -1]
    hours = _capped_gain(drawn.training.window[here, -1], SCENARIO["training.hours_slope"])
    trained = float((drawn.training.onset[here] <= drawn.world.quarters).mean())
    share = min(SCENARIO["training.leadership_att"], 1.0) * (1 - trained)
    culture = drawn.attitudes.culture[_realised_employees(drawn)]
    culture = (culture - culture.mean()) / culture.std(ddof=1)
    shift = _capped_gain(culture, SCENARIO["pathway.culture_total"])
    total = pathways(drawn)["pathway.culture_total"].value or 0.0
    gain = hours / 10 * (hours_slope(drawn).value or 0.0)
    gain += share * (leadership_att(drawn).value or 0.0)
    gain += shift * total * _performance_spread(drawn)
    how = "scenario 'combined' with the true effects and realised exposures, capped at the 95th percentile"
    return Truth(gain, POINTS, how)


def _capped_gain(exposure: np.ndarray, change: float) -> float:
    cap = np.quantile(exposure, 0.95)
    return float(np.maximum(np.minimum(exposure + change, cap) - exposure, 0).mean())


# ── population ───────────────────────────────────────────────────────────────────────────────────


def _of_population(population: Population, size: int) -> Iterator[tuple[str, Truth]]:
    yield from _joint(population, size)
    yield from _importance(population, size)
    for name, values in reliabilities(population.items).items():
        for kind, value in zip(("alpha", "omega"), values, strict=True):
            how = f"covariances of the keyed items, complete cases, {size} simulated employees"
            yield f"measurement.{name}.{kind}", Truth(value, "coefficient", how)
    (a, c), (_, b) = population.perception
    how = f"correlation within unit of scale mean and mean residual, {size} simulated employees"
    gap = float(c / np.sqrt(a * b)) if a > 0 and b > 0 else None
    yield "perception.transparency_gap", Truth(gap, "correlation", how)


def _joint(population: Population, size: int) -> Iterator[tuple[str, Truth]]:
    """Yield the standardised projections on scale means, and on latent variables."""
    facts = population.facts
    before = [name for name in facts.columns if name == "before"]
    for suffix in ("", "_latent"):
        names = ["training", *(f"{name}{suffix}" for name in PREDICTORS[1:])]
        beta = random_intercept_projection(facts, "performance", [*names, *before])
        spread = np.sqrt(np.diag(facts.covariance([*names, "performance"])))
        kind = "latent-variable" if suffix else "scale-mean"
        how = f"{kind} projection with random intercepts, {size} simulated employees"
        for j, (predictor, name) in enumerate(zip(PREDICTORS, names, strict=True)):
            value = beta[name] * spread[j] / spread[-1] if spread[-1] > 0 else None
            yield f"joint.{predictor}{suffix}", Truth(value, SD, how)


def _importance(population: Population, size: int) -> Iterator[tuple[str, Truth]]:
    """Yield the predictors' shares of R², unit means removed; undefined where they explain nothing."""
    shares, whole = lmg_shares(within_covariance(population.facts, [*PREDICTORS, "performance"]))
    how = f"LMG shares of R² = {whole:.4f} within units, {size} simulated employees"
    for name, share in zip(PREDICTORS, shares, strict=True):
        value = float(share) if whole > LEAST_R_SQUARED else None
        yield f"importance.{name}", Truth(value, "share of R²", how)
