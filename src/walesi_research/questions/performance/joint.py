"""The joint model: which of training, culture, recognition and fairness goes with performance?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from walesi_research.exhibits import Cell, Column, Figure, Gap, Interval, Sentence, Table, interval_plot
from walesi_research.findings import Finding
from walesi_research.language import Message, interval, interval_words, number, say
from walesi_research.questions.performance.cases import Cases, complete_cases
from walesi_research.questions.performance.estimate import (
    Coefficient,
    JointModel,
    enough,
    fit_joint,
    fit_weighted,
    too_thin,
)
from walesi_research.questions.performance.names import NOTEBOOK, label, listed, role
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.variables import HOURS, PREDICTORS

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Joint", "joint"]

DIGITS = 2


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
    if not enough(cases):
        return Joint.silent(
            study,
            level,
            dict.fromkeys(PREDICTORS, too_thin(cases, people(study, len(cases.frame)))) | cases.missing,
        )
    model, twin = fit_joint(cases, level), fit_weighted(cases, level)
    return Joint(study.synthetic, level, cases.missing, people(study, model.n), cases, model, twin)


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
    """

    synthetic: bool
    level: float
    reasons: dict[str, Message]
    people: int = 0
    cases: Cases | None = None
    model: JointModel | None = None
    twin: JointModel | None = None

    @classmethod
    def silent(cls, study: Study, level: float, reasons: dict[str, Message]) -> Joint:
        """Return an answer that only says why there is none."""
        return cls(study.synthetic, level, reasons)

    @property
    def coefficients(self) -> dict[str, Coefficient]:
        """Standardised coefficients by predictor."""
        return self.model.coefficients if self.model else {}

    @property
    def findings(self) -> list[Finding]:
        """One finding a predictor."""
        return [self._finding(name) for name in PREDICTORS]

    def _finding(self, name: str) -> Finding:
        parts = {
            "id": f"joint.{name}",
            "unit": "standard deviations of performance per standard deviation",
            "claim": "association",
            "method": self._method(),
            "question": in_both("performance.joint_question", role=Message.of(f"performance.role_{name}")),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if name not in self.coefficients:
            return not_estimable(self.reasons[name], **parts)
        c = self.coefficients[name]
        return Finding(
            estimate=c.estimate, se=c.se, low=c.low, high=c.high, p=c.p,
            n=self.people, groups=self.model.units, **parts,
        )  # fmt: skip

    def _method(self) -> str:
        fixed = ", ".join(self.cases.predictors if self.cases else PREDICTORS)
        if self.cases and self.cases.controls:
            fixed += " and achievement of the year before"
        model = f"standardised coefficient, linear mixed model of performance on {fixed}"
        errors = "units as random intercepts, REML, Satterthwaite degrees of freedom"
        return "; ".join([model, errors, *([_measured_by(self.cases)] if self.cases else [])])

    def _side(self, side: str) -> list[str]:
        sides = {
            "up": lambda c: c.low > 0,
            "down": lambda c: c.high < 0,
            "open": lambda c: c.low <= 0 <= c.high,
        }
        return [name for name, c in self.coefficients.items() if sides[side](c)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return the answer, and how sure it is."""
        if not self.model:
            return [Sentence(self._silence(language), "note")]
        up, down, open_ = (listed(self._side(side), language) for side in ("up", "down", "open"))
        parts = [
            say(language, "performance.joint_up", Names=_capital(up))
            if up
            else say(language, "performance.joint_none"),
            say(language, "performance.joint_down", Names=_capital(down)) if down else "",
            say(language, "performance.joint_open", names=open_) if open_ and (up or down) else "",
            say(language, "performance.joint_missing", names=listed(list(self.reasons), language))
            if self.reasons
            else "",
        ]
        return [Sentence(" ".join(p for p in parts if p), "lead"), Sentence(self._range(language), "range")]

    def _silence(self, language: str) -> str:
        return " ".join(dict.fromkeys(reason.in_(language) for reason in self.reasons.values()))

    def _range(self, language: str) -> str:
        name, c = max(self.coefficients.items(), key=lambda item: abs(item[1].estimate))
        size = self.cases.frame["performance"].std()
        digits = 1 if self.cases.source == "achievement" else 2
        side = "higher" if c.estimate > 0 else "lower"
        sign = 1 if c.estimate > 0 else -1
        low, high = sorted((sign * c.low * size, sign * c.high * size))
        change = say(language, f"performance.change_{side}_{self.cases.source}", size=abs(c.estimate) * size)
        between = interval_words(low, high, language, digits)
        return say(
            language,
            "performance.joint_range",
            more=self._more(name, language),
            change=change,
            between=between,
        )

    def _more(self, name: str, language: str) -> str:
        """Return one standard deviation of a predictor in its own unit, in words."""
        step = self.cases.frame[name].std()
        if name == "training" and self.cases.trained_by == "hours":
            return say(language, "performance.more_hours", step=HOURS * step)
        return say(language, "performance.more_scale", name=role(name, language), step=step)

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
            caption=say(language, key, level=self.level, n=self.people, units=self.model.units),
            axis_label=say(language, "performance.joint_axis"),
            digits=DIGITS,
            alternative_label=say(language, "performance.weighted") if self.twin else "",
            synthetic=self.synthetic,
        )

    def _row(self, name: str, language: str) -> Interval:
        if name not in self.coefficients:
            return Interval(label(name, language), note=self.reasons[name].in_(language))
        c = self.coefficients[name]
        verdict = "supported" if c.low > 0 else "not_supported" if c.high < 0 else "cannot_tell"
        t = self.twin.coefficients[name] if self.twin else None
        twin = (t.estimate, t.low, t.high) if t else None
        return Interval(label(name, language), c.estimate, c.low, c.high, verdict, alternative=twin)

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
                say(language, "performance.not_computed"),
                self.reasons[name].in_(language),
            )
        models = [self.coefficients, *([self.twin.coefficients] if self.twin else [])]
        basis = Cell(
            say(language, "performance.basis_people", n=self.people),
            say(language, "performance.people", n=self.people),
        )
        return [label(name, language), *(_written(m[name], language) for m in models), basis]

    def sources(self, language: str) -> list[Sentence]:
        """Return what performance and training are measured by, and what is held fixed."""
        if not self.cases:
            return []
        keys = [f"source_{self.cases.source}"]
        keys += [f"trained_{self.cases.trained_by}"] if "training" in self.cases.predictors else []
        keys += ["prior"] if self.cases.controls else []
        measured = " ".join(say(language, f"performance.{key}") for key in keys)
        if math.isnan(self.model.unit_share):
            return [Sentence(measured)]
        return [
            Sentence(measured),
            Sentence(say(language, "performance.unit_share", share=self.model.unit_share)),
        ]


def _measured_by(cases: Cases) -> str:
    performance = {"achievement": "recorded achievement", "scale": "a self-rated scale"}[cases.source]
    training = {"hours": "recorded hours", "scale": "a survey scale"}[cases.trained_by]
    return f"performance by {performance}, training by {training}"


def _written(c: Coefficient, language: str) -> Cell:
    return Cell(number(c.estimate, language, DIGITS), interval(c.low, c.high, language, DIGITS))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
