"""What does the study hold, and what can it answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from walesi_research.exhibits import Column, Gap, Table
from walesi_research.language import Message, month, say
from walesi_research.questions.result import people

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Analyses", "Contents", "Need", "analyses", "contents"]

TABLES = ("employees", "survey", "appraisals", "training", "service", "events")
DATES = {"survey": "date", "training": "completed_on", "events": "date"}


@dataclass(frozen=True)
class Need:
    """What a question needs: tables, columns of tables, and roles of the questionnaire."""

    tables: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] = ()


QUESTIONS = {
    "relations": Need(("appraisals",), (("appraisals", "tie"), ("appraisals", "score"))),
    "results": Need(("appraisals",), (("appraisals", "achievement"), ("appraisals", "score"))),
    "hours": Need(("training",)),
    "leadership": Need(("training", "appraisals"), (("training", "kind"), ("appraisals", "achievement"))),
    "pathways": Need(("survey",), roles=("culture", "recognition", "motivation", "commitment")),
    "joint": Need(("survey",), roles=("culture", "recognition", "fairness")),
    "service": Need(("service", "appraisals"), (("appraisals", "achievement"),)),
}
"""The questions of the report, and what each needs of a study."""


def contents(study: Study) -> Contents:
    """Return what each table holds."""
    return Contents(study)


def analyses(study: Study) -> Analyses:
    """Return which questions the study can answer, and what the others lack."""
    return Analyses({name: _lacking(study, need) for name, need in QUESTIONS.items()})


def _lacking(study: Study, need: Need) -> Message | None:
    """Return the first thing a question lacks, or None."""
    if tables := [t for t in need.tables if not study.has(t)]:
        return Message.of("data.cannot_table", tables=_named("inline", tables))
    for table, column in need.columns:
        if column not in getattr(study, table) or getattr(study, table)[column].isna().all():
            return Message.of("data.cannot_column", column=column, table=_named("inline", [table]))
    if roles := [r for r in need.roles if not study.codebook.with_role(r)]:
        return Message.of("data.cannot_role", roles=_named("role", roles))
    return None


def _named(kind: str, names: list[str]) -> tuple[Message, ...]:
    return tuple(Message.of(f"data.{kind}_{name}") for name in names)


@dataclass(frozen=True, eq=False)
class Contents:
    """Rows and span of each table, rounded for publication."""

    study: Study
    findings = ()

    def table(self, language: str) -> Table:
        """Return one row a table of the contract."""
        columns = [
            say(language, "data.table"),
            Column(say(language, "data.rows"), numeric=True),
            say(language, "data.span"),
        ]
        rows = [self._row(name, language) for name in TABLES]
        return Table(columns, rows, say(language, "data.contents_caption"), language)

    def _row(self, name: str, language: str) -> list[str] | Gap:
        label = say(language, f"data.table_{name}")
        if not self.study.has(name):
            return Gap(label, say(language, "data.absent"))
        n = people(self.study, len(getattr(self.study, name)))
        return [label, say(language, "data.approximately", n=n), self._span(name, language)]

    def _span(self, name: str, language: str) -> str:
        frame = getattr(self.study, name)
        if "period" in frame and len(frame):
            first, last = (
                self.study.calendar.label(p) for p in (frame["period"].min(), frame["period"].max())
            )
        elif DATES.get(name) in frame and frame[DATES[name]].notna().any():
            days = frame[DATES[name]].dropna()
            first, last = (month(pd.Timestamp(d).date(), language) for d in (days.min(), days.max()))
        else:
            return "–"
        return first if first == last else say(language, "data.span_to", first=first, last=last)


@dataclass(frozen=True, eq=False)
class Analyses:
    """What each question of the report lacks, None where nothing."""

    lacking: dict[str, Message | None]
    findings = ()

    def table(self, language: str) -> Table:
        """Return one row a question."""
        columns = [say(language, "data.analysis"), say(language, "data.possible")]
        rows = [
            [
                say(language, f"data.ask_{name}"),
                say(language, "data.can") if why is None else why.in_(language),
            ]
            for name, why in self.lacking.items()
        ]
        return Table(columns, rows, say(language, "data.analyses_caption"), language)
