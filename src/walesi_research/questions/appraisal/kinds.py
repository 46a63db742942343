"""Does it matter what kind of tie it is? What each kind goes with, against no tie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

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
from walesi_research.exhibits.verdict import Judgement, judge
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, number, say
from walesi_research.questions.appraisal.estimable import ALL, EXPOSURES, why_not
from walesi_research.questions.appraisal.estimate import fitted, within_employee
from walesi_research.questions.appraisal.frame import NOTEBOOK, Rows, rows_of_scores
from walesi_research.questions.claims import claim_of
from walesi_research.questions.effect import UNFIT, Effect
from walesi_research.questions.result import estimated, in_both, not_estimable, people
from walesi_research.study.privacy import suppress

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["KINDS", "Kinds", "kinds"]

KINDS = ("family", "clan", "political", "other")
METHOD = (
    "crossed mixed model (employees, raters) with period effects, a column for each kind of tie, achievement "
    "and the employee's and the rater's means of each; CR2 errors by employee, Satterthwaite degrees of "
    "freedom; an association within employees"
)


def kinds(study: Study, level: float = 0.95, headline: Effect | None = None) -> Kinds:
    """Ask what each kind of tie goes with, in score points against no tie, within employee.

    The headline's model with one column for each kind. A kind is shown where at least ``minimum_cell``
    employees were appraised both with that tie and with none; where one kind is not, the next smallest are
    hidden with it, so that the effect of all ties does not give it away.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    headline : Effect or None
        The effect of any tie as `scores` has it; fitted anew without.

    Returns
    -------
    Kinds
        Findings ``appraisal.tie_effect_family``, ``_clan``, ``_political`` and ``_other``.
    """
    rows = rows_of_scores(study)
    lacking = dict.fromkeys(ALL, rows) if isinstance(rows, Message) else why_not(rows, study)
    if "tie" in lacking:
        return Kinds(study, level, reason=lacking["tie"])
    varying = [name for name in EXPOSURES if name not in lacking]
    counts = compared(rows)
    numbers = counts.reindex(list(KINDS)).to_numpy()
    hidden = dict(zip(KINDS, suppress(numbers, study.settings.privacy.minimum_cell), strict=True))
    try:
        every = headline or within_employee(rows, level, varying)["tie"]
        effects = _by_kind(rows, level)
    except UNFIT:
        return Kinds(study, level, Message.of("appraisal_robust.unfit"))
    shown = {kind: effects[kind] for kind in KINDS if not hidden[kind]}
    return Kinds(study, level, None, every, shown, counts.to_dict(), len(rows.frame))


def compared(rows: Rows) -> pd.Series:
    """Return the employees appraised both with each kind of tie and with none, by kind."""
    has = pd.crosstab(rows.frame["employee"], rows.frame["kind"].astype(str)) > 0
    has = has.reindex(columns=["none", *KINDS], fill_value=False)
    return has[list(KINDS)].mul(has["none"], axis=0).sum()


def _by_kind(rows: Rows, level: float) -> dict[str, Effect]:
    """Return the effect of every kind that occurs."""
    kind = rows.frame["kind"].astype(str)
    present = [name for name in KINDS if (kind == name).any()]
    columns = [
        *((kind == name).to_numpy(float) for name in present),
        rows.frame["achievement"].to_numpy(float),
    ]
    effects = fitted(rows.frame, np.column_stack(columns), rows.periods(), "random_means", level)
    return dict(zip(present, effects, strict=False))


@dataclass(frozen=True, eq=False)
class Kinds:
    """Answer: the effect of each kind of tie.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why nothing could be estimated.
    every : Effect or None
        Of any tie.
    effects : dict of str to Effect
        Of the kinds that may be shown.
    counts : dict of str to int
        Employees compared, by kind; not for publication as they are.
    appraisals : int
    """

    study: Study
    level: float
    reason: Message | None = None
    every: Effect | None = None
    effects: dict[str, Effect] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    appraisals: int = 0

    @property
    def _hidden(self) -> Message:
        return Message.of("appraisal_robust.kinds_hidden", minimum=self.study.settings.privacy.minimum_cell)

    @property
    def findings(self) -> list[Finding]:
        """One finding a kind."""
        return [self._finding(kind) for kind in KINDS]

    def _finding(self, kind: str) -> Finding:
        tie = Message.of(f"appraisal_robust.of_{kind}")
        parts = {
            "id": f"appraisal.tie_effect_{kind}",
            "unit": "score points",
            "claim": "association",
            "method": METHOD,
            "question": in_both("appraisal_robust.kinds_question", tie=tie),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if self.reason is not None:
            return not_estimable(self.reason, **parts)
        if kind not in self.effects:
            return Finding(status="suppressed", reason=self._hidden.in_("en"), **parts)
        e, n = self.effects[kind], people(self.study, self.counts[kind])
        return estimated(e, n=n, groups=n, **parts)

    def _judged(self) -> dict[str, Judgement]:
        claim = claim_of(self.study, "appraisal.tie_effect")
        return {k: judge(e.low, e.high, claim.limit, claim.supports) for k, e in self.effects.items()}

    def _named(self, judgement: Judgement, language: str) -> str:
        names = [k for k, found in self._judged().items() if found == judgement]
        return listed([say(language, f"appraisal_robust.of_{k}") for k in names], language)

    def sentence(self, language: str) -> list[Sentence]:
        """Return which kinds lie beyond the limit, and whether kinds can be told apart."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        if not self.effects:
            return [Sentence(self._hidden_kinds(language), "note")]
        claim = claim_of(self.study, "appraisal.tie_effect")
        texts = [
            say(
                language, f"appraisal_robust.kinds_{judgement}_{claim.supports}", ties=named,
                limit=number(claim.limit, language),
            )
            for judgement in ("supported", "not_supported", "cannot_tell")
            if (named := self._named(judgement, language))
        ]  # fmt: skip
        told = [Sentence(" ".join(texts))]
        if len(self.effects) > 1 and self._overlap():
            told.append(Sentence(say(language, "appraisal_robust.kinds_overlap")))
        if len(self.effects) < len(KINDS):
            told.append(Sentence(self._hidden_kinds(language), "note"))
        return told

    def _overlap(self) -> bool:
        return max(e.low for e in self.effects.values()) <= min(e.high for e in self.effects.values())

    def _hidden_kinds(self, language: str) -> str:
        names = [say(language, f"appraisal_robust.of_{k}") for k in KINDS if k not in self.effects]
        minimum = self.study.settings.privacy.minimum_cell
        return say(
            language, "appraisal_robust.kinds_not_shown", ties=listed(names, language), minimum=minimum
        )

    def heading(self, language: str) -> list[Heading]:
        """Return for which kinds a difference is clear."""
        if not self.effects:
            return []
        clear = self._named("supported", language)
        key = "none" if not clear else "all" if len(set(self._judged().values())) == 1 else "some"
        return [Heading(say(language, f"appraisal_robust.kinds_heading_{key}", ties=clear))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the intervals of all kinds against the limit."""
        if not self.effects:
            return []
        claim, e = claim_of(self.study, "appraisal.tie_effect"), self.every
        limit = number(claim.limit, language)
        first = Interval(say(language, "appraisal_robust.kind_all"), e.estimate, e.low, e.high, bold=True)
        return interval_plot(
            [first, *(self._row(kind, language) for kind in KINDS)],
            language=language,
            alt=say(language, "appraisal_robust.kinds_alt"),
            caption=say(
                language,
                "appraisal_robust.kinds_caption",
                level=self.level,
                n=people(self.study, self.appraisals),
            ),
            axis_label=say(language, "appraisal_robust.axis"),
            digits=self._digits,
            limit=claim.limit,
            supports=claim.supports,
            zone_label=say(language, f"appraisal_robust.zone_{claim.supports}", limit=limit),
            synthetic=self.study.synthetic,
        )

    @property
    def _digits(self) -> int:
        return decimals((e.low, e.high) for e in [self.every, *self.effects.values()])

    def _row(self, kind: str, language: str) -> Interval:
        label = say(language, f"appraisal_robust.kind_{kind}")
        if kind not in self.effects:
            return Interval(label, note=self._hidden.in_(language))
        e = self.effects[kind]
        return Interval(label, e.estimate, e.low, e.high)

    def table(self, language: str) -> Table | list[Table]:
        """Return the same numbers, and how many people each rests on."""
        if not self.effects:
            return []
        columns = [
            say(language, "appraisal_robust.kind"),
            say(language, "appraisal_robust.estimate", level=self.level),
            Column(say(language, "appraisal_robust.compared"), numeric=True),
        ]
        rows = [self._cells(kind, language) for kind in KINDS]
        caption = say(language, "appraisal_robust.kinds_table")
        return Table(columns, rows, caption, language, show_caption=False)

    def _cells(self, kind: str, language: str) -> list[str | Cell] | Gap:
        label = say(language, f"appraisal_robust.kind_{kind}")
        if kind not in self.effects:
            return Gap(label, say(language, "appraisal_robust.not_shown"), self._hidden.in_(language))
        e, digits = self.effects[kind], self._digits
        n = number(people(self.study, self.counts[kind]), language, 0)
        told = Cell(number(e.estimate, language, digits), interval(e.low, e.high, language, digits))
        return [label, told, Cell(n, say(language, "appraisal_robust.people"))]


def listed(names: list[str], language: str) -> str:
    """Return names as a list in a sentence: 'a', 'a and b', 'a, b, and c'."""
    if len(names) < 2:
        return "".join(names)
    key = "and_two" if len(names) == 2 else "and_many"
    return say(language, f"appraisal_robust.{key}", first=", ".join(names[:-1]), last=names[-1])
