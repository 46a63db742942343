"""Findings that ``study.toml`` names: in claims, and as the exposures of policy scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from walesi_research.language import Message
from walesi_research.problems import Problem, nearest
from walesi_research.study.codebook import Codebook
from walesi_research.study.settings import Settings

__all__ = ["unknown_findings"]

EXPOSURES = (
    "training.hours_slope",
    "training.leadership_att",
    "pathway.culture_total",
    "pathway.recognition_total",
    "joint.fairness",
    "culture.award_att",
)
"""What a scenario may change: each in its finding's own exposure."""

FINDINGS = (
    "appraisal.tie_effect",
    "appraisal.achievement_slope",
    "appraisal.rater_share",
    "appraisal.changed_share",
    *(f"appraisal.tie_effect_{x}" for x in ("family", "clan", "political", "other", "two_way")),
    *(f"appraisal.{x}" for x in ("tie_placebo", "tie_robustness_value")),
    *(f"appraisal.{x}" for x in ("rater_sd", "halo", "range_restriction_share")),
    *(f"appraisal.{x}" for x in ("record_disagreement_share", "indicator_share", "heaping_share")),
    *(f"perception.{x}_mean" for x in ("fairness", "transparency", "favouritism")),
    *(
        f"data.{x}"
        for x in ("response_rate", "missing_share", "straightlined_share", "long_run_share", "repeated_share")
    ),
    *(f"training.{x}" for x in ("norm_share", "none_share", "leadership_share", "skill_correlation")),
    *(f"training.leadership_{x}" for x in ("att_group_time", "lead", "naive", "twfe", "doubly_robust")),
    *(f"training.leadership_{x}" for x in ("trend_breakdown", "robustness_value", "minimum_effect")),
    *(f"training.{x}" for x in ("hours_lag", "hours_lead", "hours_bend")),
    *(f"training.{x}" for x in ("service_slope", "service_leadership_slope")),
    *EXPOSURES,
    "pathway.culture_indirect",
    "pathway.recognition_indirect",
    *(f"joint.{x}" for x in ("training", "culture", "recognition")),
    *(f"joint.{x}_latent" for x in ("training", "culture", "recognition", "fairness")),
    *(
        f"joint.{x}_{how}"
        for x in ("training", "culture", "recognition", "fairness")
        for how in ("raked", "imputed", "specifications")
    ),
    *(f"joint.{x}" for x in ("training_by_culture", "recognition_by_fairness")),
    *(f"importance.{x}" for x in ("training", "culture", "recognition", "fairness")),
    *(f"measurement.{x}" for x in ("cfi", "rmsea", "srmr")),
    "perception.transparency_gap",
    *(f"pathway.{x}_rho" for x in ("culture", "recognition")),
    *(f"culture.{x}" for x in ("icc1", "icc2", "award_colleagues")),
    "culture.team_building_att",
    *(f"service.{x}" for x in ("index", "performance_slope", "self_rating_correlation")),
    "policy.combined_gain",
    *(f"benchmark.{x}" for x in ("culture", "recognition", "training", "skill", "fairness")),
    *(f"benchmark.{x}" for x in ("transparency", "motivation", "commitment")),
)
"""The findings of every study, besides those of its own constructs."""


def unknown_findings(settings: Settings, codebook: Codebook, file: str) -> Iterator[Problem]:
    """Warn of findings that no question makes: a claim on one would never be decided."""
    own = [*_of_constructs(codebook), *(f"policy.{name}_gain" for name in settings.policy.scenarios)]
    for name, claim in settings.claims.items():
        if claim.finding not in FINDINGS and claim.finding not in own:
            yield _unknown(f"claims.{name}.finding", claim.finding, [*FINDINGS, *own], file)
    for name, scenario in settings.policy.scenarios.items():
        for part in ("changes", "targets"):
            for finding in getattr(scenario, part):
                if finding not in EXPOSURES:
                    path = f"policy.scenarios.{name}.{part}.{finding}"
                    yield _unknown(path, finding, EXPOSURES, file)


def _of_constructs(codebook: Codebook) -> Iterator[str]:
    """Yield the findings of each construct, and of each pair of them in the codebook's order."""
    for name in codebook.constructs:
        yield from (f"measurement.{name}.{kind}" for kind in ("alpha", "omega", "ave", "cr", "change"))
    for first, second in combinations(codebook.constructs, 2):
        yield f"measurement.{first}.htmt_{second}"


def _unknown(path: str, finding: str, known: list[str] | tuple[str, ...], file: str) -> Problem:
    allowed = ", ".join(known) if len(known) < 10 else None
    return Problem(
        what=Message.of("check.finding_unknown"),
        file=file,
        column=path,
        value=finding,
        allowed=allowed,
        guess=nearest(finding, known),
        severity="warning",
    )
