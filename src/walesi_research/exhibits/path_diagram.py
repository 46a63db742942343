"""Path diagrams: what is associated with what, along a chain from causes to an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from walesi_research.exhibits.figure import Figure
from walesi_research.exhibits.path_chain import Arrow, Chain, Node
from walesi_research.exhibits.path_layout import ARC, MIDDLE, Box, Layout, Route, arrange
from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas, number
from walesi_research.exhibits.table import Table
from walesi_research.exhibits.text import clean, wrap
from walesi_research.language import say

__all__ = ["path_diagram"]

THIN, THICK = 1.25, 5.0
"""Width of an arrow of no strength, and what a standard deviation adds."""
BEND = 18
"""Radius of a turn."""
KEY = 30
"""Where the words of the key begin."""


def path_diagram(
    nodes: Sequence[Node],
    arrows: Sequence[Arrow],
    *,
    language: str,
    alt: str,
    caption: str,
    synthetic: bool = False,
    table: Table | None = None,
    data: Any = None,
) -> Figure:
    """Draw causes on top, their outcome at the bottom, and the paths between them.

    An arrow is the thicker the stronger it is, dashed where it is uncertain, and of another colour where
    it is negative. What the drawing's looks mean is said below it.

    Parameters
    ----------
    nodes : sequence of Node
        At most four in the first column; then at most four columns of one node each.
    arrows : sequence of Arrow
    language : {"id", "en"}
        Language of the few words the figure adds.
    alt, caption : str
        As for `Figure`; the paths and their numbers are added to the alt text.
    synthetic : bool
        Writes 'invented numbers' into the figure.
    table, data
        As for `Figure`; the arrows' own numbers are the download without `data`.

    Raises
    ------
    ValueError
        If the nodes and arrows are not such a chain (see `Chain`).
    """
    chain = Chain(tuple(nodes), tuple(arrows))
    told = "; ".join(_told(chain, arrow, language) for arrow in arrows)
    return Figure(
        svg=_draw(chain, language, synthetic), alt=f"{clean(alt).rstrip('.:')}: {told}.", caption=caption,
        language=language, table=table, data=_frame(chain) if data is None else data,
        synthetic=synthetic, labelled=True,
    )  # fmt: skip


def _told(chain: Chain, arrow: Arrow, language: str) -> str:
    ends = (clean(chain.by_key[key].label) for key in (arrow.source, arrow.target))
    doubt = "" if arrow.certain else f"({say(language, 'exhibit.cannot_tell').lower()})"
    sign = " ↔ " if arrow.both else " → "
    return " ".join(filter(None, [sign.join(ends), clean(arrow.label), doubt]))


def _draw(chain: Chain, language: str, synthetic: bool) -> str:
    canvas = Canvas()
    if synthetic:
        canvas.text(WIDTH, 13, say(language, "exhibit.invented"), "m synthetic", "end")
    layout = arrange(chain, LINE + 3 if synthetic else 1)
    for route in sorted(layout.routes, key=lambda route: route.arrow.certain):
        _draw_route(canvas, route)
    for key, box in layout.boxes.items():
        _draw_box(canvas, box, key == chain.links[-1].key)
    if layout.arc:
        _draw_arc(canvas, chain.correlation, *layout.arc)
    for route in layout.routes:
        _draw_label(canvas, route.arrow, route.x, route.label)
    return canvas.close(_draw_key(canvas, chain, layout, language))


def _draw_box(canvas: Canvas, box: Box, outcome: bool) -> None:
    canvas.rect("axis rest", box.left + 0.5, box.top, box.right - box.left - 1, box.bottom - box.top)
    tall = LINE * (len(box.lines) + len(box.notes))
    y = (box.top + box.bottom - tall) / 2 + 12.5
    y = canvas.lines(box.middle, y, list(box.lines), "w", "middle") + LINE
    canvas.lines(box.middle, y, list(box.notes), "m", "middle")


def _shade(arrow: Arrow) -> str:
    return "open" if not arrow.certain else "yes" if arrow.weight >= 0 else "no"


def _thick(arrow: Arrow) -> float:
    return round(THIN + THICK * min(abs(arrow.weight), 1), 1)


def _line(d: str, arrow: Arrow, *heads: str) -> str:
    """Return a line and its heads; an uncertain one is dashed."""
    dash = "" if arrow.certain else ' stroke-dasharray="5 4"'
    line = f'<path d="{d}" fill="none" stroke="currentColor" stroke-width="{_thick(arrow):g}"{dash}/>'
    ends = f'<path class="fill" d="{"".join(heads)}"/>' if heads else ""
    return f'<g class="{_shade(arrow)}">{line}{ends}</g>'


def _head(x: float, y: float, arrow: Arrow, dx: float = 0) -> str:
    """Return the head of an arrow that ends at a point: downwards, or to the side that `dx` tells."""
    long, half = _long(arrow), _long(arrow) / 2
    if dx:
        return f"M{number(x)} {number(y)}l{number(-dx * long)} {number(-half)}v{number(2 * half)}z"
    return f"M{number(x)} {number(y)}l{number(-half)} {number(-long)}h{number(2 * half)}z"


def _long(arrow: Arrow) -> float:
    return 7 + _thick(arrow)


def _draw_route(canvas: Canvas, route: Route) -> None:
    arrow, x, y = route.arrow, route.x, route.bottom
    start, back = f"M{number(x)} {number(route.top)}", _long(arrow) - 1
    if route.into is None:
        canvas.add(_line(f"{start}V{number(y - back)}", arrow, _head(x, y, arrow)))
        return
    side = 1 if route.into > x else -1
    bend = min(BEND, abs(route.into - x) - back)
    turn = f"V{number(y - bend)}q0 {number(bend)} {number(side * bend)} {number(bend)}"
    line = f"{start}{turn}H{number(route.into - side * back)}"
    canvas.add(_line(line, arrow, _head(route.into, y, arrow, side)))


def _draw_label(canvas: Canvas, arrow: Arrow, x: float, y: float) -> None:
    if arrow.label:
        canvas.text(x, y + 4.5, arrow.label, "w hb" if arrow.certain else "hb", "middle")


def _draw_arc(canvas: Canvas, arrow: Arrow, left: float, right: float, bottom: float) -> None:
    back = _long(arrow) - 1
    top = bottom - ARC * 4 / 3
    curve = f"M{number(left)} {number(bottom - back)}C{number(left)} {number(top)}"
    curve += f" {number(right)} {number(top)} {number(right)} {number(bottom - back)}"
    canvas.add(_line(curve, arrow, _head(left, bottom, arrow), _head(right, bottom, arrow)))
    _draw_label(canvas, arrow, MIDDLE, bottom - ARC - back / 4)


def _draw_key(canvas: Canvas, chain: Chain, layout: Layout, language: str) -> float:
    """Say in words what the looks mean that this drawing has; return the bottom."""
    y = layout.bottom + 12
    for name, sample in _samples(chain):
        canvas.add(sample.replace("@", number(y + 8.5)))
        y = canvas.lines(KEY, y + 13, wrap(say(language, f"exhibit.{name}"), WIDTH - KEY, LABEL), "m") + 5
    return y + 2


def _samples(chain: Chain) -> list[tuple[str, str]]:
    """Return a key's entries: the name of its words, and a short line where '@' stands for its height."""
    certain = [arrow for arrow in chain.arrows if arrow.certain]
    looks = [
        ("path_clear", True, 0.3, any(arrow.weight >= 0 for arrow in certain)),
        ("path_negative", True, -0.3, any(arrow.weight < 0 for arrow in certain)),
        ("path_open", False, 0.1, len(certain) < len(chain.arrows)),
    ]
    samples = {name: Arrow("", "", "", weight, sure) for name, sure, weight, there in looks if there}
    lines = [(name, _line("M0 @H22", arrow)) for name, arrow in samples.items()]
    if chain.correlation is None:
        return lines
    both = replace(chain.correlation, weight=0.1)
    heads = "M0 @l7 -3.5v7zM22 @l-7 -3.5v7z"
    return [*lines, ("path_both", _line("M5 @H17", both, heads))]


def _frame(chain: Chain) -> Any:
    import pandas as pd

    rows = [(a.source, a.target, a.weight, a.certain, a.both) for a in chain.arrows]
    return pd.DataFrame(rows, columns=["from", "to", "estimate", "certain", "correlation"])
