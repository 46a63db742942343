"""A page's drawing as an SVG that stands alone on paper."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from functools import cache
from typing import TypedDict

from walesi_research.exhibits.standalone import light_style
from walesi_research.publish.pdf.press import FACES

__all__ = ["Drawing", "drawing", "faced"]

_ANY = "font-family:sans-serif"


class Drawing(TypedDict):
    """An SVG and what it says to those who cannot see it; no words where it only adorns."""

    svg: str
    alt: str


def drawing(element: ET.Element) -> Drawing | None:
    """Return the first drawing within an element; None without one."""
    found = element if element.tag == "svg" else element.find(".//svg")
    if found is None:
        return None
    svg = copy.deepcopy(found)
    svg.tail = None
    svg.set("xmlns", "http://www.w3.org/2000/svg")
    style = ET.Element("style")
    style.text = _style()
    svg.insert(0, style)
    _colour(svg, element)
    return Drawing(svg=ET.tostring(svg, encoding="unicode"), alt=found.get("aria-label", ""))


def _colour(svg: ET.Element, element: ET.Element) -> None:
    """Give the drawing the class that colours it, where the element around it has it."""
    svg.set("class", element.get("class", ""))


@cache
def _style() -> str:
    return faced(light_style())


def faced(text: str) -> str:
    """Return a drawing or its style with the faces of the press in place of any without serifs."""
    return text.replace(_ANY, f"font-family:{','.join(map(repr, FACES))}")
