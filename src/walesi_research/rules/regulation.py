"""A regulation as data, so that a page can say what a rule rests on and how well that was checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

__all__ = ["VERIFICATION", "Regulation", "Verified", "under", "weakest"]

Verified = Literal["primary", "secondary", "unverified"]

VERIFICATION: tuple[Verified, ...] = ("primary", "secondary", "unverified")
"""How well a rule was checked, best first."""

Rule = TypeVar("Rule", bound=Callable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulation:
    """One provision that a rule encodes.

    Parameters
    ----------
    name : str
        The regulation, as lawyers cite it: ``PermenPANRB 6/2022``.
    article : str
        Article, annex or subject within it.
    in_force_from, in_force_to : int or None
        First and last year of the records it governs; ``in_force_to`` is None while it is in force.
        The days on which an appraisal regime changed are in `walesi_research.rules.regime`.
    verified : {"primary", "secondary", "unverified"}
        ``primary``: read in the regulation or an official list; ``secondary``: in a text that quotes it;
        ``unverified``: neither, to be checked before anyone relies on it.
    source : str
        Where it was read.
    """

    name: str
    article: str
    in_force_from: int
    in_force_to: int | None
    verified: Verified
    source: str

    def __post_init__(self) -> None:
        if self.verified not in VERIFICATION:
            raise ValueError(f"verified is {self.verified!r}; allowed: {', '.join(VERIFICATION)}")
        if self.in_force_to is not None and self.in_force_to < self.in_force_from:
            raise ValueError(f"{self.name} ends in {self.in_force_to}, before {self.in_force_from}")

    def in_force(self, year: int) -> bool:
        """Tell whether the provision governs records of `year`."""
        return self.in_force_from <= year and (self.in_force_to is None or year <= self.in_force_to)


def under(*regulations: Regulation) -> Callable[[Rule], Rule]:
    """Return a decorator that attaches `regulations` to a rule, as its attribute of that name."""

    def attach(rule: Rule) -> Rule:
        rule.regulations = regulations
        return rule

    return attach


def weakest(regulations: Iterable[Regulation]) -> Verified:
    """Return how well the worst checked of `regulations` was checked.

    Raises
    ------
    ValueError
        If there are none.
    """
    return max((r.verified for r in regulations), key=VERIFICATION.index)
