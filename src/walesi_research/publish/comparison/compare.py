"""One finding over all places: drawn towards their mean, and how sure its ranking is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from walesi_research.findings import Finding
from walesi_research.publish.comparison.places import Place
from walesi_research.stats.meta_analysis import RandomEffects, random_effects
from walesi_research.stats.ranks import RankSets, rank_sets

__all__ = ["Comparison", "compare"]


FEWEST = 3
"""Places that a mean is taken of: with two, its interval says nothing."""


class Claim(Protocol):
    """What a comparison asks of a claim."""

    name: str
    finding: str
    supports: Literal["above", "below"]
    limit: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A claim's finding over all places.

    Parameters
    ----------
    claim : Claim
    places : tuple of Place
        All places, by name.
    shown : tuple of str
        Names of those whose number is compared, in order.
    pooled : RandomEffects or None
        None where fewer than three are compared or their numbers have no sampling error; of shares, of their
        logits.
    ranks : RankSets or None
        None where fewer than two are compared, or their numbers have no sampling error.
    question : mapping of str to str
        By language; empty where no place has the finding.
    share : bool
        Whether numbers are shares.
    """

    claim: Claim
    places: tuple[Place, ...]
    shown: tuple[str, ...]
    pooled: RandomEffects | None
    ranks: RankSets | None
    question: Mapping[str, str]
    share: bool

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.shown)}

    def of(self, place: Place) -> Finding | None:
        """Return a place's finding; None where it has none."""
        return place.findings.get(self.claim.finding)

    def mean(self) -> tuple[float, float, float]:
        """Return the mean over places with its interval."""
        return self._told(self.pooled.mean, self.pooled.low, self.pooled.high)

    def further(self) -> tuple[float, float]:
        """Return the interval in which a further place like these is expected."""
        return self._told(self.pooled.predicted_low, self.pooled.predicted_high)

    def drawn_towards(self, name: str) -> tuple[float, float, float] | None:
        """Return a place's shrunken estimate with its interval."""
        if self.pooled is None or name not in self._places:
            return None
        i, r = self._places[name], self.pooled
        return self._told(r.estimates[i], r.lows[i], r.highs[i])

    def rank(self, name: str) -> tuple[int, int] | None:
        """Return the best and the worst rank that a place may hold."""
        if self.ranks is None or name not in self._places:
            return None
        i = self._places[name]
        return int(self.ranks.best[i]), int(self.ranks.worst[i])

    def _told(self, *values: float) -> tuple[float, ...]:
        return tuple(float(expit(x)) if self.share else float(x) for x in values)


def compare(claim: Claim, places: Sequence[Place]) -> Comparison:
    """Take one finding of all places together.

    Places count as compared where they have an estimate in the unit that most have. An error that a finding
    does not give is worked out from its interval, as if it were normal. Shares that only describe those
    observed have none and are neither pooled nor ranked; other shares are pooled as logits.
    """
    found = {p.name: f for p in places if (f := p.findings.get(claim.finding))}
    estimated = {name: f for name, f in found.items() if f.status == "estimated" and _error(f) is not None}
    units = [f.unit for f in estimated.values()]
    unit = max(sorted(set(units)), key=units.count) if units else ""
    shown = {name: f for name, f in estimated.items() if f.unit == unit}
    share = unit.startswith("share")
    numbers = [_on_scale(f, share) for f in shown.values()]
    level = max((f.level for f in shown.values()), default=0.95)
    y, s = np.array([n or (0.0, 0.0) for n in numbers], dtype=float).reshape(-1, 2).T
    poolable = len(shown) > 1 and bool((s > 0).all())
    return Comparison(
        claim=claim,
        places=tuple(places),
        shown=tuple(shown),
        pooled=random_effects(y, s, level) if poolable and len(shown) >= FEWEST else None,
        ranks=rank_sets(y, s, _rng(claim.finding), level) if poolable else None,
        question=next((f.question for f in found.values()), {}),
        share=share,
    )


def _error(finding: Finding) -> float | None:
    if finding.se is not None:
        return finding.se
    if finding.low is None:
        return None
    return (finding.high - finding.low) / (2 * float(norm.ppf(0.5 + finding.level / 2)))


def _on_scale(finding: Finding, share: bool) -> tuple[float, float] | None:
    """Return estimate and error on the scale on which they are pooled; None where they are not on it."""
    if not share:
        return finding.estimate, _error(finding)
    ends = (finding.low, finding.estimate, finding.high)
    if None in ends or not 0 < min(ends) <= max(ends) < 1:
        return None
    low, estimate, high = logit(ends)
    return float(estimate), float(high - low) / (2 * float(norm.ppf(0.5 + finding.level / 2)))


def _rng(finding: str) -> np.random.Generator:
    """Return a generator that depends on the finding alone."""
    digest = hashlib.sha256(finding.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype="<u4").tolist())
