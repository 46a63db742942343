"""One sheet of an export, as it is: every column as text, with the words of its questions and answers."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from walesi_research.errands.init.grid import Area, Headings, find_headings
from walesi_research.language import Message
from walesi_research.study.files import read_book
from walesi_research.study.sheets import Sheet
from walesi_research.study.texts import as_text, categorical, texts_of

__all__ = ["Source", "read_sources"]

SECOND_HEADING = 0.5
"""Share of the columns whose first row is words above numbers, from which that row is a second heading."""


@dataclass(frozen=True)
class Source:
    """One sheet of an export.

    Parameters
    ----------
    path : Path
        The file.
    sheet : str
        Name of the sheet; empty where a file has only one.
    frame : DataFrame
        All its columns, of texts (`category`); the index is the row as a spreadsheet numbers it.
    questions : mapping of str to str
        The words of a question by column, where the file has them besides the name.
    labels : mapping
        Label of each code by column (SPSS and Stata value labels).
    direct : bool
        Whether a study can read the sheet from the file as it is.
    notes : tuple of Message
        What was found of its layout.
    """

    path: Path
    sheet: str
    frame: pd.DataFrame
    questions: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    direct: bool = True
    notes: tuple[Message, ...] = ()

    @property
    def name(self) -> str:
        """The file's name, with the sheet's where there are several."""
        return f"{self.path.name}[{self.sheet}]" if self.sheet else self.path.name


def read_sources(path: Path) -> list[Source]:
    """Read every sheet of a file that has rows.

    Raises
    ------
    Unreadable
        If nothing can be read of it.
    """
    book = read_book(path, ())  # refuses what is empty, broken, protected or something else
    if path.suffix.lower() == ".xlsx":
        found = list(_workbook(path))
    else:
        names = [name for sheet in book.sheets for name in sheet.names]
        found = [_of_sheet(path, sheet) for sheet in read_book(path, names).sheets]
    return [_without_second_heading(source) for source in found if len(source.frame)]


def _of_sheet(path: Path, sheet: Sheet) -> Source:
    frame = sheet.frame.apply(texts_of) if len(sheet.frame.columns) else sheet.frame
    notes = tuple(fault.what for fault in sheet.faults)
    doubled = any(fault.what.key == "check.column_twice" for fault in sheet.faults)
    return Source(path, "", frame, _questions(path), sheet.labels, direct=not doubled, notes=notes)


def _questions(path: Path) -> dict[str, str]:
    """Return the variable labels of an SPSS or Stata file."""
    if path.suffix.lower() not in (".sav", ".dta"):
        return {}
    import pyreadstat

    read = pyreadstat.read_sav if path.suffix.lower() == ".sav" else pyreadstat.read_dta
    _, about = read(str(path), metadataonly=True)
    return {name.strip(): label.strip() for name, label in about.column_names_to_labels.items() if label}


def _workbook(path: Path) -> Iterator[Source]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    filled = [sheet for sheet in book.worksheets if sheet.max_row > 1]
    for sheet in filled:
        rows = [[as_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        headings = find_headings(rows, [_area(merged) for merged in sheet.merged_cells.ranges])
        if headings is not None:
            yield _of_grid(path, sheet.title if len(filled) > 1 else "", rows, headings)


def _area(merged: Any) -> Area:
    return merged.min_row - 1, merged.min_col - 1, merged.max_row - 1, merged.max_col - 1


def _of_grid(path: Path, title: str, rows: list[list[str]], headings: Headings) -> Source:
    kept = [i for i, name in enumerate(headings.names) if name]
    numbered = [(i + 1, row) for i, row in enumerate(rows) if i >= headings.data and any(map(str.strip, row))]
    columns = {}
    for i in kept:
        cells = np.array([row[i] if i < len(row) else "" for _, row in numbered], dtype=object)
        codes, distinct = pd.factorize(cells)
        columns[headings.names[i]] = categorical(codes, list(distinct))
    frame = pd.DataFrame(columns, index=pd.Index([number for number, _ in numbered], name="row"))
    raw = [cell.strip() for cell in rows[headings.row]]
    direct = (
        headings.plain
        and not title
        and list(headings.names) == (raw + [""] * len(headings.names))[: len(raw)]
    )
    notes = (
        ()
        if headings.plain
        else (Message.of("init.headings_at", row=headings.row + 1, data=headings.data + 1),)
    )
    return Source(path, title, frame, direct=direct, notes=notes)


def _without_second_heading(source: Source) -> Source:
    """Take a first row of words above columns of numbers for the questions."""
    frame = source.frame
    if len(frame) < 4:
        return source
    first, below = frame.iloc[0], frame.iloc[1:12]
    numeric = [name for name in frame if below[name].notna().any() and _all_numbers(below[name])]
    worded = [name for name in numeric if pd.notna(first[name]) and not _all_numbers(frame[name].iloc[:1])]
    if len(worded) < max(3, SECOND_HEADING * frame.shape[1]):
        return source
    rest = frame.iloc[1:].apply(lambda column: column.cat.remove_unused_categories())
    questions = {name: str(first[name]) for name in frame if pd.notna(first[name])}
    note = Message.of("init.two_headings", row=int(frame.index[0]))
    return replace(source, frame=rest, questions=questions, direct=False, notes=(*source.notes, note))


def _all_numbers(column: pd.Series) -> bool:
    return bool(
        pd.to_numeric(column.dropna().astype("str").str.replace(",", "."), errors="coerce").notna().all()
    )
