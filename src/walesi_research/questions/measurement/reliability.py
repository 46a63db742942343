"""How reliable are the scales of the questionnaire?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exhibits import Cell, Gap, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, number, say
from walesi_research.questions.measurement.scales import NOTEBOOK, Scale, scales_of, thin
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.stats.reliability import alpha, omega
from walesi_research.stats.sem.sample import read_rows
from walesi_research.stats.sem.saturated import saturated_moments

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Reliability", "reliability"]

CUSTOMARY = 0.70
"""Reliability below which the field calls a scale weak (Nunnally 1978, Psychometric Theory, p. 245)."""
COEFFICIENTS = {"alpha": 2, "omega": 3}
"""Fewest items of each coefficient."""
METHODS = {
    "alpha": "Cronbach's alpha of reverse-keyed items, complete cases, Feldt interval; latest wave",
    "omega": "omega total of the one-factor maximum-likelihood model, complete cases, delta-method interval; "
    "latest wave",
}


@dataclass(frozen=True)
class Estimate:
    """One coefficient of one scale, or why there is none."""

    items: int
    n: int | None = None
    value: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    reason: Message | None = None
    fiml: float | None = None
    """Alpha of the covariances that full-information maximum likelihood finds, where answers are missing."""


def reliability(study: Study, level: float = 0.95) -> Reliability:
    """Ask how reliable each scale of the questionnaire is.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Reliability
        Findings ``measurement.<construct>.alpha`` and ``.omega``.
    """
    scales = scales_of(study)
    if isinstance(scales, Message):
        return Reliability(study, level, {})
    kinds = [(scale, kind) for scale in scales for kind in COEFFICIENTS]
    return Reliability(study, level, {(s.name, kind): _estimate(study, s, kind, level) for s, kind in kinds})


def _estimate(study: Study, scale: Scale, kind: str, level: float) -> Estimate:
    reason = thin(study, scale, COEFFICIENTS[kind])
    if reason is not None:
        return Estimate(scale.items.shape[1], reason=reason)
    complete = scale.complete.to_numpy()
    n = people(study, len(complete))
    if kind == "omega":
        return replace(_omega(complete, level), n=n)
    return replace(_alpha(complete, level), n=n, fiml=_fiml(study, scale))


def _fiml(study: Study, scale: Scale) -> float | None:
    """Return alpha with incomplete answers, where enough are for it to stand beside the other."""
    answered = scale.answered
    if len(answered) - len(scale.complete) < study.settings.privacy.minimum_cell:
        return None
    try:
        rows = read_rows(answered, list(answered), missing="fiml")[0]
        covariance = saturated_moments(rows.moments())[1]
    except ValueError:  # too much is missing
        return None
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def _alpha(X: np.ndarray, level: float) -> Estimate:
    fit = alpha(X, level=level)
    return Estimate(X.shape[1], value=fit.estimate, low=fit.low, high=fit.high)


def _omega(X: np.ndarray, level: float) -> Estimate:
    try:
        fit = omega(X, level=level)
    except ValueError:
        return Estimate(X.shape[1], reason=_failed("singular"))
    if fit.heywood or not fit.converged:
        return Estimate(X.shape[1], reason=_failed("heywood" if fit.heywood else "not_converged"))
    return Estimate(X.shape[1], value=fit.estimate, se=fit.se, low=fit.low, high=fit.high)


def _failed(why: str) -> Message:
    return Message.of("measurement.omega_failed", why=Message.of(f"measurement.{why}"))


@dataclass(frozen=True, eq=False)
class Reliability:
    """Answer: alpha and omega by scale.

    Parameters
    ----------
    study : Study
    level : float
    estimates : dict of (construct, kind) to Estimate
    """

    study: Study
    level: float
    estimates: dict[tuple[str, str], Estimate]

    @property
    def findings(self) -> list[Finding]:
        """Two findings a scale."""
        return [self._finding(name, kind, e) for (name, kind), e in self.estimates.items()]

    def _finding(self, name: str, kind: str, e: Estimate) -> Finding:
        label = {language: self._label(name, language) for language in ("id", "en")}
        parts = {
            "id": f"measurement.{name}.{kind}",
            "unit": "reliability",
            "claim": "description",
            "method": METHODS[kind],
            "question": {k: in_both(f"measurement.{kind}_question", scale=v)[k] for k, v in label.items()},
            "notebook": NOTEBOOK,
            "level": self.level,
            "n": e.n,
        }
        if e.reason is not None:
            return not_estimable(e.reason, **parts)
        return Finding(estimate=e.value, se=e.se, low=e.low, high=e.high, **parts)

    def _label(self, construct: str, language: str) -> str:
        return self.study.codebook.constructs[construct].label[language]

    @property
    def _constructs(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self.estimates))

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether every scale reaches the customary reliability."""
        if not self.estimates:
            return []
        alphas = {name: self.estimates[name, "alpha"] for name in self._constructs}
        known = {name: e for name, e in alphas.items() if e.value is not None}
        weak = [name for name, e in known.items() if e.high < CUSTOMARY]
        unsure = [name for name, e in known.items() if e.low < CUSTOMARY <= e.high]
        if not known:
            return []
        if not weak and not unsure:
            key = "all" if len(known) == len(alphas) else "computed"
            return [Sentence(say(language, f"measurement.{key}_fine", limit=CUSTOMARY))]
        told = [("some_weak", weak), ("some_unsure", unsure)]
        texts = [self._names(key, names, language) for key, names in told if names]
        rest = [say(language, "measurement.others_fine")] if len(weak) + len(unsure) < len(known) else []
        return [Sentence(" ".join([*texts, *rest]))]

    def _names(self, key: str, names: list[str], language: str) -> str:
        labels = ", ".join(self._label(name, language) for name in names)
        return say(language, f"measurement.{key}", limit=CUSTOMARY, names=labels)

    def table(self, language: str) -> Table | list[Table]:
        """Return alpha and omega with their intervals."""
        if not self.estimates:
            return []
        keys = ("scale", "alpha", "omega")
        columns = [say(language, f"measurement.{key}") for key in keys]
        rows = [self._row(name, language) for name in self._constructs]
        return Table(
            columns, rows, say(language, "measurement.reliability_caption", level=self.level), language
        )

    @property
    def _digits(self) -> int:
        return decimals(((e.low, e.high) for e in self.estimates.values() if e.value is not None), 2)

    def _row(self, name: str, language: str) -> list[str | Cell] | Gap:
        a, o = self.estimates[name, "alpha"], self.estimates[name, "omega"]
        if a.reason is not None:
            return Gap(
                self._label(name, language), say(language, "common.not_computed"), a.reason.in_(language)
            )
        return [
            Cell(self._label(name, language), self._basis(a, language)),
            *(_cell(e, language, self._digits) for e in (a, o)),
        ]

    def _basis(self, a: Estimate, language: str) -> str:
        text = say(language, "measurement.basis", items=a.items, people=a.n)
        if a.fiml is None:
            return text
        return f"{text}; {say(language, 'measurement.fiml', alpha=number(a.fiml, language, self._digits))}"

    def details(self, language: str) -> list[Sentence]:
        """Return what alpha of incomplete answers is, where the table has one."""
        if all(e.fiml is None for e in self.estimates.values()):
            return []
        return [Sentence(say(language, "measurement.incomplete"))]


def _cell(e: Estimate, language: str, digits: int) -> str | Cell:
    if e.value is None:
        return Cell("–", e.reason.in_(language))
    return Cell(number(e.value, language, digits), interval(e.low, e.high, language, digits))
