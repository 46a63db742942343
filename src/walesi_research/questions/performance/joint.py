"""The joint model: which of training, culture, recognition and fairness goes with performance?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from walesi_research.exhibits import (
    Cell,
    Column,
    Figure,
    Gap,
    Heading,
    Interval,
    Sentence,
    Table,
    interval_plot,
)
from walesi_research.exhibits.verdict import Judgement
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval_words, number, say
from walesi_research.questions.effect import Effect, judged, written
from walesi_research.questions.performance.cases import Cases, complete_cases
from walesi_research.questions.performance.estimate import (
    JointModel,
    fit_joint,
    fit_weighted,
    too_thin,
)
from walesi_research.questions.performance.names import in_year, label, listed, of_joint_model, role
from walesi_research.questions.result import estimated, not_estimable, people
from walesi_research.questions.variables import HOURS, PREDICTORS, survey_year

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Joint", "joint"]

DIGITS = 2
"""Decimals of a standardised coefficient, more where an interval is too narrow for them."""


def joint(study: Study, level: float = 0.95) -> Joint:
    """Ask how strongly each of the four is associated with performance, the others being equal.

    A linear mixed model of performance (the employee's mean achievement of the survey's calendar year, else
    the performance scale) on training, culture, recognition and fairness, all standardised, units as random
    intercepts, adjusted for the year before where there is one. Where the survey's weights vary, a weighted
    twin stands beside it.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Joint
        Findings ``joint.training``, ``joint.culture``, ``joint.recognition``, ``joint.fairness``.
    """
    cases = complete_cases(study)
    if isinstance(cases, Message):
        return Joint.silent(study, level, dict.fromkeys(PREDICTORS, cases))
    if (thin := too_thin(cases, study.settings.privacy.minimum_cell)) is not None:
        return Joint.silent(study, level, dict.fromkeys(PREDICTORS, thin) | cases.missing)
    model, twin = fit_joint(cases, level), fit_weighted(cases, level)
    n, year = people(study, model.n), survey_year(study)
    return Joint(study.synthetic, level, cases.missing, n, cases, model, twin, year)


@dataclass(frozen=True, eq=False)
class Joint:
    """Answer of the joint model.

    Parameters
    ----------
    synthetic : bool
    level : float
    reasons : dict of str to Message
        Predictors without an estimate, and why.
    people : int
        Employees, rounded for publication.
    cases : Cases or None
    model, twin : JointModel or None
        The model and its survey-weighted twin.
    year : int or None
        The year that performance and the survey are of.
    """

    synthetic: bool
    level: float
    reasons: dict[str, Message]
    people: int = 0
    cases: Cases | None = None
    model: JointModel | None = None
    twin: JointModel | None = None
    year: int | None = None

    @classmethod
    def silent(cls, study: Study, level: float, reasons: dict[str, Message]) -> Joint:
        """Return an answer that only says why there is none."""
        return cls(study.synthetic, level, reasons)

    @property
    def coefficients(self) -> dict[str, Effect]:
        """Standardised coefficients by predictor."""
        return self.model.coefficients if self.model else {}

    @property
    def findings(self) -> list[Finding]:
        """One finding a predictor."""
        return [self._finding(name) for name in PREDICTORS]

    def _finding(self, name: str) -> Finding:
        about = of_joint_model(name, "performance.joint_question", self._method(), self.level)
        parts = {"id": f"joint.{name}", **about}
        if name not in self.coefficients:
            return not_estimable(self.reasons[name], **parts)
        c = self.coefficients[name]
        return estimated(c, n=self.people, groups=self.model.units, **parts)

    def _method(self) -> str:
        fixed = ", ".join(self.cases.predictors if self.cases else PREDICTORS)
        if self.cases and self.cases.controls:
            fixed += " and achievement of the year before"
        kind = "least squares" if self.model and math.isnan(self.model.unit_share) else "linear mixed model"
        model = f"standardised coefficient, {kind} of performance on {fixed}"
        units = [] if kind == "least squares" else ["units as random intercepts, REML"]
        errors = "CR2 errors by employee, Satterthwaite degrees of freedom"
        return "; ".join([model, *units, errors, *([self.cases.measured_by] if self.cases else [])])

    @cached_property
    def _verdicts(self) -> dict[str, Judgement]:
        """Return what may be said of each."""
        return judged(self.coefficients, self.level)

    def _judged(self, judgement: Judgement, language: str) -> str:
        names = [name for name, verdict in self._verdicts.items() if verdict == judgement]
        return listed(names, language)

    def sentence(self, language: str) -> list[Sentence]:
        """Return the answer, and how sure it is."""
        if not self.model:
            return [Sentence(self._silence(language), "note")]
        up = self._judged("supported", language)
        down = self._judged("not_supported", language)
        unclear = self._judged("cannot_tell", language) if up or down else ""
        missing = listed(list(self.reasons), language)
        answer = "up" if up else "down_only" if down else "none"
        parts = [
            say(language, f"performance.joint_{answer}", Names=_capital(up or down)),
            say(language, "performance.joint_down", Names=_capital(down)) if up and down else "",
            say(language, "performance.joint_open", names=unclear) if unclear else "",
            say(language, "performance.joint_missing", names=missing) if missing else "",
        ]
        return [Sentence(" ".join(p for p in parts if p), "lead"), Sentence(self._range(language), "range")]

    def _silence(self, language: str) -> str:
        return " ".join(dict.fromkeys(reason.in_(language) for reason in self.reasons.values()))

    def _range(self, language: str) -> str:
        name, c = max(self._clear.items(), key=lambda item: abs(item[1].estimate))
        sign = 1 if c.estimate > 0 else -1
        size = sign * self.cases.frame["performance"].std()
        low, high = sorted((c.low * size, c.high * size))
        digits = decimals([(low, c.estimate * size), (c.estimate * size, high)])
        key = f"performance.change_{'higher' if sign > 0 else 'lower'}_{self.cases.source}"
        told = say(
            language,
            "performance.joint_range",
            more=self._more(name, language),
            change=say(language, key, size=number(c.estimate * size, language, digits)),
            between=interval_words(low, high, language, digits),
            minus=say(language, "performance.minus") if round(low, digits) < 0 else "",
        )
        unclear = self._verdicts[name] == "cannot_tell" and c.low * c.high > 0
        return f"{told} {say(language, 'performance.holm')}" if unclear else told

    @property
    def _clear(self) -> dict[str, Effect]:
        """Return what is clearly associated, or all where nothing is."""
        clear = {n: c for n, c in self.coefficients.items() if self._verdicts[n] != "cannot_tell"}
        return clear or self.coefficients

    def _more(self, name: str, language: str) -> str:
        """Return one standard deviation of a predictor in its own unit, in words."""
        step = self.cases.frame[name].std()
        if name == "training" and self.cases.trained_by == "hours":
            return say(language, "performance.more_hours", step=HOURS * step)
        return say(language, "performance.more_scale", name=role(name, language), step=step)

    @property
    def _digits(self) -> int:
        return decimals(((c.low, c.high) for c in self.coefficients.values()), DIGITS)

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        if not self.model:
            return []
        up, down = (self._judged(v, language) for v in ("supported", "not_supported"))
        key = "up" if up else "down" if down else "none"
        return [Heading(say(language, f"performance.joint_heading_{key}", names=up or down))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the intervals of all four."""
        if not self.model:
            return []
        rows = [self._row(name, language) for name in PREDICTORS]
        key = "performance.joint_caption_weighted" if self.twin else "performance.joint_caption"
        return interval_plot(
            rows,
            language=language,
            alt=say(language, "performance.joint_table"),
            caption=say(
                language,
                key,
                level=self.level,
                n=self.people,
                units=self.model.units,
                period=in_year(self.year, language),
            ),
            axis_label=say(language, "performance.joint_axis"),
            digits=self._digits,
            alternative_label=say(language, "performance.weighted") if self.twin else "",
            synthetic=self.synthetic,
        )

    def _row(self, name: str, language: str) -> Interval:
        if name not in self.coefficients:
            return Interval(label(name, language), note=self.reasons[name].in_(language))
        c = self.coefficients[name]
        t = self.twin.coefficients[name] if self.twin else None
        twin = (t.estimate, t.low, t.high) if t else None
        return Interval(
            label(name, language), c.estimate, c.low, c.high, self._verdicts[name], alternative=twin
        )

    def table(self, language: str) -> Table | list[Table]:
        """Return the same numbers as a table."""
        if not self.model:
            return []
        columns = [
            say(language, "performance.what"),
            say(language, "performance.estimate", level=self.level),
            *([say(language, "performance.weighted")] if self.twin else []),
            Column(say(language, "performance.basis"), numeric=True),
        ]
        rows = [self._cells(name, language) for name in PREDICTORS]
        return Table(columns, rows, say(language, "performance.joint_table"), language, show_caption=False)

    def _cells(self, name: str, language: str) -> list[str | Cell] | Gap:
        if name not in self.coefficients:
            return Gap(
                label(name, language),
                say(language, "common.not_computed"),
                self.reasons[name].in_(language),
            )
        models = [self.coefficients, *([self.twin.coefficients] if self.twin else [])]
        basis = Cell(
            say(language, "performance.basis_people", n=self.people),
            say(language, "performance.people", n=self.people),
        )
        return [label(name, language), *(written(m[name], language, self._digits) for m in models), basis]

    def sources(self, language: str) -> list[Sentence]:
        """Return what performance and training are measured by, and what is held fixed."""
        if not self.cases:
            return []
        keys = [f"source_{self.cases.source}"]
        keys += [f"trained_{self.cases.trained_by}"] if "training" in self.cases.predictors else []
        keys += ["prior"] if self.cases.controls else []
        measured = " ".join(say(language, f"performance.{key}") for key in keys)
        if math.isnan(self.model.unit_share):
            return [Sentence(say(language, "performance.reading")), Sentence(measured)]
        return [
            Sentence(say(language, "performance.reading")),
            Sentence(measured),
            Sentence(say(language, "performance.unit_share", share=self.model.unit_share)),
        ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
