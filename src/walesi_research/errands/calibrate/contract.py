"""The contract's findings: which question makes each, which truth it has, and what asking costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["ASKED", "CENSUS", "EFFECTS", "PARTS", "Asked", "findings_of"]

Part = Literal["quick", "refits"]
PARTS: tuple[Part, ...] = ("quick", "refits")
"""The order in which questions are asked of all worlds: those that refit models last."""


@dataclass(frozen=True)
class Asked:
    """A question and the contract's findings that it makes.

    Parameters
    ----------
    question : str
        Room and function.
    findings : tuple of str
        Their ids; ``measurement.`` stands for those of every construct.
    draws : bool
        Whether it takes the number of draws.
    part : {"quick", "refits"}
    needs : tuple of str
        ``table`` or ``table.column``: without these the study's finding has another meaning than its truth.
    """

    question: str
    findings: tuple[str, ...]
    draws: bool = False
    part: Part = "quick"
    needs: tuple[str, ...] = ()


def _four(kind: str, ending: str = "") -> tuple[str, ...]:
    return tuple(f"{kind}.{x}{ending}" for x in ("training", "culture", "recognition", "fairness"))


def _pathways() -> tuple[str, ...]:
    return tuple(f"pathway.{x}_{kind}" for kind in ("indirect", "total") for x in ("culture", "recognition"))


_SCORED = ("appraisals.score", "appraisals.achievement", "appraisals.tie")
_PANEL = ("appraisals.achievement", "training")
_FOUR = (*_PANEL, "survey")
ASKED = (
    Asked(
        "appraisal.scores",
        ("appraisal.tie_effect", "appraisal.achievement_slope", "appraisal.rater_share"),
        needs=_SCORED,
    ),
    Asked("appraisal.counterfactual", ("appraisal.changed_share",), needs=("appraisals.achievement",)),
    Asked(
        "appraisal.perception", ("perception.transparency_gap",), draws=True,
        needs=("appraisals.achievement", "survey"),
    ),
    Asked("training.norm", ("training.norm_share",), needs=("training", "employees.start_year")),
    Asked("training.leadership", ("training.leadership_att",), draws=True, needs=_PANEL),
    Asked("training.hours", ("training.hours_slope",), needs=_PANEL),
    Asked(
        "pathways.events", ("culture.award_att", "culture.team_building_att"), draws=True,
        needs=("appraisals.achievement", "events"),
    ),
    Asked("performance.joint", _four("joint"), needs=_FOUR),
    Asked("performance.joint_latent", _four("joint", "_latent"), draws=True, needs=_FOUR),
    Asked("performance.importance", _four("importance"), draws=True, needs=_FOUR),
    Asked(
        "performance.service_slope", ("service.performance_slope",),
        needs=("appraisals.achievement", "service"),
    ),
    Asked("measurement.reliability", ("measurement.",), needs=("survey",)),
    Asked(
        "pathways.pathways", _pathways(),
        draws=True, part="refits", needs=("appraisals.achievement", "survey"),
    ),
    Asked("policy.scenarios", ("policy.combined_gain",), draws=True, part="refits", needs=_FOUR),
)  # fmt: skip
"""Questions in the order of the notebooks, the cheap ones first."""

CENSUS = ("appraisal.changed_share", "training.norm_share")
"""Shares that describe the employees in the table: no sampling, so no interval and no power."""
EFFECTS = tuple(
    id
    for asked in ASKED
    for id in asked.findings
    if not id.startswith(("importance.", "measurement.")) and id not in (*CENSUS, "appraisal.rater_share")
)
"""Findings that are zero where nothing has an effect on anything."""


def findings_of(question: str, constructs: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the contract's findings that a question makes, those of constructs written out."""
    asked = next(a for a in ASKED if a.question == question)
    if asked.findings != ("measurement.",):
        return asked.findings
    return tuple(f"measurement.{name}.{kind}" for name in constructs for kind in ("alpha", "omega"))
