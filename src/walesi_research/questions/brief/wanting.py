"""Why a claim has no number, in the reader's words: a missing table, too few people, too little data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from walesi_research.language import say
from walesi_research.questions.brief.verdicts import Ruling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["listed", "missing_tables", "why_missing"]

NEEDS = {
    "appraisal": ("appraisals",),
    "training": ("training",),
    "pathway": ("survey",),
    "joint": ("survey",),
    "importance": ("survey",),
    "measurement": ("survey",),
    "perception": ("survey", "appraisals"),
    "culture": ("events", "appraisals"),
    "service": ("service", "appraisals"),
}
"""Tables that findings need, by the first part of their names."""
ALSO = {
    "training.leadership_att": ("training", "appraisals"),
    "training.hours_slope": ("training", "appraisals"),
}
SCENARIO = "combined"


def missing_tables(study: Study, ruling: Ruling) -> list[str]:
    """Return the tables that the claim's finding needs and the study does not have."""
    name = ruling.claim.finding
    needs = ALSO.get(name, NEEDS.get(name.partition(".")[0], ()))
    return [table for table in needs if not study.has(table)]


def why_missing(study: Study, ruling: Ruling, language: str) -> str:
    """Return why there is no number, as a sentence."""
    if absent := missing_tables(study, ruling):
        tables = listed([_say(language, f"table_{table}") for table in absent], language)
        return _say(language, "why_no_table", tables=tables)
    if ruling.words == "together" and SCENARIO not in study.settings.policy.scenarios:
        return _say(language, "why_no_scenario")
    if ruling.because == "suppressed":
        return _say(language, "why_suppressed", least=study.settings.privacy.minimum_cell)
    if ruling.because == "not_run":
        return _say(language, "why_not_run")
    return _say(language, "why_too_thin", need=_say(language, f"need_{ruling.words}"))


def listed(parts: Sequence[str], language: str) -> str:
    """Return 'a', 'a and b' or 'a, b, and c'."""
    if len(parts) < 2:
        return "".join(parts)
    key = "and" if len(parts) == 2 else "and_many"
    return _say(language, key, first=", ".join(parts[:-1]), last=parts[-1])


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"brief.{key}", **values)
