"""What does the study hold, and what can it answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from walesi_research.exhibits import Column, Gap, Table
from walesi_research.language import Message, month, say
from walesi_research.questions import variables
from walesi_research.questions.result import few, people

if TYPE_CHECKING:
    from walesi_research.study import Study
    from walesi_research.study.calendar import Calendar

__all__ = ["Analyses", "Contents", "Need", "analyses", "contents"]

TABLES = ("employees", "survey", "appraisals", "training", "service", "events")
DATES = {"survey": "date", "training": "completed_on", "events": "date"}


@dataclass(frozen=True)
class Need:
    """What a question needs: tables, their columns, roles of the questionnaire, performance."""

    tables: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] = ()
    any_role: tuple[str, ...] = ()
    performance: bool = False


QUESTIONS = {
    "relations": Need(("appraisals",), (("appraisals", "tie"), ("appraisals", "score"))),
    "results": Need(("appraisals",), (("appraisals", "achievement"), ("appraisals", "score"))),
    "hours": Need(("training",)),
    "leadership": Need(("training", "appraisals"), (("training", "kind"), ("appraisals", "achievement"))),
    "pathways": Need(
        ("survey",), roles=("culture", "recognition", "motivation", "commitment"), performance=True
    ),
    "joint": Need(("survey",), any_role=variables.PREDICTORS, performance=True),
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
    if need.any_role and not any(study.codebook.with_role(r) for r in need.any_role):
        return Message.of("data.cannot_role", roles=_named("role", list(need.any_role)))
    if need.performance and variables.performance(study) is None:
        return Message.of("data.cannot_performance")
    return None


def _named(kind: str, names: list[str]) -> Message:
    """Return names as a list in a sentence: 'a, b, and c'."""
    *first, last = (Message.of(f"data.{kind}_{name}") for name in names)
    if not first:
        return last
    return Message.of("data.and_many" if first[1:] else "data.and", first=tuple(first), last=last)


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
        rows, least = len(getattr(self.study, name)), self.study.settings.privacy.minimum_cell
        if few(rows, least):
            return Gap(label, say(language, "data.not_shown"), say(language, "data.fewer_rows", n=least))
        n = people(self.study, rows)
        return [label, say(language, "data.approximately", n=n), self._span(name, language)]

    def _span(self, name: str, language: str) -> str:
        frame = getattr(self.study, name)
        if "period" in frame and len(frame):
            ends = frame["period"].min(), frame["period"].max()
            first, last = (_period(self.study.calendar, int(p), language) for p in ends)
        elif DATES.get(name) in frame and frame[DATES[name]].notna().any():
            days = frame[DATES[name]].dropna()
            first, last = (month(pd.Timestamp(d).date(), language) for d in (days.min(), days.max()))
        else:
            return "–"
        return first if first == last else say(language, "data.span_to", first=first, last=last)


def _period(calendar: Calendar, period: int, language: str) -> str:
    """Return a period in words: 'triwulan 1 2024'."""
    year, part = divmod(period, calendar.per_year)
    if calendar.rhythm == "month":
        return month(calendar.first_day(period), language)
    if calendar.rhythm == "year":
        return str(year)
    return say(language, f"data.period_{calendar.rhythm}", n=part + 1, year=str(year))


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
