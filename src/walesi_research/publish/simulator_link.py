"""Where a simulator's page lies, and the link that leads to it."""

from __future__ import annotations

import re

from walesi_research.exhibits.simulator_words import ELSEWHERE
from walesi_research.exhibits.text import safe
from walesi_research.language import say

__all__ = ["linked", "simulator_file"]

_NOTE = re.compile(f"{ELSEWHERE[0]}.*?{ELSEWHERE[1]}", re.DOTALL)


def simulator_file(notebook: str, number: int) -> str:
    """Return the file of a notebook's simulator: ``07_policy-simulator.html``, ``…-2.html`` of a second."""
    return f"{notebook}-simulator{f'-{number}' if number > 1 else ''}.html"


def linked(html: str, address: str, language: str) -> str:
    """Return a simulator's fragment for a page: a link where its note stands, its table folded away."""
    link, note, summary = (
        safe(say(language, f"simulator.{key}")) for key in ("open", "open_note", "as_table")
    )
    way = f'<p><a href="{safe(address)}"><b>{link} →</b></a><br><span class="mute">{note}</span></p>'
    return f'{way}<details class="more"><summary>{summary}</summary>{_NOTE.sub("", html)}</details>'
