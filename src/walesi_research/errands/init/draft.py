"""What is guessed of a study before it is written, each guess with its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from walesi_research.errands.init.constructs import Group
from walesi_research.errands.init.source import Source
from walesi_research.errands.init.values import ValueMap
from walesi_research.language import Message
from walesi_research.study.calendar import Rhythm

__all__ = ["Draft", "Note", "TableDraft", "rows_of"]


@dataclass(frozen=True)
class Note:
    """Why something is as it is: a guess, one to check by hand, or a fact; what else it could be."""

    kind: Literal["guess", "check", "fact"]
    why: Message
    others: tuple[str, ...] = ()


@dataclass
class TableDraft:
    """One table.

    Parameters
    ----------
    name : str
        The contract's table.
    source : Source
        The sheet it comes from.
    columns : dict
        Column of the file by canonical column.
    values : dict
        Value maps by canonical column.
    frame : DataFrame or None
        The table as it must be written anew, where maps cannot say it; None where the file serves.
    notes : dict
        Notes by canonical column; those of the table itself under the empty name.
    left_out : dict
        Columns that are not read, by the reason.
    worked : set
        Columns of the file from which others were worked out.
    """

    name: str
    source: Source
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, ValueMap] = field(default_factory=dict)
    frame: pd.DataFrame | None = None
    notes: dict[str, list[Note]] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    worked: set[str] = field(default_factory=set)

    def note(
        self, column: str, kind: Literal["guess", "check", "fact"], key: str, *others: str, **words: object
    ) -> None:
        """Remember why a column, or the table, is as it is."""
        self.notes.setdefault(column, []).append(Note(kind, Message.of(f"init.{key}", **words), others))

    @property
    def current(self) -> pd.DataFrame:
        """The table as it will be read."""
        return self.source.frame if self.frame is None else self.frame

    @property
    def anew(self) -> bool:
        """Whether the table must be written anew, as the file cannot be read as it is."""
        return self.frame is not None or not self.source.direct

    def write_anew(self) -> pd.DataFrame:
        """Return a copy of the table that may be changed."""
        if self.frame is None:
            self.frame = self.source.frame.astype("object")
        return self.frame

    def put(self, column: str, values: pd.Series) -> None:
        """Put a column that was worked out into the table, under its canonical name."""
        self.write_anew()[column] = values
        self.columns[column] = column


@dataclass
class Draft:
    """A study as guessed."""

    id: str
    seed: int
    language: str
    tables: dict[str, TableDraft]
    groups: list[Group]
    period: Rhythm = "year"
    survey_date: dt.date | None = None
    notes: dict[str, list[Note]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    def note(
        self, key: str, kind: Literal["guess", "check", "fact"], message: str, *others: str, **words: object
    ) -> None:
        """Remember why a key of the settings is as it is."""
        self.notes.setdefault(key, []).append(Note(kind, Message.of(f"init.{message}", **words), others))


def rows_of(mask: pd.Series, most: int = 8) -> str:
    """Return the rows of the file in which a mask is true, as a spreadsheet numbers them."""
    rows = [str(row) for row in mask.index[mask.to_numpy(dtype=bool)]]
    return ", ".join(rows[:most]) + (", …" if len(rows) > most else "")
