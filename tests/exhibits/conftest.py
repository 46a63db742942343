"""Widths of Arial's metrics from the font files that matplotlib brings, and the boxes of a drawing's text."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import pytest

_GLYPH = re.compile(r"^C (-?\d+) ; WX (\d+) ; N (\w+)", re.MULTILINE)
_BEYOND_ASCII = {"−": "minus", "–": "endash", "…": "ellipsis", "→": None, "←": None}


def _metrics(name):
    text = (Path(matplotlib.get_data_path()) / "fonts/pdfcorefonts" / f"{name}.afm").read_text()
    glyphs = _GLYPH.findall(text)
    by_name = {n: int(w) for _, w, n in glyphs}
    widths = {chr(int(c)): int(w) for c, w, _ in glyphs if 32 <= int(c) < 127}
    return widths | {c: by_name.get(n, 584) if n else 1000 for c, n in _BEYOND_ASCII.items()}


_PLAIN, _BOLD = _metrics("Helvetica"), _metrics("Helvetica-Bold")


def arial(text, size, bold=False):
    """Width of text in Helvetica's (Arial's) own metrics."""
    return sum((_BOLD if bold else _PLAIN).get(c, 667) for c in text) * size / 1000


@dataclass(frozen=True)
class Box:
    text: str
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other):
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def boxes(svg):
    """The boxes of all text of a drawing, from Arial's metrics and the sizes of its classes."""
    found = []
    for node in ET.fromstring(svg).iter("text"):
        looks = node.get("class", "").split()
        size, bold = (15, True) if "b" in looks else (13, "w" in looks)
        wide, x, y = arial(node.text, size, bold), float(node.get("x")), float(node.get("y"))
        left = x - wide * {"middle": 0.5, "end": 1}.get(node.get("text-anchor"), 0)
        found.append(Box(node.text, left, left + wide, y - 0.72 * size, y + 0.21 * size))
    return found


@pytest.fixture(scope="session")
def text_boxes():
    return boxes


@pytest.fixture(scope="session")
def arial_width():
    return arial
