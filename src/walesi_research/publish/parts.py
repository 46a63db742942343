"""An executed notebook taken apart: what of it a reader of one language is given, and where.

Nothing reaches a page but prose in its language and outputs marked with it. Streams, warnings, raw
values and the cells that hold parameters stay behind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from markupsafe import Markup
from nbformat import NotebookNode

from walesi_research.exhibits import SIMULATOR_MIME, Simulator, fragment, numbered, standing_alone
from walesi_research.exhibits.text import clean, safe
from walesi_research.language import LANGUAGES, say
from walesi_research.publish.markdown import first_title, to_html
from walesi_research.publish.simulator_link import linked, simulator_file

__all__ = ["Download", "Parts", "take_apart"]

_SECRET = {"parameters", "injected-parameters", "remove-cell"}
_HEAD = {"range", "plain", "note"}
_DOWNLOAD = re.compile(r'href="(data:text/csv[^"]*)" download="([^"]*)-(\d+)\.csv"')
_DRAWING = re.compile(r'<figure>.*?(<svg[^>]*? aria-label="([^"]*)".*?</svg>)', re.DOTALL)
_CAPTION = re.compile(r"<figcaption>(.*?)(?:<a |</figcaption>)", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_BEGUN = re.compile(r"<(h2|figure|table)\b")
_PARAGRAPH = re.compile(r"</?p\b[^>]*>")
_LONE_HEADING = re.compile(r"\A<h([234])>[^\n]*</h\1>\s*\Z")
_STARTS_HEADING = re.compile(r"\A<h([234])>")
_HEADING = re.compile(r"<h2>")
_LATER = re.compile(r'^<p class="(?:lead|range)">')


@dataclass(frozen=True)
class Download:
    """What can be had of a figure: its data, within the page, and its drawing, a file beside it.

    Parameters
    ----------
    number : int
        The figure's.
    address, file : str
        The data as an address that holds them, and the name to save them by; empty without data.
    drawing : str
        An SVG file; empty where the figure is a picture.
    """

    number: int
    address: str = ""
    file: str = ""
    drawing: str = ""

    @property
    def kilobytes(self) -> float:
        """Size of what is downloaded, roughly."""
        encoded = self.address.partition(",")[2]
        size = len(encoded) * 3 / 4 if ";base64" in self.address else len(re.sub("%..", "x", encoded))
        return max(size / 1000, 0.1)


@dataclass
class Parts:
    """What one page says, in the order a reader meets it."""

    title: str = ""
    headline: Markup = field(default_factory=Markup)
    summary: Markup = field(default_factory=Markup)
    answer: Markup = field(default_factory=Markup)
    lead: list[Markup] = field(default_factory=list)
    verdicts: list[Markup] = field(default_factory=list)
    body: list[Markup] = field(default_factory=list)
    limits: list[Markup] = field(default_factory=list)
    method: list[Markup] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    simulators: list[Simulator] = field(default_factory=list)


def take_apart(notebook: NotebookNode, language: str, name: str = "") -> Parts:
    """Sort a notebook's cells into the parts of its page in `language`.

    Parameters
    ----------
    notebook : NotebookNode
        Executed. Markdown cells tagged with a language are kept in that one only; cells tagged
        ``limits`` or ``method`` go to those sections, with their outputs; the outputs of a cell tagged
        ``detail`` are folded away where they stand.
    language : {"id", "en"}
        Language of the page.
    name : str
        The notebook's, by which its simulators' pages go.
    """
    parts = Parts()
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", ()))
        if tags & set(LANGUAGES) and language not in tags:
            continue
        if cell.cell_type == "markdown":
            _add_prose(parts, cell.source, _section(parts, tags))
        elif cell.cell_type == "code":
            if not tags & _SECRET and cell.source.strip():
                parts.code.append("\n".join(map(clean, cell.source.strip().split("\n"))))
            folded: list[Markup] = []
            section = folded if "detail" in tags else _section(parts, tags)
            for kind, html, data in _outputs(cell, language):
                if SIMULATOR_MIME in data:
                    parts.simulators.append(Simulator.from_record(data[SIMULATOR_MIME]))
                    html = linked(html, simulator_file(name, len(parts.simulators)), language)
                _add_exhibit(parts, kind, html, section)
            if folded:
                parts.body.append(_fold(folded, language))
    parts.answer = parts.answer or _reason(parts)
    parts.body = _without_empty(parts.body)
    _name_headings(parts)
    return parts


def _fold(blocks: list[Markup], language: str) -> Markup:
    summary = f"<summary>{safe(say(language, 'page.detail'))}</summary>"
    return Markup(f'<details class="more">{summary}{"".join(blocks)}</details>')


def _section(parts: Parts, tags: set[str]) -> list[Markup]:
    return parts.method if "method" in tags else parts.limits if "limits" in tags else parts.body


def _add_prose(parts: Parts, source: str, section: list[Markup]) -> None:
    if not parts.title:
        title, source = first_title(source)
        parts.title = title or ""
    if source.strip():
        section.append(to_html(source))


def _outputs(cell: NotebookNode, language: str) -> Iterator[tuple[str, str, dict]]:
    for output in cell.get("outputs", ()):
        about, data = output.get("metadata", {}).get("walesi", {}), output.get("data", {})
        html = data.get("text/html")
        if about.get("language") == language and html:
            yield about.get("kind", "plain"), fragment(html if isinstance(html, str) else "".join(html)), data


def _add_exhibit(parts: Parts, kind: str, html: str, section: list[Markup]) -> None:
    if kind == "note" and _told(_PARAGRAPH.sub("", html), [*parts.lead, *section]):
        return  # a reason is given once
    if kind == "headline":
        parts.headline = Markup(_TAG.sub("", html))
    elif kind == "summary":
        parts.summary = Markup(html)
    elif kind == "lead" and not parts.answer:
        parts.answer = Markup(_PARAGRAPH.sub("", html))
        parts.lead.append(Markup(html))
    elif kind == "verdict" and _in_head(parts, section):
        parts.verdicts.append(Markup(html))
    elif kind in _HEAD and _in_head(parts, section):
        parts.lead.append(Markup(html))
    else:
        section.append(Markup(_with_number(parts, kind, _LATER.sub("<p>", html))))


def _told(text: str, blocks: list[Markup]) -> bool:
    return any(text in block for block in blocks)


def _in_head(parts: Parts, section: list[Markup]) -> bool:
    """Tell whether the page's first heading or figure is still to come."""
    return section is parts.body and not any(_BEGUN.search(html) for html in section)


