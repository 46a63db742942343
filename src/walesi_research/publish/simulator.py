"""The interactive page of a simulator: the one page with a script, which its security policy names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from walesi_research import language as words
from walesi_research.exhibits import Simulator
from walesi_research.exhibits import simulator_page as made
from walesi_research.exhibits.simulator_words import steps_table
from walesi_research.exhibits.text import bold
from walesi_research.language import LANGUAGES, say
from walesi_research.publish.facts import StudyFacts
from walesi_research.publish.page import Entry, common_values
from walesi_research.publish.rendering import render
from walesi_research.publish.simulator_link import simulator_file

__all__ = ["write_simulators"]


def write_simulators(
    simulators: Sequence[Simulator], entry: Entry, facts: StudyFacts, language: str, folder: Path
) -> None:
    """Write the page of each of a notebook's simulators into `folder`, where the notebook's own page is."""
    for number, simulator in enumerate(simulators, start=1):
        name = simulator_file(entry.name, number)
        html = render("simulator.html.j2", _values(simulator, entry, facts, language, name))
        (folder / name).write_text(html, encoding="utf-8")


def _values(
    simulator: Simulator, entry: Entry, facts: StudyFacts, language: str, name: str
) -> Mapping[str, Any]:
    said, table = partial(_said, language), steps_table(simulator)
    return common_values(facts, language) | {
        "simulator": simulator,
        "number": entry.number,
        "origin": f"{entry.name}.html",
        "words": said,
        "title": said("title"),
        "lead": bold(said("lead")),
        "description": said("title"),
        "level": words.share(simulator.level, language),
        "table": table,
        "table_html": Markup(table.html()),
        "sliders": made.sliders(simulator),
        "drawing": made.drawing(simulator),
        "payload": made.payload(simulator),
        "script": made.script(),
        "hash": made.script_hash(),
        "own_style": made.style(),
        "home": "../index.html" if language == LANGUAGES[0] else "index.html",
        "switch": {code: f"../{code}/{name}" for code in LANGUAGES if code != language},
    }


def _said(language: str, key: str, **values: object) -> str:
    return say(language, f"simulator.{key}", **values)
