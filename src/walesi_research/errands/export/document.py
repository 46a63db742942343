"""The tables of a study in their order, numbered, with where each comes from: what all formats write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from walesi_research.errands.export.categories import graded
from walesi_research.errands.export.chapters import SECTIONS, Entry, Section
from walesi_research.errands.export.interview import Interview
from walesi_research.errands.export.trace import Place, findings_in, listed
from walesi_research.exhibits import Table
from walesi_research.exhibits.text import clean
from walesi_research.language import say

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["CHAPTER", "Document", "Numbered", "Part", "document_of"]

CHAPTER = 4
"""The number of the chapter of results, 'Bab IV'."""


@dataclass(frozen=True)
class Numbered:
    """A table with its number and where it comes from.

    Parameters
    ----------
    order : int
        Counts the tables of the chapter from 1.
    table : Table
    question : str
        The question that made it: room and function.
    findings : tuple of str
        Ids of the findings that its cells show; where none can be told in a cell, all of the question's.
    cells : mapping of (row, column) to str
        Those of them that a single cell shows.
    notes : tuple of str
        What is said under it.
    """

    order: int
    table: Table
    question: str
    findings: tuple[str, ...] = ()
    cells: Mapping[Place, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """The number as the chapter counts: ``4.1``."""
        return f"{CHAPTER}.{self.order}"

    @property
    def source(self) -> str:
        """Question and findings, in words."""
        language = self.table.language
        if not self.findings:
            return say(language, "export.source", question=self.question)
        key = "source_findings" if self.cells else "source_related"
        return say(language, f"export.{key}", question=self.question, findings=listed(self.findings))


@dataclass(frozen=True)
class Part:
    """A section: its heading, what is missing in it, and its tables."""

    heading: str
    missing: tuple[str, ...]
    tables: tuple[Numbered, ...]


@dataclass(frozen=True)
class Document:
    """All that is written, in one language.

    Parameters
    ----------
    title : str
        The study's.
    language : {"id", "en"}
    synthetic : bool
    version : str
        Of this program.
    parts : tuple of Part
    """

    title: str
    language: str
    synthetic: bool
    version: str
    parts: tuple[Part, ...]

    def say(self, key: str, **values: Any) -> str:
        """Return a message of the export in the document's language."""
        return say(self.language, f"export.{key}", **values)

    @property
    def tables(self) -> list[Numbered]:
        """All tables, in order."""
        return [t for part in self.parts for t in part.tables]

    @property
    def banner(self) -> str:
        """What every page says of invented data; empty where they are real."""
        return say(self.language, "page.synthetic_banner") if self.synthetic else ""

    @property
    def opening(self) -> list[str]:
        """What is said before the first table."""
        return [self.say("opening"), self.say("made", version=self.version)]


def document_of(
    study: Study,
    find: Callable[[str], Callable[..., Any]],
    language: str,
    parameters: Mapping[str, Any],
    version: str,
    tell: Callable[[str], None] = lambda heading: None,
) -> Document:
    """Ask a study all that the customary tables need, and return them in order.

    Parameters
    ----------
    study : Study
    find : callable
        Returns a question's function by its name (questions live on this floor and are handed in).
    language : {"id", "en"}
    parameters : mapping of str to object
        ``level``, ``draws``, ``pls``.
    version : str
    tell : callable
        Told of each section's heading before its questions are asked.
    """
    interview = Interview(study, find, parameters)
    parts: list[Part] = []
    for section in SECTIONS:
        if not section.asked or parameters[section.asked]:
            tell(say(language, f"export.section_{section.name}"))
            parts.append(_part(section, interview, language, sum(len(p.tables) for p in parts)))
    return Document(clean(study.title[language]), language, study.synthetic, version, tuple(parts))


def _part(section: Section, interview: Interview, language: str, before: int) -> Part:
    tables = [t for entry in section.entries for t in _tables(entry, interview, language)]
    numbered = tuple(replace(t, order=before + i) for i, t in enumerate(tables, 1))
    empty = {e.question for e in section.entries} - {t.question for t in numbered}
    missing = [
        said
        for name in dict.fromkeys(e.question for e in section.entries)
        if name in empty
        for said in _why(interview[name], language)
    ]
    return Part(say(language, f"export.section_{section.name}"), tuple(dict.fromkeys(missing)), numbered)


def _tables(entry: Entry, interview: Interview, language: str) -> Iterator[Numbered]:
    """Yield the tables of one entry, not yet numbered; the last carries the note."""
    answer = interview[entry.question]
    made = getattr(answer, entry.table)(language)
    tables = [t for t in ([made] if isinstance(made, Table) else made) if isinstance(t, Table) and t.rows]
    tables = tables[: entry.most]
    for i, table in enumerate(tables, 1):
        shown = graded(table, answer.scales) if entry.graded else table
        if entry.caption:
            caption = say(language, f"export.caption_{entry.caption}")
            shown = replace(shown, caption=caption)
        cells = findings_in(shown, answer.findings)
        ids = [f.id for f in answer.findings if f.id in set(cells.values()) or not cells]
        notes = _notes(entry, answer, language) if i == len(tables) else ()
        yield Numbered(0, shown, entry.question, tuple(ids), cells, notes)


def _notes(entry: Entry, answer: Any, language: str) -> tuple[str, ...]:
    notes = [say(language, f"export.note_{entry.note}", **_privacy(answer))] if entry.note else []
    if any(f.claim == "association" and f.status == "estimated" for f in answer.findings):
        notes.append(say(language, "export.association"))
    return tuple(notes)


def _privacy(answer: Any) -> dict[str, int]:
    """Return how counts of people were made safe, for notes that say so."""
    study = getattr(answer, "study", None)
    privacy = study.settings.privacy if study is not None else None
    return {"base": privacy.round_counts, "minimum": privacy.minimum_cell} if privacy else {}


def _why(answer: Any, language: str) -> Iterable[str]:
    """Return why a question has no table, else what it answers in words."""
    said = answer.sentence(language) if hasattr(answer, "sentence") else []
    notes = [s for s in said if s.kind == "note"] or said
    return [s.alt for s in notes] or [say(language, "export.nothing")]
