"""The joint model corrected for measurement error: what do imprecise answers hide?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from walesi_research.exhibits import Cell, Column, Gap, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval_words, number, say, share
from walesi_research.questions.effect import Effect, judged, written
from walesi_research.questions.pathways.chain import questions_reversed
from walesi_research.questions.performance.cases import complete_cases
from walesi_research.questions.performance.joint import Joint, joint
from walesi_research.questions.performance.latent_estimate import LatentModel, fit_latent
from walesi_research.questions.performance.names import label, listed, of_joint_model, role
from walesi_research.questions.result import estimated, not_estimable, people
from walesi_research.questions.variables import PREDICTORS

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["JointLatent", "joint_latent"]

DIGITS = 2
"""Decimals of a standardised coefficient, more where an interval is too narrow for them."""
METHOD = (
    "standardised coefficient, linear mixed model of performance on {fixed}; units as random intercepts, "
    "their variance ratio by REML; corrected for measurement error of scale means by the unique variances of "
    "their items in a one-factor model (errors in variables, Fuller 1987), standardised without error; "
    "{straight}expanded percentile bootstrap of employees within units, standard error by "
    "interquartile range{measured}"
)
STRAIGHT = "one answer throughout a questionnaire with reversed items counts as none; "


def joint_latent(study: Study, level: float = 0.95, draws: int = 999) -> JointLatent:
    """Ask how strongly each of the four would be associated with performance, were answers precise.

    The joint model (`joint`), its scales freed of their measurement error. Recorded hours and achievement
    are taken as exact.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap samples of employees within units.

    Returns
    -------
    JointLatent
        Findings ``joint.training_latent``, ``joint.culture_latent``, ``joint.recognition_latent`` and
        ``joint.fairness_latent``.
    """
    plain = joint(study, level)
    cases = complete_cases(study)
    model = cases if isinstance(cases, Message) else fit_latent(study, cases, level, draws)
    if isinstance(model, Message):
        missing = {} if isinstance(cases, Message) else cases.missing
        return JointLatent(study, plain, dict.fromkeys(PREDICTORS, model) | missing)
    return JointLatent(study, plain, cases.missing, model)


@dataclass(frozen=True, eq=False)
class JointLatent:
    """Answer of the corrected joint model.

    Parameters
    ----------
    study : Study
    plain : Joint
        The model of scale means.
    reasons : dict of str to Message
        Predictors without an estimate, and why.
    model : LatentModel or None
    """

    study: Study
    plain: Joint
    reasons: dict[str, Message]
    model: LatentModel | None = None

    # ── findings ─────────────────────────────────────────────────────────────────────────────────

    @property
    def coefficients(self) -> dict[str, Effect]:
        """Corrected coefficients by predictor."""
        return self.model.coefficients if self.model else {}

    @property
    def findings(self) -> list[Finding]:
        """One finding a predictor."""
        return [self._finding(name) for name in PREDICTORS]

    def _finding(self, name: str) -> Finding:
        about = of_joint_model(name, "performance_latent.question", self._method(), self.plain.level)
        parts = {"id": f"joint.{name}_latent", **about}
        if name not in self.coefficients:
            return not_estimable(self.reasons[name], **parts)
        c = self.coefficients[name]
        return estimated(c, n=people(self.study, self.model.n), groups=self.model.units, **parts)

    def _method(self) -> str:
        cases = self.plain.cases
        fixed = ", ".join(cases.predictors if cases else PREDICTORS)
        if cases and cases.controls:
            fixed += " and achievement of the year before"
        straight = STRAIGHT if questions_reversed(self.study) else ""
        return METHOD.format(
            fixed=fixed, straight=straight, measured=f"; {cases.measured_by}" if cases else ""
        )

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    def _clear(self, coefficients: dict[str, Effect]) -> dict[str, str]:
        found = judged(coefficients, self.plain.level)
        return {name: verdict for name, verdict in found.items() if verdict != "cannot_tell"}

    @cached_property
    def _changed(self) -> bool:
        """Whether other predictors are clear than among scale means, or in another direction."""
        return self._clear(self.coefficients) != self._clear(self.plain.coefficients)

    def heading(self, language: str) -> list[Heading]:
        """Return whether the correction changes the answer."""
        if self.model is None or not self.model.reliability:
            return []
        return [Heading(say(language, f"performance_latent.heading_{'other' if self._changed else 'same'}"))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return how reliable the scales are and what the correction changes, or why there is none."""
        if self.model is None:
            why = " ".join(dict.fromkeys(reason.in_(language) for reason in self.reasons.values()))
            return [Sentence(say(language, "performance_latent.silent", why=why), "note")]
        if not self.model.reliability:
            return [Sentence(say(language, "performance_latent.exact"), "note")]
        clear = self._clear(self.coefficients)
        up, down = (
            listed([n for n, v in clear.items() if v == side], language)
            for side in ("supported", "not_supported")
        )
        again = "" if self._changed else "_still"
        texts = [
            say(language, "performance_latent.hidden", shares=self._reliabilities(language)),
            say(language, f"performance_latent.up{again}", names=up) if up else "",
            say(language, f"performance_latent.down{again}", names=down) if down else "",
            "" if clear else say(language, f"performance_latent.none{again}"),
            self._example(language),
        ]
        return [Sentence(" ".join(text for text in texts if text))]

    def _reliabilities(self, language: str) -> str:
        """Return the scales' reliabilities as a list in a sentence."""
        parts = [
            say(language, "performance_latent.share", name=_named(name, language), share=share(r, language))
            for name, r in self.model.reliability.items()
        ]
        return ", ".join(parts)

    def _example(self, language: str) -> str:
        """Return the coefficient that the correction moves most."""
        before = self.plain.coefficients
        scales = [name for name in self.coefficients if name in self.model.reliability and name in before]
        if not scales:
            return ""
        name = max(scales, key=lambda n: abs(self.coefficients[n].estimate - before[n].estimate))
        c = self.coefficients[name]
        return say(
            language,
            "performance_latent.example",
            name=role(name, language),
            before=number(before[name].estimate, language, self._digits),
            after=number(c.estimate, language, self._digits),
            between=interval_words(c.low, c.high, language, self._digits),
        )

    @property
    def _digits(self) -> int:
        return decimals(((c.low, c.high) for c in self.coefficients.values()), DIGITS)

    def table(self, language: str) -> Table | list[Table]:
        """Return both models side by side; how reliable the scales are stands in the sentence."""
        if self.model is None:
            return []
        heads = ("answers", "corrected")
        columns = [say(language, "performance.what")]
        columns += [Column(say(language, f"performance_latent.{head}"), numeric=True) for head in heads]
        rows = [self._cells(name, language) for name in PREDICTORS]
        caption = say(language, "performance_latent.table", level=self.plain.level)
        return Table(columns, rows, caption, language)

    def _cells(self, name: str, language: str) -> list[str | Cell] | Gap:
        if name not in self.coefficients:
            why = self.reasons[name].in_(language)
            return Gap(label(name, language), say(language, "common.not_computed"), why)
        before = self.plain.coefficients
        return [
            label(name, language),
            written(before[name], language, self._digits) if name in before else "–",
            written(self.coefficients[name], language, self._digits),
        ]

    def details(self, language: str) -> list[Sentence]:
        """Return how it was computed."""
        if self.model is None or not self.model.reliability:
            return []
        straight = ["straight"] if questions_reversed(self.study) else []
        n = people(self.study, self.model.n)
        return [
            Sentence(say(language, f"performance_latent.details_{key}", n=n, units=self.model.units))
            for key in ("model", *straight, "interval")
        ]


def _named(name: str, language: str) -> str:
    return say(language, "performance_latent.rated") if name == "performance" else role(name, language)
