"""The specification curve: how far does the answer depend on the analyst?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from walesi_research.exhibits import Cell, Column, Figure, Group, Heading, Sentence, Table
from walesi_research.exhibits.specification_plot import ModelChoice, ModelCurve, specification_plot
from walesi_research.findings import Finding
from walesi_research.language import Message, interval, number, probability, say, share
from walesi_research.questions import variables
from walesi_research.questions.performance.cases import complete_cases
from walesi_research.questions.performance.estimate import too_thin
from walesi_research.questions.performance.names import NOTEBOOK, label, listed, role
from walesi_research.questions.performance.specification_data import Measures
from walesi_research.questions.performance.specification_moves import Level, Move, farthest, moves
from walesi_research.questions.performance.specifications import (
    DRAWS,
    Specifications,
    draws_for,
    joint_tests,
    specifications,
)
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.variables import PREDICTORS
from walesi_research.stats.multiplicity import holm
from walesi_research.stats.specification_curve import JointTest

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["SpecificationCurve", "specification_curve"]

STEADY = 0.95
"""Least share of models with the sign of the main one for the direction not to depend on the analyst."""
DIGITS = 2


def specification_curve(study: Study, level: float = 0.95, draws: int = DRAWS) -> SpecificationCurve:
    """Ask whether other reasonable models would have told another story than the joint model.

    Every combination of outcome, construction of scales, missing-data handling, controls and estimator that
    the study has the data for; models with equal estimates count once. The joint test computes the whole
    curve anew on residuals shuffled within units: Simonsohn, Simmons and Nelson (2020), Nature Human
    Behaviour 4, 1208–1214.

    Parameters
    ----------
    study : Study
    level : float
        Level of the models' intervals, and of what is told.
    draws : int
        Shuffles of the joint test; fewer, but at least 39, where people are many.

    Returns
    -------
    SpecificationCurve
        Findings ``joint.training_specifications`` and so on for culture, recognition and fairness.
    """
    cases = complete_cases(study)
    if isinstance(cases, Message):
        return SpecificationCurve(study.synthetic, level, dict.fromkeys(PREDICTORS, cases))
    if (thin := too_thin(cases, study.settings.privacy.minimum_cell)) is not None:
        return SpecificationCurve(study.synthetic, level, dict.fromkeys(PREDICTORS, thin) | cases.missing)
    measures = Measures(study, variables.performance(study))
    found = specifications(measures, study.settings.privacy.minimum_cell, level)
    if found is None or len(found.models) < 2:
        alone = dict.fromkeys(PREDICTORS, Message.of("performance_curve.alone"))
        return SpecificationCurve(study.synthetic, level, alone | cases.missing)
    tests = joint_tests(found, study.rng("performance.specifications"), draws, level)
    n, shuffles = people(study, len(found.models[0].y)), draws_for(len(found.units), draws)
    return SpecificationCurve(study.synthetic, level, cases.missing, n, shuffles, found, tests)


@dataclass(frozen=True, eq=False)
class SpecificationCurve:
    """Answer of all reasonable models together.

    Parameters
    ----------
    synthetic : bool
    level : float
    reasons : dict of str to Message
        Predictors without a curve, and why.
    people : int
        Employees of the main model, rounded for publication.
    draws : int
        Shuffles behind the joint tests.
    found : Specifications or None
    tests : dict of str to JointTest
        By predictor.
    """

    synthetic: bool
    level: float
    reasons: dict[str, Message]
    people: int = 0
    draws: int = 0
    found: Specifications | None = None
    tests: dict[str, JointTest] = field(default_factory=dict)

    @cached_property
    def agreement(self) -> dict[str, float]:
        """Share of models with the sign of the main one, by predictor."""
        return {name: curve.agreeing(0) for name, curve in self.found.curves.items()} if self.found else {}

    @cached_property
    def judged(self) -> dict[str, str]:
        """What may be said of each predictor: ``firm``, ``faint`` or ``divided``.

        Divided where fewer than 95 % of the models agree in sign with the main one; of the others, firm where
        the joint test of the median stands among all of them (Holm).
        """
        adjusted = holm([test.median for test in self.tests.values()])
        return {
            name: "divided" if self.agreement[name] < STEADY else "firm" if p < 1 - self.level else "faint"
            for name, p in zip(self.tests, adjusted, strict=True)
        }

    @cached_property
    def _moves(self) -> dict[str, list[Move]]:
        return moves(self.found) if self.found else {}

    @property
    def findings(self) -> list[Finding]:
        """One finding a predictor."""
        return [self._finding(name) for name in PREDICTORS]

    def _finding(self, name: str) -> Finding:
        parts = {
            "id": f"joint.{name}_specifications",
            "unit": "share of models",
            "claim": "association",
            "method": self._method(),
            "question": in_both("performance_curve.question", role=Message.of(f"performance.role_{name}")),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if name not in self.tests:
            return not_estimable(self.reasons[name], **parts)
        units = len(set(self.found.units[self.found.models[0].rows]))
        return Finding(
            estimate=self.agreement[name], p=self.tests[name].median, n=self.people, groups=units, **parts
        )

    def _method(self) -> str:
        count = f"{len(self.found.models)} " if self.found else ""
        draws = f"{self.draws} shuffles" if self.found else "shuffles"
        return (
            f"share of {count}reasonable models that agree in sign with the joint model; p of the median of "
            f"all estimates, curve recomputed on residuals permuted within units (Freedman-Lane), {draws}"
        )

    def _are(self, verdict: str, language: str) -> str:
        return listed([name for name, found in self.judged.items() if found == verdict], language)

    def sentence(self, language: str) -> list[Sentence]:
        """Return for which of the four the answer depends on the analyst, and what moves it most."""
        if not self.found:
            told = dict.fromkeys(reason.in_(language) for reason in self.reasons.values())
            return [Sentence(" ".join(told), "note")]
        parts = [self._told(verdict, language) for verdict in ("firm", "divided", "faint")]
        if not self._are("firm", language):
            parts.insert(0, say(language, "performance_curve.lead_none"))
        lead = " ".join(part for part in parts if part)
        return [Sentence(lead, "lead"), Sentence(self._farthest(language), "range")]

    def _told(self, verdict: str, language: str) -> str:
        names = self._are(verdict, language)
        if not names:
            return ""
        mine = [name for name, found in self.judged.items() if found == verdict]
        least = min(self.agreement[name] for name in mine)
        part = "all" if least == 1 else "one" if len(mine) == 1 else "least"
        clear = min(float(self.found.curves[name].clear_share) for name in mine)
        return say(
            language, f"performance_curve.lead_{verdict}", names=names, Names=names[:1].upper() + names[1:],
            count=len(self.found.models), clear=share(clear, language),
            agree=say(language, f"performance_curve.agree_{part}", least=_whole(least, language)),
        )  # fmt: skip

    def _farthest(self, language: str) -> str:
        name, move = farthest(self._moves)
        low, high = move.ends
        return say(
            language, "performance_curve.farthest",
            axis=say(language, f"performance_curve.axis_{move.axis}"), name=role(name, language),
            low=number(low.median, language, DIGITS), low_choice=_choice(low.choice, language),
            high=number(high.median, language, DIGITS), high_choice=_choice(high.choice, language),
        )  # fmt: skip

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        if not self.found:
            return []
        verdict = next(v for v in ("firm", "divided", "faint") if self._are(v, language))
        names = self._are(verdict, language)
        mine = [self.agreement[name] for name, found in self.judged.items() if found == verdict]
        shade = "steady" if verdict == "firm" and min(mine) < 1 else verdict
        key = f"performance_curve.heading_{shade}"
        return [Heading(say(language, key, names=names, Names=names[:1].upper() + names[1:]))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the curves of all, and below them the choices of the one that choices move most."""
        if not self.found:
            return []
        name, _ = farthest(self._moves)
        every = max(round(len(self.found.models) / 48), 1)
        return specification_plot(
            [self._curve(n, language) for n in self.found.predictors],
            [[_drawn(end, language) for end in move.levels] for move in self._moves[name]],
            language=language,
            alt=say(language, "performance_curve.alt", count=len(self.found.models)),
            caption=say(
                language, "performance_curve.caption", count=len(self.found.models), every=every,
                level=self.level, n=self.people,
            ),
            axis_label=say(language, "performance_curve.axis"),
            choices_label=say(language, "performance_curve.choices", name=label(name, language)),
            synthetic=self.synthetic,
        )  # fmt: skip

    def _curve(self, name: str, language: str) -> ModelCurve:
        curve, agree = self.found.curves[name], self.agreement[name]
        told = say(
            language, "performance_curve.told", median=number(curve.median, language, DIGITS),
            between=interval(curve.estimate.min(), curve.estimate.max(), language, DIGITS),
            agree=_whole(agree, language), clear=share(float(curve.clear_share), language),
        )  # fmt: skip
        small = say(language, "performance_curve.agree_small", agree=_whole(agree, language))
        shade = "yes" if self.judged[name] == "firm" else "open"
        return ModelCurve(label(name, language), small, curve.estimate, curve.clear, 0, shade, told)

    def table(self, language: str) -> Table | list[Table]:
        """Return the curves in numbers."""
        if not self.found:
            return []
        heads = ("median", "agree", "clear", "chance")
        columns = [Column(say(language, f"performance_curve.column_{head}"), numeric=True) for head in heads]
        caption = say(language, "performance_curve.table", count=len(self.found.models))
        rows = [self._cells(name, language) for name in self.found.predictors]
        return Table([say(language, "performance.what"), *columns], rows, caption, language)

    def _cells(self, name: str, language: str) -> list[str | Cell]:
        curve, test = self.found.curves[name], self.tests[name]
        ends = interval(curve.estimate.min(), curve.estimate.max(), language, DIGITS)
        return [
            label(name, language),
            Cell(number(curve.median, language, DIGITS), ends),
            _whole(self.agreement[name], language),
            share(float(curve.clear_share), language),
            probability(test.median, language),
        ]

    def details(self, language: str) -> list[Sentence | Table]:
        """Return how it was done, what changed nothing, and the median of each choice."""
        if not self.found:
            return []
        idle = [_choice(c, language) for choices in self.found.idle.values() for c in choices]
        few = "performance_curve.how_few" if self.draws < DRAWS else "performance_curve.how"
        told = [say(language, few, draws=self.draws, steady=STEADY), self._shares(language)]
        told += [say(language, "performance_curve.idle", choices=", ".join(idle))] if idle else []
        return [*map(Sentence, told), self._medians(language)]

    def _shares(self, language: str) -> str:
        """Return the statistic that stands beside the median: of its test the size holds too.

        Simonsohn's third, the share of the dominant sign, speaks at 5 % in some 10 % of null worlds: see
        ``make calibrate PARTS=specification``.
        """
        each = (
            say(
                language,
                "performance_curve.beside_each",
                name=role(name, language),
                clear=probability(test.clear, language),
            )
            for name, test in self.tests.items()
        )
        return say(language, "performance_curve.beside", each="; ".join(each))

    def _medians(self, language: str) -> Table:
        names = self.found.predictors
        first = say(language, "performance_curve.choice")
        columns = [first, *(Column(label(name, language), numeric=True) for name in names)]
        rows: list[Group | list[str]] = []
        for axis in zip(*(self._moves[name] for name in names), strict=True):
            title = say(language, f"performance_curve.axis_{axis[0].axis}")
            rows.append(Group(title[:1].upper() + title[1:]))
            for level in zip(*(move.levels for move in axis), strict=True):
                medians = (number(end.median, language, DIGITS) for end in level)
                rows.append([_choice(level[0].choice, language), *medians])
        return Table(columns, rows, say(language, "performance_curve.medians"), language)


def _whole(part: float, language: str) -> str:
    """Return a share of models in percent, rounded down: 100% are all of them."""
    return share(math.floor(100 * part + 1e-9) / 100, language)


def _choice(choice: str, language: str) -> str:
    return say(language, f"performance_curve.choice_{choice}")


def _drawn(end: Level, language: str) -> ModelChoice:
    return ModelChoice(
        _choice(end.choice, language), end.low, end.median, end.high, number(end.median, language, DIGITS)
    )
