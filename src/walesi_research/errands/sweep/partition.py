"""One study of Parquet tables, split by DuckDB: no table is ever whole in memory.

Every table is written in one pass, in a join with the employees' numbers and places, into a file a place;
then the rows of each place are put in order and become its study folder. Identifiers are replaced by keyed
pseudonyms within DuckDB and go no further than a scratch folder that only its owner can read, deleted at the
end, or by the next sweep where this one was killed; columns that no table knows are not written. Column and
value maps stay in the parts' settings and apply when a part is opened, which also checks all of it; what only
the whole can tell is checked in `whole`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walesi_research.errands.sweep.places import (
    Site,
    names_of,
    no_column,
    of_part,
    refuse_people,
    unplaced,
)
from walesi_research.errands.sweep.raw import ROW, Described, Raw, canonical, literal, quoted, raw_tables
from walesi_research.errands.sweep.whole import key_of, number_people
from walesi_research.language import LANGUAGES, Message
from walesi_research.problems import Problem, UserError
from walesi_research.study.toml import dumps_toml

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from walesi_research.study.settings import Settings

__all__ = ["split"]

MEMORY = "2GB"
THREADS = 2
OPEN_FILES = 1000
"""Files that DuckDB writes at once: more than there are places, lest it writes many small ones."""


def split(study: Described, column: str, folder: Path) -> list[Site]:
    """Split a study by a column of its employees, and write each part as a study folder.

    Parameters
    ----------
    study : Described
    column : str
        A column of the employees' file, by its canonical name or as it is called there; ``place``, say.
    folder : Path
        Where the parts go; holds pseudonymised data of people, so whoever calls deletes it.

    Returns
    -------
    list of Site
        As of `places.parts_of`.

    Raises
    ------
    UserError
        If DuckDB is missing, employees have no such column, headers are at fault, or the tables contradict
        each other.
    """
    scratch = folder / ".scratch"
    scratch.mkdir(mode=0o700, parents=True)
    try:
        tables = raw_tables(study, scratch)
        with _connected(scratch, study.settings.study.language) as connection:
            places = _places(connection, tables, column, study, scratch)
            key = key_of(folder.parent)
            number_people(connection, tables, study.settings.study.language, scratch, key)
            _write_split(connection, tables, scratch)
            ((rows,),) = connection.sql("SELECT count(*) FROM place_of").fetchall()
        for place in places:
            if place.enough:
                _write_part(place, tables, study, scratch, folder / place.name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    about, minimum = study.settings.study, study.settings.privacy.minimum_cell
    sites = unplaced(rows - sum(place.people for place in places), about.synthetic, minimum)
    sites += [_site(place, study.settings, folder) for place in places]
    return sorted(sites, key=lambda site: site.name)


@dataclass(frozen=True)
class _Place:
    """A value of the column: its number, its name for files, itself, its people, whether they are enough."""

    number: int
    name: str
    value: Any
    people: int
    enough: bool


def _site(place: _Place, settings: Settings, folder: Path) -> Site:
    return Site(
        name=place.name, title=dict.fromkeys(LANGUAGES, str(place.value)), synthetic=settings.study.synthetic,
        folder=folder / place.name if place.enough else None, minimum=settings.privacy.minimum_cell,
    )  # fmt: skip


def _connected(scratch: Path, language: str) -> DuckDBPyConnection:
    """Return a database in memory that spills into `scratch`."""
    try:
        import duckdb
    except ImportError:
        raise UserError([Problem(what=Message.of("sweep.no_duckdb"))], language) from None
    return duckdb.connect(
        config={
            "memory_limit": MEMORY, "threads": THREADS, "temp_directory": str(scratch / "spilled"),
            "preserve_insertion_order": False, "partitioned_write_max_open_files": OPEN_FILES,
        }
    )  # fmt: skip


def _places(
    connection: DuckDBPyConnection, tables: Mapping[str, Raw], column: str, study: Described, scratch: Path
) -> list[_Place]:
    """Return the places, and keep in a table ``place_of`` who is in which; null where too few are."""
    employees, language = tables["employees"], study.settings.study.language
    name = employees.find(column)
    if name is None or name == employees.spelled["employee_id"]:
        known = [c for c in employees.spelled if c != "employee_id"] + list(employees.unread)
        raise no_column(column, known, language)
    somebody = f"{employees.text('employee_id')} IS NOT NULL"
    values = list(canonical(connection, employees, name, scratch, somebody))
    people = Counter()
    for _, value, rows in values:
        people[value] += rows
    minimum = study.settings.privacy.minimum_cell
    places = [
        _Place(number, name, value, people[value], people[value] >= minimum)
        for number, (name, value) in enumerate(names_of(sorted(people, key=str)).items())
    ]
    canonical_name = next((c for c, spelled in employees.spelled.items() if spelled == name), column)
    refuse_people(canonical_name, list(people.values()), minimum, language)
    number = {place.value: place.number for place in places if place.enough}
    _keep(connection, "places", [(raw, number.get(value)) for raw, value, _ in values], "INTEGER")
    for table, raw in tables.items():
        if "unit" in raw.spelled:
            units = canonical(connection, raw, raw.spelled["unit"], scratch)
            _keep(connection, f"unit_in_{table}", [(value, unit) for value, unit, _ in units], "VARCHAR")
    connection.execute(
        f"CREATE TABLE place_of AS SELECT {employees.text('employee_id')} AS text, places.kept AS part, "
        f"units.kept AS unit FROM {employees.source} "
        f"LEFT JOIN places ON {employees.in_file(name)} = places.raw "
        f"LEFT JOIN unit_in_employees units ON {employees.column('unit')} = units.raw WHERE {somebody}"
    )
    return places


def _keep(connection: DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, Any]], kind: str) -> None:
    """Make a table of values of a file's column, in the file's own type, and what is kept of each."""
    import pyarrow as pa

    raw, kept = zip(*rows, strict=True) if rows else ((), ())
    given = pa.table({"raw": pa.array(raw), "kept": pa.array(kept)})
    connection.register("given", given)
    connection.execute(f"CREATE TABLE {table} AS SELECT raw, CAST(kept AS {kind}) AS kept FROM given")
    connection.unregister("given")


def _write_split(connection: DuckDBPyConnection, tables: Mapping[str, Raw], scratch: Path) -> None:
    """Write each table in one pass, a folder a place."""
    for name, raw in tables.items():
        connection.execute(
            f"COPY ({' UNION ALL '.join(_selections(name, raw))}) TO {literal(scratch / name)} "
            "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (part))"
        )


def _selections(name: str, raw: Raw) -> Iterator[str]:
    """Yield selections of a table's rows with their place: by employee; rows about no employee by unit."""
    columns, joins = {column: raw.column(column) for column in raw.spelled}, ""
    for column in raw.ids:
        columns[column] = f"{column}.pseudonym"
        joins += f" LEFT JOIN numbers {column} ON {raw.text(column)} = {column}.text"
    named = ", ".join(f"{value} AS {quoted(raw.spelled[column])}" for column, value in columns.items())
    what, rows = f"part, {ROW}, {named}", f"FROM {raw.source}{joins}"
    if "employee_id" in columns:
        yield f"SELECT employee_id.{what} {rows} WHERE employee_id.part IS NOT NULL"
    if name != "employees" and "unit" in columns:
        of_unit = "SELECT DISTINCT unit, part FROM place_of WHERE part IS NOT NULL"
        units = f"JOIN unit_in_{name} u ON {raw.column('unit')} = u.raw"
        placed = f"JOIN ({of_unit}) p ON u.kept = p.unit"
        nobody = " WHERE employee_id.number IS NULL" if "employee_id" in columns else ""
        yield f"SELECT p.{what} {rows} {units} {placed}{nobody}"


