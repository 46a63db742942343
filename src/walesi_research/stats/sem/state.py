"""What a fit keeps for questions that come later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .likelihood import Likelihood
from .parameters import Table
from .sample import Rows
from .structure import Implied, Structure

__all__ = ["State"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class State:
    """A model and the data it was fitted to.

    Attributes
    ----------
    table : Table
    structures : sequence of Structure
        One a group.
    likelihood : Likelihood or None
        None for least squares.
    saturated : sequence of (mean, covariance)
        Moments without a model, one pair a group.
    rows : sequence of Rows
        One a group; empty where only moments were given.
    """

    table: Table
    structures: Sequence[Structure]
    likelihood: Likelihood | None
    saturated: Sequence[tuple[Array, Array]]
    rows: Sequence[Rows]

    def implied(self, theta: Array) -> list[Implied]:
        """Return what the model implies, one a group."""
        return [s.implied(theta) for s in self.structures]
