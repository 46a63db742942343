"""Where the header is: the first row, unless titles or a second header row stand in its way.

Exports of forms (KoboToolbox, ODK) may name a column with the groups that its question is in, such as
``answers/work_culture/bk1``; the groups are taken away where what follows them is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from walesi_research.study.sheets import Unreadable

__all__ = ["Header", "find_header", "is_of_form"]

DEPTH = 12
"""Rows looked at in search of the header."""
FORM_MARKS = frozenset({"_uuid", "meta/instanceid", "meta-instanceid", "instanceid"})
"""Columns that exports of forms have, one of them at least, case-folded."""
_SEPARATOR = re.compile("[/-]")


@dataclass(frozen=True)
class Header:
    """The names of a sheet's columns, the row (from 0) that holds them, and what is wrong with the layout."""

    names: tuple[str, ...]
    row: int
    faults: tuple[Unreadable, ...] = ()

    @property
    def of_form(self) -> bool:
        """Whether the sheet is an export of a form."""
        return is_of_form(self.names)


def find_header(top: Sequence[Sequence[str]], wanted: frozenset[str]) -> Header | None:
    """Find the header in the first rows of a sheet.

    Parameters
    ----------
    top : sequence of rows
        The first rows; an empty cell is an empty text.
    wanted : frozenset of str
        Names that columns may have, case-folded.

    Returns
    -------
    Header or None
        None where all rows are empty.
    """
    rows = [
        (i, _ungrouped(tuple(cell.strip() for cell in row), wanted))
        for i, row in enumerate(top[:DEPTH])
        if any(map(str.strip, row))
    ]
    if not rows:
        return None
    first, names = rows[0]
    best, most = first, _known(names, wanted)
    for i, row in rows[1:]:
        if len(_known(row, wanted)) > len(most):
            best, most = i, _known(row, wanted)
    if best != first:
        return Header(_merged(names, dict(rows)[best], wanted), best, (_layout_fault(names, best, wanted),))
    if len(rows) > 1 and (below := _known(rows[1][1], wanted) - most):
        fault = Unreadable("check.header_two_rows", row=rows[1][0] + 1, value=", ".join(sorted(below)))
        return Header(_merged(names, rows[1][1], wanted), rows[1][0], (fault,))
    return Header(names, first)


def is_of_form(names: Sequence[str]) -> bool:
    """Tell whether columns are those of an export of a form."""
    return not FORM_MARKS.isdisjoint(map(str.casefold, names))


def _ungrouped(names: tuple[str, ...], wanted: frozenset[str]) -> tuple[str, ...]:
    """Return the names of an export of a form without groups, where no column has the bare name."""
    if not is_of_form(names):
        return names
    missing = wanted - set(map(str.casefold, names))
    return tuple(_last(name, missing) for name in names)


def _last(name: str, missing: frozenset[str]) -> str:
    ends = (name[found.end() :] for found in _SEPARATOR.finditer(name))
    return next((end for end in ends if end.casefold() in missing), name)


def _known(row: Sequence[str], wanted: frozenset[str]) -> set[str]:
    return {cell.casefold() for cell in row} & wanted


def _layout_fault(first: Sequence[str], row: int, wanted: frozenset[str]) -> Unreadable:
    titles = sum(map(bool, first)) <= 1
    key = "check.header_below_title" if titles or not _known(first, wanted) else "check.header_two_rows"
    return Unreadable(key, row=row + 1)


def _merged(upper: Sequence[str], lower: Sequence[str], wanted: frozenset[str]) -> tuple[str, ...]:
    """Return the lower row's names, the upper one's where only that is known."""
    width = max(len(upper), len(lower))
    pairs = zip(*(tuple(row) + ("",) * (width - len(row)) for row in (upper, lower)), strict=True)
    return tuple(low if low.casefold() in wanted or up.casefold() not in wanted else up for up, low in pairs)
