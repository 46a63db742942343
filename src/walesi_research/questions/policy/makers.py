"""How each part is made: the question's own answer, and its estimator again in every replicate."""

from __future__ import annotations

import numpy as np

from walesi_research.language import Message
from walesi_research.questions import variables
from walesi_research.questions.pathways.awards import LAGS, award, award_panel
from walesi_research.questions.pathways.event_days import first_days
from walesi_research.questions.performance.cases import Cases
from walesi_research.questions.performance.joint import joint
from walesi_research.questions.policy.exposures import Levels
from walesi_research.questions.policy.parts import Maker, Part, Sample
from walesi_research.questions.training.hours import hours
from walesi_research.questions.training.hours_model import rows_of
from walesi_research.questions.training.leadership import leadership
from walesi_research.questions.training.panel import completed_first, panel_of
from walesi_research.questions.variables import HOURS
from walesi_research.stats.replicates import intercept_replicates, mean_and_sd, two_way_replicates
from walesi_research.stats.triggered import triggered

__all__ = ["MAKERS"]


def _hours(sample: Sample, name: str) -> Part | Message:
    """Return 1 JP in the 12 months before a period: ``training.hours_slope`` over ten."""
    study = sample.study
    answer = hours(study, sample.level)
    if answer.slope is None:
        return answer.reasons["slope"]
    panel = panel_of(study)
    rows = rows_of(study, panel, "before")
    X = np.column_stack([rows.leadership, rows.hours["before"] / HOURS])
    drawn = two_way_replicates(rows.y, X, rows.employee, rows.period, sample.counts(panel.row)[1:])
    windows = variables.windows_before(study, [sample.last_period])
    now = variables.window_hours(study, windows)[sample.last_period].to_numpy()[sample.serving]
    e = answer.slope.effect
    effect, own = np.append(e.estimate, drawn) / HOURS, (e.low / HOURS, e.high / HOURS)
    return Part(
        name, effect, Levels(now, sample.counts(sample.serving)), "effect_if", answer.slope.people, own
    )


def _leadership(sample: Sample, name: str) -> Part | Message:
    """Return the first leadership programme: ``training.leadership_att``."""
    answer = leadership(sample.study, sample.level, sample.replicates)
    if answer.effect is None:
        return answer.reason
    e, after = answer.effect, answer.fit.since >= 0
    effect = np.append(e.estimate, _mean(answer.fit.totals, answer.fit.sizes, after))
    trained, doubtful = sample.already(completed_first(sample.study)), answer.state == "doubtful"
    return Part(name, effect, trained, "effect_if", answer.fit.people, (e.low, e.high), doubtful)


def _award(sample: Sample, name: str) -> Part | Message:
    """Return the first award: ``culture.award_att``."""
    study = sample.study
    answer = award(study, sample.level, sample.replicates)
    if isinstance(answer, Message):
        return answer
    panel = award_panel(study)
    found = triggered(panel.y, panel.event, LAGS, [sample.counts(panel.row)[1:]], sample.level)
    after = found.since >= 0
    totals = (found.fit.totals * after).sum(axis=1) - (found.fit.sizes * after).sum(axis=1) * found.shifts
    with np.errstate(invalid="ignore"):
        drawn = totals.sum(axis=1) / (found.fit.sizes * after).sum(axis=(1, 2))
    effect, own = np.append(answer.estimate, drawn), (answer.low, answer.high)
    awarded = sample.already(first_days(study, "award"))
    return Part(name, effect, awarded, "effect_if", answer.people, own, answer.doubtful)


def _mean(totals: np.ndarray, sizes: np.ndarray, where: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return (totals * where).sum(axis=(1, 2)) / (sizes * where).sum(axis=(1, 2))


def _attitude(sample: Sample, name: str) -> Part | Message:
    """Return a standard deviation of culture or recognition: ``pathway.<role>_total``, in points."""
    role = name.removeprefix("pathway.").removesuffix("_total")
    chain = sample.chain
    if why := chain.why_not(role, "total"):
        return why
    model = chain.model
    if not model.chain.measured:
        return Message.of("policy.self_rated")
    outcome = model.chain.outcome.values
    spread = mean_and_sd(outcome.to_numpy(float), sample.counts(sample.rows(outcome.index)))[1]
    e, drawn = model.effect(role, "total"), model.draws.effects.total[:, model.chain.exogenous.index(role)]
    effect, own = np.append(e.estimate, drawn) * spread, (e.low * spread[0], e.high * spread[0])
    scores = variables.scores(sample.study)[variables.construct_of_role(sample.study, role)]
    scores = scores[scores.index.isin(outcome.index)].dropna()
    exposure = Levels(scores.to_numpy(float), sample.counts(sample.rows(scores.index)), standardised=True)
    return Part(name, effect, exposure, "association", model.n, own)


def _fairness(sample: Sample, name: str) -> Part | Message:
    """Return a standard deviation of perceived fairness: ``joint.fairness``, in points."""
    role = name.removeprefix("joint.")
    answer = joint(sample.study, sample.level)
    if role not in answer.coefficients:
        return answer.reasons[role]
    cases = answer.cases
    if cases.source != "achievement":
        return Message.of("policy.self_rated")
    x, counts = cases.frame[role].to_numpy(float), sample.counts(sample.rows(cases.frame.index))
    drawn = _joint_slopes(cases, role, answer.model.unit_share, counts[1:]) * mean_and_sd(x, counts[1:])[1]
    e, spread = answer.coefficients[role], cases.frame["performance"].std()
    effect, own = np.append(e.estimate * spread, drawn), (e.low * spread, e.high * spread)
    exposure = Levels(x, counts, standardised=True)
    return Part(name, effect, exposure, "association", len(cases.frame), own)


def _joint_slopes(cases: Cases, role: str, share: float, counts: np.ndarray) -> np.ndarray:
    """Return points of performance for one unit of a predictor in the joint model, in every replicate."""
    names = [n for n in [*cases.predictors, *cases.controls] if n != role]
    X = cases.frame[[*names, role]].to_numpy(float)
    X = np.column_stack([np.ones(len(X)), X - X.mean(axis=0)])
    y = cases.frame["performance"].to_numpy(float)
    ratio = share / (1 - share) if np.isfinite(share) else 0.0
    return intercept_replicates(y - y.mean(), X, cases.frame["unit"].astype(str).to_numpy(), ratio, counts)


MAKERS: dict[str, Maker] = {
    "training.hours_slope": _hours,
    "training.leadership_att": _leadership,
    "pathway.culture_total": _attitude,
    "pathway.recognition_total": _attitude,
    "joint.fairness": _fairness,
    "culture.award_att": _award,
}
"""By exposure. Team building is not among them: it is of whole units, which are few, and its interval comes
from exchanging their dates; draws of employees within units do not hold that uncertainty."""
