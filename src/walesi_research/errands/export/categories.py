"""The customary category of an item's mean: the scale cut into five parts of one width."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from walesi_research.errands.export.values import value_of
from walesi_research.exhibits import Cell, Group, Table
from walesi_research.language import say

__all__ = ["category", "graded"]

PARTS = 5


def category(mean: float, low: float, high: float) -> int:
    """Return the part, 1 to 5, that a mean lies in: (5 − 1) / 5 = 0.8 wide on a scale from 1 to 5.

    A mean on a boundary belongs to the upper part (1.80 is 2), as the customary table '1.00–1.79,
    1.80–2.59, …' has it.
    """
    width = (high - low) / PARTS
    return min(PARTS, 1 + int((mean - low) / width + 1e-9))


def graded(table: Table, scales: Any) -> Table:
    """Return a table of items with the category of each mean in a last column.

    Parameters
    ----------
    table : Table
        One group of rows a scale; the last column gives the mean, or words where it may not be shown.
    scales : sequence of (scale, items)
        In the same order; ``scale.ends`` are the scale's ends.
    """
    ends = iter([scale.ends for scale, listed in scales if listed])
    rows, between = [], None
    for row in table.rows:
        if isinstance(row, Group):
            between = next(ends)
            rows.append(row)
        else:
            rows.append([*row, _named(row[-1], between, table.language)])
    columns = [*table.columns, say(table.language, "export.category")]
    return replace(table, columns=columns, rows=rows)


def _named(mean: str | Cell, ends: tuple[float, float], language: str) -> str:
    value = value_of(mean.text, language) if isinstance(mean, Cell) else None
    return "–" if value is None else say(language, f"export.category_{category(value.number, *ends)}")
