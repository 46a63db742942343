"""What is read of a file before anything is known about its table: sheets of text and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from walesi_research.language import Message
from walesi_research.problems import Problem

__all__ = ["Sheet", "Unreadable"]


class Unreadable(Exception):
    """A file, or a part of it, that cannot be read.

    Parameters
    ----------
    key : str
        Key of the message.
    words : mapping of str to object, optional
        Values of its placeholders.
    **details
        Row, column, value, allowed and guess of the `Problem`.
    """

    def __init__(self, key: str, words: Mapping[str, object] | None = None, **details: Any) -> None:
        super().__init__(key)
        self.what, self.details = Message(key, words or {}), details

    def problem(self, file: str, table: str | None = None) -> Problem:
        """Return the fault as a problem of `file`."""
        return Problem(what=self.what, file=file, table=table, **self.details)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file.

    Parameters
    ----------
    name : str
        Name of the sheet; empty where a file has only one.
    names : tuple of str
        All names of its header.
    frame : DataFrame
        The columns asked for, each of texts (`category`) or, where the file has numbers, of `float64`; its
        index is the row as a spreadsheet numbers it: the header is row 1, a record with line breaks in
        quotation marks is one row.
    header_row : int
        The row of the header.
    faults : tuple of Unreadable
        What is wrong with its layout.
    labels : mapping
        Label of each code by column (SPSS and Stata value labels).
    """

    name: str
    names: tuple[str, ...]
    frame: pd.DataFrame
    header_row: int = 1
    faults: tuple[Unreadable, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
