"""What a typed table must satisfy, as a pandera schema built from the contract and the codebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd
import pandera.pandas as pa

from walesi_research.study.columns import Column, Table

__all__ = ["Violation", "build_schema", "violations"]

_MESSAGES = {
    "isin": "check.not_one_of",
    "in_range": "check.out_of_range",
    "greater_than_or_equal_to": "check.out_of_range",
    "not_nullable": "check.blank",
}


class Violation(NamedTuple):
    """One cell that breaks a rule: its row, its column and the key of the message."""

    row: int
    column: str
    key: str


def build_schema(table: Table) -> pa.DataFrameSchema:
    """Return the schema of a table: limits, choices and cells that must be filled, by canonical column.

    Whether columns are there at all is checked before, and what makes rows unique after.
    """
    return pa.DataFrameSchema({column.name: _column(column) for column in table.columns.values()})


def _column(column: Column) -> pa.Column:
    return pa.Column(nullable=not column.filled, required=False, checks=list(_checks(column)))


def _checks(column: Column) -> Iterator[pa.Check]:
    if column.choices:
        yield pa.Check.isin(list(column.choices))
    if column.low is not None and column.high is not None:
        yield pa.Check.in_range(column.low, column.high)
    elif column.low is not None:
        yield pa.Check.ge(column.low)


def violations(frame: pd.DataFrame, table: Table) -> list[Violation]:
    """Return every cell of a typed frame (indexed by row) that breaks the table's schema."""
    try:
        build_schema(table).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return [_violation(case) for case in errors.failure_cases.to_dict("records")]
    return []


def _violation(case: dict[str, Any]) -> Violation:
    check = str(case["check"]).partition("(")[0]
    return Violation(int(case["index"]), str(case["column"]), _MESSAGES[check])
