"""The pages beside the notebooks': how to read the report with a glossary, and the data dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from walesi_research.exhibits import Column, Table
from walesi_research.exhibits.reading import Reading
from walesi_research.exhibits.text import bold, clean, safe
from walesi_research.language import say
from walesi_research.publish.facts import Scale, StudyFacts

__all__ = ["GUIDES", "Guide", "guides"]

TERMS = (
    "estimate", "interval", "limit", "association", "cause", "achievement", "score", "jp", "ikm", "sd",
    "scale", "reliability", "unit", "suppressed", "holm", "synthetic",
)  # fmt: skip
"""The glossary, in the order in which a reader meets the words."""
RULES = 5
GUIDES = ("reading", "dictionary")
"""File names without ending: the same in every language, so that a link keeps its place."""


@dataclass(frozen=True)
class Guide:
    """One page that is not a notebook's.

    Parameters
    ----------
    name : str
        Its file's name without ending.
    title, lead : str
    blocks : tuple of Markup
        What stands below.
    """

    name: str
    title: str
    lead: str
    blocks: tuple[Markup, ...]


def guides(facts: StudyFacts, language: str) -> tuple[Guide, ...]:
    """Return how the report is read, and what its data are, in one language."""
    made = {"reading": _reading(facts, language), "dictionary": _dictionary(facts, language)}
    return tuple(
        Guide(name, _say(language, f"{name}_title"), _say(language, f"{name}_lead"), tuple(made[name]))
        for name in GUIDES
    )


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"guide.{key}", **values)


def _heading(text: str) -> Markup:
    return Markup(f"<h2>{safe(text)}</h2>")


def _reading(facts: StudyFacts, language: str) -> Iterator[Markup]:
    yield _heading(_say(language, "reading_figure"))
    yield Markup(Reading(language, facts.level).html())
    yield _heading(_say(language, "reading_rules"))
    rules = (_say(language, f"rule_{i}", minimum=facts.minimum_cell) for i in range(1, RULES + 1))
    yield Markup("<ol>" + "".join(f"<li>{bold(rule)}</li>" for rule in rules) + "</ol>")
    yield _heading(_say(language, "glossary"))
    terms = (name for name in TERMS if facts.synthetic or name != "synthetic")
    pairs = (
        f'<dt id="{name}">{safe(_say(language, f"term_{name}"))}</dt>'
        f"<dd>{safe(_say(language, f'about_{name}'))}</dd>"
        for name in terms
    )
    yield Markup(f'<dl class="terms">{"".join(pairs)}</dl>')


def _dictionary(facts: StudyFacts, language: str) -> Iterator[Markup]:
    yield _heading(_say(language, "tables"))
    for name, columns in facts.tables.items():
        rows = [[column, say(language, f"dictionary.{name}_{column}")] for column in columns]
        yield Markup(_table(rows, ("column", "meaning"), say(language, f"dictionary.{name}"), language))
    yield _heading(_say(language, "questions"))
    if not facts.scales:
        yield Markup(f"<p>{safe(_say(language, 'no_survey'))}</p>")
    for scale in facts.scales:
        rows = [[item, _statement(scale, item, language)] for item in scale.items]
        yield Markup(_table(rows, ("item", "statement"), clean(scale.label[language]), language))
        low, high = scale.ends
        told = _say(language, "scale_range", low=low, high=high)
        source = " " + _say(language, "source", source=clean(scale.source)) if scale.source else ""
        yield Markup(f'<p class="small mute">{safe(told + source)}</p>')


def _statement(scale: Scale, item: str, language: str) -> str:
    words = clean(scale.items[item][language])
    return f"{words} ({_say(language, 'reversed')})" if item in scale.reverse else words


def _table(rows: list[list[str]], heads: tuple[str, str], caption: str, language: str) -> str:
    columns = [Column(_say(language, head)) for head in heads]
    return Table(columns, rows, caption, language).html()
