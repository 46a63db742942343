"""What a simulator's page is made of: its sliders, its drawing, its script and the data of that."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import ceil
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from walesi_research import language as words
from walesi_research.exhibits.axis import round_steps
from walesi_research.exhibits.lever import Lever
from walesi_research.exhibits.simulator_drawing import draw_gain, gain_scale
from walesi_research.exhibits.simulator_words import MONEY, digits, rupiah, step_text
from walesi_research.exhibits.text import clean
from walesi_research.language import say

if TYPE_CHECKING:
    from walesi_research.exhibits.simulator import Simulator

__all__ = [
    "COVERAGES",
    "Slider",
    "budgets",
    "drawing",
    "payload",
    "script",
    "script_hash",
    "sliders",
    "style",
]

COVERAGES = tuple(k / 20 for k in range(21))
"""Shares of the people that a plan may be meant to reach."""
_FOLDER = files("walesi_research.exhibits")
_SAID = {
    "gain_up": ("gain", "range"), "gain_down": ("gain", "range"), "gain_open": ("gain", "range"),
    "gain_none": (), "sure": ("times",), "reach": ("reached", "planned"), "cost": ("cost",),
    "point": ("cost", "low", "high"), "point_open": (), "point_down": (), "unpriced": ("levers",),
    "beyond": ("levers",), "less": ("x",), "more": ("x",), "between": ("low", "high"), "to": ("low", "high"),
    "rupiah": ("x",), "million": ("x",), "billion": ("x",), "trillion": ("x",),
}  # fmt: skip


@dataclass(frozen=True)
class Slider:
    """One slider: its name, what it moves, its choices in words and where it starts."""

    name: str
    label: str
    note: str
    texts: tuple[str, ...]
    start: int

    @property
    def last(self) -> int:
        """The place of the last choice."""
        return len(self.texts) - 1


def sliders(simulator: Simulator) -> list[Slider]:
    """Return the sliders of a page: coverage, every lever and, where a cost is known, the budget."""
    language = simulator.language
    people = say(language, "simulator.coverage_note", people=simulator.people)
    shares = tuple(say(language, "simulator.coverage_step", n=round(100 * c)) for c in COVERAGES)
    first = Slider("coverage", say(language, "simulator.coverage"), people, shares, len(shares) - 1)
    levers = [_slider(lever, k, language) for k, lever in enumerate(simulator.levers)]
    return [first, *levers, *_budget(simulator)]


def _slider(lever: Lever, k: int, language: str) -> Slider:
    texts = tuple(step_text(lever, step, language) for step in lever.steps)
    return Slider(f"lever{k}", clean(lever.label), clean(lever.note), texts, lever.place(lever.start))


def _budget(simulator: Simulator) -> list[Slider]:
    amounts, language = budgets(simulator), simulator.language
    if not amounts:
        return []
    start = len(amounts) - 1 if simulator.budget is None else amounts.index(simulator.budget)
    label, note = (say(language, f"simulator.{key}") for key in ("budget", "budget_note"))
    return [Slider("budget", label, note, tuple(rupiah(a, language) for a in amounts), start)]


def budgets(simulator: Simulator) -> tuple[float, ...]:
    """Return round budgets from nothing to what every plan can cost, the declared one among them."""
    dearest = [max(x.response) * x.cost for x in simulator.levers if x.cost is not None]
    top = max(simulator.people * sum(dearest), simulator.budget or 0.0)
    if not simulator.priced or top <= 0:
        return ()
    step = next(iter(round_steps(top / 40)))[0]
    amounts = {float(round(k * step)) for k in range(ceil(top / step) + 1)}
    return tuple(sorted(amounts | ({simulator.budget} if simulator.budget is not None else set())))


def drawing(simulator: Simulator) -> Markup:
    """Return the drawing, which the script gives its marks and its words."""
    return Markup(draw_gain(simulator)[0].replace("<svg ", '<svg id="drawing" role="img" aria-label="–" ', 1))


def payload(simulator: Simulator) -> Markup:
    """Return all that the script needs as JSON, with nothing in it that HTML could take for a tag."""
    scale, language = gain_scale(simulator), simulator.language
    mark = words.number(1234.5, language)
    data = {
        "levers": [_lever(lever) for lever in simulator.levers],
        "coverages": COVERAGES,
        "budgets": budgets(simulator),
        "people": simulator.people,
        "level": simulator.level,
        "priced": simulator.priced,
        "digits": digits(simulator),
        "scale": [scale.low, scale.high, scale.left, scale.right],
        "y": draw_gain(simulator)[1],
        "thousands": mark[1],
        "decimal": mark[-2],
        "money": MONEY,
        "invented": say(language, "exhibit.invented_alt") if simulator.synthetic else "",
        "texts": {slider.name: slider.texts for slider in sliders(simulator)},
        "words": {key: _template(language, key, names) for key, names in _SAID.items()},
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _template(language: str, key: str, names: tuple[str, ...]) -> str:
    """Return a message with its placeholders left as they are, for the script to fill."""
    return say(language, f"simulator.{key}", **{name: f"{{{name}}}" for name in names})


def _lever(lever: Lever) -> dict[str, Any]:
    beyond = next((k for k, step in enumerate(lever.steps) if lever.is_beyond(step)), len(lever.steps))
    return {
        "label": clean(lever.label), "response": lever.response, "effect": lever.effect, "cost": lever.cost,
        "beyond": beyond, "grain": lever.grain, "draws": lever.packed(),
    }  # fmt: skip


@cache
def script() -> Markup:
    """Return the script, without its comments and the space before its lines."""
    text = (_FOLDER / "simulator.js").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return Markup("\n".join(line for line in lines if line and not line.startswith("//")))


def script_hash() -> str:
    """Return the script's hash as a content security policy names it."""
    return f"sha256-{b64encode(hashlib.sha256(script().encode()).digest()).decode()}"


@cache
def style() -> Markup:
    """Return the style that the page needs besides that of all pages."""
    text = (_FOLDER / "simulator.css").read_text(encoding="utf-8")
    lines = (line.strip() for line in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).splitlines())
    return Markup("\n".join(line for line in lines if line))
