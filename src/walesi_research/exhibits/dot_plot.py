"""Shares as dots, and beside each the same from elsewhere: row below row, every dot named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from walesi_research.exhibits.axis import Scale
from walesi_research.exhibits.figure import Figure
from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas, mark, number
from walesi_research.exhibits.table import Table
from walesi_research.exhibits.text import clean, width, wrap
from walesi_research.language import interval, say, share

__all__ = ["Dots", "dot_plot"]

EDGE = 7
"""Room at both ends of the scale, for a dot on its end."""
ASIDE = 9
"""Distance of a name from its dot."""


@dataclass(frozen=True)
class Dots:
    """One row: a share with its interval, or why there is none, and others to set beside it.

    Parameters
    ----------
    label : str
        Name of the row.
    value : float or None
        Between 0 and 1.
    interval : tuple of float or None
        Its ends; None where the value has no error.
    note : str
        Why there is no value; required without one.
    others : tuple of (str, float)
        Name and value of each dot beside it, in order.

    Raises
    ------
    ValueError
        If there is neither a value nor a note, or a value is no share.
    """

    label: str
    value: float | None = None
    interval: tuple[float, float] | None = None
    note: str = ""
    others: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if self.value is None and not self.note:
            raise ValueError(f"row {self.label!r} has no value and does not say why")
        values = [v for v in (self.value, *(v for _, v in self.others)) if v is not None]
        if not all(0 <= v <= 1 for v in values):
            raise ValueError(f"row {self.label!r} holds what is no share")


def dot_plot(
    rows: Sequence[Dots],
    *,
    language: str,
    alt: str,
    caption: str,
    own: str,
    synthetic: bool = False,
    table: Table | None = None,
    data: Any = None,
) -> Figure:
    """Draw shares from 0 to 100 % as dots with their intervals, and others as squares below them.

    Parameters
    ----------
    rows : sequence of Dots
        In order; rows without a value keep their place and say why.
    language : {"id", "en"}
    alt, caption : str
        As for `Figure`; the numbers are added to the alt text.
    own : str
        Name of the dots of this study.
    synthetic : bool
        Writes 'invented numbers' into the figure.
    table, data
        As for `Figure`.

    Raises
    ------
    ValueError
        If there is no row.
    """
    if not rows:
        raise ValueError("a dot plot needs rows")
    told = "; ".join(_told(row, language) for row in rows)
    return Figure(
        svg=_draw(rows, own, language, synthetic), alt=f"{clean(alt).rstrip('.:')}: {told}.", caption=caption,
        language=language, table=table, data=data, synthetic=synthetic, labelled=True,
    )  # fmt: skip


def _told(row: Dots, language: str) -> str:
    others = [f"{clean(name)} {share(value, language)}" for name, value in row.others]
    return f"{clean(row.label)}: {', '.join([_own(row, language), *others])}"


def _own(row: Dots, language: str) -> str:
    if row.value is None:
        return clean(row.note)
    ends = f" ({interval(*row.interval, language, 0, percent=True)})" if row.interval else ""
    return share(row.value, language) + ends


def _draw(rows: Sequence[Dots], own: str, language: str, synthetic: bool) -> str:
    """Return the drawing; all dots, then all squares, lie over the names."""
    canvas, scale, y = Canvas(), Scale(0, 1, EDGE, WIDTH - EDGE), 0.0
    dots, squares = "", ""
    if synthetic:
        canvas.text(WIDTH, 13, say(language, "exhibit.invented"), "m synthetic", "end")
        y = LINE
    for row in rows:
        y = canvas.lines(0, y + 16, wrap(row.label, WIDTH, LABEL, strong=True), "w") + LINE
        dots += _dot(row, scale, y - 4.5)
        stop = ":" if row.value is None else ""
        y = _draw_own(canvas, row, y, scale, f"{own}{stop} {_own(row, language)}") + LINE
        for name, value in row.others:
            squares += _square(scale(value), y - 4.5)
            _draw_name(canvas, f"{name} {share(value, language)}", scale(value), scale(value), y, "m")
            y += LINE
        y -= 5
    canvas.add(f'<g class="yes">{dots}</g><g class="open"><path class="ring" d="{squares}"/></g>')
    return canvas.close(_draw_axis(canvas, scale, y, language) + 6)


def _dot(row: Dots, scale: Scale, y: float) -> str:
    if row.value is None:
        return ""
    ends = [number(scale(v)) for v in row.interval or ()]
    bar = f'<path class="bar" d="M{ends[0]} {number(y)}H{ends[1]}"/>' if ends else ""
    return bar + mark("yes", scale(row.value), y, 5)


def _square(x: float, y: float) -> str:
    return f"M{number(x - 4)} {number(y - 4)}h8v8h-8z"


def _draw_axis(canvas: Canvas, scale: Scale, y: float, language: str) -> float:
    ticks = "".join(f"M{number(scale(value))} {number(y)}v4" for value in (0, 0.5, 1))
    canvas.path("axis", f"M{EDGE} {number(y)}H{WIDTH - EDGE}{ticks}")
    for value, x, side in ((0, 0, "start"), (0.5, scale(0.5), "middle"), (1, WIDTH, "end")):
        canvas.text(x, y + LINE, share(value, language), "m", side)
    return y + LINE


def _draw_own(canvas: Canvas, row: Dots, y: float, scale: Scale, text: str) -> float:
    """Write the study's own value beside its dot, or why there is none; return the last baseline."""
    if row.value is None:
        return canvas.lines(0, y, wrap(text, WIDTH, LABEL), "m")
    low, high = (scale(v) for v in row.interval or (row.value, row.value))
    _draw_name(canvas, text, low, high, y, "")
    return y


def _draw_name(canvas: Canvas, text: str, left: float, right: float, y: float, look: str) -> None:
    """Write a name to the right of its dot where it has room, else to the left, else over the bar's end."""
    wide = width(text, LABEL) + ASIDE
    if right + wide <= WIDTH:
        canvas.text(right + ASIDE, y, text, look)
    elif wide <= left:
        canvas.text(left - ASIDE, y, text, look, "end")
    else:
        canvas.text(WIDTH, y, text, f"{look} hb".strip(), "end")
