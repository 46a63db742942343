"""Which of the numbers about scores the appraisals of a study can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from walesi_research.language import Message
from walesi_research.questions.appraisal.frame import EXPOSURES, Rows, no_column

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["ALL", "EXPOSURES", "SPARE", "why_not"]

ALL = (*EXPOSURES, "rater")
SPARE = 20
"""Appraisals that must be left after one is counted for each coefficient."""


def why_not(rows: Rows, study: Study) -> dict[str, Message]:
    """Return what cannot be estimated (``tie``, ``achievement``, ``rater``), and why."""
    frame, least = rows.frame, study.settings.privacy.minimum_cell
    employees, raters = frame["employee"].nunique(), frame["rater"].nunique()
    needed = frame["period"].nunique() + 6 + SPARE
    if len(frame) < needed or employees < least or len(frame) == employees:
        return dict.fromkeys(ALL, Message.of("appraisal.too_few", n=needed))
    if rows.exact():
        return dict.fromkeys(ALL, Message.of("appraisal.exact"))
    if raters < 3 or len(frame) == raters:
        return dict.fromkeys(ALL, Message.of("appraisal.few_raters"))
    reasons = {}
    if raters < least:
        reasons["rater"] = Message.of("appraisal.raters_are_few", n=least)
    if "tie" not in rows.exposures:
        reasons["tie"] = no_column("tie")
    elif rows.varying("tie") < least:
        reasons["tie"] = Message.of("appraisal.tie_does_not_vary", n=least)
    if rows.varying("achievement") < least:
        reasons["achievement"] = Message.of("appraisal.achievement_does_not_vary", n=least)
    return reasons
