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
        None where fewer than three are compared or some number has no sampling error; of shares that are
        well inside 0 and 1, of their logits.
    ranks : RankSets or None
        None where fewer than two are compared, or their numbers have no sampling error.
    question : mapping of str to str
        By language; empty where no place has the finding.
    share : bool
        Whether numbers are shares.
    logits : bool
        Whether shares are pooled and ranked as logits.
    exact : bool
        Whether no number has a sampling error: those of all employees on record.
    """

    claim: Claim
    places: tuple[Place, ...]
    shown: tuple[str, ...]
    pooled: RandomEffects | None
    ranks: RankSets | None
    question: Mapping[str, str]
    share: bool
    logits: bool = False
    exact: bool = False

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
        if self.logits:
            return tuple(float(expit(x)) for x in values)
        return tuple(float(np.clip(x, 0, 1)) if self.share else float(x) for x in values)


def compare(claim: Claim, places: Sequence[Place], family: int = 1) -> Comparison:
    """Take one finding of all places together.

    Places count as compared where they have an estimate in the unit that most have. An error that a finding
    does not give is worked out from its interval, as if it were normal. Shares that only describe those
    observed have none and are neither pooled nor ranked; others are pooled as logits where none of their
    intervals ends at 0 or 1, else as they are.

    Ranks hold for all of `family` comparisons together (Bonferroni). Standard errors are taken as known,
    which those of few groups are not.
    """
    found = {p.name: f for p in places if (f := p.findings.get(claim.finding))}
    estimated = {name: f for name, f in found.items() if f.status == "estimated" and _error(f) is not None}
    units = [f.unit for f in estimated.values()]
    unit = max(sorted(set(units)), key=units.count) if units else ""
    shown = {name: f for name, f in estimated.items() if f.unit == unit}
    share = unit.startswith("share")
    logits = share and all(_inside(f) for f in shown.values())
    numbers = [_on_scale(f, logits) for f in shown.values()]
    level = max((f.level for f in shown.values()), default=0.95)
    y, s = np.array(numbers, dtype=float).reshape(-1, 2).T
    poolable = len(shown) > 1 and bool((s > 0).all())
    strict = 1 - (1 - level) / family
    return Comparison(
        claim=claim,
        places=tuple(places),
        shown=tuple(shown),
        pooled=random_effects(y, s, level) if poolable and len(shown) >= FEWEST else None,
        ranks=rank_sets(y, s, _rng(claim.finding), strict) if poolable else None,
        question=next((f.question for f in found.values()), {}),
        share=share,
        logits=logits,
        exact=bool(len(shown)) and not s.any(),
    )


def _error(finding: Finding) -> float | None:
    if finding.se is not None:
        return finding.se
    if finding.low is None:
        return None
    return (finding.high - finding.low) / (2 * float(norm.ppf(0.5 + finding.level / 2)))


def _inside(finding: Finding) -> bool:
    ends = (finding.low, finding.estimate, finding.high)
    return None not in ends and 0 < min(ends) <= max(ends) < 1


def _on_scale(finding: Finding, as_logit: bool) -> tuple[float, float]:
    """Return estimate and error on the scale on which they are pooled."""
    if not as_logit:
        return finding.estimate, _error(finding)
    low, estimate, high = logit((finding.low, finding.estimate, finding.high))
    return float(estimate), float(high - low) / (2 * float(norm.ppf(0.5 + finding.level / 2)))


def _rng(finding: str) -> np.random.Generator:
    """Return a generator that depends on the finding alone."""
    digest = hashlib.sha256(finding.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype="<u4").tolist())
