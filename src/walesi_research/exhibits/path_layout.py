"""Where the boxes, arrows and numbers of a path diagram stand.

Causes stand on top, two a tier, and what follows from them below, one box a row. An arrow is a vertical
line: it leaves the bottom of its box and ends on top of another, or turns into its side. Arrows that
pass a box have a lane of their own, those of the left causes on the left, those of the right ones on the
right, those of the chain beside it. Numbers stand in the gap above the box that their arrow leads to, so
that a row of numbers is all that leads to a box, and none meets another, a box or another arrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from walesi_research.exhibits.path_chain import Arrow, Chain, Node
from walesi_research.exhibits.svg import LABEL, LINE, WIDTH
from walesi_research.exhibits.text import width, wrap

__all__ = ["MIDDLE", "Box", "Layout", "Route", "arrange"]

MIDDLE = WIDTH / 2
GAP, TIGHT = 58, 18
"""Height between two rows of boxes, and between two tiers of causes."""
PAD = 9
"""Room between a box's edge and what stands in it, or passes it."""
AIR = 5
"""Room between a number and its neighbour."""
ENTRY = 16
"""Distance of two arrows that turn into one side of a box."""
ROOM = 92
"""The widest that a line of a link's label may be."""
ARC = 24
"""Height of the curve between two causes."""
SIDES = (-1, 1)
"""Left and right of the middle."""


@dataclass(frozen=True)
class Box:
    """A node's box and the lines it holds."""

    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    middle: float


@dataclass(frozen=True)
class Route:
    """An arrow's way: down at `x`, then into a box's side at `into`, if any; its number stands at `label`.

    A route without `into` ends on top of a box.
    """

    arrow: Arrow
    x: float
    top: float
    bottom: float
    label: float
    into: float | None = None


@dataclass(frozen=True)
class Layout:
    """All that is drawn, in units of the drawing.

    Parameters
    ----------
    boxes : dict of str to Box
        By the node's key.
    routes : list of Route
    arc : tuple of three floats, or None
        Left end, right end and bottom of the curve between the first two causes.
    bottom : float
    """

    boxes: dict[str, Box]
    routes: list[Route]
    arc: tuple[float, float, float] | None
    bottom: float


def arrange(chain: Chain, top: float) -> Layout:
    """Lay a chain out from `top` downwards."""
    across = _Across(chain)
    boxes = _stack(across, top + (ARC if chain.correlation else 0))
    arc = None
    if chain.correlation:
        first, second = (boxes[node.key] for node in chain.causes[:2])
        arc = ((first.left + first.right) / 2, (second.left + second.right) / 2, first.top)
    return Layout(boxes, list(_routes(across, boxes)), arc, max(box.bottom for box in boxes.values()))


def _wide(arrow: Arrow) -> float:
    return max(width(arrow.label, LABEL, arrow.certain), 16)


@dataclass
class _Across:
    """Horizontal places, worked out from the edges inwards for causes and from the middle for the chain.

    Parameters
    ----------
    lanes : dict of Arrow to float
        Where the vertical line of each arrow stands.
    edges : dict of str to (float, float)
        Left and right edge of each node's box.
    """

    chain: Chain
    lanes: dict[Arrow, float] = field(default_factory=dict)
    edges: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inner = [self._outside(side) for side in SIDES]
        self._inside()
        self._along(inner)
        self._ground()

    @property
    def pitch(self) -> float:
        """Distance of two arrows that lead to the beginning of the chain."""
        found = filter(None, map(self.chain.first, self.chain.causes))
        return max((_wide(arrow) for arrow in found), default=0) + AIR

    def _outside(self, side: int) -> float:
        """Give the causes of one side their outer edges and lanes; return how far in the last lane is."""
        far, before = 0.0, None
        for tier in self.chain.tiers:
            if (cause := _at(tier, side)) is None:
                continue
            edge = far + PAD if before else 0.0
            far = max(far, edge)
            for arrow in self.chain.direct(cause):
                far = max(edge + PAD, far + _apart(before, arrow)) if before else max(_wide(arrow) / 2, PAD)
                self.lanes[arrow] = MIDDLE + side * (MIDDLE - far)
                before = arrow
            self.edges[cause.key] = (edge, 0.0)
        return far

    def _inside(self) -> None:
        """Give the causes their inner edges and their arrows to the beginning of the chain a place."""
        tiers = self.chain.tiers
        nearest = self.pitch / 2 if len(tiers) > 1 else max(self.pitch / 2, MIDDLE * 0.28)
        for i, tier in enumerate(tiers):
            gap = PAD if i == 0 else nearest + (i - 1) * self.pitch + PAD
            for side in SIDES:
                if (cause := _at(tier, side)) is None:
                    continue
                ends = (MIDDLE + side * (MIDDLE - self.edges[cause.key][0]), MIDDLE + side * gap)
                self.edges[cause.key] = (min(ends), max(ends))
                if arrow := self.chain.first(cause):
                    self.lanes[arrow] = MIDDLE + side * (nearest + i * self.pitch)

    def _along(self, inner: list[float]) -> None:
        """Give the chain's boxes their edges and the arrows that pass them a lane beside them."""
        chain, links = self.chain, self.chain.links
        text = [_half(node) for node in links]
        lanes: dict[int, list[tuple[Arrow, float]]] = {-1: [], 1: []}
        for arrow in chain.skips:
            side = -1 if any(_interleave(chain, arrow, other) for other, _ in lanes[1]) else 1
            passed = max(text[i] for i in range(len(links)) if chain.passes(arrow, i))
            before = lanes[side][-1] if lanes[side] else None
            room = MIDDLE - max(inner) - 2 * PAD  # as far as a head needs, where the causes' lanes leave that
            begin = max(passed + PAD, min(passed + 2 * PAD, room))
            far = before[1] + _apart(before[0], arrow) if before else begin
            lanes[side].append((arrow, far))
            self.lanes[arrow] = MIDDLE + side * far
        for arrow in chain.steps:
            self.lanes[arrow] = MIDDLE
        for i, node in enumerate(links):
            half = max([text[i], *self._reach(i, lanes)])
            room = [
                min([MIDDLE - far - PAD, *(d - PAD for a, d in lanes[s] if chain.passes(a, i))])
                for s, far in zip(SIDES, inner, strict=True)
            ]
            self.edges[node.key] = (MIDDLE - min(half, room[0]), MIDDLE + min(half, room[1]))

    def _reach(self, link: int, lanes: dict[int, list[tuple[Arrow, float]]]) -> Iterator[float]:
        """Say how far from the middle a link's box would reach to hold the arrows that begin or end there."""
        place = self.chain.place
        for found in lanes.values():
            for arrow, far in found:
                if link in (place[arrow.source], place[arrow.target]):
                    yield far + PAD
        for cause in self.chain.causes if link == 0 else ():
            if arrow := self.chain.first(cause):
                yield abs(self.lanes[arrow] - MIDDLE) + 2 * PAD

    def _ground(self) -> None:
        """Let the last box reach under all lanes that end there."""
        key = self.chain.links[-1].key
        ends = [abs(self.lanes[a] - MIDDLE) + 2 * PAD for c in self.chain.causes for a in self.chain.direct(c)
                if a.target == key]  # fmt: skip
        left, right = self.edges[key]
        half = min(max([MIDDLE - left, right - MIDDLE, *ends]), MIDDLE)
        self.edges[key] = (MIDDLE - half, MIDDLE + half)


