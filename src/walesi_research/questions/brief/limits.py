"""What a study cannot tell, worked out from its verdicts and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from walesi_research.language import count, say
from walesi_research.questions.brief.evidence import ASSUMED
from walesi_research.questions.brief.verdicts import Ruling
from walesi_research.questions.brief.wanting import listed, missing_tables
from walesi_research.questions.result import people

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["limits", "sources"]

FEW_UNITS = 20
"""Under it the reader is told that units are few."""


def limits(study: Study, rulings: Sequence[Ruling], language: str) -> list[str]:
    """Return what cannot be answered, a sentence each, ``**words**`` in bold."""
    parts = (_unanswered, _of_causes, _of_numbers)
    computed = [text for part in parts for text in part(study, rulings, language)]
    return [*computed, _say(language, "limit_persons"), _say(language, "limit_elsewhere")]


def _unanswered(study: Study, rulings: Sequence[Ruling], language: str) -> Iterator[str]:
    """Tell of the claims without a number: those that lack a table, and the others."""
    lacking = {r.number: missing_tables(study, r) for r in rulings if not r.estimated}
    absent = list(dict.fromkeys(table for tables in lacking.values() for table in tables))
    for key, mine in (
        ("limit_tables", [i for i, tables in lacking.items() if tables]),
        ("limit_thin", [i for i, tables in lacking.items() if not tables]),
    ):
        if mine:
            names = listed([_say(language, f"table_{table}") for table in absent], language)
            yield _say(language, key, n=len(mine), claims=listed([*map(str, mine)], language), tables=names)


def _of_causes(study: Study, rulings: Sequence[Ruling], language: str) -> Iterator[str]:
    """Tell of the claims that rest on an association alone, and of those that rest on an assumption."""
    mine = [r for r in rulings if r.estimated and r.finding.claim == "association" and r.words != "results"]
    if mine:
        claims = listed([str(r.number) for r in mine], language)
        yield _say(language, "limit_causes", n=len(mine), claims=claims)
    effects = [r for r in rulings if r.estimated and r.finding.claim == "effect_if"]
    if assumed := [str(r.number) for r in effects if r.words in ASSUMED]:
        yield _say(language, "limit_assumed", claims=listed(assumed, language))
    if any(r.words in ("culture", "recognition") and r.estimated for r in rulings) and _waves(study) == 1:
        yield _say(language, "limit_one_wave")


def _of_numbers(study: Study, rulings: Sequence[Ruling], language: str) -> Iterator[str]:
    """Tell of what rests on few units."""
    units = next((r.finding.groups for r in rulings if r.words == "service" and r.estimated), None)
    if units is not None and units < FEW_UNITS:
        yield _say(language, "limit_few_units", n=units)


def _waves(study: Study) -> int:
    return study.survey["wave"].nunique() if study.has("survey") else 0


def sources(study: Study, language: str) -> str:
    """Return in a sentence which data the brief rests on."""
    employees = study.employees
    start = _say(
        language,
        "from_employees",
        people=count(people(study, len(employees)), language),
        units=employees["unit"].nunique(),
    )
    parts = [start, *_records(study, language)]
    return f"{listed(parts, language)}."


def _records(study: Study, language: str) -> Iterator[str]:
    if study.has("appraisals"):
        periods = study.appraisals["period"]
        first, last = (str(study.calendar.year(int(x))) for x in (periods.min(), periods.max()))
        span = first if first == last else f"{first}–{last}"
        yield _say(language, "from_appraisals", n=count(people(study, len(periods)), language), span=span)
    if study.has("training"):
        yield _say(language, "from_training")
    if study.has("survey"):
        waves = _waves(study)
        yield _say(language, "from_survey", n=waves)
    if study.has("service"):
        yield _say(language, "from_service", answers=count(people(study, len(study.service)), language))


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"brief.{key}", **values)
