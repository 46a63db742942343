"""Does the joint model's answer depend on who answered, and on what was left blank?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from walesi_research.exhibits import Cell, Column, Gap, Heading, Sentence, Table
from walesi_research.exhibits.verdict import Judgement
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, number, probability, say
from walesi_research.questions.effect import Effect, judged
from walesi_research.questions.performance.cases import Cases, complete_cases
from walesi_research.questions.performance.estimate import fit_joint, too_thin
from walesi_research.questions.performance.imputed import ImputedModel, imputed_model
from walesi_research.questions.performance.names import label, listed, of_joint_model
from walesi_research.questions.performance.raked import RakedModel, raked_model
from walesi_research.questions.result import estimated, not_estimable, people
from walesi_research.questions.variables import PREDICTORS

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Alternatives", "alternatives"]

KINDS = ("raked", "imputed")
METHODS = {
    "raked": "the joint model on complete cases raked to unit, gender and status of all listed employees, "
    "weights trimmed; standardised by raked standard deviations; errors linearised for the raking, HC2, "
    "Satterthwaite degrees of freedom",
    "imputed": "the joint model on tables imputed by chained equations (predictive mean matching; from "
    "performance, predictors, motivation, commitment, unit, gender, status) for listed employees of whom "
    "performance or an answer is known; CR2 errors by employee; Rubin's rules, Barnard-Rubin degrees of "
    "freedom",
}
UNUSUAL = 0.05
"""Little's test speaks of a difference below it."""
DIGITS = 2

Model = RakedModel | ImputedModel


