"""One executed notebook as one page in one language, by an exporter of nbconvert."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode
from traitlets import default

from walesi_research import language as words
from walesi_research.exhibits.text import clean
from walesi_research.findings import Finding
from walesi_research.language import LANGUAGES, say
from walesi_research.publish.brief import TEMPLATE, brief_values, is_brief
from walesi_research.publish.facts import StudyFacts
from walesi_research.publish.guide import GUIDES
from walesi_research.publish.markdown import plain
from walesi_research.publish.parts import Parts
from walesi_research.publish.rendering import FOLDER
from walesi_research.publish.styles import common_sheet

__all__ = ["Entry", "PageExporter", "page_values", "style_for"]

_PAPER = """@page{{
@top-left{{content:{label};font:700 8pt Arial,"Liberation Sans",sans-serif;color:#362900}}
@top-right{{content:{title};font:8pt Arial,"Liberation Sans",sans-serif;color:#55606b}}
@bottom-right{{content:{count};font:8pt Arial,"Liberation Sans",sans-serif;color:#55606b}}}}"""
NAMES = {"id": "Bahasa Indonesia", "en": "English"}


@dataclass(frozen=True)
class Entry:
    """One notebook in the list of pages.

    Parameters
    ----------
    number : int
        Its place in the list, from 1.
    name : str
        Its file's name without ending.
    title : str
        The question.
    answer : Markup
        The answer in a sentence or two; empty where the page has none.
    failure : str
        Why there is no page, as a sentence; empty where there is one.
    short : str
        The same in a few words.
    brief : bool
        Whether it is the page to begin with: the brief.
    """

    number: int
    name: str
    title: str
    answer: Markup = field(default_factory=Markup)
    failure: str = ""
    short: str = ""
    brief: bool = False


class PageExporter(TemplateExporter):
    """Renders a notebook's page with our own template; everything is escaped unless it is `Markup`.

    The values of `page_values` come in ``resources["page"]``.
    """

    file_extension = ".html"
    output_mimetype = "text/html"
    template_name = "walesi"
    template_file = "page.html.j2"

    @default("extra_template_basedirs")
    def _our_templates(self) -> list[str]:
        return [str(FOLDER / "templates")]

    def _create_environment(self):
        environment = super()._create_environment()
        environment.autoescape = True
        environment.trim_blocks = environment.lstrip_blocks = True
        return environment


def style_for(facts: StudyFacts, language: str) -> Markup:
    """Return the one style sheet, with the words that paper repeats on each sheet."""
    label = say(language, "page.synthetic_banner") if facts.synthetic else ""
    count = say(language, "page.sheet").split("#")
    paper = _PAPER.format(
        label=_css_string(label),
        title=_css_string(facts.title[language]),
        count=" ".join([_css_string(count[0]), "counter(page)", _css_string(count[1]), "counter(pages)"]),
    )
    return Markup(f"{common_sheet()}\n{paper}")


def _css_string(text: str) -> str:
    """Quote text for CSS; whatever is not a plain letter, digit or space is written as its code."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in clean(text)) + '"'


def page_values(
    parts: Parts,
    others: Mapping[str, Parts],
    facts: StudyFacts,
    language: str,
    entry: Entry,
    entries: Sequence[Entry],
    findings: Sequence[Finding],
) -> dict[str, Any]:
    """Return what the template of a notebook's page needs, `others` being it in other languages."""
    published = [e for e in entries if not e.failure]
    place = published.index(entry)
    mine = [f for f in findings if f.notebook == entry.name]
    return common_values(facts, language) | {
        "parts": parts,
        "entry": entry,
        "entries": entries,
        "before": published[place - 1] if place else None,
        "after": published[place + 1] if place + 1 < len(published) else None,
        "findings": bool(mine),
        "others": {code: (other, _say_in(code)) for code, other in others.items()},
        "home": home(language),
        "guides": [(name, say(language, f"guide.{name}_title")) for name in GUIDES],
        "switch": {code: f"../{code}/{entry.name}.html" for code in LANGUAGES if code != language},
        "description": plain(parts.answer) or entry.title,
    }


def home(language: str) -> str:
    """Return the address of the index, from a page of the same language."""
    return "../index.html" if language == LANGUAGES[0] else "index.html"


def common_values(facts: StudyFacts, language: str) -> dict[str, Any]:
    """Return what every template needs: the study, its words, the style."""
    return {
        "facts": facts,
        "language": language,
        "site": clean(facts.title[language]),
        "suffix": _suffix(facts, language),
        "names": NAMES,
        "style": style_for(facts, language),
        "date": words.date(facts.created, language),
        "say": _say_in(language),
        "size": lambda download: words.number(download.kilobytes, language, 1),
    }


def _suffix(facts: StudyFacts, language: str) -> str:
    """Return '(synthetic data)' for a title that does not say so itself."""
    label = say(language, "page.synthetic_title")
    told = label.casefold() in facts.title[language].casefold()
    return f" ({label})" if facts.synthetic and not told else ""


def _say_in(language: str) -> Callable[..., str]:
    return lambda key, **values: say(language, f"page.{key}", **values)


def render_page(notebook: NotebookNode, values: dict[str, Any]) -> str:
    """Return a notebook's page as HTML."""
    exporter = PageExporter()
    if is_brief(values["parts"]):
        exporter.template_file, values = TEMPLATE, brief_values(values)
    html, _ = exporter.from_notebook_node(notebook, resources={"page": values})
    return html
