"""A drawing as a PNG, for slides and chats that know no SVG."""

from __future__ import annotations

from walesi_research.publish.pdf.drawing import faced
from walesi_research.publish.pdf.press import compiler

__all__ = ["picture"]

PIXELS_PER_INCH = 96
"""A picture has the pixels that its drawing says: two for each unit of ours."""


def picture(svg: str) -> bytes:
    """Return a drawing that stands alone as a PNG on white, with the same bytes on any machine.

    Parameters
    ----------
    svg : str
        As `exhibits.standing_alone` makes it.
    """
    return compiler("picture.typ", svg=faced(svg)).compile(format="png", ppi=PIXELS_PER_INCH)
