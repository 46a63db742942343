"""One function for a number and for a column: scalar in, scalar out; Series in, Series out.

A rule looks at its arguments through a `Shape`: arrays in, an array out, and the shape gives the result back
as the caller gave the arguments. Missing (None, NaN, NA) in gives missing out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Shape", "band", "two_decimals"]

SLACK = 1e-9
"""Far below the second decimal, far above the error of sums of a few products in binary."""


@dataclass(frozen=True)
class Shape:
    """The shape in which arguments came: one scalar each, or columns over `index`."""

    index: pd.Index | None

    @classmethod
    def of(cls, *arguments: Any) -> Shape:
        """Return the common shape of `arguments`.

        Raises
        ------
        TypeError
            If an argument is neither a scalar nor a Series.
        ValueError
            If two Series have different indexes.
        """
        for argument in arguments:
            if not isinstance(argument, pd.Series) and not pd.api.types.is_scalar(argument):
                raise TypeError(f"expected a scalar or a Series, not {type(argument).__name__}")
        columns = [a for a in arguments if isinstance(a, pd.Series)]
        if any(not c.index.equals(columns[0].index) for c in columns):
            raise ValueError("the columns have different indexes")
        return cls(columns[0].index if columns else None)

    def _spread(self, argument: Any) -> pd.Series:
        if isinstance(argument, pd.Series):
            return argument
        size = 1 if self.index is None else len(self.index)
        return pd.Series([argument] * size, dtype=object)

    def numbers(self, argument: Any, low: float = -np.inf, high: float = np.inf) -> np.ndarray:
        """Return `argument` as floats, shape (n,), NaN where missing; ValueError outside [low, high]."""
        column = self._spread(argument)
        values = column.to_numpy(dtype=float, na_value=np.nan)
        if (outside := (values < low) | (values > high)).any():
            raise ValueError(f"{values[outside][0]:g} is outside {low:g} to {high:g}")
        return values

    def codes(self, argument: Any, allowed: Sequence[Any]) -> np.ndarray:
        """Return the positions of `argument` in `allowed`, shape (n,), -1 where missing.

        Raises
        ------
        ValueError
            If a value is not allowed.
        """
        column = self._spread(argument)
        values = column.astype(object).where(column.notna(), None)
        positions = pd.Index(list(allowed), dtype=object).get_indexer(values)
        if (unknown := (positions < 0) & column.notna().to_numpy()).any():
            choices = ", ".join(map(str, allowed))
            raise ValueError(f"{values[unknown].iloc[0]!r} is not one of {choices}")
        return positions

    def give(self, values: np.ndarray) -> Any:
        """Return numbers as they were asked for: one float, or a float Series."""
        values = np.asarray(values, dtype=float)
        return float(values[0]) if self.index is None else pd.Series(values, index=self.index)

    def give_flags(self, flags: np.ndarray, known: np.ndarray) -> Any:
        """Return yes or no: one bool (None where unknown), or a nullable boolean Series."""
        if self.index is None:
            return bool(flags[0]) if known[0] else None
        return pd.Series(pd.arrays.BooleanArray(np.asarray(flags, dtype=bool), ~known), index=self.index)

    def give_codes(self, positions: np.ndarray, names: Sequence[str]) -> Any:
        """Return `names` at `positions` (missing where negative): one text or None, or a Series of text."""
        table = np.array([*names, None], dtype=object)
        chosen = table[np.where(positions < 0, len(names), positions)]
        if self.index is None:
            return chosen[0]
        return pd.Series(chosen, index=self.index, dtype="str")


def two_decimals(values: np.ndarray) -> np.ndarray:
    """Return `values` to two decimals, halves up, as reports and spreadsheets round.

    A value that should be a half but is a hair less in binary (64.995 is 64.99499…) goes up too.
    """
    return np.floor(np.asarray(values, dtype=float) * 100 + 0.5 + SLACK) / 100


def band(values: np.ndarray, starts: Sequence[float]) -> np.ndarray:
    """Return how many of the ascending `starts` each value has reached (``>=``), -1 where NaN, shape (n,)."""
    reached = np.searchsorted(np.asarray(starts, dtype=float), values, side="right")
    return np.where(np.isnan(values), -1, reached)
