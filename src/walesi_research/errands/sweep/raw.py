"""Parquet tables of a study as they lie in their files, and what the study's reader makes of headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError
from walesi_research.study import maps
from walesi_research.study.calendar import Calendar
from walesi_research.study.check import CODEBOOK_FILE
from walesi_research.study.codebook import Codebook
from walesi_research.study.coerce import MISSING, coerce
from walesi_research.study.columns import TABLES, survey_with_items
from walesi_research.study.files import read_book
from walesi_research.study.identifiers import Identifiers, holds_nip
from walesi_research.study.mask import shown
from walesi_research.study.places import SETTINGS_FILE, find_places
from walesi_research.study.settings import Settings
from walesi_research.study.sheets import Unreadable
from walesi_research.study.strict import load
from walesi_research.study.tables import Located, Reading, load_table, locate, wanted_names
from walesi_research.study.texts import texts_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

__all__ = ["Described", "Raw", "canonical", "described", "literal", "quoted", "raw_tables"]

ROW = "file_row_number"
NO_ONE = Identifiers({}, {})
BLANKS = " \t\r\n\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Described:
    """A study whose files are Parquet, as its settings describe it: nothing of its tables is read."""

    settings: Settings
    codebook: Codebook
    files: Mapping[str, Path]


def described(folder: Path, tables: Mapping[str, Path] | None = None) -> Described | None:
    """Return what a study's settings say, or None unless they are sound and each table is a Parquet file."""
    settings, faults = load(folder / SETTINGS_FILE, SETTINGS_FILE, Settings)
    if settings is None or faults or settings.snapshot:
        return None
    places, faults = find_places(folder, settings, tables or {})
    files = {name: place.path for name, place in places.items()}
    if faults or len(set(files.values())) < len(files):
        return None
    if not all(path.suffix.lower() == ".parquet" and _is_plain(path) for path in files.values()):
        return None
    codebook, faults = Codebook(), []
    if (folder / CODEBOOK_FILE).exists() or "survey" in files:
        codebook, faults = load(folder / CODEBOOK_FILE, CODEBOOK_FILE, Codebook)
    return None if faults or codebook is None else Described(settings, codebook, files)


def _is_plain(path: Path) -> bool:
    """Tell whether the file can be read and no two of its columns differ in case or blanks only."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = [name.strip().casefold() for name in pq.read_schema(path).names]
    except (pa.ArrowException, OSError):
        return False
    return len(set(names)) == len(names) and ROW not in names


@dataclass(frozen=True)
class Raw:
    """A table in its Parquet file.

    Parameters
    ----------
    located : Located
        Its header as the reader understands it; no rows.
    path : Path
    types : mapping of str to pyarrow.DataType
        By the column's name in the file, blanks included.
    unread : tuple of str
        Columns that no table knows, as messages show them.
    """

    located: Located
    path: Path
    types: Mapping[str, pa.DataType]
    unread: tuple[str, ...]

    @property
    def reading(self) -> Reading:
        """How the table is read."""
        return self.located.reading

    @property
    def spelled(self) -> Mapping[str, str]:
        """Name in the file, without blanks, by canonical column."""
        return self.located.spelled

    @property
    def ids(self) -> list[str]:
        """Canonical columns of identifiers."""
        return [column for column in self.spelled if self.reading.table.columns[column].kind == "id"]

    @property
    def source(self) -> str:
        """The file in SQL as ``t``, its rows numbered from 0 in ``file_row_number``."""
        return f"read_parquet({literal(self.path)}, file_row_number = true) t"

    def original(self, name: str) -> str:
        """Return the file's own name of a column, blanks included."""
        return next(column for column in self.types if column.strip() == name)

    def in_file(self, name: str) -> str:
        """Return a column of the file in SQL, by its name without blanks."""
        return f"t.{quoted(self.original(name))}"

    def column(self, canonical: str) -> str:
        """Return a canonical column in SQL."""
        return self.in_file(self.spelled[canonical])

    def text(self, canonical: str) -> str:
        """Return a column of identifiers in SQL as the texts that the reader has; missing ones are null."""
        import pyarrow as pa

        value, kind = self.column(canonical), self.types[self.original(self.spelled[canonical])]
        text = f"CAST({value} AS VARCHAR)"
        if pa.types.is_floating(kind):
            whole = f"{value} = trunc({value}) AND abs({value}) < 1e15"
            text = f"CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) ELSE {text} END"
        text = f"trim({text}, {literal(BLANKS)})"
        # a pattern, for DuckDB makes a join of IN, and then of a join on this text a product of both tables
        missing = literal("|".join(re.escape(word) for word in sorted(MISSING)))
        return f"(CASE WHEN NOT regexp_full_match(lower({text}), {missing}) THEN {text} END)"

    def find(self, name: str) -> str | None:
        """Return the file's name of a column that is given by its canonical name or the file's."""
        if name in self.spelled:
            return self.spelled[name]
        names = {column.strip().casefold(): column.strip() for column in self.types}
        return names.get(name.strip().casefold())

    def problem(self, what: str | Message, **details: Any) -> Problem:
        """Return a problem of this table's file."""
        message = Message.of(what) if isinstance(what, str) else what
        return Problem(what=message, file=self.reading.file, table=self.reading.table.name, **details)


