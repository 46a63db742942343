"""One plan of bootstrap draws for all questions: employees within units, from the study's seed.

Employees stand in the study's canonical order, which depends neither on pseudonyms nor on the order of
rows in the files; so the same study gives the same draws, and findings of different notebooks can be
drawn jointly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Resampling"]

_STREAM = 7_263_549  # keeps these draws apart from other uses of the study's seed
_CELLS = 4_000_000  # counts held in memory at once


@dataclass(frozen=True, eq=False)
class Resampling:
    """Draws with replacement among the employees of each unit.

    Parameters
    ----------
    seed : int
        The study's seed.
    start, size : ndarray of int, shape (n,)
        For each employee, the position of the unit's first employee and the unit's number of employees.
    """

    seed: int
    start: np.ndarray
    size: np.ndarray

    @classmethod
    def within(cls, units: pd.Series | np.ndarray, seed: int) -> Resampling:
        """Return the plan for employees sorted by `units` (shape (n,), employees of a unit side by side).

        Raises
        ------
        ValueError
            If the employees of a unit do not stand side by side.
        """
        codes = pd.factorize(np.asarray(units))[0]
        if np.any(np.diff(codes) < 0):
            raise ValueError("employees must be sorted by unit")
        sizes = np.bincount(codes) if len(codes) else np.zeros(0, dtype=int)
        starts = np.cumsum(sizes) - sizes
        return cls(seed=seed, start=starts[codes], size=sizes[codes])

    def counts(self, draws: int, rows: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """Yield how often each employee is drawn, a block of draws at a time.

        Parameters
        ----------
        draws : int
            Number of draws; draw ``b`` is the same whatever their number.
        rows : ndarray of int, optional
            Positions of the employees asked for; all by default.

        Yields
        ------
        ndarray of float, shape (b, len(rows))
        """
        n = len(self.start)
        keep = np.arange(n) if rows is None else np.asarray(rows)
        block = max(1, _CELLS // max(n, 1))
        for first in range(0, draws, block):
            last = min(draws, first + block)
            yield np.stack([self._draw(b)[keep] for b in range(first, last)]).astype(float)

    def _draw(self, b: int) -> np.ndarray:
        rng = np.random.default_rng([_STREAM, self.seed, b])
        drawn = self.start + np.floor(rng.random(len(self.start)) * self.size).astype(int)
        return np.bincount(drawn, minlength=len(self.start))
