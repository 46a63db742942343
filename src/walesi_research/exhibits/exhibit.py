"""What every exhibit is: something with a kind, words for those who cannot see it, and HTML.

The same fragment serves a notebook and a page. In a notebook it is wrapped with a small style sheet of
its own; a page takes the bare fragment back with `fragment` and numbers it with `numbered`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Protocol, runtime_checkable

__all__ = ["NUMBER", "Exhibit", "drawing_css", "fragment", "numbered", "wrapped"]

NUMBER = "<!--n-->"
"""Where a fragment's number goes; nothing is seen there until a page gives one."""

_OPEN, _CLOSE = "<!--exhibit-->", "<!--/exhibit-->"
_BETWEEN = re.compile(f"{_OPEN}(.*){_CLOSE}", re.DOTALL)
_DOWNLOAD = re.compile(r'download="(\w+)\.csv"')


@runtime_checkable
class Exhibit(Protocol):
    """A thing that can be shown in a notebook and on a page."""

    @property
    def kind(self) -> str:
        """What it is: lead, range, plain, note, verdict, heading, figure or table."""

    @property
    def alt(self) -> str:
        """The same in words, for those who cannot see it."""

    def html(self) -> str:
        """Return the HTML fragment, all free text escaped."""


@cache
def drawing_css() -> str:
    """Return the style of the drawings, which notebooks and pages share."""
    return (files("walesi_research.exhibits") / "drawing.css").read_text(encoding="utf-8")


@cache
def _notebook_css() -> str:
    return (files("walesi_research.exhibits") / "notebook.css").read_text(encoding="utf-8")


def wrapped(exhibit: Exhibit) -> str:
    """Return the exhibit's HTML for a notebook, where no page gives it a style."""
    style = f".walesi-exhibit{{{drawing_css()}{_notebook_css()}}}"
    return f'<div class="walesi-exhibit"><style>{style}</style>{_OPEN}{exhibit.html()}{_CLOSE}</div>'


def fragment(html: str) -> str:
    """Return the bare fragment that `wrapped` put into a notebook's output."""
    found = _BETWEEN.search(html)
    return found.group(1) if found else html


def numbered(html: str, number: int) -> str:
    """Return a fragment with its number wherever its name stands, file names included."""
    named = _DOWNLOAD.sub(rf'download="\1-{number}.csv"', html)
    return named.replace(NUMBER, f"\N{NO-BREAK SPACE}{number}")
