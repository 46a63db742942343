"""When employees were first recognised, and when units first built their team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.onset import lacking_achievement

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["first_days", "lacking"]

Kind = Literal["award", "team_building"]
_WHOM = {"award": "employee_id", "team_building": "unit"}


def first_days(study: Study, kind: Kind) -> pd.Series:
    """Return the day of the first award, or of the unit's first team building, by employee; NaT for none.

    An award to a whole unit is nobody's own, and team building of one person not the unit's: neither counts.
    """
    whom = _WHOM[kind]
    events = study.events[(study.events["kind"] == kind) & study.events[whom].notna()]
    first = events.groupby(events[whom].astype(str))["date"].min()
    own = study.employees.set_index("employee_id", drop=False)[whom].astype(str)
    return first.reindex(own.to_numpy()).set_axis(own.index)


def lacking(study: Study, kind: Kind) -> Message | None:
    """Return why nothing can be said of events of a kind, None where there are some and an achievement."""
    if name := lacking_achievement(study):
        return Message.of(f"pathways_events.{name}")
    if not study.has("events"):
        return Message.of("pathways_events.no_events")
    if _WHOM[kind] not in study.events or first_days(study, kind).isna().all():
        return Message.of(f"pathways_events.no_{kind}")
    return None
