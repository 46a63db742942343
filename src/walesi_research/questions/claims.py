"""The claims of the brief: which finding speaks for each, on which side, from which limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["CLAIMS", "Claim", "claim_of"]


@dataclass(frozen=True)
class Claim:
    """A claim is supported where the whole interval of its finding lies beyond the limit.

    Parameters
    ----------
    name, finding : str
    supports : {"above", "below"}
        Side of the limit that supports the claim.
    limit : float
        Set before the data are seen.
    """

    name: str
    finding: str
    supports: Literal["above", "below"]
    limit: float


CLAIMS = (
    Claim("relations", "appraisal.tie_effect", "above", 1.0),
    Claim("results", "appraisal.achievement_slope", "below", 0.5),
    Claim("raters", "appraisal.rater_share", "above", 0.10),
    Claim("training", "training.norm_share", "below", 0.50),
    Claim("leadership", "training.leadership_att", "above", 1.0),
    Claim("culture", "pathway.culture_indirect", "above", 0.05),
    Claim("recognition", "pathway.recognition_indirect", "above", 0.05),
    Claim("service", "service.performance_slope", "above", 0.0),
    Claim("together", "policy.combined_gain", "above", 0.0),
)
"""Default limits; a study's ``[claims]`` go before them."""


def claim_of(study: Study, finding: str) -> Claim:
    """Return the claim that `finding` speaks for, with the study's own limit where it sets one.

    Raises
    ------
    KeyError
        If no claim rests on the finding.
    """
    for name, own in study.settings.claims.items():
        if own.finding == finding:
            return Claim(name, finding, own.supports, own.limit)
    found = [claim for claim in CLAIMS if claim.finding == finding]
    if not found:
        raise KeyError(f"no claim rests on {finding!r}")
    return found[0]
