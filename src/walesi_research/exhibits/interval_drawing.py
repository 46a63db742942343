"""The drawing of an interval plot: rows from top to bottom on one scale, and the ground behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from walesi_research.exhibits.axis import Scale, draw_axis
from walesi_research.exhibits.frame import Column, draw_gap, draw_header
from walesi_research.exhibits.interval import Interval, Look
from walesi_research.exhibits.interval_labels import Label, fit, labels_of
from walesi_research.exhibits.svg import LABEL, WIDTH, Canvas, mark, number, square
from walesi_research.exhibits.text import wrap
from walesi_research.exhibits.verdict import SHADES, judge
from walesi_research.language import say

__all__ = ["Names", "draw"]

TOP, BOTTOM = 28, 18
"""Room above and below a bar."""


@dataclass(frozen=True)
class Names:
    """What a plot names: axis, zone (None: from the limit), second series, and being synthetic."""

    axis: str
    zone: str | None
    alternative: str
    synthetic: bool


def draw(rows: Sequence[Interval], look: Look, names: Names) -> str:
    """Return the drawing as SVG; its alt text is the figure's affair."""
    canvas, marks = Canvas(), Canvas()
    column = Column.of([(row.label, row.bold) for row in rows])
    scale = fit(rows, column, look)
    y = _draw_header(canvas, look, scale, names)
    last = max((i for i, row in enumerate(rows) if row.values), default=-1)
    grounds = []
    for i, row in enumerate(rows):
        top = y
        if row.values:
            y = _draw_row(marks, row, i, top, column, scale, look)
            grounds.append((top + column.above(i), y))
        else:
            y = draw_gap(marks, column, i, top, row.note, row.bold)
        if row.bold and i < len(rows) - 1:
            marks.path("grid", f"M0 {number(y)}H{WIDTH}")
        if i == last:
            y = draw_axis(marks, scale, y, column.width, look.tick, look.finest, names.axis) + 10
    for top, bottom in _joined(grounds):
        _draw_ground(canvas, scale, column.width, top, bottom, look)
    canvas.add(*marks.marks)
    y = _draw_key(canvas, names.alternative, y) if names.alternative else y
    return canvas.close(y)


def _draw_header(canvas: Canvas, look: Look, scale: Scale | None, names: Names) -> float:
    limited = scale is not None and look.limit is not None
    zone, at = (_zone_name(look, names.zone), scale(look.limit)) if limited else ("", 0)
    return draw_header(canvas, look.language, names.synthetic, zone, at, look.supports) + 4


def _draw_row(
    canvas: Canvas, row: Interval, i: int, top: float, column: Column, scale: Scale, look: Look
) -> float:
    y = top + column.above(i) + TOP
    column.draw(canvas, i, top, y, row.bold)
    shade, labels = SHADES[look.verdict(row)], labels_of(row, scale, look)
    bar = "" if row.low is None else _bar("bar", scale(row.low), scale(row.high), y)
    canvas.add(f'<g class="{shade}">{bar}{mark(shade, scale(row.estimate), y, 5.5)}</g>')
    if row.alternative:
        y_twin = y + labels[-1].drop - 4.5
        x, low, high = (scale(v) for v in row.alternative)
        canvas.add(f'<g class="open">{_bar("bar thin", low, high, y_twin)}{square(x, y_twin, 4)}</g>')
    for label in labels:
        canvas.text(label.left, y + label.drop, label.text, _halo(label, scale, look))
    lowest = max(label.drop for label in labels)
    return y + (lowest + 6 if lowest > BOTTOM / 2 else BOTTOM)


def _bar(look: str, low: float, high: float, y: float) -> str:
    return f'<path class="{look}" d="M{number(low)} {number(y)}H{number(high)}"/>'


def _halo(label: Label, scale: Scale, look: Look) -> str:
    middle = scale.at((label.left + label.right) / 2)
    beyond = look.limit is not None and judge(middle, middle, look.limit, look.supports) == "supported"
    return ("b " if label.strong else "") + ("hz" if beyond else "hb")


def _joined(grounds: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join the grounds of rows that touch, so that no seam shows between them."""
    joined: list[tuple[float, float]] = []
    for top, bottom in grounds:
        if joined and abs(joined[-1][1] - top) < 0.1:
            top = joined.pop()[0]
        joined.append((top, bottom))
    return joined


def _draw_ground(canvas: Canvas, scale: Scale, start: float, top: float, bottom: float, look: Look) -> None:
    """Draw the supporting zone, the origin and the limit behind a run of rows."""
    if look.limit is not None:
        x = scale(look.limit)
        left, right = (x, WIDTH) if look.supports == "above" else (start, x)
        canvas.rect("zone", left, top, right - left, bottom - top)
    if look.origin is not None and look.origin != look.limit:
        canvas.path("axis", f"M{number(scale(look.origin))} {number(top)}V{number(bottom)}")
    if look.limit is not None:
        canvas.path("lim", f"M{number(scale(look.limit))} {number(top)}V{number(bottom)}")


def _draw_key(canvas: Canvas, label: str, y: float) -> float:
    canvas.add(f'<g class="open">{_bar("bar thin", 1, 23, y + 9)}{square(12, y + 9, 4)}</g>')
    lines = wrap(label, WIDTH - 30, LABEL)
    return canvas.lines(30, y + 13.5, lines, "m") + 8


def _zone_name(look: Look, label: str | None) -> str:
    if label is None:
        label = say(look.language, f"exhibit.zone_{look.supports}", limit=look.plain(look.limit))
    return f"{label} →" if look.supports == "above" else f"← {label}"
