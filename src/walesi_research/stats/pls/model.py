"""What a path model consists of: constructs, the items of each, and which construct leads to which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mode", "PathModel"]

Mode = Literal["A", "B"]


@dataclass(frozen=True, eq=False)
class PathModel:
    """A recursive path model of k constructs and p items; see `of`.

    Attributes
    ----------
    names : tuple of str
        Constructs, in the order in which they were given.
    items : tuple of str
        Items, construct by construct.
    blocks : tuple of slice
        Items of each construct among all items.
    modes : tuple of {"A", "B"}
    paths : ndarray of bool, shape (k, k)
        Whether the construct of the row leads to that of the column.
    """

    names: tuple[str, ...]
    items: tuple[str, ...]
    blocks: tuple[slice, ...]
    modes: tuple[Mode, ...]
    paths: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        items: Mapping[str, Sequence[str]],
        paths: Mapping[str, Sequence[str]],
        modes: Mapping[str, Mode] | None = None,
    ) -> PathModel:
        """Return a model.

        Parameters
        ----------
        items : mapping of str to sequence of str
            Items of each construct, keyed in one direction.
        paths : mapping of str to sequence of str
            For each construct that others lead to, those others.
        modes : mapping of str to {"A", "B"}, optional
            Mode A (correlation weights, reflective) unless told otherwise; B has regression weights.

        Raises
        ------
        ValueError
            If a construct has no items or no path, a name is unknown, an item occurs twice, or paths lead
            round in a circle.
        """
        names = tuple(items)
        modes = dict(modes or {})
        _refuse_unknown(names, [*paths, *(n for own in paths.values() for n in own), *modes])
        every = tuple(i for own in items.values() for i in own)
        if not all(items.values()) or len(set(every)) < len(every):
            raise ValueError("each construct needs items, and each item one construct")
        ends = np.cumsum([len(own) for own in items.values()]).tolist()
        blocks = tuple(slice(a, b) for a, b in zip([0, *ends], ends, strict=False))
        lead = np.array([[source in paths.get(target, ()) for target in names] for source in names])
        _refuse_shapeless(names, lead)
        return cls(names, every, blocks, tuple(modes.get(n, "A") for n in names), lead)

    @property
    def member(self) -> NDArray[np.bool_]:
        """Whether the item of the row belongs to the construct of the column, shape (p, k)."""
        member = np.zeros((len(self.items), len(self.names)), dtype=bool)
        for k, block in enumerate(self.blocks):
            member[block, k] = True
        return member

    @property
    def sources(self) -> dict[int, NDArray[np.int64]]:
        """Constructs that lead to each endogenous construct."""
        return {k: np.flatnonzero(own) for k, own in enumerate(self.paths.T) if own.any()}

    @property
    def order(self) -> list[int]:
        """Endogenous constructs, each after those that lead to it."""
        length, reach = np.zeros(len(self.names), int), self.paths.astype(int)
        while reach.any():
            length += reach.any(axis=0)
            reach = reach @ self.paths
        return [int(k) for k in np.argsort(length, kind="stable") if length[k]]

    @property
    def exogenous(self) -> NDArray[np.int64]:
        """Constructs that no other leads to."""
        return np.flatnonzero(~self.paths.any(axis=0))

    @property
    def exogenous_items(self) -> NDArray[np.int64]:
        """Items of the constructs that no other leads to."""
        return np.flatnonzero(self.member[:, self.exogenous].any(axis=1))


def _refuse_unknown(names: Sequence[str], told: Sequence[str]) -> None:
    if unknown := set(told) - set(names):
        raise ValueError(f"no items for: {', '.join(sorted(unknown))}")


def _refuse_shapeless(names: Sequence[str], lead: NDArray[np.bool_]) -> None:
    alone = ~(lead.any(axis=0) | lead.any(axis=1))
    if alone.any():
        raise ValueError(f"no path to or from: {', '.join(np.asarray(names)[alone])}")
    if np.linalg.matrix_power(lead.astype(float), len(names)).any():
        raise ValueError("paths lead round in a circle")