def quoted(name: str) -> str:
    """Return a name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """Return a text in SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def raw_tables(study: Described, scratch: Path) -> dict[str, Raw]:
    """Return the study's tables, their headers checked as `open_study` does.

    Raises
    ------
    UserError
        With every fault of the maps and headers.
    """
    raws, problems = {}, []
    for name, path in study.files.items():
        reading = _reading(study, name)
        problems += maps.check_columns(getattr(study.settings.columns, name), reading.table, SETTINGS_FILE)
        problems += maps.check_values(
            getattr(study.settings.values, name), reading.table, study.codebook.items, SETTINGS_FILE
        )
        try:
            raws[name], faults = _raw(reading, path, scratch / f"head-{name}.parquet")
            problems += faults
        except Unreadable as why:
            problems.append(why.problem(reading.file, name))
    if any(problem.severity == "error" for problem in problems):
        raise UserError(problems, study.settings.study.language)
    return raws


def _reading(study: Described, name: str) -> Reading:
    table = survey_with_items(study.codebook) if name == "survey" else TABLES[name]
    return Reading(
        table=table,
        file=study.files[name].name,
        columns=maps.readable(getattr(study.settings.columns, name), table),
        values=maps.lookup(getattr(study.settings.values, name), table, study.codebook.items),
        calendar=Calendar(study.settings.study.period),
    )


def _raw(reading: Reading, path: Path, head: Path) -> tuple[Raw, list[Problem]]:
    """Return a table and the faults of its header, read from a file that has nothing else."""
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    pq.write_table(schema.empty_table(), head)
    located = locate(read_book(head, wanted_names(reading)), reading)
    loaded = load_table(located, NO_ONE)
    types = dict(zip(schema.names, schema.types, strict=True))
    faults = [problem for problem in loaded.problems if problem.what.key != "check.no_answers"]
    return Raw(located, path, types, loaded.unread), faults


def canonical(
    connection: DuckDBPyConnection, raw: Raw, name: str, scratch: Path, counted: str = "true"
) -> Iterator[tuple[Any, Any, int]]:
    """Yield each value of a column in the file, what the reader makes of it, and the number of its rows.

    Parameters
    ----------
    connection : DuckDBPyConnection
    raw : Raw
    name : str
        The column's name in the file.
    scratch : Path
    counted : str
        In SQL: rows that count.

    Raises
    ------
    UserError
        If the reader refuses a value.
    """
    import pyarrow.parquet as pq

    asked = f"SELECT {raw.in_file(name)} AS value, count(*) FILTER ({counted}) AS rows FROM {raw.source}"
    found = connection.sql(f"SELECT * FROM ({asked} GROUP BY ALL) ORDER BY value").to_arrow_table()
    file = scratch / "values.parquet"
    pq.write_table(found.select(["value"]).rename_columns([name]), file)
    texts = read_book(file, [name]).sheets[0].frame[name]
    values, rows = found.column("value").to_pylist(), found.column("rows").to_pylist()
    for row, value in _understood(raw, name, texts).dropna().items():
        yield values[row - 2], value, rows[row - 2]


def _understood(raw: Raw, name: str, texts: pd.Series) -> pd.Series:
    """Return a column's values as the reader has them; as texts where no table knows the column."""
    reading = raw.reading
    column = next((column for column, spelled in raw.spelled.items() if spelled == name), None)
    if column is None:
        texts = texts_of(texts).astype("str")
        refused = {text: "check.text_holds_nip" for text in texts.dropna() if holds_nip(text)}
        known = texts.mask(texts.str.casefold().isin(MISSING))
    else:
        about = reading.table.columns[column]
        done = coerce(texts, about, reading.calendar, reading.values.get(column, {}), {}, NO_ONE)
        refused, known = {text: why.what for text, why in done.refused.items()}, done.values
    if refused:
        told = [raw.problem(why, column=name, value=shown(text)) for text, why in refused.items()]
        raise UserError(told)
    return known
