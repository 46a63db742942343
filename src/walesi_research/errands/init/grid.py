"""Where the headings of a spreadsheet are: below titles, over merged rows, above column numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Area", "Headings", "find_headings"]

DEPTH = 12
"""Rows looked at in search of the headings."""

MOSTLY = 0.6
"""Share of the widest row that a row of headings fills."""

Area = tuple[int, int, int, int]
"""A merged area: first row, first column, last row, last column, from 0."""


@dataclass(frozen=True)
class Headings:
    """The names of a sheet's columns, the rows they take, and the first row of data (from 0)."""

    names: tuple[str, ...]
    row: int
    data: int

    @property
    def plain(self) -> bool:
        """Whether the headings are the first row, and data follow at once."""
        return self.row == 0 and self.data == 1


def find_headings(rows: Sequence[Sequence[str]], merged: Sequence[Area] = ()) -> Headings | None:
    """Find the headings in the first rows of a sheet; None where all rows are empty.

    Parameters
    ----------
    rows : sequence of rows
        The sheet, an empty cell an empty text.
    merged : sequence of Area
        Its merged areas.
    """
    top = [_filled(row) for row in rows[: DEPTH + 1]]
    widest = max(map(len, top), default=0)
    if not widest:
        return None
    row = next(i for i, cells in enumerate(top) if len(cells) >= MOSTLY * widest)
    row = row - 1 if row and _wide(merged, row - 1) >= 2 else row
    height = _height(row, merged, len(top))
    names = _names([_spread(rows[i], i, merged) for i in range(row, row + height)])
    data = row + height
    if data < len(rows) and _numbers_columns(rows[data]):
        data += 1
    return Headings(_distinct(names), row, data)


def _filled(row: Sequence[str]) -> list[int]:
    return [i for i, cell in enumerate(row) if cell.strip()]


def _wide(merged: Sequence[Area], row: int) -> int:
    return sum(top == row and right > left for top, left, _, right in merged)


def _height(row: int, merged: Sequence[Area], rows: int) -> int:
    last = max([row, *(low for top, _, low, _ in merged if top == row)])
    last = max(last, row + 1) if _wide(merged, row) else last
    return min(last + 1, rows) - row


def _spread(row: Sequence[str], number: int, merged: Sequence[Area]) -> list[str]:
    """Return a row with the text of each area that is merged over columns in all of its cells."""
    cells = [cell.strip() for cell in row]
    for top, left, _, right in merged:
        if top == number and left < len(cells):
            cells += [""] * (right + 1 - len(cells))
            cells[left : right + 1] = [cells[left]] * (right + 1 - left)
    return cells


def _names(rows: list[list[str]]) -> list[str]:
    """Join the rows of the headings: the lower text within the upper one, ``upper [lower]``."""
    width = max(map(len, rows))
    names = [""] * width
    for row in rows:
        for i, cell in enumerate(row):
            names[i] = f"{names[i]} [{cell}]" if names[i] and cell and cell != names[i] else names[i] or cell
    return names


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name.casefold()] += 1
        distinct.append(f"{name} ({seen[name.casefold()]})" if name and seen[name.casefold()] > 1 else name)
    return tuple(distinct)


def _numbers_columns(row: Sequence[str]) -> bool:
    """Tell whether a row only numbers the columns: 1, 2, 3, or (1), (2), (3)."""
    cells = [re.sub(r"[().\s]", "", cell) for cell in row if cell.strip()]
    return len(cells) >= 3 and cells == [str(i) for i in range(1, len(cells) + 1)]
