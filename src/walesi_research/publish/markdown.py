"""Markdown of a notebook as the HTML of a page: no scripts, no anchors, headings in their order."""

from __future__ import annotations

import re

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

__all__ = ["first_title", "plain", "to_html"]

_TITLE = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)")
_TAGS = re.compile(r"<[^>]+>")


class _PageRenderer(IPythonRenderer):
    """Headings below the page's title, code and tables that scroll on their own."""

    def heading(self, text: str, level: int, **attrs: object) -> str:
        level = min(max(level, 2), 4)
        return f"<h{level}>{text}</h{level}>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        return f'<pre tabindex="0"><code>{self.escape_html(code)}</code></pre>\n'

    def table(self, text: str) -> str:
        return f'<div class="scroll" tabindex="0"><table>{text}</table></div>\n'


def to_html(source: str) -> Markup:
    """Return Markdown as HTML; what the author wrote as HTML (MathML, say) stays."""
    renderer = _PageRenderer(escape=False, allow_harmful_protocols=False, exclude_anchor_links=True)
    return Markup(MarkdownWithMath(renderer=renderer).render(source))


def plain(html: str) -> str:
    """Return the words of a fragment of HTML."""
    return str(Markup(_TAGS.sub("", html)).unescape()).strip()


def first_title(source: str) -> tuple[str | None, str]:
    """Split the title off a cell's Markdown: its words, or None, and the rest."""
    found = _TITLE.match(source)
    if not found:
        return None, source
    return plain(to_html(found.group(1))), source[found.end() :]
