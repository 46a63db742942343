"""Open a study folder: read, check everything at once, put pseudonyms in place of identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError
from walesi_research.study import maps
from walesi_research.study.calendar import Calendar
from walesi_research.study.codebook import Codebook
from walesi_research.study.columns import TABLES, survey_with_items
from walesi_research.study.crosscheck import cross_check
from walesi_research.study.files import Book, read_book
from walesi_research.study.identifiers import check_identifiers
from walesi_research.study.places import SETTINGS_FILE, Place, find_places
from walesi_research.study.pseudonyms import read_key
from walesi_research.study.references import unknown_findings
from walesi_research.study.report import CheckReport
from walesi_research.study.settings import PLACEHOLDERS, Settings
from walesi_research.study.sheets import Unreadable
from walesi_research.study.strict import load
from walesi_research.study.study import Study, assemble
from walesi_research.study.tables import Loaded, Located, Reading, load_table, locate, wanted_names

__all__ = ["CODEBOOK_FILE", "check_study", "open_study"]

CODEBOOK_FILE = "codebook.toml"

Files = Mapping[str, str | Path]


@dataclass
class _Opened:
    """What was read of a folder, and every problem met on the way."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    settings: Settings | None = None
    codebook: Codebook | None = None
    tables: dict[str, Loaded] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        return self.settings.study.language if self.settings else "id"


def open_study(folder: str | Path, tables: Files | None = None) -> Study:
    """Open a study folder: read it, check all of it, and replace every identifier by a pseudonym.

    Parameters
    ----------
    folder : path
        The folder with ``study.toml``.
    tables : mapping of str to path, optional
        Files that replace those of ``[tables]``, by table name; they may be anywhere.

    Returns
    -------
    Study
        The checked tables, in canonical order, with pseudonyms.

    Raises
    ------
    UserError
        With every problem found, warnings included, if any of them is an error.
    """
    opened = _open(Path(folder), tables or {})
    if any(problem.severity == "error" for problem in opened.problems):
        raise UserError(tuple(opened.problems), opened.language)
    key = b"" if opened.settings.snapshot else _key(opened)
    return assemble(
        opened.settings, opened.codebook, opened.tables, key, tuple(opened.problems), opened.hashes
    )


def check_study(folder: str | Path, tables: Files | None = None) -> CheckReport:
    """Check a study folder as `open_study` does and return every problem instead of raising.

    Parameters
    ----------
    folder : path
        The folder with ``study.toml``.
    tables : mapping of str to path, optional
        Files that replace those of ``[tables]``, by table name.
    """
    opened = _open(Path(folder), tables or {})
    if opened.settings and not opened.settings.snapshot:
        try:
            read_key(opened.folder)
        except UserError as error:
            opened.problems.extend(error.problems)
    return CheckReport(
        problems=tuple(opened.problems),
        language=opened.language,
        rows={name: len(loaded.frame) for name, loaded in opened.tables.items()},
        unread={name: loaded.unread for name, loaded in opened.tables.items() if loaded.unread},
    )


def _key(opened: _Opened) -> bytes:
    try:
        return read_key(opened.folder)
    except UserError as error:
        raise UserError(error.problems, opened.language) from None


def _open(folder: Path, files: Files) -> _Opened:
    opened = _Opened(folder)
    if not folder.is_dir():
        opened.problems.append(Problem(what=Message.of("check.folder_missing"), file=str(folder)))
        return opened
    opened.settings, faults = load(folder / SETTINGS_FILE, SETTINGS_FILE, Settings, PLACEHOLDERS)
    opened.problems += faults
    in_settings = [problem.column or "" for problem in faults]
    opened.codebook = _codebook(opened, "survey" in files)
    if opened.settings is None:
        return opened
    places, faults = find_places(folder, opened.settings, files)
    opened.problems += faults
    readings = {name: _reading(opened, name, place) for name, place in places.items()}
    _read_tables(opened, places, readings)
    opened.problems += cross_check(opened.tables)
    opened.problems += _undated(opened)
    opened.problems += unknown_findings(opened.settings, opened.codebook or Codebook(), SETTINGS_FILE)
    opened.problems = [p for p in opened.problems if not _follows(p, in_settings)]
    return opened


