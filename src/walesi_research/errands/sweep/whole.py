"""What only the whole of a study's tables can tell when they are split: who is who, and what contradicts.

Each identifier is looked at once, a chunk at a time, and gets a pseudonym: a hash under a key that the sweep
keeps in its own room, so that the same people have the same ones in the next sweep, and nobody else can tell.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from walesi_research.errands.sweep.raw import ROW, Raw, literal
from walesi_research.language import Message
from walesi_research.problems import Problem, UserError
from walesi_research.study.crosscheck import cross_check
from walesi_research.study.files import read_book
from walesi_research.study.identifiers import NIP_PATTERN, check_identifiers
from walesi_research.study.mask import hidden
from walesi_research.study.tables import load_table, locate, wanted_names

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["key_of", "number_people"]

CHUNK = 100_000
SAID_BY_NIP = ("employee_id", "birth_year", "gender", "status")
LETTERS = 16
"""Letters of a pseudonym: with 64 bits, two of five million people share one once in a million sweeps."""
KEY = "pseudonyms.key"
FEW = 20
"""Rows that are told of each kind of fault."""


def number_people(
    connection: DuckDBPyConnection, tables: Mapping[str, Raw], language: str, scratch: Path, key: str
) -> None:
    """Number everybody, and refuse tables that contradict each other.

    Makes the tables ``people`` (number and part of each employee, part null where in none) and ``numbers``
    (text in a file, number, pseudonym, part of an employee) of ``place_of`` (text, part).

    Raises
    ------
    UserError
        With up to `FEW` rows of each kind of fault: blank and damaged identifiers, employees listed twice,
        rows about an employee who is not listed, employees whose NIP contradicts a column.
    """
    problems = [*_blank(connection, tables), *_damaged(connection, tables, _look_at_each(connection, tables))]
    connection.execute(
        "CREATE TABLE known AS SELECT text, dense_rank() OVER (ORDER BY identifier) AS number, "
        f"'p' || left(sha256({literal(key)} || identifier), {LETTERS}) AS pseudonym FROM identifiers"
    )
    connection.execute(
        "CREATE TABLE people AS SELECT number, any_value(part) AS part "
        "FROM place_of JOIN known USING (text) GROUP BY number"
    )
    connection.execute(
        "CREATE TABLE numbers AS SELECT text, number, pseudonym, part "
        "FROM known LEFT JOIN people USING (number)"
    )
    problems += [*_twice(connection, tables), *_unknown(connection, tables)]
    problems += islice(_against_nips(tables["employees"], scratch), FEW)
    if problems:
        raise UserError(problems, language)
    connection.execute("DROP TABLE identifiers")
    connection.execute("DROP TABLE known")


def key_of(room: Path) -> str:
    """Return the key of a sweep's pseudonyms; made the first time, and for its owner's eyes only."""
    file = room / KEY
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="ascii")
    return file.read_text(encoding="ascii")


def _look_at_each(connection: DuckDBPyConnection, tables: Mapping[str, Raw]) -> dict[str, str]:
    """Keep all sound identifiers in a table ``identifiers``; return the faults of the others by text."""
    import pyarrow as pa

    texts = " UNION ALL ".join(
        f"SELECT {raw.text(column)} AS text FROM {raw.source}"
        for raw in tables.values()
        for column in raw.ids
    )
    connection.execute(f"CREATE TABLE texts AS SELECT DISTINCT text FROM ({texts}) WHERE text IS NOT NULL")
    connection.execute("CREATE TABLE identifiers (text VARCHAR, identifier VARCHAR)")
    faults: dict[str, str] = {}
    cursor = connection.cursor()
    for batch in cursor.sql("SELECT text FROM texts").to_arrow_reader(CHUNK):
        found = check_identifiers(batch.column("text").to_pylist())
        faults |= found.faults
        chunk = pa.table({"text": list(found.repaired), "identifier": list(found.repaired.values())})
        connection.register("chunk", chunk)
        connection.execute("INSERT INTO identifiers SELECT * FROM chunk")
        connection.unregister("chunk")
    connection.execute("DROP TABLE texts")
    return faults


def _blank(connection: DuckDBPyConnection, tables: Mapping[str, Raw]) -> Iterator[Problem]:
    """Find rows without the identifier that each must have; a row without anything is none."""
    for raw in tables.values():
        for column in raw.ids:
            if not raw.reading.table.columns[column].required:
                continue
            filled = (f"{raw.column(other)} IS NOT NULL" for other in raw.spelled if other != column)
            others = " OR ".join(filled)
            asked = f"SELECT {ROW} FROM {raw.source} WHERE {raw.text(column)} IS NULL AND ({others})"
            for (row,) in connection.sql(f"{asked} ORDER BY ALL LIMIT {FEW}").fetchall():
                yield raw.problem("check.blank", column=raw.spelled[column], row=row + 2, allowed=NIP_PATTERN)


def _damaged(
    connection: DuckDBPyConnection, tables: Mapping[str, Raw], faults: Mapping[str, str]
) -> Iterator[Problem]:
    if not faults:
        return
    texts = ", ".join(literal(text) for text in sorted(faults)[:FEW])
    for raw in tables.values():
        for column in raw.ids:
            asked = f"SELECT {ROW}, {raw.text(column)} AS text FROM {raw.source} WHERE text IN ({texts})"
            for row, text in connection.sql(f"{asked} ORDER BY ALL LIMIT {FEW}").fetchall():
                yield raw.problem(
                    faults[text], column=raw.spelled[column], row=row + 2, value=hidden(text),
                    allowed=NIP_PATTERN,
                )  # fmt: skip


def _twice(connection: DuckDBPyConnection, tables: Mapping[str, Raw]) -> Iterator[Problem]:
    """Find employees listed again, in whatever place."""
    rows, people = (
        connection.sql(f"SELECT count(*) FROM {table}").fetchall() for table in ("place_of", "people")
    )
    if rows == people:
        return
    raw = tables["employees"]
    rows = f"SELECT {ROW}, {raw.text('employee_id')} AS text FROM {raw.source}"
    numbered = f"SELECT * FROM ({rows}) JOIN numbers USING (text)"
    first = f"SELECT *, min({ROW}) OVER (PARTITION BY number) AS first FROM ({numbered})"
    asked = f"SELECT {ROW}, first, text FROM ({first}) WHERE {ROW} > first ORDER BY ALL LIMIT {FEW}"
    name = raw.spelled["employee_id"]
    for row, before, text in connection.sql(asked).fetchall():
        what = Message.of("check.duplicate", key=name, first=before + 2)
        yield raw.problem(what, column=name, row=row + 2, value=hidden(text))


def _against_nips(raw: Raw, scratch: Path) -> Iterator[Problem]:
    """Find employees whose NIP, which no part has any more, contradicts a column, as `open_study` does."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [raw.original(name) for column, name in raw.spelled.items() if column in SAID_BY_NIP]
    file = scratch / "employees-chunk.parquet"
    batches = pq.ParquetFile(raw.path).iter_batches(CHUNK, columns=names)
    for start, batch in zip(count(0, CHUNK), batches, strict=False):
        pq.write_table(pa.Table.from_batches([batch]), file)
        located = locate(read_book(file, wanted_names(raw.reading)), raw.reading)
        loaded = load_table(located, check_identifiers(located.identifiers()))
        for problem in cross_check({"employees": loaded}):
            if problem.severity == "error" and problem.what.key.startswith("check.nip_contradicts"):
                yield replace(problem, row=problem.row + start)


def _unknown(connection: DuckDBPyConnection, tables: Mapping[str, Raw]) -> Iterator[Problem]:
    for name, raw in tables.items():
        if name == "employees" or "employee_id" not in raw.spelled:
            continue
        rows = f"SELECT {ROW}, {raw.text('employee_id')} AS text FROM {raw.source}"
        asked = f"SELECT {ROW}, text FROM ({rows}) JOIN numbers USING (text) ANTI JOIN people USING (number)"
        for row, text in connection.sql(f"{asked} ORDER BY ALL LIMIT {FEW}").fetchall():
            column = raw.spelled["employee_id"]
            yield raw.problem("check.unknown_employee_id", column=column, row=row + 2, value=hidden(text))
