"""Style sheets as they stand in a page: without comments and indentation."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from walesi_research.exhibits.exhibit import drawing_css

__all__ = ["common_sheet", "sheet"]


@cache
def sheet(*names: str) -> str:
    """Return style sheets of this folder, such as ``reading``, one after another."""
    folder = files("walesi_research.publish")
    return _short("\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in names))


@cache
def common_sheet() -> str:
    """Return what every page has: the drawings' style and the pages' own."""
    return f"{_short(drawing_css())}\n{sheet('style')}"


def _short(text: str) -> str:
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in bare.splitlines() if line.strip())