def _write_part(
    place: _Place, tables: Mapping[str, Raw], study: Described, scratch: Path, folder: Path
) -> None:
    """Write a place as a study folder; the same tables give the same bytes."""
    folder.mkdir()
    split = {name: scratch / name / f"part={place.number}" for name in tables}
    written = [name for name, where in split.items() if where.is_dir()]
    for name in written:
        _write_table(split[name], tables[name], folder / f"{name}.parquet")
    about = of_part(study.settings, place.value, place.name)
    settings = about.model_dump(exclude_none=True, exclude={"snapshot"})
    for maps in ("columns", "values"):
        settings[maps] = {name: of for name, of in settings[maps].items() if of and name in written}
    settings["tables"] = {name: f"{name}.parquet" for name in written}
    unread = {name: len(raw.unread) for name, raw in tables.items() if raw.unread}
    settings["snapshot"] = {"pseudonymised": True, "unread": unread}
    (folder / "study.toml").write_text(dumps_toml(settings), encoding="utf-8")
    (folder / "codebook.toml").write_text(dumps_toml(study.codebook.model_dump()), encoding="utf-8")


def _write_table(split: Path, raw: Raw, file: Path) -> None:
    """Write a place's rows in the order of the whole file, and delete what they were split into."""
    import pyarrow.parquet as pq

    table = pq.read_table(split, partitioning=None).sort_by(ROW)
    pq.write_table(table.select(list(raw.spelled.values())), file, compression="zstd")
    shutil.rmtree(split)
