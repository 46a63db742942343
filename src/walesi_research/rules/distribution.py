"""The distribution pattern of predicates by the organisation's own: SE MenPANRB 3/2023.

A pattern is a few bounds on the shares of predicates, to be considered by whoever rates. In an office of six
a bound such as "at most 70 percent" falls between whole people: `nearest_counts` gives the whole-number
counts nearest to the pattern, `judge_counts` says which bounds observed counts break.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from walesi_research.rules.predicate import PREDICATES
from walesi_research.rules.regulation import Regulation, under

__all__ = [
    "ORGANISATION_PREDICATES",
    "PATTERNS",
    "REFERENCE_PERCENT",
    "Allocation",
    "Bound",
    "Judgement",
    "Limit",
    "judge_counts",
    "nearest_counts",
]

REGULATION = Regulation(
    name="SE MenPANRB 3/2023",
    article="pola distribusi predikat kinerja pegawai",
    in_force_from=2023,
    in_force_to=None,
    verified="secondary",
    source="naikpangkat.com, SE terbaru MenPAN RB tetapkan 3 tahap",
)

ORGANISATION_PREDICATES = ("istimewa", "baik", "butuh_perbaikan", "kurang", "sangat_kurang")
"""Predicates of an organisation, best first. ``butuh_perbaikan`` is also called cukup."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound of a pattern, on the number of people with any of `predicates`.

    ``majority``: more than half; ``at_least`` and ``at_most``: `percent` of all; ``someone``: at least one.
    """

    kind: Literal["majority", "at_least", "at_most", "someone"]
    predicates: tuple[str, ...]
    percent: int | None = None

    @property
    def code(self) -> str:
        """A stable name: ``at_most_70_sangat_baik``."""
        parts = (self.kind, self.percent, "_or_".join(self.predicates))
        return "_".join(str(part) for part in parts if part is not None)

    def least(self, n: int) -> int:
        """Return the fewest people out of `n` that satisfy the bound."""
        if self.kind == "majority":
            return n // 2 + 1
        if self.kind == "at_least":
            return -(-self.percent * n // 100)
        return 1 if self.kind == "someone" else 0

    def most(self, n: int) -> int:
        """Return the most people out of `n` that satisfy the bound."""
        return self.percent * n // 100 if self.kind == "at_most" else n

    def holds(self, counts: Mapping[str, int]) -> bool:
        """Tell whether `counts` (people by predicate) satisfy the bound."""
        n, people = sum(counts.values()), sum(counts.get(p, 0) for p in self.predicates)
        return self.least(n) <= people <= self.most(n)


PATTERNS: dict[str, tuple[Bound, ...]] = {
    "istimewa": (Bound("majority", ("sangat_baik",)), Bound("at_most", ("sangat_baik",), 70)),
    "baik": (
        Bound("majority", ("baik",)),
        Bound("someone", ("butuh_perbaikan", "kurang")),
        Bound("at_most", ("baik",), 70),
    ),
    "butuh_perbaikan": (
        Bound("at_least", ("butuh_perbaikan",), 60),
        Bound("at_most", ("sangat_baik",), 10),
    ),
    "kurang": (
        Bound("at_least", ("kurang",), 60),
        Bound("at_least", ("butuh_perbaikan",), 10),
        Bound("at_most", ("sangat_baik",), 10),
    ),
    "sangat_kurang": (
        Bound("at_least", ("sangat_kurang",), 60),
        Bound("at_least", ("butuh_perbaikan", "kurang"), 10),
        Bound("at_most", ("sangat_baik",), 0),
    ),
}
"""The bounds by organisation predicate, in the order in which they are kept: the first never gives way."""

REFERENCE_PERCENT: dict[str, tuple[int, ...]] = {
    "istimewa": (70, 30, 0, 0, 0),
    "baik": (15, 70, 15, 0, 0),
    "butuh_perbaikan": (0, 20, 60, 20, 0),
    "kurang": (0, 0, 20, 60, 20),
    "sangat_kurang": (0, 0, 0, 40, 60),
}
"""A full pattern by organisation predicate, percent in the order of `PREDICATES`.

The circular bounds the shares and does not fix them; this is the project's reading: the named predicate at
its bound, the rest on the steps beside it in equal parts.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound in whole people, for an office of one size: from `least` to `most` with its predicates."""

    bound: Bound
    least: int
    most: int
    gives_way: bool

    def holds(self, counts: Mapping[str, int]) -> bool:
        """Tell whether `counts` (people by predicate) are within the limit."""
        return self.least <= sum(counts.get(p, 0) for p in self.bound.predicates) <= self.most


@dataclass(frozen=True, slots=True)
class Allocation:
    """Whole-number counts for an office: people by predicate, and the limits they satisfy."""

    organisation: str
    n: int
    counts: Mapping[str, int]
    limits: tuple[Limit, ...]

    @property
    def gives_way(self) -> tuple[Bound, ...]:
        """The bounds that `n` people cannot hold as written."""
        return tuple(limit.bound for limit in self.limits if limit.gives_way)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Observed counts against the pattern.

    `broken` are the bounds not held as written; `excused` those of them held as far as the size of the
    office allows; `nearest` the nearest counts that fit, and `moves` how many people's predicates would have
    to differ for that (0 where all that is broken is excused).
    """

    organisation: str
    n: int
    broken: tuple[Bound, ...]
    excused: tuple[Bound, ...]
    nearest: Allocation
    moves: int

    @property
    def fits(self) -> bool:
        """Whether every bound is held, or held as far as the size of the office allows."""
        return self.broken == self.excused


