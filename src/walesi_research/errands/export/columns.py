"""A table's cells laid out for a spreadsheet: one number a cell.

A cell of a table may hold a number, its interval and a remark. A spreadsheet gets a column for each: the
number, the two ends, the remark; and one for each share where a cell holds three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from walesi_research.errands.export.values import Range, Value, range_of, value_of
from walesi_research.exhibits import Cell, Column, Gap, Group, Table
from walesi_research.language import say

__all__ = ["Laid", "laid_out"]

Entry = str | Value
SHARES = ("below", "middle", "above")


@dataclass(frozen=True)
class Laid:
    """Rows of a spreadsheet.

    Parameters
    ----------
    header : list of str
    rows : list of list of (str or Value)
        Each as long as `header`.
    start : list of int
        Column that each column of the table begins at, from 0.
    groups : frozenset of int
        Rows that name those below them.
    """

    header: list[str]
    rows: list[list[Entry]]
    start: list[int]
    groups: frozenset[int]


@dataclass(frozen=True)
class _Shape:
    """What the cells of one column hold besides a text or a number."""

    ends: bool = False
    remark: bool = False
    shares: bool = False

    @property
    def width(self) -> int:
        return (len(SHARES) if self.shares else 1) + 2 * self.ends + self.remark


def laid_out(table: Table) -> Laid:
    """Return a table with every number in a cell of its own."""
    cells = [row for row in table.rows if not isinstance(row, Gap | Group)]
    count, language = len(table.columns), table.language
    parted = [[_parts(row[i], i, language) for row in cells] for i in range(count)]
    shapes = [_shape(column) for column in parted]
    start = [sum(s.width for s in shapes[:i]) for i in range(count)]
    width = sum(s.width for s in shapes)
    header = [h for c, s in zip(table.columns, shapes, strict=True) for h in _header(c, s, language)]
    numbers = iter(range(len(cells)))
    rows = []
    for row in table.rows:
        if isinstance(row, Gap | Group):
            rows.append(_wide(row, width))
        else:
            at = next(numbers)
            rows.append([e for i, s in enumerate(shapes) for e in _spread(parted[i][at], s)])
    groups = frozenset(i for i, row in enumerate(table.rows) if isinstance(row, Group))
    return Laid(header, rows, start, groups)


@dataclass(frozen=True)
class _Parts:
    main: Entry
    ends: Range | None = None
    remark: str = ""
    shares: tuple[float, ...] = ()


def _parts(cell: str | Cell, column: int, language: str) -> _Parts:
    """Return what a cell holds; names of rows stay words even where they are digits."""
    shown = cell if isinstance(cell, Cell) else Cell(cell)
    if column == 0:
        return _Parts(shown.text, remark=shown.small)
    text, ends = shown.text, range_of(shown.small, language)
    head, bracket, tail = text.partition(" (")
    if not shown.small and bracket and tail.endswith(")") and value_of(head, language):
        inside = range_of(tail[:-1], language)
        text, ends = (head, inside) if inside else (text, None)
    value = value_of(text, language)
    remark = "" if range_of(shown.small, language) else shown.small
    return _Parts(text if value is None else value, ends, remark, shown.shares)


def _shape(column: Sequence[_Parts]) -> _Shape:
    return _Shape(any(p.ends for p in column), any(p.remark for p in column), any(p.shares for p in column))


def _header(column: str | Column, shape: _Shape, language: str) -> list[str]:
    label = column.label if isinstance(column, Column) else column
    parts = [say(language, f"exhibit.{name}") for name in SHARES] if shape.shares else [label]
    if shape.ends:
        parts += [say(language, f"export.{end}", column=label) for end in ("low", "high")]
    if shape.remark:
        parts.append(say(language, "export.remark", column=label))
    return parts


def _spread(parts: _Parts, shape: _Shape) -> list[Entry]:
    entries: list[Entry] = [parts.main]
    if shape.shares:
        shares = [Value(share, 0, True) for share in parts.shares]
        entries = shares or [parts.main, *[""] * (len(SHARES) - 1)]
    if shape.ends:
        entries += [parts.ends.low, parts.ends.high] if parts.ends else ["", ""]
    return [*entries, parts.remark] if shape.remark else entries


def _wide(row: Gap | Group, width: int) -> list[Entry]:
    """Return a row of words alone, as far as there is room."""
    words = [row.label, row.small] if isinstance(row, Group) else [row.label, row.text, row.small]
    if width < len(words):
        words = [*words[: width - 1], "; ".join(filter(None, words[width - 1 :]))]
    return [*words, *[""] * (width - len(words))]
