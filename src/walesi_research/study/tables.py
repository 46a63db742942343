"""One sheet becomes one typed table, with every fault of its header and cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from walesi_research.language import Message
from walesi_research.problems import Problem, nearest
from walesi_research.study.calendar import Calendar
from walesi_research.study.coerce import Coerced, coerce
from walesi_research.study.columns import COMMENT, Column, Table
from walesi_research.study.fields import in_form
from walesi_research.study.files import Book
from walesi_research.study.header import is_of_form
from walesi_research.study.identifiers import NIP_PATTERN, Identifiers, rounded
from walesi_research.study.mask import hidden, shown
from walesi_research.study.pseudonyms import is_pseudonym
from walesi_research.study.schema import Violation, violations
from walesi_research.study.sheets import Sheet
from walesi_research.study.texts import as_text, texts_of

__all__ = ["Loaded", "Located", "Reading", "load_table", "locate", "wanted_names"]

FEW = 12
"""Up to this many names are listed as what is allowed."""


@dataclass(frozen=True)
class Reading:
    """How a table is to be read: what it may hold, and the study's maps and rhythm.

    `elsewhere` holds the columns, case-folded, that other tables read in the same file.
    """

    table: Table
    file: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    calendar: Calendar
    elsewhere: frozenset[str] = frozenset()
    pseudonymised: bool = False

    def name_in_file(self, column: str) -> str:
        """Return the name that the study says a canonical column has in its file."""
        return self.columns.get(column, column)

    def name_in_form(self, column: str) -> str:
        """Return the name that it has in an export of a form."""
        return in_form(column, self.name_in_file(column))


@dataclass(frozen=True)
class Loaded:
    """A table read: typed (index: rows of the file, raw identifiers), its faults, and what was left unread.

    `spelled` holds, by canonical column, the name as the file has it.
    """

    reading: Reading
    frame: pd.DataFrame
    spelled: Mapping[str, str]
    problems: tuple[Problem, ...]
    unread: tuple[str, ...]

    def problem(
        self, what: str | Message, *, column: str | None = None, severity: str = "error", **details: object
    ) -> Problem:
        """Return a problem of this table's file, its column named as in the file."""
        message = Message.of(what) if isinstance(what, str) else what
        name = self.spelled.get(column, column) if column else None
        return Problem(
            what=message,
            file=self.reading.file,
            table=self.reading.table.name,
            column=name,
            severity=severity,
            **details,
        )


def wanted_names(reading: Reading) -> set[str]:
    """Return the names of the columns that a table reads."""
    names = {reading.name_in_file(column) for column in reading.table.columns}
    return names | {reading.name_in_form(column) for column in reading.table.columns}


@dataclass(frozen=True)
class Located:
    """A table found in a file: its sheet, and the name in the file by canonical column."""

    reading: Reading
    sheet: Sheet
    spelled: Mapping[str, str]

    def identifiers(self) -> Iterator[str]:
        """Yield the distinct identifiers of the table, as the file has them."""
        for column, name in self.spelled.items():
            if self.reading.table.columns[column].kind == "id":
                yield from texts_of(self.sheet.frame[name]).cat.categories


def locate(book: Book, reading: Reading) -> Located:
    """Find a table in a file: the sheet named as the table, else the one with most of its columns."""
    for sheet in book.sheets:
        if sheet.name.casefold() == reading.table.name:
            return Located(reading, sheet, _spelled(sheet, reading))
    sheet = max(book.sheets, key=lambda sheet: len(_spelled(sheet, reading)))
    return Located(reading, sheet, _spelled(sheet, reading))


def load_table(located: Located, identifiers: Identifiers) -> Loaded:
    """Type a table and find the faults of its header and cells.

    Parameters
    ----------
    located : Located
        Where the table is.
    identifiers : Identifiers
        What was found of the identifiers of all tables.
    """
    reading, sheet, spelled = located.reading, located.sheet, located.spelled
    coerced = {column: _coerced(located, column, identifiers) for column in spelled}
    frame = pd.DataFrame({name: c.values for name, c in coerced.items()}, index=sheet.frame.index)
    loaded = Loaded(reading, frame, spelled, (), _unread(sheet, spelled, reading))
    broken = violations(frame, reading.table)
    told = [
        *(fault.problem(reading.file, reading.table.name) for fault in sheet.faults),
        *_missing_columns(loaded, sheet),
        *_refusals(loaded, sheet, coerced),
        *_broken_rules(loaded, sheet, coerced, broken),
        *_rounded_numbers(loaded, sheet),
        *_not_pseudonyms(loaded),
    ]
    told += [] if told or len(frame) else _no_answers(loaded)
    return replace(loaded, frame=_without(frame, broken), problems=tuple(told))


def _no_answers(loaded: Loaded) -> Iterator[Problem]:
    """Find a table that is listed for nothing; there may be no course and no event."""
    if loaded.reading.table.name in ("survey", "appraisals", "service"):
        yield loaded.problem("check.no_answers")


def _without(frame: pd.DataFrame, broken: list[Violation]) -> pd.DataFrame:
    """Return the frame without the values that break a rule: nothing further is concluded from them."""
    rows: dict[str, list[int]] = {}
    for row, column, _ in broken:
        rows.setdefault(column, []).append(row)
    return frame.assign(
        **{column: frame[column].mask(frame.index.isin(where)) for column, where in rows.items()}
    )


