"""What a check found, in words: by file, each fault with its place, its value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from walesi_research.language import say
from walesi_research.problems import Problem

__all__ = ["CheckReport", "tell"]

SHOWN = 10
"""Faults of one kind in one column that are told one by one; the others are counted."""

NAMED = 40
"""Unread columns that are named; the others are counted."""


@dataclass(frozen=True)
class CheckReport:
    """Every problem of a study folder.

    Parameters
    ----------
    problems : tuple of Problem
        Errors and warnings, one for each row concerned.
    language : {"id", "en"}
        Language of the study's reports.
    rows : mapping of str to int
        Rows read, by table.
    unread : mapping of str to tuple of str
        Names of the columns left unread, by table (of a sheet that serves two, with the first); for the
        terminal, not for pages.
    """

    problems: tuple[Problem, ...]
    language: str = "id"
    rows: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be mended before a run."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is doubtful but does not stop a run."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @property
    def ok(self) -> bool:
        """Whether the study can be run."""
        return not self.errors

    def text(self, language: str | None = None) -> str:
        """Return the report as text, in the study's language unless another is given."""
        language = language or self.language
        parts = [
            *tell(self.problems, language),
            *(self._unread_line(table, language) for table in self.unread),
            self._verdict(language),
        ]
        return "\n".join(parts) + "\n"

    def _unread_line(self, table: str, language: str) -> str:
        return say(
            language,
            "check.unread",
            n=len(self.unread[table]),
            table=table,
            names=", ".join(self.unread[table][:NAMED]) + (", …" if len(self.unread[table]) > NAMED else ""),
        )

    def _verdict(self, language: str) -> str:
        if self.ok:
            rows = ", ".join(say(language, "check.rows", table=name, n=n) for name, n in self.rows.items())
            warned = say(language, "check.warnings", n=len(self.warnings)) if self.warnings else ""
            return " ".join(filter(None, [say(language, "check.sound", rows=rows), warned]))
        return say(language, "check.unsound", errors=len(self.errors), warnings=len(self.warnings))


def tell(problems: tuple[Problem, ...] | list[Problem], language: str) -> Iterator[str]:
    """Yield lines of text: a heading a file, then its problems, errors first."""
    ordered = sorted(problems, key=lambda p: (p.file or "", p.severity, _kind(p), p.row or 0))
    for file, of_file in groupby(ordered, key=lambda p: p.file or ""):
        yield file
        for _, alike in groupby(of_file, key=lambda p: (p.severity, _kind(p))):
            yield from _alike(list(alike), language)
        yield ""


def _kind(problem: Problem) -> tuple[str, str, str]:
    return (problem.table or "", problem.column or "", problem.what.key)


def _alike(problems: list[Problem], language: str) -> Iterator[str]:
    """Yield the lines of like problems: what they share is said once, the first few are told one by one."""
    reasons = {_reason(problem, language) for problem in problems}
    if len(problems) > 1 and len(reasons) == 1:
        yield f"  {_place(problems[0], language, row=False)}: {reasons.pop()}"
        yield from (f"    {_cell(problem, language)}" for problem in problems[:SHOWN])
    else:
        yield from (f"  {line(problem, language)}" for problem in problems[:SHOWN])
    if rest := problems[SHOWN:]:
        rows = sorted({problem.row for problem in rest if problem.row is not None})
        key = "check.and_more" if rows else "check.and_more_elsewhere"
        yield "    " + say(language, key, n=len(rest), rows=_spans(rows))


def _spans(rows: list[int], most: int = 12) -> str:
    """Return rows as spans: ``5–7, 9``; cut after `most` spans."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    texts = [str(low) if low == high else f"{low}–{high}" for low, high in spans[:most]]
    return ", ".join(texts) + (", …" if len(spans) > most else "")


def line(problem: Problem, language: str) -> str:
    """Return one problem as one line: place, value, what is wrong, what is allowed, the nearest guess."""
    parts = [_place(problem, language), *_value(problem, language)]
    return f"{', '.join(parts)}: {' '.join([_reason(problem, language), *_guess(problem, language)])}"


def _place(problem: Problem, language: str, *, row: bool = True) -> str:
    place = [say(language, f"check.is_{problem.severity}")]
    if row and problem.row is not None:
        place.append(say(language, "check.at_row", row=str(problem.row)))
    if problem.column is not None:
        is_key = (problem.file or "").endswith(".toml")
        place.append(say(language, "check.at_key" if is_key else "check.at_column", column=problem.column))
    return ", ".join(place)


def _cell(problem: Problem, language: str) -> str:
    """Return what is particular to one of several like problems."""
    row = [] if problem.row is None else [say(language, "check.at_row", row=str(problem.row))]
    return " ".join([", ".join([*row, *_value(problem, language)]), *_guess(problem, language)])


def _reason(problem: Problem, language: str) -> str:
    allowed = [] if problem.allowed is None else [say(language, "check.allowed", allowed=problem.allowed)]
    return " ".join([problem.what.in_(language), *allowed])


def _value(problem: Problem, language: str) -> list[str]:
    return [] if problem.value is None else [say(language, "check.value", value=problem.value)]


def _guess(problem: Problem, language: str) -> list[str]:
    return [] if problem.guess is None else [say(language, "check.guess", guess=problem.guess)]