_FOLLOWS = {
    "study.period": ("check.period", "check.period_rhythm"),
    "study.survey_date": ("check.date_needed",),
    "tables": ("check.employees_needed", "check.answers_needed"),
}


def _follows(problem: Problem, in_settings: list[str]) -> bool:
    """Tell whether a problem only follows from a faulty key of the settings."""
    return any(
        problem.what.key in consequences and any(key.startswith(start) for key in in_settings)
        for start, consequences in _FOLLOWS.items()
    )


def _undated(opened: _Opened) -> list[Problem]:
    """Ask for the survey's date where answers are to be matched with appraisals."""
    survey = opened.tables.get("survey")
    if survey is None or "appraisals" not in opened.tables or "date" in survey.frame:
        return []
    return [] if opened.settings.study.survey_date else [survey.problem("check.date_needed", column="date")]


def _codebook(opened: _Opened, survey_given: bool) -> Codebook | None:
    """Read the codebook; one that is missing is empty where there is no survey."""
    path = opened.folder / CODEBOOK_FILE
    has_survey = survey_given or (opened.settings is not None and opened.settings.tables.survey is not None)
    if not path.exists() and not has_survey:
        return Codebook()
    codebook, faults = load(path, CODEBOOK_FILE, Codebook)
    opened.problems += faults
    return codebook


def _reading(opened: _Opened, name: str, place: Place) -> Reading:
    """Return how a table is read; faults of its maps go to the problems."""
    settings, codebook = opened.settings, opened.codebook or Codebook()
    table = survey_with_items(codebook) if name == "survey" else TABLES[name]
    columns, values = getattr(settings.columns, name), getattr(settings.values, name)
    if name != "survey" or opened.codebook is not None:
        opened.problems += maps.check_columns(columns, table, SETTINGS_FILE)
        opened.problems += maps.check_values(values, table, codebook.items, SETTINGS_FILE)
    return Reading(
        table=table,
        file=place.name,
        columns=maps.readable(columns, table),
        values=maps.lookup(values, table, codebook.items),
        calendar=Calendar(settings.study.period),
        pseudonymised=settings.snapshot is not None,
    )


def _read_tables(opened: _Opened, places: Mapping[str, Place], readings: Mapping[str, Reading]) -> None:
    """Read each file once, whatever number of tables it serves, and judge each identifier once."""
    books = _books(places, readings)
    found: dict[str, Located] = {}
    for name, (book, elsewhere) in books.items():
        if isinstance(book, Unreadable):
            opened.problems.append(book.problem(places[name].name, name))
        else:
            found[name] = locate(book, replace(readings[name], elsewhere=elsewhere))
            opened.hashes[name] = book.sha256
    identifiers = check_identifiers(text for located in found.values() for text in located.identifiers())
    sheets = set()
    for name, located in found.items():
        loaded = load_table(located, identifiers)
        if id(located.sheet) in sheets:
            loaded = replace(loaded, unread=())  # counted with the first table of the sheet
        sheets.add(id(located.sheet))
        opened.tables[name] = loaded
        opened.problems += loaded.problems


def _books(
    places: Mapping[str, Place], readings: Mapping[str, Reading]
) -> dict[str, tuple[Book | Unreadable, frozenset[str]]]:
    """Return, by table, its file and the case-folded names of all columns that are read of it."""
    wanted: dict[Path, set[str]] = {}
    for name, place in places.items():
        names = (column.casefold() for column in wanted_names(readings[name]))
        wanted.setdefault(place.path.resolve(), set()).update(names)
    books = {path: _book(path, names) for path, names in wanted.items()}
    paths = {name: place.path.resolve() for name, place in places.items()}
    return {name: (books[path], frozenset(wanted[path])) for name, path in paths.items()}


def _book(path: Path, wanted: set[str]) -> Book | Unreadable:
    try:
        return read_book(path, wanted)
    except Unreadable as why:
        return why
