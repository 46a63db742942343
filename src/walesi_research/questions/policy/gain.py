"""What a scenario would add to mean achievement: its parts, draw by draw, and what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.special import ndtri

from walesi_research.language import Message
from walesi_research.questions.policy.exposures import Move
from walesi_research.questions.policy.parts import Part
from walesi_research.stats.resampling import percentile_interval
from walesi_research.study.settings import Scenario

__all__ = ["Gain", "Price", "Spread", "gain_of", "spread_of"]

State = Literal["up", "down", "open"]


@dataclass(frozen=True)
class Spread:
    """A number with its interval, from draws."""

    estimate: float
    se: float
    low: float
    high: float
    p: float

    @property
    def state(self) -> State:
        """What the interval says of zero."""
        return "up" if self.low > 0 else "down" if self.high < 0 else "open"


@dataclass(frozen=True)
class Price:
    """Rupiah for one point of mean achievement; `high` is None where there is no upper limit."""

    estimate: float
    low: float
    high: float | None


def spread_of(values: np.ndarray, level: float) -> Spread:
    """Return what values say, shape (B + 1,): the study's own first, then its replicates'.

    Percentile interval; standard error by the interquartile range, which a few wild draws do not rule; those
    without a value are left out.
    """
    drawn = values[1:][np.isfinite(values[1:])]
    low, high = percentile_interval(drawn, level)
    first, third = np.quantile(drawn, [0.25, 0.75])
    below = min(np.sum(drawn <= 0), np.sum(drawn >= 0))
    p = min(1.0, float(2 * (below + 1) / (len(drawn) + 1)))
    return Spread(float(values[0]), float((third - first) / (2 * ndtri(0.75))), float(low), float(high), p)


@dataclass(frozen=True, eq=False)
class Gain:
    """What a scenario would add.

    Parameters
    ----------
    name : str
    scenario : Scenario
    level : float
    missing : dict of str to Message
        Parts that cannot be estimated, and why: then there is no gain.
    parts : dict of str to Part
        The parts that can, by exposure.
    employees : int
        People in service.
    """

    name: str
    scenario: Scenario
    level: float
    missing: Mapping[str, Message]
    parts: Mapping[str, Part] = field(repr=False)
    employees: int = 0

    @property
    def moves(self) -> dict[str, Move]:
        """What happens to each exposure."""
        changes = {name: Move(amount) for name, amount in self.scenario.changes.items()}
        return changes | {name: Move(amount, target=True) for name, amount in self.scenario.targets.items()}

    @cached_property
    def responses(self) -> dict[str, np.ndarray]:
        """Mean change of each exposure of those reached, shape (B + 1,)."""
        return {name: part.exposure.response(self.moves[name]) for name, part in self.parts.items()}

    @cached_property
    def shares(self) -> dict[str, np.ndarray]:
        """Points of mean achievement that each part adds, shape (B + 1,)."""
        reached = self.scenario.coverage
        return {name: reached * self.responses[name] * part.effect for name, part in self.parts.items()}

    @cached_property
    def points(self) -> np.ndarray:
        """Points of mean achievement, shape (B + 1,): the study's first, then the replicates'."""
        return np.sum(list(self.shares.values()), axis=0)

    @cached_property
    def spread(self) -> Spread | None:
        """The gain with its interval; None where a part is missing."""
        return None if self.missing else spread_of(self.points, self.level)

    @property
    def claim(self) -> Literal["association", "effect_if"]:
        """The weakest claim of the parts."""
        known = [part.claim for part in self.parts.values()]
        return "effect_if" if known and not self.missing and set(known) == {"effect_if"} else "association"

    @property
    def people(self) -> int:
        """Employees whom the part with the fewest rests on."""
        return min(part.people for part in self.parts.values())

    @cached_property
    def held(self) -> tuple[int, int]:
        """Employees whom the cap keeps from the whole of a move, at most over the parts, and of how many."""
        exposures = {name: part.exposure for name, part in self.parts.items()}
        held = [(exposure.held(self.moves[name]), exposure.size) for name, exposure in exposures.items()]
        return max(held, key=lambda pair: pair[0] / pair[1])

    @cached_property
    def cost(self) -> np.ndarray | None:
        """Rupiah for all people reached, shape (B + 1,); None where a part has no cost."""
        if self.missing or set(self.scenario.cost) != set(self.parts):
            return None
        each = sum(cost * self.responses[name] for name, cost in self.scenario.cost.items())
        return self.employees * self.scenario.coverage * each

    @cached_property
    def price(self) -> Price | None:
        """Rupiah for a point; None where costs are unknown, or the gain is not even estimated above zero.

        Computed as points for a rupiah, draw by draw, and turned over: where the lower end of these is not
        above zero the price has no upper limit.
        """
        if self.cost is None or self.cost[0] <= 0 or self.points[0] <= 0:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            bought = spread_of(self.points / self.cost, self.level)
        high = 1 / bought.low if bought.low > 0 else None
        return Price(1 / bought.estimate, 1 / bought.high, high)


def gain_of(
    name: str, scenario: Scenario, parts: Mapping[str, Part | Message], level: float, employees: int
) -> Gain:
    """Return what a scenario would add, by the parts that its exposures need."""
    needed = {exposure: parts[exposure] for exposure in scenario.exposures}
    missing = {name: part for name, part in needed.items() if isinstance(part, Message)}
    known = {name: part for name, part in needed.items() if isinstance(part, Part)}
    return Gain(name, scenario, level, missing, known, employees)
