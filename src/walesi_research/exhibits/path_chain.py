"""What a path diagram shows: causes, a chain of what follows from them, and the arrows between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Arrow", "Chain", "Node"]

CAUSES, LINKS = 4, 4
"""The most causes and the longest chain that a phone's width holds."""


@dataclass(frozen=True)
class Node:
    """A variable.

    Parameters
    ----------
    key : str
        Name that arrows know it by.
    label : str
        Name for readers.
    column : int
        Its place in the order of causes: arrows lead from lower to higher columns.
    note : str
        A few words below the label, such as a share explained.
    """

    key: str
    label: str
    column: int
    note: str = ""


@dataclass(frozen=True)
class Arrow:
    """A path from one variable to another.

    Parameters
    ----------
    source, target : str
        Keys of nodes.
    label : str
        The number as written for readers, such as '0,31'; may be empty.
    weight : float
        Standardised coefficient, with its sign: the larger it is, the thicker the arrow.
    certain : bool
        The interval leaves out zero: drawn solid; otherwise dashed, 'cannot tell'.
    both : bool
        A correlation of the first two causes, drawn as a curve with two heads.
    """

    source: str
    target: str
    label: str
    weight: float
    certain: bool
    both: bool = False


@dataclass(frozen=True)
class Chain:
    """Nodes and arrows that can be drawn: one or more causes, then one node a column.

    Parameters
    ----------
    nodes : sequence of Node
    arrows : sequence of Arrow

    Raises
    ------
    ValueError
        If a key is used twice or unknown, an arrow leads backwards or is there twice, a column after the
        first holds more than one node, there are more nodes than a phone's width holds, or a correlation
        is not of the first two causes.
    """

    nodes: Sequence[Node]
    arrows: Sequence[Arrow]

    def __post_init__(self) -> None:
        keys = [node.key for node in self.nodes]
        if len(set(keys)) < len(keys):
            raise ValueError(f"a path diagram's nodes need keys of their own, not {', '.join(keys)}")
        if len(self.links) > LINKS or len(self.causes) > CAUSES or not self.links:
            raise ValueError(f"a path diagram holds at most {CAUSES} causes and then 1 to {LINKS} nodes")
        if len({node.column for node in self.links}) < len(self.links):
            raise ValueError("a column after the first holds one node")
        if len({(arrow.source, arrow.target) for arrow in self.arrows}) < len(self.arrows):
            raise ValueError("an arrow is there twice")
        for arrow in self.arrows:
            self._check(arrow)

    def _check(self, arrow: Arrow) -> None:
        name = f"{arrow.source} → {arrow.target}"
        if not {arrow.source, arrow.target} <= set(self.by_key):
            raise ValueError(f"{name}: no such node; there are {', '.join(self.by_key)}")
        if arrow.both:
            if {arrow.source, arrow.target} != {node.key for node in self.causes[:2]}:
                raise ValueError(f"{name}: only a correlation of the first two causes is drawn")
        elif self.by_key[arrow.source].column >= self.by_key[arrow.target].column:
            raise ValueError(f"{name}: an arrow leads from a lower column to a higher one")

    @cached_property
    def by_key(self) -> dict[str, Node]:
        """Nodes by key."""
        return {node.key: node for node in self.nodes}

    @cached_property
    def _columns(self) -> list[list[Node]]:
        columns = sorted({node.column for node in self.nodes})
        return [[node for node in self.nodes if node.column == column] for column in columns]

    @cached_property
    def causes(self) -> list[Node]:
        """Nodes of the first column, in their order; none where it holds one node, which begins the chain."""
        return self._columns[0] if self._columns and len(self._columns[0]) > 1 else []

    @cached_property
    def links(self) -> list[Node]:
        """The chain: what follows, one node a column."""
        return [node for column in self._columns[bool(self.causes) :] for node in column]

    @cached_property
    def tiers(self) -> list[list[Node]]:
        """The causes two by two, the left one first."""
        return [self.causes[i : i + 2] for i in range(0, len(self.causes), 2)]

    @cached_property
    def place(self) -> dict[str, int]:
        """Position of each link in the chain."""
        return {node.key: i for i, node in enumerate(self.links)}

    @property
    def correlation(self) -> Arrow | None:
        """The correlation of the first two causes."""
        return next((arrow for arrow in self.arrows if arrow.both), None)

    def first(self, cause: Node) -> Arrow | None:
        """Return the arrow from a cause to the beginning of the chain."""
        return next((a for a in self._from(cause) if self.place[a.target] == 0), None)

    def direct(self, cause: Node) -> list[Arrow]:
        """Return a cause's arrows past the beginning of the chain, those that lead farthest first."""
        found = [arrow for arrow in self._from(cause) if self.place[arrow.target] > 0]
        return sorted(found, key=lambda arrow: -self.place[arrow.target])

    def _from(self, cause: Node) -> list[Arrow]:
        return [arrow for arrow in self.arrows if arrow.source == cause.key and not arrow.both]

    @cached_property
    def steps(self) -> list[Arrow]:
        """Arrows from a link to the next."""
        return [arrow for arrow in self._within if self.span(arrow) == 1]

    @cached_property
    def skips(self) -> list[Arrow]:
        """Arrows that pass a link, shortest first."""
        return sorted((arrow for arrow in self._within if self.span(arrow) > 1), key=self.span)

    @property
    def _within(self) -> list[Arrow]:
        found = [arrow for arrow in self.arrows if arrow.source in self.place]
        return sorted(found, key=lambda arrow: (self.place[arrow.source], self.place[arrow.target]))

    def span(self, arrow: Arrow) -> int:
        """Return how many steps of the chain an arrow between links covers."""
        return self.place[arrow.target] - self.place[arrow.source]

    def passes(self, arrow: Arrow, link: int) -> bool:
        """Tell whether an arrow between links passes the one at `link`."""
        return self.place[arrow.source] < link < self.place[arrow.target]
