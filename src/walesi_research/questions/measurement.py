"""Do the questionnaires measure what they claim? So far: how reliable the scales are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exhibits import Cell, Gap, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, interval, number, say
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.variables import latest_wave
from walesi_research.stats.reliability import alpha, omega

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Reliability", "reliability"]

NOTEBOOK = "06_performance"
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

    n: int
    value: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    reason: Message | None = None


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
    if not study.has("survey"):
        return Reliability(study, level, {})
    wave = latest_wave(study)
    estimates = {}
    for name in study.codebook.constructs:
        X = study.codebook.keyed(wave, name).dropna(axis=1, how="all").to_numpy(dtype=float)
        estimates |= {(name, kind): _estimate(X, kind, level, study) for kind in COEFFICIENTS}
    return Reliability(study, level, estimates)


def _estimate(X: np.ndarray, kind: str, level: float, study: Study) -> Estimate:
    complete = X[~np.isnan(X).any(axis=1)]
    n = people(study, len(complete))
    if X.shape[1] < COEFFICIENTS[kind]:
        reason = Message.of("measurement.too_few_items", items=X.shape[1], needed=COEFFICIENTS[kind])
    elif len(complete) < max(study.settings.privacy.minimum_cell, X.shape[1] + 2):
        reason = Message.of("measurement.too_few_people")
    elif (complete == complete[0]).all(axis=0).any():
        reason = Message.of("measurement.constant_item")
    else:
        return _alpha(complete, n, level) if kind == "alpha" else _omega(complete, n, level)
    return Estimate(n, reason=reason)


def _alpha(X: np.ndarray, n: int, level: float) -> Estimate:
    fit = alpha(X, level=level)
    return Estimate(n, fit.estimate, None, fit.low, fit.high)


def _omega(X: np.ndarray, n: int, level: float) -> Estimate:
    try:
        fit = omega(X, level=level)
    except ValueError:
        return Estimate(
            n, reason=Message.of("measurement.omega_failed", why=Message.of("measurement.singular"))
        )
    if fit.heywood or not fit.converged:
        why = Message.of("measurement.heywood" if fit.heywood else "measurement.not_converged")
        return Estimate(n, reason=Message.of("measurement.omega_failed", why=why))
    return Estimate(n, fit.estimate, fit.se, fit.low, fit.high)


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
            return [Sentence(say(language, "measurement.no_survey"), "note")]
        alphas = {name: self.estimates[name, "alpha"].value for name in self._constructs}
        weak = [name for name, a in alphas.items() if a is not None and a < CUSTOMARY]
        if not weak:
            return [Sentence(say(language, "measurement.all_fine", limit=CUSTOMARY))]
        names = ", ".join(self._label(name, language) for name in weak)
        return [Sentence(say(language, "measurement.some_weak", limit=CUSTOMARY, names=names))]

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

    def _row(self, name: str, language: str) -> list[str | Cell] | Gap:
        a, o = self.estimates[name, "alpha"], self.estimates[name, "omega"]
        if a.reason is not None:
            return Gap(
                self._label(name, language), say(language, "performance.not_computed"), a.reason.in_(language)
            )
        return [
            Cell(self._label(name, language), self._basis(name, a, language)),
            _cell(a, language),
            _cell(o, language),
        ]

    def _basis(self, name: str, a: Estimate, language: str) -> str:
        items = len(self.study.codebook.constructs[name].items)
        return say(language, "measurement.basis", items=items, people=a.n)


def _cell(e: Estimate, language: str) -> str | Cell:
    if e.value is None:
        return Cell("–", e.reason.in_(language))
    return Cell(number(e.value, language, 2), interval(e.low, e.high, language, 2))
