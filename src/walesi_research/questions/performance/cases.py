"""The one row an employee that the joint model, its weighted twin and the importance shares rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions import variables

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Cases", "complete_cases", "with_prior"]


@dataclass(frozen=True, eq=False)
class Cases:
    """Complete cases of the joint model.

    Parameters
    ----------
    frame : DataFrame
        One row an employee in canonical order: ``performance``, the predictors that the study has (of
        `variables.PREDICTORS`), ``prior`` where there is a year before (and ``no_prior`` where some have
        none), ``unit``, and ``weight`` where the survey's weights vary.
    source : {"achievement", "scale"}
        What performance is measured by.
    trained_by : {"hours", "scale"}
        What training is measured by.
    missing : dict of str to Message
        Predictors that the study does not have, and why.
    """

    frame: pd.DataFrame
    source: str
    trained_by: str
    missing: dict[str, Message]

    @property
    def predictors(self) -> list[str]:
        """The predictors that can be used, in the contract's order."""
        return [name for name in variables.PREDICTORS if name in self.frame]

    @property
    def measured_by(self) -> str:
        """What performance and training are measured by, for a finding's method."""
        performance = {"achievement": "recorded achievement", "scale": "a self-rated scale"}[self.source]
        training = {"hours": "recorded hours", "scale": "a survey scale"}[self.trained_by]
        return f"performance by {performance}, training by {training}"

    @property
    def controls(self) -> list[str]:
        """The columns held fixed besides the predictors."""
        return [name for name in ("prior", "no_prior") if name in self.frame]


def complete_cases(study: Study) -> Cases | Message:
    """Return the complete cases of the joint model, or why there are none."""
    if not study.has("survey"):
        return Message.of("performance.no_survey")
    outcome = variables.performance(study)
    if outcome is None:
        return Message.of("performance.no_performance")
    columns, trained_by, missing = _predictors(study, outcome)
    prior = variables.prior_achievement(study) if outcome.source == "achievement" else None
    wave = variables.latest_wave(study)
    frame = pd.DataFrame({"performance": outcome.values} | columns, index=wave["employee_id"].to_numpy())
    frame["unit"] = study.employees.set_index("employee_id")["unit"].reindex(frame.index)
    if "weight" in wave and wave["weight"].nunique() > 1:
        frame["weight"] = wave["weight"].where(wave["weight"] > 0).to_numpy()  # nought: not of the sample
    frame = frame.dropna()
    if "weight" in frame and frame["weight"].nunique() < 2:
        frame = frame.drop(columns="weight")
    return Cases(with_prior(frame, prior), outcome.source, trained_by, missing)


def with_prior(frame: pd.DataFrame, prior: pd.Series | None) -> pd.DataFrame:
    """Add last year's achievement where it exists; nobody is left out for want of it.

    Those without stand at the mean of the others, told apart by an indicator (``no_prior``).
    """
    known = frame.index.isin(prior.index) if prior is not None else np.zeros(len(frame), dtype=bool)
    if not known.any():
        return frame
    last = prior.reindex(frame.index)
    frame = frame.assign(prior=last.fillna(last.mean()))
    return frame if known.all() else frame.assign(no_prior=(~known).astype(float))


def _predictors(
    study: Study, outcome: variables.Outcome
) -> tuple[dict[str, pd.Series], str, dict[str, Message]]:
    scales = variables.scores(study)
    columns: dict[str, pd.Series] = {}
    missing: dict[str, Message] = {}
    hours = (
        variables.training_hours(study, outcome.periods)
        if study.has("training") and outcome.periods
        else None
    )
    if hours is not None:
        columns["training"] = hours
    for role in variables.PREDICTORS:
        name = variables.construct_of_role(study, role)
        if role in columns:
            continue
        if name is None:
            missing[role] = Message.of(
                "performance.no_construct", role=Message.of(f"performance.role_{role}")
            )
        else:
            columns[role] = scales[name]
    return columns, "scale" if hours is None else "hours", missing
