"""The study's own names: ``[columns]`` and ``[values]``, checked against the contract and the codebook."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from walesi_research.language import Message
from walesi_research.problems import Problem, nearest
from walesi_research.study.coerce import DECLARED_MISSING, normal
from walesi_research.study.columns import COMMENT, Column, Table
from walesi_research.study.mask import shown
from walesi_research.study.settings import ColumnMap, ValueMap

__all__ = ["ALL_ITEMS", "check_columns", "check_values", "lookup", "readable"]

ALL_ITEMS = "items"
"""The column of ``[values.survey]`` that stands for every item of the codebook."""


def check_columns(columns: ColumnMap, table: Table, file: str) -> Iterator[Problem]:
    """Find canonical names that the table does not have."""
    known = [*table.columns, COMMENT] if table.name == "survey" else list(table.columns)
    for name in columns:
        if name not in known:
            yield _unknown("check.map_column_unknown", f"columns.{table.name}.{name}", name, known, file)
    yield from _one_column_twice(columns, table, file)


def _one_column_twice(columns: ColumnMap, table: Table, file: str) -> Iterator[Problem]:
    """Find columns of the file that two of the table's are said to be, or that no one may read."""
    ids = [name for name, column in table.columns.items() if column.kind == "id"]
    spelled = {name: name for name in ids} | {name: columns[name] for name in columns}
    times = Counter(text.casefold() for text in spelled.values())
    may_be_read = readable(columns, table)
    for name, text in columns.items():
        is_comment = name in table.columns and name not in may_be_read
        if is_comment or times[text.casefold()] > 1:
            key = "check.map_comment" if is_comment else "check.map_column_twice"
            path = f"columns.{table.name}.{name}"
            yield Problem(what=Message.of(key), file=file, column=path, value=shown(text))


def readable(columns: ColumnMap, table: Table) -> dict[str, str]:
    """Return the map of a table's columns without those that are said to be the column of comments."""
    words = columns.get(COMMENT, COMMENT).casefold() if table.name == "survey" else None
    return {
        name: text for name, text in columns.items() if name in table.columns and text.casefold() != words
    }


def check_values(values: ValueMap, table: Table, items: tuple[str, ...], file: str) -> Iterator[Problem]:
    """Find columns (ids have none) and canonical values that do not exist, and values with two meanings."""
    known = [name for name, column in table.columns.items() if column.kind != "id"]
    known += [ALL_ITEMS] if table.name == "survey" else []
    for name, meanings in values.items():
        path = f"values.{table.name}.{name}"
        if name not in known:
            yield _unknown("check.map_column_unknown", path, name, known, file)
            continue
        column = (
            table.columns[items[0] if name == ALL_ITEMS and items else name]
            if name in table.columns or items
            else None
        )
        if column is not None:
            yield from _canonical(meanings, column, path, file)
        yield from _ambiguous(meanings, path, file)


def _canonical(
    meanings: Mapping[str, tuple[str, ...]], column: Column, path: str, file: str
) -> Iterator[Problem]:
    for canonical in meanings:
        if canonical == DECLARED_MISSING or _is_value(canonical, column):
            continue
        allowed = [*_values_of(column), DECLARED_MISSING]
        yield _unknown("check.map_value_unknown", f"{path}.{canonical}", canonical, allowed, file)


def _is_value(canonical: str, column: Column) -> bool:
    if column.kind == "choice":
        return normal(canonical) in map(normal, column.choices)
    if column.kind == "integer":
        return re.fullmatch(r"-?[0-9]{1,9}", canonical) is not None and _within(int(canonical), column)
    return True


def _within(value: int, column: Column) -> bool:
    low, high = column.low, column.high
    return (low is None or value >= low) and (high is None or value <= high)


def _values_of(column: Column) -> list[str]:
    if column.kind == "integer" and column.high is not None and column.high - column.low < 20:
        return [str(i) for i in range(int(column.low), int(column.high) + 1)]
    return list(column.choices)


def _ambiguous(meanings: Mapping[str, tuple[str, ...]], path: str, file: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for canonical, texts in meanings.items():
        for text in texts:
            other = seen.setdefault(text.strip().casefold(), canonical)
            if other != canonical:
                yield Problem(
                    what=Message.of("check.map_value_twice", first=other, second=canonical),
                    file=file,
                    column=path,
                    value=shown(text),
                )


def _unknown(key: str, path: str, name: str, known: list[str], file: str) -> Problem:
    return Problem(
        what=Message.of(key),
        file=file,
        column=path,
        value=shown(name),
        allowed=", ".join(known),
        guess=nearest(name, known),
    )


def lookup(values: ValueMap, table: Table, items: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return canonical value by case-folded file value, by column; ``items`` is spread over all items.

    What is mapped to a value that does not exist counts as missing: the map is at fault, not its cells.
    """
    maps = {
        name: _folded(meanings, table.columns[name])
        for name, meanings in values.items()
        if name in table.columns and table.columns[name].kind != "id"
    }
    for item in items if ALL_ITEMS in values else ():
        maps[item] = _folded(values[ALL_ITEMS], table.columns[item]) | maps.get(item, {})
    return maps


def _folded(meanings: Mapping[str, tuple[str, ...]], column: Column) -> dict[str, str]:
    return {
        text.strip().casefold(): canonical if _is_value(canonical, column) else DECLARED_MISSING
        for canonical, texts in meanings.items()
        for text in texts
    }
