"""Means along ordered groups: one line a series, told apart by mark and stroke and labelled at its end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from walesi_research.exhibits.axis import Scale, round_steps
from walesi_research.exhibits.figure import Figure
from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas, mark, number
from walesi_research.exhibits.text import width, wrap
from walesi_research.language import number as written
from walesi_research.language import say

__all__ = ["Line", "line_plot"]

TOP, HEIGHT, ASIDE = 42, 180, 78
"""Where the plot begins, how tall it is, and the room for the names at the ends of lines."""
SERIES = (("yes", "yes"), ("open", "no"), ("no", "open"))
"""Colour and mark of each series: a filled mark, a ring, a half."""


@dataclass(frozen=True)
class Line:
    """One series: its name and a value for each group, None where there is none."""

    label: str
    values: Sequence[float | None]


def line_plot(
    groups: Sequence[str],
    lines: Sequence[Line],
    *,
    language: str,
    alt: str,
    caption: str,
    title: str = "",
    axis_label: str = "",
    synthetic: bool = False,
    data: Any = None,
) -> Figure:
    """Draw values along groups; the value axis need not begin at zero, and the caption says so.

    Parameters
    ----------
    groups : sequence of str
        Names of the groups, in order.
    lines : sequence of Line
        At most three, each with a value a group.
    language : {"id", "en"}
    alt, caption : str
        As for `Figure`.
    title, axis_label : str
        Name and unit of the values, and of the groups.
    synthetic : bool
        Writes 'invented numbers' into the figure.
    data : DataFrame or None
        The same numbers as a file to download.

    Raises
    ------
    ValueError
        If there is nothing to draw, more than three lines, or a line has another number of values.
    """
    if not 1 <= len(lines) <= len(SERIES) or any(len(line.values) != len(groups) for line in lines):
        raise ValueError("a line plot needs one to three lines, each with a value a group")
    known = [v for line in lines for v in line.values if v is not None]
    if not known:
        raise ValueError("there is nothing to draw")
    canvas = Canvas()
    canvas.text(0, 13, title, "m")
    if synthetic:
        canvas.text(WIDTH, 13, say(language, "exhibit.invented"), "m synthetic", "end")
    up = Scale.around(known, TOP + HEIGHT, TOP)
    left = _draw_grid(canvas, up, language)
    across = Scale(0, max(len(groups) - 1, 1), left + 24, WIDTH - ASIDE)
    _draw_lines(canvas, lines, across, up)
    bottom = _draw_groups(canvas, groups, across, axis_label)
    return Figure(
        svg=canvas.close(bottom + 6), alt=alt, caption=caption, language=language, data=data,
        synthetic=synthetic, labelled=True,
    )  # fmt: skip


def _draw_grid(canvas: Canvas, up: Scale, language: str) -> float:
    """Draw lines at round values; return where their names end."""
    step, decimals = next(iter(round_steps((up.high - up.low) / 6)))
    values = [k * step for k in range(math.ceil(up.low / step - 1e-9), math.floor(up.high / step + 1e-9) + 1)]
    names = [written(v, language, decimals) for v in values]
    left = max((width(name, LABEL) for name in names), default=0) + 6
    for value, name in zip(values, names, strict=True):
        canvas.path("grid", f"M{number(left)} {number(up(value))}H{WIDTH}")
        canvas.text(left - 6, up(value) + 4.5, name, "m", "end")
    return left


def _draw_lines(canvas: Canvas, lines: Sequence[Line], across: Scale, up: Scale) -> None:
    taken: list[float] = []
    for (shade, shape), line in zip(SERIES, lines, strict=False):
        points = [(across(k), up(v)) for k, v in enumerate(line.values) if v is not None]
        if not points:
            continue
        path = " ".join(f"{number(x)} {number(y)}" for x, y in points)
        marks = "".join(mark(shape, x, y, 4.5) for x, y in points)
        canvas.add(f'<g class="{shade}"><path class="bar thin" d="M{path}"/>{marks}</g>')
        words = wrap(line.label, ASIDE - 10, LABEL, strong=True)
        y = _free(points[-1][1] + 4.5 - LINE * (len(words) - 1) / 2, len(words), taken)
        canvas.lines(points[-1][0] + 10, y, words, "w hb")


def _free(y: float, lines: int, taken: list[float]) -> float:
    """Return the first baseline at or below `y` whose lines meet none written before; remember them."""
    while any(abs(y + LINE * k - other) < LINE for k in range(lines) for other in taken):
        y += 2
    taken += [y + LINE * k for k in range(lines)]
    return y


def _draw_groups(canvas: Canvas, groups: Sequence[str], across: Scale, axis_label: str) -> float:
    base = TOP + HEIGHT + 12
    canvas.path("axis", f"M{number(across.left - 24)} {base}H{WIDTH}")
    for k, name in enumerate(groups):
        canvas.text(across(k), base + LINE, name, "m", "middle")
    return canvas.lines(WIDTH, base + 2 * LINE, wrap(axis_label, WIDTH, LABEL), "m", "end")
