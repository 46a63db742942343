"""Where each choice takes the estimates, and which choice takes them farthest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.questions.performance.specification_data import AXES

if TYPE_CHECKING:
    from walesi_research.questions.performance.specifications import Specifications

__all__ = ["Level", "Move", "farthest", "moves"]

MIDDLE = (0.1, 0.9)
"""The range of a choice's models that is drawn: the middle eight of ten."""


@dataclass(frozen=True)
class Level:
    """The estimates of all models of one choice: their median, and the range of the middle eight of ten."""

    choice: str
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Move:
    """One axis and its choices, of which there are at least two."""

    axis: str
    levels: tuple[Level, ...]

    @property
    def ends(self) -> tuple[Level, Level]:
        """The choices with the lowest and with the highest median."""
        return min(self.levels, key=lambda x: x.median), max(self.levels, key=lambda x: x.median)

    @property
    def size(self) -> float:
        """How far the medians of its choices lie apart."""
        low, high = self.ends
        return high.median - low.median


def moves(found: Specifications) -> dict[str, list[Move]]:
    """Return for each predictor the axes on which something can be chosen."""
    taken = {axis: np.array([getattr(choice, axis) for choice in found.choices]) for axis in AXES}
    used = {axis: [c for c in AXES[axis] if (chosen == c).any()] for axis, chosen in taken.items()}
    return {
        name: [
            Move(axis, tuple(_level(c, curve.estimate[taken[axis] == c]) for c in choices))
            for axis, choices in used.items()
            if len(choices) > 1
        ]
        for name, curve in found.curves.items()
    }


def _level(choice: str, estimates: np.ndarray) -> Level:
    low, high = np.quantile(estimates, MIDDLE)
    return Level(choice, float(low), float(np.median(estimates)), float(high))


def farthest(found: dict[str, list[Move]]) -> tuple[str, Move]:
    """Return the predictor and the axis whose choices lie farthest apart."""
    every = [(name, move) for name, axes in found.items() for move in axes]
    return max(every, key=lambda pair: pair[1].size)
