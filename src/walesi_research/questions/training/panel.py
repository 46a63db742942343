"""The panel that effects of training rest on: achievement by period, and when a programme counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.onset import Panel, achievement_panel, lacking_achievement

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["NOTEBOOK", "Panel", "completed_first", "panel_of"]

NOTEBOOK = "04_training"


def panel_of(study: Study) -> Panel | Message:
    """Return the panel of achievement and leadership programmes, or why there is none.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Panel or Message
        A message where there is no achievement, no training table, or no kind of course in it.
    """
    if reason := _lacking(study):
        return reason
    return achievement_panel(study, completed_first(study))


def completed_first(study: Study) -> pd.Series:
    """Return the day on which each employee completed the first leadership programme, by employee."""
    courses = study.training
    return (
        courses[courses["kind"] == "leadership"].groupby("employee_id", observed=True)["completed_on"].min()
    )


def _lacking(study: Study) -> Message | None:
    if name := lacking_achievement(study):
        return Message.of(f"training.{name}")
    if not study.has("training"):
        return Message.of("training.no_training")
    if "kind" not in study.training or study.training["kind"].isna().all():
        return Message.of("training.no_kind")
    return None