def _at(tier: list[Node], side: int) -> Node | None:
    return tier[0] if side < 0 else (tier[1] if len(tier) > 1 else None)


def _apart(one: Arrow, other: Arrow) -> float:
    """Return the distance of two lanes beside each other: their numbers meet only above the same box."""
    if one.target == other.target:
        return (_wide(one) + _wide(other)) / 2 + AIR
    return max(_wide(one), _wide(other)) / 2 + AIR


def _half(node: Node) -> float:
    lines = [*wrap(node.label, ROOM, LABEL, strong=True), *wrap(node.note, ROOM, LABEL)]
    return max(width(line, LABEL, True) for line in lines) / 2 + PAD


def _interleave(chain: Chain, one: Arrow, other: Arrow) -> bool:
    """Tell whether two arrows of the chain would cross on the same side."""
    (a, b), (c, d) = ((chain.place[x.source], chain.place[x.target]) for x in (one, other))
    return a < c < b < d or c < a < d < b


def _stack(across: _Across, top: float) -> dict[str, Box]:
    """Set the rows below each other."""
    chain, boxes = across.chain, {}
    rows = [*chain.tiers, *([node] for node in chain.links)]
    for i, row in enumerate(rows):
        held = {node.key: _held(node, *across.edges[node.key]) for node in row}
        high = max(LINE * (len(a) + len(b)) for a, b in held.values()) + 17
        high = max(high, 2 * PAD + ENTRY * max(_entries(across, node) for node in row))
        for node in row:
            left, right = across.edges[node.key]
            middle = (left + right) / 2 if node in chain.causes else MIDDLE
            boxes[node.key] = Box(left, top, right, top + high, *held[node.key], middle)
        top += high + (TIGHT if i + 1 < len(chain.tiers) else GAP)
    return boxes


def _held(node: Node, left: float, right: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    room = right - left - PAD
    note = wrap(node.note, room, LABEL) if node.note else []
    return tuple(wrap(node.label, room, LABEL, strong=True)), tuple(note)


def _entries(across: _Across, node: Node) -> int:
    """Count the arrows that turn into a box on its busier side."""
    into = [across.lanes[a] < MIDDLE for a in across.lanes if a.target == node.key and _turns(across, a)]
    return max(sum(into), len(into) - sum(into))


def _turns(across: _Across, arrow: Arrow) -> bool:
    left, right = across.edges[arrow.target]
    return not left < across.lanes[arrow] < right


def _routes(across: _Across, boxes: dict[str, Box]) -> Iterator[Route]:
    """Lead every arrow from its box to the other."""
    for arrow, x in across.lanes.items():
        source, target = boxes[arrow.source], boxes[arrow.target]
        label = target.top - GAP / 2 - 2
        if not _turns(across, arrow):
            yield Route(arrow, x, source.bottom, target.top, label)
            continue
        beside = [a for a in across.lanes if a.target == arrow.target and _turns(across, a)
                  and (across.lanes[a] < MIDDLE) == (x < MIDDLE)]  # fmt: skip
        outer = sum(abs(across.lanes[a] - MIDDLE) < abs(x - MIDDLE) for a in beside)
        y = (target.top + target.bottom) / 2 + ENTRY * (outer - (len(beside) - 1) / 2)
        yield Route(arrow, x, source.bottom, y, label, target.left if x < MIDDLE else target.right)
