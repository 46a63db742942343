"""Answers on a scale as stacked bars: the share below its middle, at it, and above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from walesi_research.exhibits.figure import Figure
from walesi_research.exhibits.strip import LOOKS, pieces
from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas
from walesi_research.exhibits.table import Table
from walesi_research.exhibits.text import clean, width, wrap
from walesi_research.language import say, share

__all__ = ["Shares", "stacked"]

THICK = 16
"""Thickness of a bar."""


@dataclass(frozen=True)
class Shares:
    """One row: three shares that sum to one, or the reason why there are none.

    Parameters
    ----------
    label : str
    parts : tuple of three floats, or empty
        Shares below, at and above the middle.
    note : str
        Why there are none; required without shares.

    Raises
    ------
    ValueError
        If there are neither shares nor a note, or the shares do not sum to one.
    """

    label: str
    parts: tuple[float, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not self.parts and not self.note:
            raise ValueError(f"row {self.label!r} has no shares and does not say why")
        if self.parts and (len(self.parts) != len(LOOKS) or abs(sum(self.parts) - 1) > 0.02):
            raise ValueError(f"row {self.label!r}: three shares that sum to one are drawn, not {self.parts}")


def stacked(
    rows: Sequence[Shares],
    *,
    language: str,
    alt: str,
    caption: str,
    synthetic: bool = False,
    table: Table | None = None,
) -> Figure:
    """Draw for each row the shares below, at and above the middle, with the outer two in numbers.

    Parameters
    ----------
    rows : sequence of Shares
        One a row, in order; suppressed rows keep their place and say why.
    language : {"id", "en"}
    alt, caption : str
        As for `Figure`; the numbers are added to the alt text.
    synthetic : bool
        Writes 'invented numbers' into the figure.
    table : Table or None
        As for `Figure`.

    Raises
    ------
    ValueError
        If there is no row.
    """
    if not rows:
        raise ValueError("stacked bars need rows")
    told = "; ".join(f"{clean(row.label)} {_told(row, language)}" for row in rows)
    return Figure(
        svg=_draw(rows, language, synthetic), alt=f"{clean(alt).rstrip('.:')}: {told}.", caption=caption,
        language=language, table=table, data=_frame(rows), synthetic=synthetic, labelled=True,
    )  # fmt: skip


def _told(row: Shares, language: str) -> str:
    return " / ".join(share(p, language) for p in row.parts) if row.parts else clean(row.note)


def _draw(rows: Sequence[Shares], language: str, synthetic: bool) -> str:
    canvas, y = Canvas(), 0.0
    if synthetic:
        canvas.text(WIDTH, 13, say(language, "exhibit.invented"), "m synthetic", "end")
        y = LINE + 2
    texts = [share(row.parts[i], language) for row in rows if row.parts for i in (0, 2)]
    edge = max((width(text, LABEL) for text in texts), default=0) + 8
    y = _key(canvas, y, edge, language)
    for row in rows:
        y = canvas.lines(0, y + 16, wrap(row.label, WIDTH, LABEL)) + 6
        if row.parts:
            y = _bar(canvas, row.parts, y, edge, language)
        else:
            y = canvas.lines(0, y + 11, wrap(row.note, WIDTH, LABEL, most=4), "m") + 10
    return canvas.close(y)


def _key(canvas: Canvas, y: float, edge: float, language: str) -> float:
    """Say what the three parts are, each word where its part is."""
    below, middle, above = (say(language, f"exhibit.{key}") for key in ("below", "middle", "above"))
    canvas.text(edge, y + 13, below, "m")
    canvas.text(WIDTH / 2, y + 13, middle, "m", "middle")
    canvas.text(WIDTH - edge, y + 13, above, "m", "end")
    return y + LINE


def _bar(canvas: Canvas, parts: tuple[float, ...], y: float, edge: float, language: str) -> float:
    room = WIDTH - 2 * edge
    for look, left, wide in pieces(parts, room):
        canvas.rect(f"{look} fill", edge + left, y, wide, THICK)
    middle = y + THICK / 2 + 4.5
    canvas.text(edge - 6, middle, share(parts[0], language), anchor="end")
    canvas.text(WIDTH - edge + 6, middle, share(parts[2], language), "w")
    return y + THICK + 10


def _frame(rows: Sequence[Shares]) -> Any:
    import pandas as pd

    none = (None,) * len(LOOKS)
    records = [(row.label, *(row.parts or none), row.note) for row in rows]
    return pd.DataFrame(records, columns=["label", "below", "middle", "above", "note"])
