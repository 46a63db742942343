"""Three shares as one bar in a table's cell, and where its parts lie."""

from __future__ import annotations

from walesi_research.exhibits.svg import number

__all__ = ["LOOKS", "pieces", "strip"]

LOOKS = ("no", "mid", "yes")
"""Classes of the parts below, at and above the middle of a scale."""
GAP = 2
"""Empty space between two parts, which tells them apart without colour."""
WIDE, HIGH = 90, 8


def pieces(parts: tuple[float, ...], room: float) -> list[tuple[str, float, float]]:
    """Return the look, left end and width of every part that can be seen in a bar `room` wide."""
    found, left = [], 0.0
    for look, part in zip(LOOKS, parts, strict=True):
        wide = part / sum(parts) * room
        if wide > GAP:
            found.append((look, left, wide - GAP if left + wide < room - 1e-6 else wide))
        left += wide
    return found


def strip(parts: tuple[float, ...]) -> str:
    """Return the bar as a mark for a table's cell, whose text gives the numbers."""
    marks = "".join(
        f'<path class="{look}" d="M{number(left)} 0h{number(wide)}v{HIGH}h-{number(wide)}z"/>'
        for look, left, wide in pieces(parts, WIDE)
    )
    return f'<svg class="strip" viewBox="0 0 {WIDE} {HIGH}" aria-hidden="true">{marks}</svg>'
