"""What is wrong with a user's input: where, what, what is allowed, and the nearest guess.

A `Problem` is data; its words come from the message catalogues, so that one problem can be told in
either language. All problems of an input are collected before anything is raised.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from walesi_research.language import Message

__all__ = ["Problem", "UserError", "covered", "nearest"]

_BETWEEN = r"\s.'’‘`´\""
"""What people put between the digits of one number."""
_LONG_NUMBER = re.compile(
    rf"\d(?:[{_BETWEEN}-]*\d){{11,}}|\d(?:[{_BETWEEN},:;/_\u200b\u200e\u200f\u2060\ufeff‐‑–-]*\d){{15,}}"
)
"""Twelve digits or more, sixteen with the signs of dates between them: perhaps the number of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of one input.

    Parameters
    ----------
    what : Message
        What is wrong, and what is allowed, in words.
    file, table, column : str or None
        File as the user named it (relative to the study), table of the contract, column as in the file.
    row : int or None
        Row as the user's spreadsheet numbers it: the header is row 1.
    value : str or None
        The offending value; already masked where it identifies a person.
    allowed : str or None
        What would be accepted (values, range or pattern).
    guess : str or None
        The nearest accepted name or value.
    severity : {"error", "warning"}
        A warning is told but does not stop a run.
    """

    what: Message
    file: str | None = None
    table: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    allowed: str | None = None
    guess: str | None = None
    severity: Literal["error", "warning"] = "error"


@dataclass(eq=False)
class UserError(Exception):
    """A user's mistake, told without a traceback. Carries every problem found."""

    problems: Sequence[Problem] = field(default_factory=tuple)
    language: str = "id"

    def __str__(self) -> str:
        return "\n".join(problem.what.in_(self.language) for problem in self.problems)


def covered(text: str) -> str:
    """Return a text with every number as long as a person's covered; file names may hold one too."""
    return _LONG_NUMBER.sub(lambda match: "•" * len(match[0]), text)


def nearest(name: Any, allowed: Iterable[Any]) -> str | None:
    """Return the member of `allowed` most like `name`, or None when none is like it."""
    names = {str(a).casefold(): str(a) for a in allowed}
    close = difflib.get_close_matches(str(name).casefold(), list(names), n=1, cutoff=0.6)
    return names[close[0]] if close else None