@under(REGULATION)
def nearest_counts(organisation: str, n: int, reference: Mapping[str, float] | None = None) -> Allocation:
    r"""Return the whole-number counts nearest to a reference among those that satisfy the pattern.

    Nearest feasible means: counts :math:`c_k \ge 0`, :math:`\sum_k c_k = n`, that satisfy every bound of the
    pattern and minimise :math:`\sum_k (c_k - r_k)^2`; among equals the better predicates get the person.
    Shares become whole people in the strict sense: at most 70 percent of 6 is 4, at least 60 percent of 6
    is 4, a majority of 6 is 4. A bound that n people cannot hold together with those before it in `PATTERNS`
    gives way, by as few people as possible, and is named: the maximum of 70 percent in an office of 1, 2 or
    4 (a majority of 4 is 3, which is 75 percent), "someone" and the minimum of 10 percent in one of 1 or 2.

    Parameters
    ----------
    organisation : str
        One of `ORGANISATION_PREDICATES`.
    n : int
        Number of people, at least 1.
    reference : mapping of str to float, optional
        People by predicate to stay near to, such as the observed counts; by default `REFERENCE_PERCENT`
        of `n`.

    Returns
    -------
    Allocation

    Raises
    ------
    ValueError
        If the organisation predicate is unknown or `n` is not a whole number of at least 1.

    Notes
    -----
    Every bound is on one predicate or a minimum on two, and the objective is separable and convex, so
    giving people one at a time where the objective gains most is exact (Federgruen and Groenevelt 1986,
    Operations Research 34:909-918, greedy allocation over polymatroids).
    """
    pattern = _pattern(organisation)
    if isinstance(n, bool) or n != int(n) or n < 1:
        raise ValueError(f"an office has at least one person, not {n!r}")
    n = int(n)
    target = reference or {
        p: percent * n / 100 for p, percent in zip(PREDICATES, REFERENCE_PERCENT[organisation], strict=True)
    }
    limits = _limits(pattern, n)
    return Allocation(organisation, n, _nearest(limits, n, target), limits)


@under(REGULATION)
def judge_counts(organisation: str, counts: Mapping[str, int]) -> Judgement:
    """Judge observed counts of predicates against the pattern.

    Parameters
    ----------
    organisation : str
        One of `ORGANISATION_PREDICATES`.
    counts : mapping of str to int
        People by predicate (keys of `PREDICATES`; absent is 0), such as a ``value_counts()``.

    Returns
    -------
    Judgement

    Raises
    ------
    ValueError
        If a predicate is unknown, a count negative or not whole, or nobody was counted.
    """
    observed = _checked(counts)
    n = sum(observed.values())
    nearest = nearest_counts(organisation, n, observed)
    broken = tuple(limit for limit in nearest.limits if not limit.bound.holds(observed))
    excused = tuple(limit.bound for limit in broken if limit.holds(observed))
    moves = sum(abs(nearest.counts[p] - observed[p]) for p in PREDICATES) // 2
    return Judgement(organisation, n, tuple(limit.bound for limit in broken), excused, nearest, moves)


def _pattern(organisation: str) -> tuple[Bound, ...]:
    if organisation not in PATTERNS:
        raise ValueError(f"{organisation!r} is not one of {', '.join(ORGANISATION_PREDICATES)}")
    return PATTERNS[organisation]


def _checked(counts: Mapping[str, int]) -> dict[str, int]:
    observed = {str(name): count for name, count in counts.items()}
    if unknown := sorted(set(observed) - set(PREDICATES)):
        raise ValueError(f"{unknown[0]!r} is not one of {', '.join(PREDICATES)}")
    if any(count != int(count) or count < 0 for count in observed.values()):
        raise ValueError("counts are whole numbers of people")
    if not sum(observed.values()):
        raise ValueError("nobody was counted")
    return {p: int(observed.get(p, 0)) for p in PREDICATES}


def _limits(pattern: tuple[Bound, ...], n: int) -> tuple[Limit, ...]:
    """Turn bounds into whole people; no two minima of a pattern share a predicate, so they add up."""
    limits: list[Limit] = []
    for bound in pattern:
        least = min(bound.least(n), n - sum(limit.least for limit in limits))
        same = [limit.least for limit in limits if limit.bound.predicates == bound.predicates]
        most = max([bound.most(n), *same])
        limits.append(Limit(bound, least, most, (least, most) != (bound.least(n), bound.most(n))))
    return tuple(limits)


def _nearest(limits: tuple[Limit, ...], n: int, target: Mapping[str, float]) -> dict[str, int]:
    ceiling = dict.fromkeys(PREDICATES, n)
    for limit in limits:
        if len(limit.bound.predicates) == 1:
            (predicate,) = limit.bound.predicates
            ceiling[predicate] = min(ceiling[predicate], limit.most)
    counts = dict.fromkeys(PREDICATES, 0)
    for limit in limits:
        for _ in range(limit.least):
            _add_one(counts, limit.bound.predicates, ceiling, target)
    while sum(counts.values()) < n:
        _add_one(counts, PREDICATES, ceiling, target)
    return counts


def _add_one(
    counts: dict[str, int], among: tuple[str, ...], ceiling: Mapping[str, int], target: Mapping[str, float]
) -> None:
    """Give one more person to the predicate furthest below its target; the better one among equals."""
    open_ = [p for p in among if counts[p] < ceiling[p]]
    chosen = max(open_, key=lambda p: (target.get(p, 0.0) - counts[p], -PREDICATES.index(p)))
    counts[chosen] += 1
