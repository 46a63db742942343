"""What if: a plan of levers, what it would change, and how sure that is, on draws computed beforehand.

The page that lets a reader move the levers computes the same in JavaScript (``simulator.js``); `outcome`
is its twin, and the browser's tests hold one against the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from typing import Any

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.lever import Lever
from walesi_research.exhibits.simulator_words import elsewhere, steps_table, told

__all__ = ["SIMULATOR_MIME", "Outcome", "Simulator"]

SIMULATOR_MIME = "application/vnd.walesi.simulator+json"
"""The type under which an executed notebook carries a simulator to the page that shows it."""

Moved = list[tuple[Lever, float]]
"""Each lever with the mean change of exposure at its step."""


@dataclass(frozen=True)
class Outcome:
    """What a plan would change.

    Parameters
    ----------
    estimate, low, high : float
        Gain in points of mean achievement, and the ends of its interval.
    above : float
        Share of the draws in which the gain is above zero.
    reached : float
        Share of the people reached, which a budget may hold below the plan's.
    cost : float or None
        Rupiah; None where a lever that is moved has no cost.
    point : tuple of float or None
        Rupiah a point of mean achievement: at the estimate, at the interval's upper and at its lower end.
        None where there is no cost, or the interval is not wholly above zero.
    unpriced, beyond : tuple of str
        Labels of the levers moved that have no cost, and of those moved beyond the data.
    """

    estimate: float
    low: float
    high: float
    above: float
    reached: float
    cost: float | None
    point: tuple[float, float, float] | None
    unpriced: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Simulator:
    """A plan that a reader can move, in one language.

    In a notebook it shows a table of what single steps change; publishing makes the interactive page of it.

    Parameters
    ----------
    levers : tuple of Lever
        What can be changed; all with the same number of draws, in the same order.
    people : int
        How many people the plan could reach, rounded.
    level : float
        Level of the intervals.
    language : {"id", "en"}
        Language of all words.
    budget : float or None
        Rupiah that a reader finds the budget at; None: enough for all.
    synthetic : bool
        Writes 'invented numbers' into the drawing.
    claim : {"association", "effect_if"}
        The weakest claim of the levers' effects.
    notes : tuple of str
        What a reader must know besides: levers that are missing and why, assumptions.

    Raises
    ------
    ValueError
        Without levers or people, where names repeat or numbers of draws differ, or a value is out of range.
    """

    levers: tuple[Lever, ...]
    people: int
    level: float
    language: str
    budget: float | None = None
    synthetic: bool = False
    claim: str = "association"
    notes: tuple[str, ...] = ()
    kind = "simulator"

    def __post_init__(self) -> None:
        for name in ("levers", "notes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        sizes = {len(lever.draws) for lever in self.levers}
        faults = {
            "a simulator needs a lever": not self.levers,
            "a simulator needs people to reach": self.people < 1,
            "two levers have the same name": len({x.name for x in self.levers}) < len(self.levers),
            f"levers need one number of draws, two at least: {sorted(sizes)}": len(sizes) > 1 or 1 in sizes,
            f"a level lies between 0 and 1, not at {self.level}": not 0 < self.level < 1,
            f"no claim {self.claim!r}": self.claim not in ("association", "effect_if"),
        }
        for fault, wrong in faults.items():
            if wrong:
                raise ValueError(fault)

    @property
    def priced(self) -> bool:
        """Whether any lever has a cost."""
        return any(lever.cost is not None for lever in self.levers)

    @property
    def start(self) -> dict[str, float]:
        """The steps that a reader finds, by lever."""
        return {lever.name: lever.start for lever in self.levers}

    def outcome(self, coverage: float, steps: Mapping[str, float], budget: float | None = None) -> Outcome:
        """Return what a plan would change.

        With r the share of people reached, the gain of draw b is ``r * sum_k response_k * draw_kb``; its
        interval lies between numpy's linear percentiles of the gains. Cost is ``people * r * sum_k cost_k *
        response_k``; where that exceeds the budget, r is what the budget pays for.

        Parameters
        ----------
        coverage : float
            Share of the people the plan is meant to reach, 0 to 1.
        steps : mapping of str to float
            A step of each lever by name; the first step, no change, where none is given.
        budget : float or None
            Rupiah; None: enough for all.

        Raises
        ------
        ValueError
            If the coverage is no share, the budget negative, or there is no such lever or step.
        """
        moved = self._moved(steps)
        reached = self._reached(coverage, moved, budget)
        estimate = reached * sum(response * lever.effect for lever, response in moved)
        low, high, above = _spread(reached, moved, self.level)
        unpriced = tuple(lever.label for lever, response in moved if response and lever.cost is None)
        cost = None if unpriced or not self.priced else self.people * reached * _price(moved)
        point = (cost / estimate, cost / high, cost / low) if cost and min(low, estimate) > 0 else None
        beyond = tuple(x.label for x in self.levers if x.is_beyond(steps.get(x.name, x.steps[0])))
        return Outcome(estimate, low, high, above, reached, cost, point, unpriced, beyond)

    def _moved(self, steps: Mapping[str, float]) -> Moved:
        if unknown := set(steps) - {lever.name for lever in self.levers}:
            raise ValueError(f"no lever {', '.join(sorted(unknown))}")
        return [(lever, lever.at(steps.get(lever.name, lever.steps[0]))) for lever in self.levers]

    def _reached(self, coverage: float, moved: Moved, budget: float | None) -> float:
        if not 0 <= coverage <= 1 or (budget is not None and budget < 0):
            raise ValueError(f"no plan reaches {coverage} of the people with {budget} rupiah")
        full = self.people * _price(moved)
        return coverage if budget is None or full <= 0 else min(coverage, budget / full)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Ends of the scale of all plans: zero, and what intervals reach with each lever full or at rest."""
        names = [lever.name for lever in self.levers]
        corners = product(*((lever.steps[0], lever.steps[_furthest(lever)]) for lever in self.levers))
        found = [self.outcome(1.0, dict(zip(names, corner, strict=True))) for corner in corners]
        return min(0.0, *(o.low for o in found)), max(0.0, *(o.high for o in found))

    @property
    def alt(self) -> str:
        """What the start plan would change, in words."""
        return told(self, self.outcome(1.0, self.start, self.budget))["gain"]

    def html(self) -> str:
        """Return a note that an interactive page exists, and the table of what single steps change."""
        return f"{elsewhere(self.language)}{steps_table(self).html()}"

    def as_record(self) -> dict[str, Any]:
        """Return what rebuilds the simulator, as JSON can carry it."""
        return asdict(self) | {"levers": [lever.as_record() for lever in self.levers]}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Simulator:
        """Return the simulator that `as_record` wrote down."""
        return cls(**dict(record) | {"levers": tuple(map(Lever.from_record, record["levers"]))})

    @property
    def bundle(self) -> dict[str, Any]:
        """What an executed notebook carries besides the HTML: all that the interactive page needs."""
        return {SIMULATOR_MIME: self.as_record()}

    def _repr_html_(self) -> str:
        return wrapped(self)


def _spread(reached: float, moved: Moved, level: float) -> tuple[float, float, float]:
    """Return the ends of the interval of the gains, and the share of them above zero."""
    import numpy as np

    total = np.zeros(len(moved[0][0].draws))
    for lever, response in moved:  # one after the other, as the page adds them
        total = total + response * np.array(lever.draws)
    gains = reached * total
    low, high = np.quantile(gains, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high), float(np.mean(gains > 0))


def _price(moved: Moved) -> float:
    """Return the rupiah that a person reached costs, as far as costs are known."""
    return sum(response * lever.cost for lever, response in moved if lever.cost is not None)


def _furthest(lever: Lever) -> int:
    return max(range(len(lever.steps)), key=lambda k: abs(lever.response[k]))
