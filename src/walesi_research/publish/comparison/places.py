"""Places and what they found, and the disclosure rule across them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from walesi_research.findings import Finding
from walesi_research.study.privacy import suppress

__all__ = ["HIDDEN", "Place", "guarded", "withheld"]

HIDDEN = "hidden so that what another place hides cannot be worked out from a total"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place of a comparison.

    Parameters
    ----------
    name : str
        a-z 0-9 - _.
    title : mapping of str to str
        What readers call it, by language.
    state : {"done", "partly", "failed", "few"}
        Whether it could be looked at; ``few``: fewer people than a number may rest on.
    findings : mapping of str to Finding
        By id.
    synthetic : bool
    minimum : int
        Fewest people that a number of this place may rest on.
    """

    name: str
    title: Mapping[str, str]
    state: Literal["done", "partly", "failed", "few"] = "done"
    findings: Mapping[str, Finding] = field(default_factory=dict)
    synthetic: bool = False
    minimum: int = 5


def guarded(places: Sequence[Place]) -> list[Place]:
    """Return the places, sorted by name, with what would give a hidden number away hidden too.

    A number that one place hides could be worked out from the total over all places and the numbers that the
    others show. So the places that hide a finding, those of too few people among them, must hold the minimum
    of people together, or that with the fewest people of those left hides it too (see `privacy.suppress`).
    """
    places = sorted(places, key=lambda place: place.name)
    ids = sorted({i for place in places for i in place.findings})
    also = {i: _also_hidden(places, i) for i in ids}
    return [
        replace(p, findings={i: _hidden(f) if p.name in also[i] else f for i, f in p.findings.items()})
        for p in places
    ]


def withheld(places: Sequence[Place]) -> frozenset[str]:
    """Return the places of which a number is hidden for another's sake: their own pages would show it."""
    return frozenset(p.name for p in places if any(f.reason == HIDDEN for f in p.findings.values()))


def _hidden(finding: Finding) -> Finding:
    return replace(finding.without_estimate("suppressed", HIDDEN), n=None, groups=None)


def _also_hidden(places: Sequence[Place], finding: str) -> set[str]:
    """Return the places that show a finding and may not, for others hide it."""
    own = {p.name: p.findings[finding] for p in places if finding in p.findings}
    small = [p for p in places if p.state == "few" or _is(own.get(p.name), "suppressed")]
    shown = [p for p in places if _is(own.get(p.name), "estimated")]
    if not small or not shown:
        return set()
    minimum = max(p.minimum for p in places)
    counts = [0] * len(small) + [max(own[p.name].n or 0, minimum) for p in shown]
    hidden = suppress(np.array(counts), minimum)[len(small) :]
    return {p.name for p, gone in zip(shown, hidden, strict=True) if gone}


def _is(finding: Finding | None, status: str) -> bool:
    return finding is not None and finding.status == status
