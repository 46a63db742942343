"""The links of the chain from culture and recognition to performance, and which of them a study measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.data.answers import answers, straight_lined
from walesi_research.questions.data.careless import FEW_ITEMS
from walesi_research.questions.variables import Outcome, construct_of_role, latest_wave, performance

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = [
    "EXOGENOUS",
    "MEDIATORS",
    "NOTEBOOK",
    "RICHER",
    "Chain",
    "chain_of",
    "contradicted",
    "keyed",
    "questions_reversed",
]

NOTEBOOK = "05_pathways"
EXOGENOUS = ("culture", "recognition")
RICHER = (*EXOGENOUS, "fairness", "training")
MEDIATORS = ("motivation", "commitment")
FEWEST_ITEMS = 2
FEWEST_ANSWERS = 0.5
"""Share of respondents who must have answered a question for it to be in the model."""


@dataclass(frozen=True, eq=False)
class Chain:
    """What a study measures of the chain.

    Parameters
    ----------
    scales : dict of str to tuple of str
        Usable items by role, in causal order; performance is among them, last, where it is not measured.
    outcome : Outcome
        Performance.
    missing : dict of str to Message
        Roles that the model does without, and why.
    """

    scales: dict[str, tuple[str, ...]]
    outcome: Outcome
    missing: dict[str, Message]

    @property
    def exogenous(self) -> tuple[str, ...]:
        """Where the chain begins."""
        return tuple(role for role in self.scales if role in RICHER)

    @property
    def mediators(self) -> tuple[str, ...]:
        """What lies between."""
        return tuple(role for role in self.scales if role in MEDIATORS)

    @property
    def measured(self) -> bool:
        """Whether performance comes from another source than the questionnaire."""
        return self.outcome.source == "achievement"


def chain_of(study: Study, exogenous: tuple[str, ...] = EXOGENOUS) -> Chain | Message:
    """Return what a study measures of the chain from `exogenous` to performance, or why there is no chain.

    A role is measured by the first construct of the codebook that plays it, if at least two of its questions
    can be used: answered by half of the respondents, and not by all alike.
    """
    if not study.has("survey"):
        return Message.of("pathways.no_survey")
    outcome = performance(study)
    if outcome is None:
        return Message.of("pathways.no_performance")
    roles = [*exogenous, *MEDIATORS, *([] if outcome.source == "achievement" else ["performance"])]
    scales, missing = {}, {}
    for role in roles:
        items = _usable(study, role)
        if len(items) >= FEWEST_ITEMS:
            scales[role] = items
        else:
            missing[role] = _why(study, role)
    if not set(scales) & set(EXOGENOUS):
        return Message.of("pathways.no_beginning")
    if "performance" in missing:
        return Message.of("pathways.no_performance")
    return Chain(scales, outcome, missing)


def _usable(study: Study, role: str) -> tuple[str, ...]:
    name = construct_of_role(study, role)
    if name is None:
        return ()
    items = keyed(study, role)
    some = items.dropna(how="all")
    return tuple(
        item for item in items if some[item].nunique() > 1 and some[item].notna().mean() >= FEWEST_ANSWERS
    )


def keyed(study: Study, role: str) -> pd.DataFrame:
    """Return the answers to a role's questions, turned the same way, by employee; see `contradicted`."""
    wave = latest_wave(study)
    items = study.codebook.keyed(wave, construct_of_role(study, role))
    items.loc[contradicted(study)] = np.nan
    return items.set_axis(wave["employee_id"].to_numpy(), axis=0)


def contradicted(study: Study) -> np.ndarray:
    """Tell which rows of the latest wave are no answers: one and the same to questions that are opposites.

    Who ticks the same answer throughout, reversed questions included, contradicts himself. Three such
    questionnaires in a hundred hide a twentieth of every association with a measured outcome, and feign
    others between the scales. Without reversed questions such answers may be meant, and all are kept.
    """
    given = answers(study).to_numpy(float)
    if given.shape[1] < FEW_ITEMS or not questions_reversed(study):
        return np.zeros(len(given), bool)
    return straight_lined(given)


def questions_reversed(study: Study) -> bool:
    """Tell whether some questions are worded the other way round."""
    return any(construct.reverse for construct in study.codebook.constructs.values())


def _why(study: Study, role: str) -> Message:
    kind = "not_measured" if construct_of_role(study, role) is None else "few_questions"
    return Message.of(f"pathways.{kind}", role=Message.of(f"pathways.role_{role}"))
