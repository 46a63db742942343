"""A scale from values to the width of a drawing, and the ticks of its axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas, number
from walesi_research.exhibits.text import width, wrap

__all__ = ["Scale", "draw_axis", "round_steps", "ticks"]

_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Scale:
    """Maps values from `low` to `high` onto the drawing from `left` to `right`."""

    low: float
    high: float
    left: float
    right: float

    @classmethod
    def around(cls, values: Iterable[float], left: float, right: float) -> Scale:
        """Return a scale that just holds `values`; a single value is given some room."""
        values = list(values)
        low, high = min(values), max(values)
        if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
            room = abs(low) * 0.1 or 1.0
            low, high = low - room, high + room
        return cls(low, high, left, right)

    def __call__(self, value: float) -> float:
        """Return where `value` lies in the drawing."""
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def at(self, x: float) -> float:
        """Return the value that lies at `x`."""
        return self.low + (x - self.left) / (self.right - self.left) * (self.high - self.low)


def ticks(
    scale: Scale, start: float, write: Callable[[float, int], str], finest: int
) -> list[tuple[float, str]]:
    """Choose round values, with their labels, that stand from `start` to the right edge without meeting.

    Steps are 1, 2 or 5 times a power of ten; `write` is given the decimals that a step needs, and no
    step needs more than `finest`.
    """
    low, high = scale.at(start), scale.at(WIDTH)
    for step, decimals in round_steps(max(10.0**-finest, (high - low) / 8)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        labels = [(k * step, write(k * step, decimals)) for k in range(first, last + 1)]
        labels = [(value, label) for value, label in labels if _inside(scale(value), label, start)]
        if _apart([(scale(value), label) for value, label in labels]):
            return labels
    return []


def round_steps(least: float) -> Iterable[tuple[float, int]]:
    """Yield round steps from `least` upwards, each with the decimals that its multiples need."""
    power = math.floor(math.log10(least))
    for exponent in range(power, power + 4):
        for step in (s * 10.0**exponent for s in _STEPS):
            if step >= least * (1 - 1e-9):
                yield step, max(0, -exponent)


def _inside(x: float, label: str, start: float) -> bool:
    half = width(label, LABEL) / 2
    return start <= x and x - half >= 0 and x + half <= WIDTH


def _apart(labels: list[tuple[float, str]]) -> bool:
    edges = [(x - width(label, LABEL) / 2, x + width(label, LABEL) / 2) for x, label in labels]
    return all(b[0] - a[1] >= 8 for a, b in pairwise(edges))


def draw_axis(
    canvas: Canvas,
    scale: Scale,
    y: float,
    start: float,
    write: Callable[[float, int], str],
    finest: int,
    name: str,
) -> float:
    """Draw an axis at `y` from `start` to the right edge, its ticks and name; return the last baseline."""
    canvas.path("axis", f"M{number(start)} {number(y)}H{WIDTH}")
    for value, label in ticks(scale, start, write, finest):
        canvas.path("axis", f"M{number(scale(value))} {number(y)}v4")
        canvas.text(scale(value), y + LINE, label, "m", "middle")
    lines = wrap(name, WIDTH, LABEL)
    return canvas.lines(WIDTH, y + 2 * LINE, lines, "m", "end") if name else y + LINE
