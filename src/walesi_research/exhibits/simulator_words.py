"""What a simulator says: a plan's outcome in sentences, the steps of its levers, a table of single steps.

``simulator.js`` fills the same messages with the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup

from walesi_research import language as words
from walesi_research.exhibits.table import Cell, Column, Group, Table
from walesi_research.exhibits.text import safe
from walesi_research.language import say

if TYPE_CHECKING:
    from walesi_research.exhibits.lever import Lever
    from walesi_research.exhibits.simulator import Outcome, Simulator

__all__ = ["ELSEWHERE", "digits", "elsewhere", "rupiah", "step_text", "steps_table", "told", "verdict"]

ELSEWHERE = ("<!--elsewhere-->", "<!--/elsewhere-->")
"""What stands between these is for a notebook; a page has a link in its place."""

MONEY = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_SHOWN = 3  # steps of a lever in the table, besides its start


def elsewhere(language: str) -> Markup:
    """Return the note that an interactive page exists."""
    text = safe(say(language, "simulator.elsewhere"))
    return Markup(f'{ELSEWHERE[0]}<p class="note">{text}</p>{ELSEWHERE[1]}')


def digits(simulator: Simulator) -> int:
    """Return the fewest decimals of a gain: one, or two where no plan changes a whole point."""
    return 1 if max(map(abs, simulator.ends)) >= 1 else 2


def rupiah(amount: float, language: str) -> str:
    """Return an amount of money: 'Rp150.000', 'Rp25,2 juta', 'Rp160 juta'."""
    for size, name in MONEY:
        if amount >= size:
            x = amount / size
            places = int(x < 100 and round(x, 1) % 1 > 0)
            return say(language, f"simulator.{name}", x=words.number(x, language, places))
    return say(language, "simulator.rupiah", x=words.count(amount, language))


def step_text(lever: Lever, step: float, language: str) -> str:
    """Return a step in words: '12 JP', '20%', '0,5 simpangan baku, di luar data'."""
    text = (
        words.share(step, language, lever.digits)
        if lever.percent
        else words.number(step, language, lever.digits)
    )
    text = f"{text}\N{NO-BREAK SPACE}{lever.unit}" if lever.unit else text
    return say(language, "simulator.step_beyond", step=text) if lever.is_beyond(step) else text


def verdict(outcome: Outcome) -> str:
    """Tell whether a gain is up, down, open (its interval reaches zero) or none (nothing is moved)."""
    if outcome.estimate == outcome.low == outcome.high == 0:
        return "none"
    if min(outcome.low, outcome.estimate) > 0:
        return "up"
    return "down" if max(outcome.high, outcome.estimate) < 0 else "open"


def told(simulator: Simulator, outcome: Outcome, coverage: float = 1.0) -> dict[str, str]:
    """Return what an outcome says, by subject: gain, sure, reach, cost, point, beyond; '' where nothing."""
    language = simulator.language
    return {
        "gain": _gain(simulator, outcome),
        "sure": _sure(outcome, language),
        "reach": _reach(outcome, coverage, language),
        "cost": _cost(simulator, outcome),
        "point": _point(simulator, outcome),
        "beyond": _naming("beyond", outcome.beyond, language),
    }


def _gain(simulator: Simulator, outcome: Outcome) -> str:
    judged, language = verdict(outcome), simulator.language
    if judged == "none":
        return say(language, "simulator.gain_none")
    least, ends = digits(simulator), (outcome.low, outcome.high)
    places, sign = words.decimals([ends], least), -1 if judged == "down" else 1
    gain = words.number(sign * outcome.estimate, language, places)
    between = words.interval_words(*sorted(sign * end for end in ends), language, places)
    return say(language, f"simulator.gain_{judged}", gain=gain, range=between)


def _sure(outcome: Outcome, language: str) -> str:
    if verdict(outcome) == "none":
        return ""
    return say(language, "simulator.sure", times=_of_hundred(outcome.above, language))


def _of_hundred(share: float, language: str) -> str:
    """Return how many of 100, never none or all where it is not so."""
    if 0 < share < 0.01:
        return say(language, "simulator.less", x=1)
    if 0.99 < share < 1:
        return say(language, "simulator.more", x=99)
    return words.count(math.floor(100 * share + 1e-9), language)


def _reach(outcome: Outcome, coverage: float, language: str) -> str:
    if outcome.reached >= coverage:
        return ""
    reached, planned = (_of_hundred(share, language) for share in (outcome.reached, coverage))
    return say(language, "simulator.reach", reached=reached, planned=planned)


def _cost(simulator: Simulator, outcome: Outcome) -> str:
    language = simulator.language
    if not simulator.priced or verdict(outcome) == "none":
        return ""
    if outcome.cost is None:
        return _naming("unpriced", outcome.unpriced, language)
    return say(language, "simulator.cost", cost=rupiah(outcome.cost, language))


def _point(simulator: Simulator, outcome: Outcome) -> str:
    language, judged = simulator.language, verdict(outcome)
    if not outcome.cost:
        return ""
    if outcome.point is None:
        return say(language, f"simulator.point_{judged}")
    cost, low, high = (rupiah(amount, language) for amount in outcome.point)
    return say(language, "simulator.point", cost=cost, low=low, high=high)


def _naming(key: str, labels: tuple[str, ...], language: str) -> str:
    return say(language, f"simulator.{key}", levers=", ".join(labels)) if labels else ""


def steps_table(simulator: Simulator) -> Table:
    """Return what single steps of each lever would change if all were reached, and the start plan."""
    language = simulator.language
    head = [say(language, f"simulator.{name}") for name in ("column_step", "column_gain", "column_cost")]
    columns = [head[0], *(Column(name, numeric=True) for name in head[1 : 2 + simulator.priced])]
    level = words.share(simulator.level, language)
    return Table(
        columns, list(_rows(simulator)), say(language, "simulator.caption", level=level), language, False
    )


def _rows(simulator: Simulator) -> Iterator[list[str | Cell] | Group]:
    for lever in simulator.levers:
        yield Group(lever.label)
        for step in _sensible(lever):
            yield _row(simulator, step_text(lever, step, simulator.language), {lever.name: step})
    if len(simulator.levers) > 1:
        yield Group(say(simulator.language, "simulator.together"))
        text = (step_text(x, x.start, simulator.language) for x in simulator.levers if x.at(x.start))
        yield _row(simulator, " + ".join(text), simulator.start)


def _sensible(lever: Lever) -> list[float]:
    """Return a few of the steps that change something, evenly spread, the start and the last among them."""
    last = len(lever.steps) - 1
    spread = {round(last * k / _SHOWN) for k in range(1, _SHOWN + 1)} | {lever.place(lever.start)}
    return [lever.steps[k] for k in sorted(spread - {0})]


def _row(simulator: Simulator, label: str, steps: dict[str, float]) -> list[str | Cell]:
    language, outcome = simulator.language, simulator.outcome(1.0, steps)
    ends, least = (outcome.low, outcome.high), digits(simulator)
    places = words.decimals([ends], least) if any(ends) else least
    gain = words.number(outcome.estimate, language, places)
    row: list[str | Cell] = [label, Cell(gain, words.interval(*ends, language, places))]
    if simulator.priced:
        row.append("–" if outcome.cost is None else rupiah(outcome.cost, language))
    return row
