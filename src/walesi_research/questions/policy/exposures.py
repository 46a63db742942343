"""What employees have of an exposure now, and how much of it a scenario adds in the mean.

Everything is computed under several vectors of counts at once, shape (B + 1, n): the first is the study as it
is (ones), the others are its bootstrap replicates.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from walesi_research.questions.result import few
from walesi_research.stats.replicates import mean_and_sd, quantile_of_counts
from walesi_research.study.privacy import round_share

__all__ = ["FAR", "Already", "Levels", "Move"]

FAR = 0.95
"""Nobody is raised beyond this quantile of what was observed: there the data no longer speak."""
DIGITS = 2
"""Decimals of a mean change."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Move:
    """What a scenario does to an exposure.

    Parameters
    ----------
    amount : float
        In the exposure's unit.
    target : bool
        Whether everyone below `amount` is raised to it; otherwise everyone gets so much more.
    """

    amount: float
    target: bool = False


@dataclass(frozen=True, eq=False)
class Levels:
    """An exposure that comes in degrees.

    Parameters
    ----------
    x : ndarray, shape (n,)
    counts : ndarray, shape (B + 1, n)
    standardised : bool
        Whether moves are in standard deviations (targets counted from the mean) instead of units of x.
    """

    x: np.ndarray
    counts: np.ndarray = field(repr=False)
    standardised: bool = False

    def response(self, move: Move) -> np.ndarray:
        """Return the mean change, in units of moves, shape (B + 1,); nobody passes the quantile `FAR`.

        The study's own is rounded as the page tells it: a mean of whole hours would tell how many people
        there are.
        """
        centre, unit, cap = self._scale()
        change = self._wanted(move, centre[:, None], unit[:, None])
        change = np.minimum(change, np.maximum(cap[:, None] - self.x, 0.0))
        mean = np.einsum("bn,bn->b", self.counts, change) / self.counts.sum(axis=1) / unit
        mean[0] = np.round(mean[0], DIGITS)
        return mean

    def now(self, move: Move) -> float:
        """Return the mean change in the study itself."""
        return float(self._alone.response(move)[0])

    @property
    def _alone(self) -> Levels:
        """The study itself, without replicates."""
        return replace(self, counts=self.counts[:1])

    def held(self, move: Move) -> int:
        """Return how many employees the cap keeps from getting all of the move."""
        centre, unit, cap = (values[0] for values in self._alone._scale())
        change = self._wanted(move, centre, unit)
        return int(np.sum((change > 0) & (self.x + change > cap + _ROUNDING)))

    @property
    def size(self) -> int:
        """Number of employees."""
        return len(self.x)

    def _scale(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        cap = quantile_of_counts(self.x, self.counts, FAR)
        if not self.standardised:
            return np.zeros(len(cap)), np.ones(len(cap)), cap
        return *mean_and_sd(self.x, self.counts), cap

    def _wanted(self, move: Move, centre: np.ndarray, unit: np.ndarray) -> np.ndarray:
        if move.target:
            return np.maximum(centre + move.amount * unit - self.x, 0.0)
        return move.amount * unit * np.ones_like(self.x)


@dataclass(frozen=True, eq=False)
class Already:
    """An exposure that employees have or have not: a programme completed, an award received.

    Parameters
    ----------
    has : ndarray of bool, shape (n,)
    counts : ndarray, shape (B + 1, n)
    least : int
        Fewest people that a published number may rest on.
    """

    has: np.ndarray
    counts: np.ndarray = field(repr=False)
    least: int = 0

    def response(self, move: Move) -> np.ndarray:
        """Return the share of all who are newly exposed, shape (B + 1,).

        A change is a share of those without it; a target is a share of all. The study's own share of those
        who have it enters as it may be published: a gain over its effect must not tell how many they are.
        """
        share = self.counts @ self.has / self.counts.sum(axis=1)
        share[0] = self._published(share[0])
        if move.target:
            return np.maximum(min(move.amount, 1.0) - share, 0.0)
        return np.clip(move.amount, 0.0, 1.0) * (1 - share)

    def now(self, move: Move) -> float:
        """Return the share of all who are newly exposed, in the study itself."""
        return float(replace(self, counts=self.counts[:1]).response(move)[0])

    def _published(self, share: float) -> float:
        having = int(self.has.sum())
        if few(having, self.least) or few(self.size - having, self.least):
            return float(2 * having > self.size)
        return round_share(share)

    def held(self, move: Move) -> int:
        """Return 0: who gets it stands nowhere beyond what was observed."""
        return 0

    @property
    def size(self) -> int:
        """Number of employees."""
        return len(self.has)
