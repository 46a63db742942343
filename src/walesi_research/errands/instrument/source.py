"""What a questionnaire is made of: settings, codebook and units, read before there need be any answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from walesi_research.language import LANGUAGES, Message
from walesi_research.problems import Problem, UserError
from walesi_research.study.calendar import Calendar
from walesi_research.study.check import CODEBOOK_FILE
from walesi_research.study.codebook import Codebook
from walesi_research.study.columns import TABLES
from walesi_research.study.files import read_book
from walesi_research.study.maps import lookup, readable
from walesi_research.study.places import SETTINGS_FILE, find_places
from walesi_research.study.settings import Settings
from walesi_research.study.sheets import Unreadable
from walesi_research.study.strict import load, read_toml, validated
from walesi_research.study.tables import Reading, locate, wanted_names
from walesi_research.study.texts import texts_of

__all__ = ["Source", "read_source"]


@dataclass(frozen=True)
class Source:
    """What a questionnaire is made of.

    Parameters
    ----------
    settings : Settings
        ``study.toml``.
    codebook : Codebook
        Where words are in one language only, they stand in both.
    units : tuple of str
        The units of the employees table, sorted; empty where there is none that can be read.
    """

    settings: Settings
    codebook: Codebook
    units: tuple[str, ...] = ()

    @property
    def use(self) -> Literal["linked", "listed", "once"]:
        """What employee numbers are for: to find records or the list of employees, or only to count once."""
        tables = self.settings.tables
        if any(table is not None for table in (tables.appraisals, tables.training, tables.events)):
            return "linked"
        return "once" if tables.employees in (None, tables.survey) else "listed"

    @property
    def untranslated(self) -> tuple[str, ...]:
        """Items worded the same in both languages."""
        return tuple(
            item
            for construct in self.codebook.constructs.values()
            for item, words in construct.items.items()
            if words.id == words.en
        )


def read_source(folder: Path) -> Source:
    """Read what a questionnaire needs of a study folder; none of its tables need be there yet.

    Raises
    ------
    UserError
        With every fault of ``study.toml`` and ``codebook.toml``, or where the codebook has no items.
    """
    settings, problems = load(folder / SETTINGS_FILE, SETTINGS_FILE, Settings)
    codebook, faults = _codebook(folder / CODEBOOK_FILE)
    problems += faults
    if not problems and not codebook.items:
        problems.append(Problem(what=Message.of("instrument.no_items"), file=CODEBOOK_FILE))
    if problems:
        raise UserError(problems, settings.study.language if settings else LANGUAGES[0])
    return Source(settings, codebook, _units(folder, settings))


def _codebook(path: Path) -> tuple[Codebook | None, list[Problem]]:
    data, problems = read_toml(path, CODEBOOK_FILE)
    if data is None:
        return None, problems
    for words in _wordings(data):
        words |= {code: text for code in LANGUAGES if code not in words for text in words.values()}
    return validated(data, CODEBOOK_FILE, Codebook)


def _wordings(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the labels and items of a codebook that are worded in one language."""
    constructs = data.get("constructs")
    for construct in constructs.values() if isinstance(constructs, dict) else ():
        items = construct.get("items") if isinstance(construct, dict) else None
        labels = [construct.get("label")] if isinstance(construct, dict) else []
        for words in [*labels, *(items.values() if isinstance(items, dict) else ())]:
            if isinstance(words, dict) and len(words) == 1 and set(words) <= set(LANGUAGES):
                yield words


def _units(folder: Path, settings: Settings) -> tuple[str, ...]:
    """Return the units that the employees table names, as pages name them."""
    place = find_places(folder, settings, {})[0].get("employees")
    if place is None:
        return ()
    table = TABLES["employees"]
    reading = Reading(
        table=table,
        file=place.name,
        columns=readable(settings.columns.employees, table),
        values=lookup(settings.values.employees, table, ()),
        calendar=Calendar(settings.study.period),
    )
    try:
        found = locate(read_book(place.path, wanted_names(reading)), reading)
    except Unreadable:
        return ()
    if "unit" not in found.spelled:
        return ()
    names = texts_of(found.sheet.frame[found.spelled["unit"]]).cat.categories
    meant = reading.values.get("unit", {})
    return tuple(sorted({meant.get(name.casefold(), name) for name in names} - {"missing"}))
