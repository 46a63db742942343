"""How much achievement changes after an event, and what may be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Change", "State"]

State = Literal["doubtful", "up", "down", "open"]


@dataclass(frozen=True, slots=True)
class Change:
    """Points of achievement after an event.

    Parameters
    ----------
    estimate, se, low, high, pvalue : float
        In points of achievement; `pvalue` is two-sided, of no change.
    people : int
        Employees whom the estimate rests on.
    touched : int
        Those of them whose achievement after the event is averaged.
    groups : int
        Clusters of the error: awarded employees, or units.
    doubtful : bool
        A check that the data can make speaks against the assumption.
    """

    estimate: float
    se: float
    low: float
    high: float
    pvalue: float
    people: int
    touched: int
    groups: int
    doubtful: bool = False

    @property
    def state(self) -> State:
        """What the interval says of zero; doubtful before all else."""
        if self.doubtful:
            return "doubtful"
        return "up" if self.low > 0 else "down" if self.high < 0 else "open"
