"""The brief as a page of its own: two sheets of paper, laid out by claims rather than as an answer."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

from walesi_research.language import say
from walesi_research.publish.parts import Parts
from walesi_research.publish.pdf import SIZE
from walesi_research.publish.styles import sheet

__all__ = ["TEMPLATE", "brief_values", "is_brief"]

TEMPLATE = "brief.html.j2"
_PARAGRAPH = re.compile(r"</?p\b[^>]*>")


def is_brief(parts: Parts) -> bool:
    """Tell whether a notebook is a brief: it gives its page a headline."""
    return bool(parts.headline)


def brief_values(values: dict[str, Any]) -> dict[str, Any]:
    """Return what the brief's template needs besides the `values` of any page."""
    language, parts = values["language"], values["parts"]
    return values | {
        "style": Markup(f"{values['style']}\n{sheet('reading', 'brief')}"),
        "pdf": Markup(say(language, "pdf.link", size=SIZE)),
        "tell": lambda key, **named: say(language, f"brief.{key}", **named),
        "limits": [Markup(_PARAGRAPH.sub("", block).strip()) for block in parts.limits],
        "summaries": {
            code: {"headline": other.headline, "summary": other.summary, "read_here": tell("read_here")}
            for code, (other, tell) in values["others"].items()
        },
    }
