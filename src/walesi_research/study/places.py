"""Where the tables of a study are: inside its folder, or where the command line says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from walesi_research.language import Message
from walesi_research.problems import Problem, covered, nearest
from walesi_research.study.columns import TABLE_NAMES
from walesi_research.study.mask import shown
from walesi_research.study.settings import Settings

__all__ = ["SETTINGS_FILE", "Place", "find_places"]

SETTINGS_FILE = "study.toml"


@dataclass(frozen=True)
class Place:
    """A table's file, and its name as the user wrote it, a long number in it covered."""

    path: Path
    name: str


def find_places(
    folder: Path, settings: Settings, tables: Mapping[str, str | Path]
) -> tuple[dict[str, Place], list[Problem]]:
    """Return the file of each table, and what is wrong with the others.

    Parameters
    ----------
    folder : Path
        The study.
    settings : Settings
        Its settings; ``[tables]`` has paths inside the folder.
    tables : mapping of str to path
        Files that replace them, anywhere.
    """
    places, problems = {}, []
    for name in tables:
        if name not in TABLE_NAMES:
            problems.append(
                Problem(
                    what=Message.of("check.table_unknown"),
                    table=name,
                    value=name,
                    allowed=", ".join(TABLE_NAMES),
                    guess=nearest(name, TABLE_NAMES),
                )
            )
    for name in TABLE_NAMES:
        inside = getattr(settings.tables, name)
        if name in tables:
            found = _outside(Path(tables[name]), name)
        elif inside is not None:
            found = _inside(folder, inside, name)
        else:
            continue
        if isinstance(found, Place):
            places[name] = found
        else:
            problems.append(found)
    listed = {name for name in TABLE_NAMES if name in tables or getattr(settings.tables, name) is not None}
    return places, problems + _not_listed(listed)


def _not_listed(listed: set[str]) -> list[Problem]:
    problems = []
    if "employees" not in listed:
        problems.append(
            Problem(what=Message.of("check.employees_needed"), file=SETTINGS_FILE, column="tables.employees")
        )
    if not listed & {"survey", "appraisals"}:
        problems.append(
            Problem(
                what=Message.of("check.answers_needed"),
                file=SETTINGS_FILE,
                column="tables",
                allowed="survey, appraisals",
            )
        )
    return problems


def _outside(path: Path, table: str) -> Place | Problem:
    if not _is(path, Path.is_file):
        return Problem(
            what=Message.of("check.file_missing"),
            file=covered(str(path)),
            table=table,
            guess=_neighbour(path.parent, path.name),
        )
    return Place(path, covered(str(path)))


def _inside(folder: Path, written: str, table: str) -> Place | Problem:
    def fault(key: str, guess: str | None = None) -> Problem:
        return Problem(
            what=Message.of(key),
            file=SETTINGS_FILE,
            table=table,
            column=f"tables.{table}",
            value=shown(written),
            guess=guess,
        )

    parts = PurePosixPath(written.replace("\\", "/"))
    if parts.is_absolute() or re.match(r"[A-Za-z]:", written) or written.startswith("~"):
        return fault("check.path_absolute")
    path = folder.joinpath(*parts.parts)
    if ".." in parts.parts or _is(path, lambda p: not p.resolve().is_relative_to(folder.resolve())):
        return fault("check.path_outside")
    if not _is(path, Path.exists):
        return fault("check.file_missing", _neighbour(path.parent, path.name))
    if not _is(path, Path.is_file):
        return fault("check.path_no_file")
    return Place(path, covered(written))


def _is(path: Path, test: Callable[[Path], bool]) -> bool:
    """Tell whether a path passes a test; one that the system cannot even look for does not."""
    try:
        return test(path)
    except (OSError, ValueError, RuntimeError):  # too long, a NUL in it, links in a circle
        return False


def _neighbour(folder: Path, name: str) -> str | None:
    """Return the file of a folder whose name is most like `name`."""
    try:
        found = nearest(name, sorted(entry.name for entry in folder.iterdir() if entry.is_file()))
        return None if found is None else covered(found)
    except (OSError, ValueError):
        return None
