"""What does a point cost, and which scenario makes the most of a budget?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from walesi_research.exhibits import Cell, Column, Gap, Heading, Sentence, Table
from walesi_research.exhibits.simulator_words import rupiah
from walesi_research.language import count, decimals, interval, interval_words, number, say
from walesi_research.questions.policy.gain import Gain, Spread, spread_of
from walesi_research.questions.policy.scenarios import Scenarios

__all__ = ["Bought", "Budget", "budget"]


@dataclass(frozen=True)
class Bought:
    """What a budget buys with one scenario.

    Parameters
    ----------
    spread : Spread
        Points of mean achievement.
    reached : float
        Share of all people whom the budget pays for.
    best : float
        Share of the replicates in which no other scenario gives more.
    """

    spread: Spread
    reached: float
    best: float


def budget(answer: Scenarios) -> Budget:
    """Ask what a point of mean achievement costs, and what the study's budget is best used for.

    A scenario that costs more than the budget reaches as many people as the budget pays for, one that costs
    less is not enlarged. Scenarios are compared replicate by replicate.

    Parameters
    ----------
    answer : Scenarios
        As `scenarios` returns it.

    Returns
    -------
    Budget
    """
    return Budget(answer)


@dataclass(frozen=True, eq=False)
class Budget:
    """Answer: costs of scenarios, and the use of the budget."""

    answer: Scenarios

    @property
    def rupiah(self) -> float | None:
        """The study's budget."""
        return self.answer.study.settings.policy.budget

    @cached_property
    def priced(self) -> dict[str, Gain]:
        """The scenarios with a gain and all their costs."""
        known = self.answer.known.items()
        return {name: gain for name, gain in known if gain.cost is not None and gain.cost[0] > 0}

    @cached_property
    def bought(self) -> dict[str, Bought]:
        """What the budget buys with each scenario; empty without a budget."""
        if self.rupiah is None or not self.priced:
            return {}
        paid = {name: min(1.0, self.rupiah / gain.cost[0]) for name, gain in self.priced.items()}
        points = np.array([paid[name] * gain.points for name, gain in self.priced.items()])
        times = _best(points[:, 1:])
        return {
            name: Bought(spread_of(p, self.answer.level), paid[name] * gain.scenario.coverage, float(share))
            for (name, gain), p, share in zip(self.priced.items(), points, times, strict=True)
        }

    @property
    def best(self) -> str | None:
        """The scenario that buys most; None where none buys anything."""
        if not self.bought:
            return None
        name = max(self.bought, key=lambda n: self.bought[n].spread.estimate)
        return name if self.bought[name].spread.estimate > 0 else None

    @property
    def clear(self) -> bool:
        """Whether the best use is the best in as many replicates as the level asks for, and gains."""
        found = self.bought[self.best] if self.best else None
        if found is None or len(self.bought) < 2:
            return False
        return found.best >= self.answer.level and found.spread.state == "up"

    def heading(self, language: str) -> list[Heading]:
        """Return what the budget is best used for."""
        if not self.priced:
            return []
        if not self.bought:
            return [Heading(say(language, "policy.budget_heading_none"))]
        told = {"budget": rupiah(self.rupiah, language)}
        if not self.clear:
            return [Heading(say(language, "policy.budget_heading_open", **told))]
        label = self.answer.label(self.best, language)
        return [Heading(say(language, "policy.budget_heading_clear", label=label, **told))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return the best use of the budget, how sure that is, and where costs come from."""
        if not self.answer.known:
            return []
        if not self.priced:
            free = any(gain.cost is not None for gain in self.answer.known.values())
            return [Sentence(say(language, f"policy.cost_{'nothing' if free else 'none'}"), "note")]
        source = Sentence(say(language, "policy.cost_source", people=self.answer.employees))
        if not self.bought:
            return [source, Sentence(say(language, "policy.budget_undeclared"), "note")]
        return [Sentence(self._best_use(language)), source]

    def _best_use(self, language: str) -> str:
        told = rupiah(self.rupiah, language)
        if self.best is None:
            return say(language, "policy.budget_nothing", budget=told)
        found, s = self.bought[self.best], self.bought[self.best].spread
        digits = decimals([(s.low, s.high)])
        text = say(
            language,
            "policy.budget_best",
            budget=told,
            label=self.answer.label(self.best, language),
            points=number(s.estimate, language, digits),
            between=interval_words(s.low, s.high, language, digits),
            times=_of_hundred(found.best, language),
        )
        alone = [say(language, "policy.budget_single")] if len(self.bought) == 1 else []
        doubt = [say(language, "policy.budget_worth_open")] if s.state == "open" else []
        return " ".join([text, *alone, *doubt])

    def table(self, language: str) -> Table | list[Table]:
        """Return cost, cost of a point, and what the budget buys, by scenario."""
        if not self.priced:
            return []
        columns = [
            say(language, "policy.column_scenario"),
            say(language, "policy.column_price", level=self.answer.level),
        ]
        if self.bought:
            columns += [
                say(language, "policy.column_bought", budget=rupiah(self.rupiah, language)),
                Column(say(language, "policy.column_best"), numeric=True),
            ]
        rows = [self._cells(name, gain, language) for name, gain in self.answer.known.items()]
        return Table(columns, rows, say(language, "policy.budget_table"), language, show_caption=False)

    def _cells(self, name: str, gain: Gain, language: str) -> list[str | Cell] | Gap:
        label = self.answer.label(name, language)
        if name not in self.priced:
            why = "cost_incomplete" if gain.cost is None else "cost_nothing"
            return Gap(label, say(language, "common.not_computed"), say(language, f"policy.{why}"))
        cost = f"{say(language, 'policy.column_cost')}: {rupiah(gain.cost[0], language)}"
        row: list[str | Cell] = [Cell(label, cost), _price(gain, language)]
        if not self.bought:
            return row
        b = self.bought[name]
        told = [interval(b.spread.low, b.spread.high, language, self._digits)]
        told += [say(language, "policy.reaching", share=b.reached)] if b.reached < 1 else []
        points = Cell(number(b.spread.estimate, language, self._digits), "; ".join(told))
        return [*row, points, _of_hundred(b.best, language)]

    @property
    def _digits(self) -> int:
        return decimals((b.spread.low, b.spread.high) for b in self.bought.values())


def _best(points: np.ndarray) -> np.ndarray:
    """Return how often each row is the largest of its column, shape (k,), among columns without gaps."""
    kept = points[:, np.isfinite(points).all(axis=0)]
    return np.bincount(kept.argmax(axis=0), minlength=len(points)) / kept.shape[1]


def _price(gain: Gain, language: str) -> Cell | str:
    price = gain.price
    if price is None:
        return say(language, "policy.price_unknown")
    low, estimate = rupiah(price.low, language), rupiah(price.estimate, language)
    if price.high is None:
        return Cell(estimate, say(language, "policy.price_endless", low=low))
    return Cell(estimate, say(language, "policy.price_between", low=low, high=rupiah(price.high, language)))


def _of_hundred(share: float, language: str) -> str:
    """Return how many of 100, never none or all where it is not so."""
    if 0 < share < 0.01:
        return f"<\N{NO-BREAK SPACE}{count(1, language)}"
    return (
        f">\N{NO-BREAK SPACE}{count(99, language)}"
        if 0.99 < share < 1
        else count(round(100 * share), language)
    )
