"""Tables of results: short, readable on a phone, and never with a hole that goes unexplained."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from walesi_research import language as words
from walesi_research.exhibits.exhibit import NUMBER, wrapped
from walesi_research.exhibits.strip import strip
from walesi_research.exhibits.text import clean, safe
from walesi_research.language import say

__all__ = ["Cell", "Column", "Gap", "Group", "Table"]


_BRACKETS = re.compile(r"\([^()]{1,20}\)")
_RANGE = re.compile(r"[\d.,%]+–[\d.,%]+")


@dataclass(frozen=True)
class Column:
    """Heading of a column; numbers are set to the right."""

    label: str
    numeric: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell's text, a second, small line below it, and shares to draw between them.

    Parameters
    ----------
    text, small : str
    shares : tuple of three floats, or empty
        Shares below, at and above the middle of a scale, which the text gives as numbers.
    """

    text: str
    small: str = ""
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A row whose numbers are suppressed or not estimable: it keeps its place and says why.

    Parameters
    ----------
    label : str
        The row's name.
    text : str
        What is the case, such as 'Tidak ditampilkan'.
    small : str
        Why, on a second line.
    """

    label: str
    text: str
    small: str = ""


@dataclass(frozen=True)
class Group:
    """A row that names those below it, across all columns."""

    label: str
    small: str = ""


Row = Sequence[str | Cell] | Gap | Group


@dataclass(frozen=True)
class Table:
    """A table in one language; all text is escaped.

    Parameters
    ----------
    columns : sequence of str or Column
        Headings; the first column names the rows.
    rows : sequence of (sequence of str or Cell), Gap or Group
        Rows, each as long as `columns`.
    caption : str
        What the table shows.
    language : {"id", "en"}
        Language of the words the table adds.
    show_caption : bool
        False where a heading above already says it; the caption is then for screen readers only,
        and the table gets no number.

    Raises
    ------
    ValueError
        If there is no caption or no column, or a row has another length.
    """

    columns: Sequence[str | Column]
    rows: Sequence[Row]
    caption: str
    language: str
    show_caption: bool = True
    kind = "table"

    def __post_init__(self) -> None:
        if not clean(self.caption).strip():
            raise ValueError("a table needs a caption")
        if not self.columns:
            raise ValueError(f"table {self.caption!r} has no columns")
        for row in self.rows:
            if not isinstance(row, Gap | Group) and len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.caption!r}: {len(row)} cells under {len(self.columns)} columns"
                )

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        language: str,
        caption: str,
        digits: int | Mapping[str, int] = 1,
        percent: Sequence[str] = (),
        missing: str = "–",
    ) -> Table:
        """Return a DataFrame as a table, numbers written as the language does.

        Parameters
        ----------
        frame : DataFrame
            Column names are the headings; the index is left out.
        language, caption : str
            As for `Table`.
        digits : int or mapping of column name to int
            Decimals of columns of floats; whole numbers have none.
        percent : sequence of str
            Columns of shares, written as percentages without decimals.
        missing : str
            What stands for a missing value.
        """
        import pandas as pd

        numeric = {name: pd.api.types.is_numeric_dtype(frame[name]) for name in frame.columns}
        write = {
            name: _writer(frame[name], name, language, digits, percent, missing) for name in frame.columns
        }
        columns = [Column(str(name), numeric[name]) for name in frame.columns]
        records = frame.itertuples(index=False, name=None)
        rows = [[write[n](v) for n, v in zip(frame.columns, record, strict=True)] for record in records]
        return cls(columns, rows, caption, language)

    @property
    def alt(self) -> str:
        """The caption."""
        return clean(self.caption)

    def html(self) -> str:
        """Return the table in a region that scrolls on its own where it is too wide."""
        named = [c if isinstance(c, Column) else Column(c) for c in self.columns]
        headings = [Column(named[0].label), *named[1:]]  # the first column names the rows
        head = "".join(f'<th scope="col"{_side(c)}>{safe(_together(c.label))}</th>' for c in headings)
        body = "".join(f"{_opened(row, i)}<tr>{_row(row, headings)}</tr>" for i, row in enumerate(self.rows))
        region = f'class="scroll" tabindex="0" role="region" aria-label="{safe(self.caption)}"'
        table = f"<table>{self._caption()}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<div {region}>{table}</div>"

    def _caption(self) -> str:
        if not self.show_caption:
            return f'<caption class="vh">{safe(self.caption)}</caption>'
        name = say(self.language, "exhibit.table")
        return f"<caption>{name}{NUMBER}. {safe(self.caption)}</caption>"

    def _repr_html_(self) -> str:
        return wrapped(self)


def _writer(column, name, language, digits, percent, missing):
    import pandas as pd

    decimals = digits.get(name, 1) if isinstance(digits, Mapping) else digits
    decimals = 0 if pd.api.types.is_integer_dtype(column) else decimals

    def write(value: Any) -> str:
        if pd.isna(value):
            return missing
        if not pd.api.types.is_number(value) or pd.api.types.is_bool(value):
            return str(value)
        return words.share(value, language) if name in percent else words.number(value, language, decimals)

    return write


def _together(label: str) -> str:
    """Keep what stands in brackets, such as '(95% range)', on one line."""
    return _BRACKETS.sub(lambda found: found.group().replace(" ", "\N{NO-BREAK SPACE}"), clean(label))


def _side(column: Column) -> str:
    return ' class="num"' if column.numeric else ""


def _opened(row: Row, i: int) -> str:
    """Begin a part of the table's body where a group begins."""
    return "</tbody><tbody>" if isinstance(row, Group) and i else ""


def _row(row: Row, columns: Sequence[Column]) -> str:
    if isinstance(row, Group):
        label = _cell(Cell(row.label, row.small))
        return f'<th class="group" scope="rowgroup" colspan="{len(columns)}">{label}</th>'
    if isinstance(row, Gap):
        reason = _cell(Cell(row.text, row.small))
        label = f'<th scope="row">{safe(row.label)}</th>'
        return f'{label}<td class="mute" colspan="{max(len(columns) - 1, 1)}">{reason}</td>'
    first, *others = row
    cells = (f"<td{_side(c)}>{_cell(x)}</td>" for x, c in zip(others, columns[1:], strict=True))
    return f'<th scope="row">{_cell(first)}</th>' + "".join(cells)


def _cell(cell: str | Cell) -> str:
    if not isinstance(cell, Cell):
        return str(safe(cell))
    drawn = strip(cell.shares) if cell.shares else ""
    if not cell.small:
        return f"{safe(cell.text)}{drawn}"
    unbroken = ' class="nb"' if _RANGE.fullmatch(cell.small) else ""
    return f"{safe(cell.text)}{drawn}<small{unbroken}>{safe(cell.small)}</small>"
