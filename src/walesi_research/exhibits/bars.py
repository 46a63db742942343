"""Horizontal bars from zero: shares and counts, row below row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from walesi_research import language as words
from walesi_research.exhibits.axis import Scale
from walesi_research.exhibits.figure import Figure
from walesi_research.exhibits.frame import Column, draw_gap
from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas, number
from walesi_research.exhibits.table import Table
from walesi_research.exhibits.text import clean, width, wrap
from walesi_research.language import say

__all__ = ["Bar", "bars"]

ASIDE = 130
"""The widest that labels beside the bars may be; longer ones go above their bars."""
THICK = 14
"""Thickness of a bar."""
ROW = 34
"""Height of a row whose label stands beside its bar."""


@dataclass(frozen=True)
class Bar:
    """One row: a value from zero, or the reason why there is none.

    Parameters
    ----------
    label : str
        Name of the row.
    value : float or None
        Not negative.
    note : str
        Why there is no value; required without one. With a value, a few words after it ('of 40').
    bold : bool
        Set the label in bold.

    Raises
    ------
    ValueError
        If there is neither a value nor a note, or the value is negative.
    """

    label: str
    value: float | None = None
    note: str = ""
    bold: bool = False

    def __post_init__(self) -> None:
        if self.value is None and not self.note:
            raise ValueError(f"row {self.label!r} has no value and does not say why")
        if self.value is not None and not self.value >= 0:
            raise ValueError(f"row {self.label!r}: a bar begins at zero and cannot show {self.value}")


def bars(
    rows: Sequence[Bar],
    *,
    language: str,
    alt: str,
    caption: str,
    axis_label: str = "",
    digits: int = 0,
    percent: bool = True,
    maximum: float | None = None,
    synthetic: bool = False,
    table: Table | None = None,
    data: Any = None,
) -> Figure:
    """Draw horizontal bars that begin at zero, each with its number at its end.

    Parameters
    ----------
    rows : sequence of Bar
        One a row, in order; suppressed rows keep their place and say why.
    language : {"id", "en"}
        Language of the numbers and of the few words the figure adds.
    alt, caption : str
        As for `Figure`; the numbers are added to the alt text.
    axis_label : str
        What the bars show, written above them.
    digits : int
        Decimals of the numbers.
    percent : bool
        Values are shares between 0 and 1, written as percentages.
    maximum : float or None
        What the full width stands for; 1 for shares and the largest value otherwise.
    synthetic : bool
        Writes 'invented numbers' into the figure.
    table, data
        As for `Figure`; the rows' own numbers are the download without `data`.

    Raises
    ------
    ValueError
        If there is no row, or a value is greater than `maximum`.
    """
    if not rows:
        raise ValueError("bars need rows")
    largest = max((row.value for row in rows if row.value is not None), default=0)
    full = maximum if maximum is not None else 1.0 if percent else largest or 1.0
    if largest > full:
        raise ValueError(f"the largest value, {largest}, is beyond the maximum, {full}")
    texts = [_text(row, language, digits, percent) for row in rows]
    drawing = _draw(rows, texts, full, language, axis_label, synthetic)
    told = "; ".join(f"{clean(row.label)} {text}" for row, text in zip(rows, texts, strict=True))
    return Figure(
        svg=drawing, alt=f"{clean(alt).rstrip('.:')}: {told}.", caption=caption, language=language,
        table=table, data=_frame(rows) if data is None else data, synthetic=synthetic, labelled=True,
    )  # fmt: skip


def _text(row: Bar, language: str, digits: int, percent: bool) -> str:
    if row.value is None:
        return clean(row.note)
    write = words.share if percent else words.number
    return " ".join(filter(None, [write(row.value, language, digits), clean(row.note)]))


def _draw(
    rows: Sequence[Bar], texts: Sequence[str], full: float, language: str, axis_label: str, synthetic: bool
) -> str:
    canvas, column = Canvas(), Column.of([(row.label, row.bold) for row in rows], ASIDE)
    y = _draw_header(canvas, axis_label, say(language, "exhibit.invented") if synthetic else "")
    drawn = [width(text, LABEL, True) for row, text in zip(rows, texts, strict=True) if row.value is not None]
    room = min(max(drawn, default=0), WIDTH / 2)
    scale = Scale(0, full, column.width, WIDTH - room - 6)
    for i, (row, text) in enumerate(zip(rows, texts, strict=True)):
        if row.value is None:
            y = draw_gap(canvas, column, i, y, text, row.bold)
        else:
            y = _draw_bar(canvas, row, text, i, y, column, scale)
    return canvas.close(y)


def _draw_header(canvas: Canvas, name: str, label: str) -> float:
    """Write what the bars show, and the synthetic label beside it or, without room, above it."""
    lines = wrap(name, WIDTH, LABEL) if name else []
    beside = len(lines) <= 1 and width("".join(lines), LABEL) + 10 <= WIDTH - width(label, LABEL)
    if label:
        canvas.text(WIDTH, 13, label, "m synthetic", "end")
    first = 13 if beside or not label else 13 + LINE
    last = canvas.lines(0, first, lines, "m") if lines else 13 if label else -6
    return last + 8


def _draw_bar(canvas: Canvas, row: Bar, text: str, i: int, top: float, column: Column, scale: Scale) -> float:
    tall = max(ROW, LINE * len(column.lines[i]) + 10)
    middle = top + tall / 2 if column.width else top + column.above(i) + THICK / 2 + 6
    column.draw(canvas, i, top, middle, row.bold)
    end = scale(row.value)
    canvas.add('<g class="yes">')
    canvas.rect("rest", scale.left, middle - THICK / 2, scale.right - scale.left, THICK)
    canvas.rect("fill", scale.left, middle - THICK / 2, end - scale.left, THICK)
    canvas.add("</g>")
    canvas.path("axis", f"M{number(scale.left)} {number(middle - THICK / 2 - 3)}v{THICK + 6}")
    canvas.text(scale.right + 6, middle + 4.5, text, "w" if row.bold else "")
    return middle + (tall / 2 if column.width else THICK / 2 + 14)


def _frame(rows: Sequence[Bar]):
    import pandas as pd

    return pd.DataFrame([(r.label, r.value, r.note) for r in rows], columns=["label", "value", "note"])
