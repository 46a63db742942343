"""Where the numbers of an interval plot stand, so that none meets another or the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from walesi_research.exhibits.axis import Scale
from walesi_research.exhibits.frame import Column
from walesi_research.exhibits.interval import Interval, Look
from walesi_research.exhibits.svg import LABEL, LINE, STRONG, WIDTH
from walesi_research.exhibits.text import width

__all__ = ["Label", "fit", "labels_of"]

NEAR = 6
"""Distance of an end's label from its bar."""
STEP = 4
"""Distance that a label keeps from the limit."""
TWIN = 18
"""Distance of the second series below the first."""


@dataclass(frozen=True)
class Label:
    """A number beside a mark: its left edge, its baseline below the bar, and how it is set."""

    text: str
    left: float
    drop: float
    strong: bool = False

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.left + width(self.text, STRONG if self.strong else LABEL, self.strong)


def fit(rows: Sequence[Interval], column: Column, look: Look) -> Scale | None:
    """Return the widest scale on which no label of any row leaves its room; None without numbers."""
    values = [v for row in rows for v in row.values]
    if not values:
        return None
    values += [v for v in (look.limit, look.origin) if v is not None]
    scale = Scale.around(values, column.width + 4, WIDTH - 4)
    for _ in range(40):
        boxes = [(column.edge(i), labels_of(row, scale, look)) for i, row in enumerate(rows) if row.values]
        left = max(edge - label.left for edge, labels in boxes for label in labels)
        right = max(label.right - WIDTH for _, labels in boxes for label in labels)
        if (left <= 0.05 and right <= 0.05) or scale.right - scale.left < 60:
            break
        scale = replace(scale, left=scale.left + max(left, 0), right=scale.right - max(right, 0))
    return scale


def labels_of(row: Interval, scale: Scale, look: Look) -> list[Label]:
    """Place the numbers of a row: its estimate, its ends, and its second series last.

    The estimate steps to its own side of the limit (or origin), an end goes below its bar rather than
    sit on it.
    """
    line = None if look.line is None else scale(look.line)
    labels = [_estimate(row.estimate, scale, look, line)]
    if row.low is not None:
        labels += [_end(row.low, scale, look, line, -1), _end(row.high, scale, look, line, 1)]
    if row.alternative:
        labels.append(_twin(row.alternative, scale, look, line, any(label.drop > 10 for label in labels)))
    return labels


def _estimate(value: float, scale: Scale, look: Look, line: float | None) -> Label:
    text, x = look.estimate(value), scale(value)
    wide = width(text, STRONG, True)
    left = x - wide / 2
    if _crosses(line, left, wide):
        left = line + STEP if x >= line else line - STEP - wide
    return Label(text, left, -10, True)


def _end(value: float, scale: Scale, look: Look, line: float | None, side: int) -> Label:
    text, x = look.plain(value), scale(value)
    wide = width(text, LABEL)
    left = x - NEAR - wide if side < 0 else x + NEAR
    if not _crosses(line, left, wide):
        return Label(text, left, 4.5)
    return Label(text, max(x, line + STEP) if side < 0 else min(x, line - STEP) - wide, 18)


def _twin(
    values: tuple[float, float, float], scale: Scale, look: Look, line: float | None, dropped: bool
) -> Label:
    text, left = look.estimate(values[0]), scale(values[2]) + NEAR
    if _crosses(line, left, width(text, LABEL)):
        left = line + STEP
    return Label(text, left, TWIN + 4.5 + LINE * dropped)


def _crosses(line: float | None, left: float, wide: float) -> bool:
    return line is not None and left - STEP < line < left + wide + STEP