def _with_number(parts: Parts, kind: str, html: str) -> str:
    if kind not in ("figure", "table"):
        return html
    if kind == "table" and "<caption>" not in html:
        return html
    parts.counts[kind] += 1
    number = parts.counts[kind]
    html = numbered(html, number)
    if kind == "figure":
        parts.downloads += _of_figure(html, number)
    return _DOWNLOAD.sub(r'id="csv\3" \g<0>', html)


def _of_figure(html: str, number: int) -> list[Download]:
    """Return what can be had of a figure, if anything."""
    data, drawn = _DOWNLOAD.search(html), _DRAWING.search(html)
    address, file = (data[1], f"{data[2]}-{number}.csv") if data else ("", "")
    drawing = standing_alone(drawn[1], _caption(html), drawn[2]) if drawn else ""
    return [Download(number, address, file, drawing)] if data or drawn else []


def _caption(html: str) -> str:
    found = _CAPTION.search(html)
    return _TAG.sub("", found[1]).strip() if found else ""


def _reason(parts: Parts) -> Markup:
    """Return why there is no answer, where there is none."""
    notes = (html for html in parts.lead if html.startswith('<p class="note">'))
    return Markup(_PARAGRAPH.sub("", next(notes, "")))


def _without_empty(blocks: list[Markup]) -> list[Markup]:
    """Drop headings that nothing follows, for a figure may have had nothing to show."""
    kept: list[Markup] = []
    for block in reversed(blocks):
        alone = _LONE_HEADING.match(block)
        following = _STARTS_HEADING.match(kept[-1]) if kept else None
        if not alone or (kept and not (following and following.group(1) <= alone.group(1))):
            kept.append(block)
    return kept[::-1]


def _name_headings(parts: Parts) -> None:
    """Give the headings names that are the same in every language, so that a link keeps its place."""
    count = iter(range(1, 1000))
    parts.body = [Markup(_HEADING.sub(lambda _: f'<h2 id="s{next(count)}">', html)) for html in parts.body]