def _spelled(sheet: Sheet, reading: Reading) -> dict[str, str]:
    """Match canonical columns with names in the file: exactly, else in any letter case."""
    there = {name.casefold(): name for name in reversed(sheet.frame.columns)}
    there |= {name: name for name in sheet.frame.columns}
    found = {}
    for column in reading.table.columns:
        names = [reading.name_in_file(column)]
        names += [reading.name_in_form(column)] if is_of_form(sheet.names) else []
        spelled = (there.get(name) or there.get(name.casefold()) for name in names)
        if name := next(filter(None, spelled), None):
            found[column] = name
    return found


def _unread(sheet: Sheet, spelled: Mapping[str, str], reading: Reading) -> tuple[str, ...]:
    """Return the names of the columns that no table knows; none where the first row may be no header."""
    if not spelled:
        return ()
    known = {*(name.casefold() for name in spelled.values()), COMMENT, *reading.elsewhere}
    return tuple(shown(name) for name in dict.fromkeys(sheet.names) if name.casefold() not in known)


def _coerced(located: Located, column: str, identifiers: Identifiers) -> Coerced:
    reading, sheet, name = located.reading, located.sheet, located.spelled[column]
    values, labels = reading.values.get(column, {}), sheet.labels.get(name, {})
    about = reading.table.columns[column]
    return coerce(sheet.frame[name], about, reading.calendar, values, labels, identifiers)


def _missing_columns(loaded: Loaded, sheet: Sheet) -> Iterator[Problem]:
    reading = loaded.reading
    if not sheet.names:
        yield loaded.problem("check.file_empty")
        return
    taken = {name.casefold() for name in loaded.spelled.values()}
    free = [shown(name) for name in sheet.names if name.casefold() not in taken]
    if not loaded.spelled and not any(
        nearest(reading.name_in_file(name), free) for name in reading.table.columns
    ):
        yield loaded.problem("check.header_none", row=sheet.header_row, allowed=_required_names(reading))
        return
    for name, column in reading.table.columns.items():
        asked = reading.name_in_file(name)
        if name in loaded.spelled or not (column.required or name in reading.columns):
            continue
        yield Problem(
            what=Message.of("check.column_missing"),
            file=reading.file,
            table=reading.table.name,
            row=sheet.header_row,
            column=asked,
            allowed=_named(free) if name in reading.columns else _required_names(reading),
            guess=nearest(asked, free),
        )


def _required_names(reading: Reading) -> str | None:
    """Return the names of the columns that the file must have, unless they are many."""
    return _named([reading.name_in_file(c.name) for c in reading.table.columns.values() if c.required])


def _named(names: Sequence[str]) -> str | None:
    """Return names in a row, unless there are none or many."""
    return ", ".join(names) if 0 < len(names) <= FEW else None


def _refusals(loaded: Loaded, sheet: Sheet, coerced: Mapping[str, Coerced]) -> Iterator[Problem]:
    for name, result in coerced.items():
        if not result.refused:
            continue
        column = loaded.reading.table.columns[name]
        texts = texts_of(sheet.frame[loaded.spelled[name]])
        wrong = texts[texts.isin(list(result.refused))]
        for row, text in wrong.items():
            why = result.refused[text]
            yield loaded.problem(
                why.what,
                column=name,
                row=int(row),
                value=_display(text, column),
                allowed=_allowed(column, loaded),
                guess=why.guess,
            )


def _broken_rules(
    loaded: Loaded, sheet: Sheet, coerced: Mapping[str, Coerced], broken: list[Violation]
) -> Iterator[Problem]:
    for row, name, key in broken:
        column, text = loaded.reading.table.columns[name], as_text(sheet.frame[loaded.spelled[name]][row])
        if text in coerced[name].refused:
            continue  # told already
        value = None if key == "check.blank" else _display(text, column)
        guess = nearest(text, column.choices) if column.choices and text else None
        yield loaded.problem(
            key, column=name, row=row, value=value, allowed=_allowed(column, loaded), guess=guess
        )


def _rounded_numbers(loaded: Loaded, sheet: Sheet) -> Iterator[Problem]:
    for name, spelled in loaded.spelled.items():
        if loaded.reading.table.columns[name].kind == "id" and rounded(
            texts_of(sheet.frame[spelled]).cat.categories
        ):
            yield loaded.problem("check.nip_rounded", column=name, allowed=NIP_PATTERN)


def _not_pseudonyms(loaded: Loaded) -> Iterator[Problem]:
    """Find identifiers in a table that is said to hold none."""
    if not loaded.reading.pseudonymised:
        return
    for name in ("employee_id", "rater_id"):
        if name in loaded.frame:
            ids = loaded.frame[name]
            wrong = [text for text in ids.cat.categories if not is_pseudonym(text)]
            for row in rows_of(ids.isin(wrong)):
                yield loaded.problem("check.not_pseudonym", column=name, row=row, value=hidden(ids[row]))


def _display(text: str, column: Column) -> str:
    if column.kind == "id" and shown(text) == text:
        return text if _is_damaged(text) else hidden(text)
    return shown(text)


def _is_damaged(text: str) -> bool:
    return "e+1" in text.lower() and len(text) <= len("1.98609E+17")


def _allowed(column: Column, loaded: Loaded) -> str | None:
    if column.kind == "id":
        return NIP_PATTERN
    return column.allowed(loaded.reading.calendar) or None


def rows_of(mask: pd.Series) -> Sequence[int]:
    """Return the rows at which a mask is true."""
    return [int(row) for row in mask.index[mask.to_numpy(dtype=bool)]]
