"""A drawing as a file of its own, for slides and theses."""

from __future__ import annotations

import re

from walesi_research.exhibits.exhibit import drawing_css
from walesi_research.exhibits.figure import Figure
from walesi_research.exhibits.text import safe

__all__ = ["light_style", "standalone", "standing_alone"]

_VARIABLE = re.compile(r"var\(--[\w-]+(?:,((?:[^()]|\([^()]*\))*))?\)")


def standalone(figure: Figure) -> str:
    """Return a figure's drawing as an SVG file with its style, title and description inside.

    Colours are the light ones, written out, as not every drawing program knows variables.

    Parameters
    ----------
    figure : Figure

    Raises
    ------
    ValueError
        If the figure is a picture, not a drawing.
    """
    if figure.svg is None:
        raise ValueError("only a drawing can be written as SVG; this figure is a picture")
    return standing_alone(figure.svg, str(safe(figure.caption)), str(safe(figure.alt)))


def standing_alone(svg: str, title: str, description: str) -> str:
    """Return a drawing with its style, title and description inside; both are escaped already."""
    wide, high = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    body = svg.partition(">")[2]
    head = f'xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {float(wide) + 16:g} {float(high) + 16:g}"'
    size = f'width="{2 * float(wide) + 32:g}" height="{2 * float(high) + 32:g}" role="img"'
    words = f"<title>{title}</title><desc>{description}</desc>"
    ground = '<rect x="-8" y="-8" width="100%" height="100%" fill="#fff"/>'
    return f"<svg {head} {size}>{words}<style>{light_style()}</style>{ground}{body}\n"


def light_style() -> str:
    """Return the drawings' style with every variable replaced by what stands for it without a page."""
    css = drawing_css()
    while (plain := _VARIABLE.sub(lambda found: found.group(1) or "inherit", css)) != css:
        css = plain
    return css
