"""The verdict on each claim, by the contract's rule: zone, preset limit, interval, family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from walesi_research.exhibits.verdict import Judgement, judge
from walesi_research.findings import CONFIRMATORY, Finding
from walesi_research.questions.claims import CLAIMS, Claim

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["FAMILY_LEVEL", "OTHER", "Ruling", "claims_of", "rulings"]

FAMILY_LEVEL = 0.05
"""A confirmatory claim is supported only where its adjusted p-value is below it."""
CAUSAL = ("leadership", "culture", "recognition", "service", "together")
"""Claims that are worded as a cause."""
OTHER = "other"
"""The words of a claim that is none of the contract's."""

Because = Literal[
    "", "association", "family", "family_unknown", "no_range", "not_run", "suppressed", "not_estimable"
]


@dataclass(frozen=True)
class Ruling:
    """A claim with the finding that speaks for it, and the verdict.

    Parameters
    ----------
    number : int
        The claim's place in the brief, from 1.
    claim : Claim
    words : str
        Name of the contract's claim whose words fit, else ``other``.
    finding : Finding or None
        None where no notebook of the run made it.
    judgement : {"supported", "not_supported", "cannot_tell"}
    because : str
        What restricts the verdict: an association for a claim worded as a cause, a confirmatory claim that
        does not stand among several, a number that is missing; empty for none.
    """

    number: int
    claim: Claim
    words: str
    finding: Finding | None
    judgement: Judgement
    because: Because

    @property
    def estimated(self) -> bool:
        """Whether there is a number."""
        return self.finding is not None and self.finding.estimate is not None

    @property
    def state(self) -> str:
        """The verdict, or ``missing`` where there is no number."""
        return self.judgement if self.estimated else "missing"


def claims_of(study: Study) -> list[Claim]:
    """Return the contract's claims, each with the study's own wish for it, then the study's other claims.

    A claim of the study takes the place of the one that has its name, else of the one that rests on its
    finding.
    """
    own = {name: Claim(name, c.finding, c.supports, c.limit) for name, c in study.settings.claims.items()}
    found = []
    for default in CLAIMS:
        name = default.name if default.name in own else _rival(default, own)
        found.append(own.pop(name) if name else default)
    return [*found, *own.values()]


def _rival(default: Claim, own: Mapping[str, Claim]) -> str | None:
    """Return the name of the study's claim that rests on the finding of a default one."""
    names = {claim.name for claim in CLAIMS}
    rest = (name for name, c in own.items() if c.finding == default.finding and name not in names)
    return next(rest, None)


def rulings(study: Study, findings: Iterable[Finding]) -> Sequence[Ruling]:
    """Judge every claim of a study.

    Parameters
    ----------
    study : Study
    findings : iterable of Finding
        p-values adjusted together.

    Returns
    -------
    sequence of Ruling
        In the order of the claims.
    """
    by_id = {finding.id: finding for finding in findings}
    return [_ruling(i, claim, by_id.get(claim.finding)) for i, claim in enumerate(claims_of(study), start=1)]


def _ruling(number: int, claim: Claim, finding: Finding | None) -> Ruling:
    words = _words(claim)
    return Ruling(number, claim, words, finding, *_verdict(claim, finding, words in CAUSAL))


def _words(claim: Claim) -> str:
    """Return the contract's claim on the same finding and side, whose words fit limits not below zero."""
    same = (c.name for c in CLAIMS if (c.finding, c.supports) == (claim.finding, claim.supports))
    return next(same, OTHER) if claim.limit >= 0 else OTHER


def _verdict(claim: Claim, finding: Finding | None, causal: bool) -> tuple[Judgement, Because]:
    if finding is None:
        return "cannot_tell", "not_run"
    if finding.status != "estimated":
        return "cannot_tell", finding.status
    if finding.low is None:
        return "cannot_tell", "no_range"
    judgement = judge(finding.low, finding.high, claim.limit, claim.supports)
    if judgement != "supported":
        return judgement, ""
    if finding.id in CONFIRMATORY and finding.p_adjusted is None:
        return "cannot_tell", "family_unknown"
    if finding.id in CONFIRMATORY and finding.p_adjusted >= FAMILY_LEVEL:
        return "cannot_tell", "family"
    return judgement, "association" if causal and finding.claim != "effect_if" else ""
