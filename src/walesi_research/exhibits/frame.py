"""What surrounds a plot: the line above it, the column of labels, rows that have nothing to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas
from walesi_research.exhibits.text import clean, width, wrap
from walesi_research.language import say

__all__ = ["Column", "draw_gap", "draw_header"]

ASIDE = 108
"""The widest that labels beside the marks may be; longer ones go above their marks."""
GAP = 10


@dataclass(frozen=True)
class Column:
    """Where the labels of a plot stand.

    Parameters
    ----------
    width : float
        Width of the column beside the marks; 0 where labels stand above them.
    lines : tuple of lists of str
        The wrapped label of each row.
    """

    width: float
    lines: tuple[list[str], ...]

    @classmethod
    def of(cls, labels: Sequence[tuple[str, bool]], room: float = ASIDE) -> Column:
        """Fit labels, each with whether it is strong, beside the marks if two lines of `room` hold each."""
        aside = tuple(wrap(label, room, LABEL, strong=strong) for label, strong in labels)
        words = [clean(label).split() for label, _ in labels]
        whole = all(" ".join(lines).split() == parts for lines, parts in zip(aside, words, strict=True))
        if whole and max(map(len, aside)) <= 2:
            return cls(GAP + max(width(x, LABEL, True) for lines in aside for x in lines), aside)
        return cls(0, tuple(wrap(label, WIDTH, LABEL, strong=strong) for label, strong in labels))

    def above(self, row: int) -> float:
        """Return the height that the label of `row` takes above its marks."""
        return 0 if self.width else LINE * len(self.lines[row]) + 5

    def edge(self, row: int) -> float:
        """Return how far the label of `row` reaches into its marks' line."""
        return max(width(x, LABEL, True) for x in self.lines[row]) + 6 if self.width else 0

    def draw(self, canvas: Canvas, row: int, top: float, middle: float, strong: bool) -> None:
        """Write the label of `row`, whose marks lie at `middle`."""
        look, lines = "w" if strong else "", self.lines[row]
        first = middle + 4.5 - (len(lines) - 1) * LINE / 2 if self.width else top + 16
        canvas.lines(0, first, lines, look)


def draw_header(canvas: Canvas, language: str, synthetic: bool, zone: str, at: float, supports: str) -> float:
    """Write the synthetic label and the zone's name above a plot; return where the plot may begin."""
    label = say(language, "exhibit.invented") if synthetic else ""
    lines = wrap(zone, WIDTH, LABEL) if zone else []
    wide = max((width(line, LABEL) for line in lines), default=0)
    left = min(at + 4, WIDTH - wide) if supports == "above" else max(at - 4 - wide, 0)
    room = left if supports == "above" else WIDTH - left - wide
    below = bool(label and lines and (room < width(label, LABEL) + GAP or len(lines) > 1))
    if label:
        canvas.text(0 if supports == "above" else WIDTH, 13, label, "m synthetic", _anchor(supports))
    if lines:
        x = left if supports == "above" else left + wide
        canvas.lines(x, 13 + LINE * below, lines, "m", _anchor(supports))
    return 3 + LINE * (max(len(lines), bool(label)) + below)


def _anchor(supports: str) -> str:
    return "start" if supports == "above" else "end"


def draw_gap(canvas: Canvas, column: Column, row: int, top: float, reason: str, strong: bool) -> float:
    """Draw a row that has no marks and says why; return its bottom."""
    look, label = "w" if strong else "", column.lines[row]
    first = top + 20 if column.width else top + 14 + column.above(row)
    canvas.lines(0, first if column.width else top + 16, label, look)
    reasons = wrap(reason, WIDTH - column.width, LABEL, most=8)
    canvas.lines(column.width, first, reasons, "m")
    tall = max(len(reasons), len(label)) if column.width else len(reasons)
    return first + LINE * (tall - 1) + 14
