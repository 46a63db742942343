"""The places of a sweep: study folders as they are, or the parts of one study."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walesi_research.language import LANGUAGES, Message, say
from walesi_research.problems import Problem, UserError

if TYPE_CHECKING:
    import pandas as pd

    from walesi_research.study import Study
    from walesi_research.study.settings import Settings

__all__ = ["Site", "names_of", "no_column", "of_part", "parts_of", "sites_of"]

SEPARATE = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, kw_only=True)
class Site:
    """A place to be run.

    Parameters
    ----------
    name : str
        a-z 0-9 - _, once in a sweep; results are kept under it.
    title : mapping of str to str
        What readers call it, by language.
    folder : Path or None
        Its study folder; None where too few people are in it to be looked at.
    synthetic : bool
    minimum : int
        Fewest people that a number of this place may rest on.
    """

    name: str
    title: Mapping[str, str]
    folder: Path | None
    synthetic: bool
    minimum: int


def sites_of(folders: Sequence[Path]) -> list[Site]:
    """Return study folders as places, sorted by name.

    Raises
    ------
    UserError
        If a folder is missing, or two studies have one id: results are kept by it.
    """
    if missing := [folder for folder in folders if not folder.is_dir()]:
        raise _refusal("cli.no_study", missing, "study")
    sites = [_site(folder) for folder in dict.fromkeys(folder.resolve() for folder in folders)]
    twice = sorted(name for name, n in Counter(site.name for site in sites).items() if n > 1)
    if twice:
        raise _refusal("sweep.same_id", twice, "name")
    return sorted(sites, key=lambda site: site.name)


def _refusal(key: str, values: Sequence[Any], name: str) -> UserError:
    return UserError([Problem(what=Message.of(key, **{name: str(v)}), value=str(v)) for v in values])


def _site(folder: Path) -> Site:
    """Return a study folder as a place; what cannot be read is told when the study is opened."""
    try:
        settings = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8-sig"))
        about, privacy = settings["study"], settings.get("privacy", {})
        name, title = slug(about["id"]), {code: str(about["title"][code]) for code in LANGUAGES}
        minimum = int(privacy.get("minimum_cell", 5))
        return Site(
            name=name, title=title, folder=folder, synthetic=bool(about.get("synthetic")), minimum=minimum
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        title = dict.fromkeys(LANGUAGES, folder.name)
        return Site(name=slug(folder.name), title=title, folder=folder, synthetic=False, minimum=5)


def slug(text: str) -> str:
    """Return a name for files made of a text: a-z 0-9 - _."""
    return SEPARATE.sub("-", text.lower()).strip("-") or "x"


def parts_of(study: Study, column: str, folder: Path) -> list[Site]:
    """Split a study by a column of its employees, and write each part as a study folder.

    Parameters
    ----------
    study : Study
    column : str
        A column of ``employees`` with few values, such as ``unit``.
    folder : Path
        Where the parts go; holds pseudonymised data of people, so whoever calls deletes it.

    Returns
    -------
    list of Site
        Sorted by name. A part of fewer people than ``minimum_cell`` is not written. Employees without a value
        are in no part; a few of them count as a place of too few, or they would be the whole less the parts.

    Raises
    ------
    UserError
        If employees have no such column, or it does not hold places.
    """
    employees, minimum = study.employees, study.settings.privacy.minimum_cell
    if column not in employees or column == "employee_id":
        raise no_column(column, [c for c in employees if c != "employee_id"], study.language)
    counts = employees[column].value_counts()
    refuse_people(column, counts[counts > 0].tolist(), minimum, study.language)
    sites = unplaced(int(employees[column].isna().sum()), study.synthetic, minimum)
    for name, value in names_of(sorted(employees[column].dropna().unique(), key=str)).items():
        part = _part(study, column, value, name)
        enough = len(part.employees) >= minimum
        sites.append(
            Site(
                name=name, title=dict.fromkeys(LANGUAGES, str(value)), synthetic=study.synthetic,
                folder=part.save(folder / name) if enough else None, minimum=minimum,
            )
        )  # fmt: skip
    return sorted(sites, key=lambda site: site.name)


def no_column(column: str, known: Sequence[str], language: str) -> UserError:
    """Return what is raised where employees have no such column to split by."""
    what = Message.of("sweep.no_column", column=column, known=", ".join(known))
    return UserError([Problem(what=what, value=column, allowed=", ".join(known))], language)


def refuse_people(column: str, people: Sequence[int], minimum: int, language: str) -> None:
    """Refuse a column most of whose values few people have: it does not hold places. Units always do."""
    if column != "unit" and 2 * sum(n < minimum for n in people) > len(people):
        what = Message.of("sweep.column_of_people", column=column, minimum=minimum)
        raise UserError([Problem(what=what, value=column)], language)


def unplaced(people: int, synthetic: bool, minimum: int) -> list[Site]:
    """Return employees without a value as a place, if they are so few that they could be worked out."""
    if not 0 < people < minimum:
        return []
    title = {code: say(code, "sweep.no_value") for code in LANGUAGES}
    return [Site(name="_", title=title, folder=None, synthetic=synthetic, minimum=minimum)]


def names_of(values: Sequence[Any]) -> dict[str, Any]:
    """Return values by a name each, told apart by a number where two would have one name."""
    names: dict[str, Any] = {}
    for value in values:
        name, number = slug(str(value)), 1
        while (numbered := name if number == 1 else f"{name}-{number}") in names:
            number += 1
        names[numbered] = value
    return names


def _part(study: Study, column: str, value: Any, name: str) -> Study:
    """Return the study of those employees who have a value, and of their units."""
    chosen = study.employees[study.employees[column] == value]
    people, units = set(chosen["employee_id"]), set(chosen["unit"])
    tables = {"employees": chosen}
    for other, table in study.tables.items():
        if other != "employees":
            tables[other] = table[_mine(table, people, units)]
    settings = of_part(study.settings, value, name)
    return replace(study, settings=settings, tables=_renamed({n: t for n, t in tables.items() if len(t)}))


def _mine(table: pd.DataFrame, people: set[str], units: set[str]) -> pd.Series:
    """Tell which rows are a part's: by employee; rows about no employee by unit, which parts may share."""
    if "employee_id" not in table:
        return table["unit"].isin(units)
    mine = table["employee_id"].isin(people)
    if "unit" in table:
        mine |= table["employee_id"].isna() & table["unit"].isin(units)
    return mine


def of_part(settings: Settings, value: Any, name: str) -> Settings:
    """Return the settings of the part of a study whose employees have a value."""
    about = settings.study
    words = {code: f"{about.title[code]}: {value}" for code in LANGUAGES}
    about = about.model_copy(update={"id": name, "title": about.title.model_copy(update=words)})
    return settings.model_copy(update={"study": about})


def _renamed(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables with pseudonyms made of each person's number in the study's order.

    Without a key file pseudonyms are new each time a study is opened; these are not, for ids do not set the
    order. So a part that holds the same is the same file in the next sweep, and what was found in it is kept.
    """
    columns = [(name, column) for column in ("employee_id", "rater_id") for name in tables]
    ids = [tables[name][column] for name, column in columns if column in tables[name]]
    people = dict.fromkeys(i for column in ids for i in column.dropna())
    number = {person: f"p{i:016x}" for i, person in enumerate(people)}
    return {
        name: table.assign(
            **{c: table[c].map(number) for c in ("employee_id", "rater_id") if c in table}
        ).reset_index(drop=True)
        for name, table in tables.items()
    }