def alternatives(study: Study, level: float = 0.95) -> Alternatives:
    """Ask whether the joint model says the same of all listed employees, and with blanks filled in.

    Beside it stand the same model on respondents raked to the unit, gender and status of all listed
    employees, and on multiply imputed tables of them.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Alternatives
        Findings ``joint.<x>_raked`` and ``joint.<x>_imputed`` for training, culture, recognition, fairness.
    """
    cases = complete_cases(study)
    if isinstance(cases, Message):
        return Alternatives(study, level, cases)
    if (thin := too_thin(cases, study.settings.privacy.minimum_cell)) is not None:
        return Alternatives(study, level, thin)
    fits = {"raked": raked_model(study, cases, level), "imputed": imputed_model(study, cases, level)}
    return Alternatives(study, level, None, cases, fit_joint(cases, level).coefficients, fits)


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Answer: the joint model, raked and imputed.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is no joint model at all.
    cases : Cases or None
    main : dict of str to Effect
        Coefficients of the joint model.
    fits : dict of str to model or Message
        By kind; a message says why there is nothing to rake or to impute.
    """

    study: Study
    level: float
    reason: Message | None = None
    cases: Cases | None = None
    main: dict[str, Effect] = field(default_factory=dict)
    fits: dict[str, Model | Message] = field(default_factory=dict)

    @property
    def models(self) -> dict[str, Model]:
        """The models that could be fitted, by kind."""
        return {kind: fit for kind, fit in self.fits.items() if not isinstance(fit, Message)}

    @property
    def findings(self) -> list[Finding]:
        """One finding a predictor and alternative."""
        return [self._finding(name, kind) for kind in KINDS for name in PREDICTORS]

    def _finding(self, name: str, kind: str) -> Finding:
        question = f"performance_alternatives.question_{kind}"
        parts = {"id": f"joint.{name}_{kind}", **of_joint_model(name, question, METHODS[kind], self.level)}
        if (reason := self._why_not(name, kind)) is not None:
            return not_estimable(reason, **parts)
        model = self.models[kind]
        c, units = model.coefficients[name], int(self.cases.frame["unit"].nunique())
        return estimated(c, n=people(self.study, model.n), groups=units, **parts)

    def _why_not(self, name: str, kind: str) -> Message | None:
        if self.reason is not None:
            return self.cases_missing.get(name, self.reason)
        if name in self.cases_missing:
            return self.cases_missing[name]
        fit = self.fits[kind]
        return fit if isinstance(fit, Message) else None

    @property
    def cases_missing(self) -> dict[str, Message]:
        """Predictors that the study does not have, and why."""
        return self.cases.missing if self.cases else {}

    @cached_property
    def changes(self) -> dict[tuple[str, Judgement], list[str]]:
        """Predictors of which an alternative says another thing, by kind and by what it says."""
        before, found = judged(self.main, self.level), {}
        for kind, model in self.models.items():
            for name, now in judged(model.coefficients, self.level).items():
                if now != before[name]:
                    found.setdefault((kind, now), []).append(name)
        return found

    def heading(self, language: str) -> list[Heading]:
        """Return whether the answer stands."""
        if self.reason is not None:
            return []
        key = "none" if not self.models else "changed" if self.changes else "same"
        return [Heading(_say(language, f"heading_{key}"))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return in which alternative the answer is the same, for what it changes, and what is missing."""
        if self.reason is not None:
            return []
        notes = " ".join(f.in_(language) for f in self.fits.values() if isinstance(f, Message))
        told = " ".join([*self._told(language), _say(language, "limits")]) if self.models else ""
        return [Sentence(text, role) for text, role in ((told, "plain"), (notes, "note")) if text]

    def _told(self, language: str) -> list[str]:
        parts = [
            _say(
                language,
                f"changed_{now}",
                way=_say(language, f"way_{kind}"),
                names=listed(names, language),
            )
            for (kind, now), names in self.changes.items()
        ]
        if parts:
            return [*parts, _say(language, "otherwise_same")]
        ways = [_say(language, f"way_{kind}") for kind in self.models]
        return [_say(language, "same", ways=_say(language, "or").join(ways))]

    def table(self, language: str) -> Table | list[Table]:
        """Return the coefficients of all models side by side."""
        if not self.models:
            return []
        heads = [_say(language, f"column_{name}", level=self.level) for name in ("main", *self.models)]
        columns = [say(language, "performance.what"), *(Column(head, numeric=True) for head in heads)]
        rows = [self._row(name, language) for name in PREDICTORS]
        return Table(columns, rows, _say(language, "table", level=self.level), language)

    def _row(self, name: str, language: str) -> list[str | Cell] | Gap:
        if name not in self.main:
            reason = self.cases_missing[name].in_(language)
            return Gap(label(name, language), say(language, "common.not_computed"), reason)
        each = [c[name] for c in self._columns]
        digits = decimals(((c.low, c.high) for model in self._columns for c in model.values()), DIGITS)
        cells = [
            Cell(number(c.estimate, language, digits), interval(c.low, c.high, language, digits))
            for c in each
        ]
        return [label(name, language), *cells]

    @property
    def _columns(self) -> list[dict[str, Effect]]:
        return [self.main, *(model.coefficients for model in self.models.values())]

    def details(self, language: str) -> list[Sentence]:
        """Return how answers were weighted and blanks filled in."""
        texts = {"raked": self._of_raking, "imputed": self._of_imputing}
        return [Sentence(texts[kind](model, language)) for kind, model in self.models.items()]

    def _of_raking(self, model: RakedModel, language: str) -> str:
        *first, last = (_say(language, f"group_{name}") for name in ("unit", *model.groups))
        key = "performance.and" if len(first) == 1 else "performance.and_many"
        return _say(
            language,
            "details_raked",
            listed=people(self.study, model.listed),
            groups=say(language, key, first=", ".join(first), last=last),
            effect=number(model.design_effect, language, 2),
        )

    def _of_imputing(self, model: ImputedModel, language: str) -> str:
        text = _say(
            language,
            "details_imputed",
            m=model.tables,
            n=people(self.study, model.n),
            share=model.missing_information,
        )
        if model.little is None:
            return text
        p = model.little.pvalue
        key = "little_differs" if p < UNUSUAL else "little_alike"
        return f"{text} {_say(language, key, p=probability(p, language))}"


def _say(language: str, key: str, **values: Any) -> str:
    return say(language, f"performance_alternatives.{key}", **values)
