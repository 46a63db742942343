"""Effects by imputation under many assignments of onsets to groups, from sums within each group.

What the estimate needs of a group's rows depends on the group's own onset alone. So each group is summed up
once for each onset there is, and an assignment costs a sum over groups, however many rows they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .staggered import levels_of, mean_effect

__all__ = ["effects_of_assignments"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def effects_of_assignments(outcomes: Sequence[Array], group: Index, onsets: Index) -> Array:
    """Return `staggered.mean_effect` of each outcome under each assignment, shape (B, k).

    Parameters
    ----------
    outcomes : sequence of ndarray, each of shape (n, T)
        NaN in the same cells.
    group : ndarray of int, shape (n,)
        Group of each row, from 0.
    onsets : ndarray of int, shape (B, G)
        Onset of each group, by assignment.
    """
    kinds, which = np.unique(onsets, return_inverse=True)
    which, columns = which.reshape(onsets.shape), outcomes[0].shape[1]
    total = _Sums.nothing(len(onsets), len(outcomes), columns)
    for g, rows in _rows_by_group(group, onsets.shape[1]):
        total.add(_Sums.of([y[rows] for y in outcomes], kinds), which[:, g])
    effects, connected = total.effects()
    for b in np.flatnonzero(~connected):  # some rows' columns cannot be compared with others': cell by cell
        effects[b] = [mean_effect(y, onsets[b][group]) for y in outcomes]
    return effects


def _rows_by_group(group: Index, groups: int) -> Iterator[tuple[int, Index]]:
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(groups + 1))
    for g in range(groups):
        yield g, order[ends[g] : ends[g + 1]]


@dataclass(slots=True)
class _Sums:
    """Sums over rows, the first axis being onsets or assignments.

    Attributes
    ----------
    untreated, treated : ndarray, shape (B, T)
        Cells of rows that have an untreated one.
    before, after : ndarray, shape (B, T, T)
        Of untreated and of treated cells, times one over the row's number of untreated ones, in these.
    lower, upper : ndarray, shape (B, k, T)
        Outcomes less their row's mean over untreated cells, in untreated and in treated cells.
    """

    untreated: Array
    treated: Array
    before: Array
    after: Array
    lower: Array
    upper: Array

    @classmethod
    def nothing(cls, many: int, outcomes: int, columns: int) -> _Sums:
        flat, square = (many, columns), (many, columns, columns)
        deep = (many, outcomes, columns)
        return cls(*(np.zeros(shape) for shape in (flat, flat, square, square, deep, deep)))

    @classmethod
    def of(cls, outcomes: Sequence[Array], kinds: Index) -> _Sums:
        """Sum up a group's rows for every onset that it might have."""
        seen = ~np.isnan(outcomes[0])
        early = np.arange(seen.shape[1]) < kinds[:, None, None]
        untreated = (seen & early).astype(float)
        size = untreated.sum(axis=2, keepdims=True)
        treated = (seen & ~early & (size > 0)).astype(float)
        share = untreated / np.maximum(size, 1)
        filled = np.stack([np.where(seen, y, 0.0) for y in outcomes])
        means = np.einsum("oit,kit->koi", filled, share)
        centred = filled[None] - means[..., None]
        return cls(
            untreated.sum(axis=1),
            treated.sum(axis=1),
            untreated.swapaxes(1, 2) @ share,
            treated.swapaxes(1, 2) @ share,
            np.einsum("kit,koit->kot", untreated, centred),
            np.einsum("kit,koit->kot", treated, centred),
        )

    def add(self, kinds: _Sums, which: Index) -> None:
        """Add a group's sums to each assignment: those of the onset that it has there."""
        for name in self.__slots__:
            part = getattr(self, name)
            part += getattr(kinds, name)[which]

    def effects(self) -> tuple[Array, NDArray[np.bool_]]:
        """Return effects (B, k), and where untreated cells connect all columns that have some (B,)."""
        columns = self.untreated.shape[1]
        left = -self.before
        left[:, np.arange(columns), np.arange(columns)] += self.untreated
        level, parts = levels_of(left, self.lower)
        there = self.untreated > 0
        connected = (parts | ~(there[:, :, None] & there[:, None, :])).all(axis=(1, 2))
        usual = np.einsum("bts,bks->bkt", self.after, level)
        summed = self.upper - self.treated[:, None] * level + usual
        cells = np.sum(self.treated * there, axis=1)
        with np.errstate(invalid="ignore"):
            return np.einsum("bkt,bt->bk", summed, there) / cells[:, None], connected
