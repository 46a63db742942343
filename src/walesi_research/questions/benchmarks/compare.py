"""Are answers here more or less positive than those of civil servants elsewhere?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import pandas as pd
from markupsafe import Markup

from walesi_research.exhibits import Cell, Dots, Figure, Heading, Sentence, Table, dot_plot
from walesi_research.findings import Finding
from walesi_research.language import Message, say, share
from walesi_research.questions.benchmarks.lines import Line, Source, lines, roles
from walesi_research.questions.benchmarks.positive import Positive, positive
from walesi_research.questions.result import in_both, not_estimable, people, suppressed
from walesi_research.questions.variables import construct_of_role

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Benchmarks", "Row", "benchmarks"]

NOTEBOOK = "02_measurement"
METHOD = (
    "share of answers above the middle of the scale to all questions of the construct, reversed where keyed; "
    "latest wave; interval on the logit scale, people as a random sample of those employed at the time"
)
CLOSE = 0.03
"""Cited figures are sure to some three points only: intervals of 1.3 points (GSPS), medians rounded to one
(CSPS), missing answers filled in (the copy of FEVS). Within it nothing is called higher or lower."""
Place = Literal["below", "above", "among"]
PLACES: tuple[Place, ...] = ("below", "above", "among")


@dataclass(frozen=True)
class Row:
    """A construct of the study, and what was answered to the like elsewhere.

    Parameters
    ----------
    role : str
        The construct's role.
    label : dict of str to str
        Its name by language.
    ours : Positive
    lines : tuple of Line
        The cited figures, those of our own country first.
    """

    role: str
    label: dict[str, str]
    ours: Positive
    lines: tuple[Line, ...]

    @property
    def place(self) -> Place | None:
        """Where the whole interval lies: below or above every cited figure, or neither; None if hidden."""
        if self.ours.hidden:
            return None
        cited = [line.share for line in self.lines]
        if self.ours.high < min(cited) - CLOSE:
            return "below"
        return "above" if self.ours.low > max(cited) + CLOSE else "among"


def benchmarks(study: Study, level: float = 0.95) -> Benchmarks:
    """Set the study's shares of positive answers beside cited ones of other civil services.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Benchmarks
        Findings ``benchmark.<role>``, of each role that has a cited figure. A study's own survey is not
        cited beside itself.
    """
    if not study.has("survey"):
        return Benchmarks(study, level, Message.of("benchmarks.no_survey"))
    rows = tuple(filter(None, (_row(study, role, level) for role in roles())))
    shown = any(row.lines for row in rows)
    return Benchmarks(study, level, None if shown else Message.of("benchmarks.nothing"), rows)


def _row(study: Study, role: str, level: float) -> Row | None:
    name = construct_of_role(study, role)
    if name is None:
        return None
    cited = tuple(line for line in lines() if line.role == role and line.source.study != study.id)
    return Row(role, study.codebook.constructs[name].label, positive(study, name, level), cited)


@dataclass(frozen=True, eq=False)
class Benchmarks:
    """Answer: how positive answers are here and elsewhere, by construct.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why nothing is compared.
    measured : tuple of Row
        One a role that the study measures, whether or not anything is cited beside it.
    """

    study: Study
    level: float
    reason: Message | None = None
    measured: tuple[Row, ...] = ()

    @cached_property
    def rows(self) -> list[Row]:
        """What is compared."""
        return [row for row in self.measured if row.lines]

    # ── findings ─────────────────────────────────────────────────────────────────────────────────

    @property
    def findings(self) -> list[Finding]:
        """The study's own share of positive answers, one finding a role."""
        measured = {row.role: row.ours for row in self.measured}
        return [self._finding(role, measured.get(role)) for role in roles()]

    def _finding(self, role: str, ours: Positive | None) -> Finding:
        named = Message.of(f"benchmarks.role_{role}")
        parts = {
            "id": f"benchmark.{role}",
            "unit": "share of answers",
            "claim": "description",
            "method": METHOD,
            "question": in_both("benchmarks.question", role=named),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if ours is None:
            lacking = Message.of("benchmarks.no_construct", role=named)
            return not_estimable(lacking if self.study.has("survey") else self.reason, **parts)
        if ours.hidden:
            return suppressed(self.study, **parts)
        numbers = {"estimate": ours.share, "se": ours.se, "low": ours.low, "high": ours.high}
        return Finding(n=people(self.study, ours.n), **numbers, **parts)

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    def _at(self, place: Place) -> list[str]:
        return [row.role for row in self.rows if row.place == place]

    @property
    def _answer(self) -> str | None:
        """Return the place that all topics share, 'mixed' where they differ; None where all is hidden."""
        places = [place for place in PLACES if self._at(place)]
        return "mixed" if len(places) > 1 else next(iter(places), None)

    def heading(self, language: str) -> list[Heading]:
        """Return how answers here compare."""
        if self.reason is not None or self._answer is None:
            return []
        return [Heading(say(language, f"benchmarks.heading_{self._answer}"))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return where answers here are more or less positive than in every cited survey, and a caution."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        if self._answer is None:
            return [Sentence(say(language, "benchmarks.all_few"), "note")]
        told = [self._told(place, language) for place in PLACES if self._at(place)]
        text = " ".join([say(language, f"benchmarks.answer_{self._answer}"), *told])
        return [Sentence(text), Sentence(say(language, "benchmarks.caution"))]

    def _told(self, place: Place, language: str) -> str:
        there = self._at(place)
        everywhere = len(there) == len(self.rows) > 2
        names = say(language, "benchmarks.every_topic") if everywhere else _listed(there, language)
        return say(language, f"benchmarks.at_{place}", names=names)

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return, by construct, our share and those cited."""
        if self.reason is not None or self._answer is None:
            return []
        return dot_plot(
            [self._dots(row, language) for row in self.rows],
            language=language,
            own=say(language, "benchmarks.own"),
            alt=say(language, "benchmarks.alt"),
            caption=self._caption(language),
            synthetic=self.study.synthetic,
            data=self._data,
        )

    def _dots(self, row: Row, language: str) -> Dots:
        others = tuple((_place_and_year(line.source, language), line.share) for line in row.lines)
        ours, label = row.ours, row.label[language]
        if ours.hidden:
            return Dots(label, note=say(language, "benchmarks.few"), others=others)
        return Dots(label, ours.share, (ours.low, ours.high) if ours.sampled else None, others=others)

    def _caption(self, language: str) -> str:
        most = max(row.ours.n for row in self.rows if not row.ours.hidden)
        sampled = any(row.ours.sampled for row in self.rows)
        key = "caption" if sampled else "caption_census"
        return say(language, f"benchmarks.{key}", people=people(self.study, most), level=self.level)

    @property
    def _data(self) -> pd.DataFrame:
        """Return a row a role: our share with its ends, and a column a cited survey."""
        held = [
            {"role": r.role, "share": r.ours.share, "low": r.ours.low, "high": r.ours.high}
            | {line.source.name: line.share for line in r.lines}
            for r in self.rows
        ]
        return pd.DataFrame(held)

    def details(self, language: str) -> list[Sentence]:
        """Return our shares by the survey's weights, where these vary."""
        known = [row for row in self.rows if row.ours.weighted is not None]
        told = [f"{row.label[language]} {share(row.ours.weighted, language)}" for row in known]
        return [Sentence(say(language, "benchmarks.weighted", shares="; ".join(told)))] if told else []

    def table(self, language: str) -> Table | list[Table]:
        """Return, by cited survey, who was asked, and each question in its own words."""
        if self.reason is not None:
            return []
        columns = [say(language, "benchmarks.survey"), say(language, "benchmarks.asked")]
        sources = dict.fromkeys(line.source for row in self.rows for line in row.lines)
        rows = [
            [Cell(_place_and_year(source, language), _cited(source, language)), self._asked(source, language)]
            for source in sources
        ]
        return Table(columns, rows, say(language, "benchmarks.table"), language)

    def _asked(self, source: Source, language: str) -> str:
        """Return the questions of a survey by what they stand for, each marked as English on other pages."""
        quote = "“{}”" if language == "en" else "<q lang=en>{}</q>"
        named = Markup("{}: " + quote)
        return Markup("; ").join(
            named.format(say(language, f"benchmarks.role_{row.role}"), line.question)
            for row in self.rows
            for line in row.lines
            if line.source == source
        )


def _place_and_year(source: Source, language: str) -> str:
    return f"{say(language, f'benchmarks.country_{source.country}')} {source.year}"


def _cited(source: Source, language: str) -> str:
    who = say(language, f"benchmarks.who_{source.name}", people=source.n)
    return f"{source.title}: {who}. {source.address}"


def _listed(names: Sequence[str], language: str) -> str:
    words = [say(language, f"benchmarks.role_{name}") for name in names]
    if len(words) < 2:
        return "".join(words)
    key = "benchmarks.and" if len(words) == 2 else "benchmarks.and_many"
    return say(language, key, first=", ".join(words[:-1]), last=words[-1])
