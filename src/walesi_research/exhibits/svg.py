"""The few marks our drawings are made of, and the canvas that gathers them.

A drawing is 340 units wide, so that on a phone its text is true size. Colours come from the classes of
``drawing.css``, never from the drawing.
"""

from __future__ import annotations

from walesi_research.exhibits.text import safe

__all__ = ["LABEL", "LINE", "STRONG", "WIDTH", "Canvas", "mark", "square"]

WIDTH = 340
LABEL, STRONG = 13, 15
"""Sizes of plain and strong text, as in ``drawing.css``."""
LINE = 17
"""Distance between two lines of text."""


def number(x: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{round(x, 1) + 0.0:g}"


def mark(shade: str, x: float, y: float, r: float) -> str:
    """Draw a verdict: filled (yes), ring (no) or half filled (open)."""
    shape = "dot" if shade == "yes" else "ring"
    circle = f'<circle class="{shape}" cx="{number(x)}" cy="{number(y)}" r="{number(r)}"/>'
    if shade != "open":
        return circle
    return f'{circle}<path class="half" d="M{number(x)} {number(y - r)}a{r} {r} 0 0 0 0 {2 * r}z"/>'


def square(x: float, y: float, r: float) -> str:
    """Draw the mark of a second series."""
    return f'<path class="ring" d="M{number(x - r)} {number(y - r)}h{2 * r}v{2 * r}h{-2 * r}z"/>'


class Canvas:
    """Gathers marks from top to bottom and closes them into one SVG."""

    def __init__(self) -> None:
        self.marks: list[str] = []

    def add(self, *marks: str) -> None:
        """Add marks as they are; their free text is escaped already."""
        self.marks.extend(marks)

    def text(self, x: float, y: float, text: object, look: str = "", anchor: str = "start") -> None:
        """Write one line with its baseline at `y`."""
        looks = f' class="{look}"' if look else ""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.add(f'<text{looks} x="{number(x)}" y="{number(y)}"{side}>{safe(text)}</text>')

    def lines(self, x: float, y: float, lines: list[str], look: str = "", anchor: str = "start") -> float:
        """Write lines below each other, the first with its baseline at `y`; return the last baseline."""
        for i, line in enumerate(lines):
            self.text(x, y + i * LINE, line, look, anchor)
        return y + (len(lines) - 1) * LINE

    def path(self, look: str, d: str) -> None:
        """Draw a path."""
        self.add(f'<path class="{look}" d="{d}"/>')

    def rect(self, look: str, x: float, y: float, wide: float, high: float) -> None:
        """Draw a rectangle."""
        box = f'x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}"'
        self.add(f'<rect class="{look}" {box}/>')

    def close(self, height: float) -> str:
        """Return the SVG; the figure that shows it adds the words for those who cannot see it."""
        return f'<svg viewBox="0 0 {WIDTH} {number(height)}">{"".join(self.marks)}</svg>'
