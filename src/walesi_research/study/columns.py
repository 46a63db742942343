"""The tables of a study folder: their columns, what each may hold, and what makes a row unique."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from walesi_research.study.calendar import Calendar
from walesi_research.study.codebook import Codebook

__all__ = ["TABLES", "TABLE_NAMES", "Column", "Kind", "Table", "survey_with_items"]

Kind = Literal["id", "text", "choice", "integer", "number", "date", "period"]


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column.

    Parameters
    ----------
    name : str
        Canonical name.
    kind : {"id", "text", "choice", "integer", "number", "date", "period"}
        What a value is.
    required : bool
        Whether the table must have the column.
    filled : bool
        Whether, where the column is present, every row must have a value.
    choices : tuple of str
        The values of a ``choice``.
    low, high : float or None
        Limits of a number, both allowed.
    """

    name: str
    kind: Kind
    required: bool = False
    filled: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def allowed(self, calendar: Calendar) -> str:
        """Return what the column may hold, in signs that every language shares."""
        match self.kind:
            case "choice":
                return ", ".join(self.choices)
            case "date":
                return "YYYY-MM-DD"
            case "period":
                return _periods_of_a_year(calendar)
            case "integer" | "number":
                return self._limits()
            case _:
                return ""

    def _limits(self) -> str:
        if self.high is not None:
            return f"{self.low:g}–{self.high:g}"
        return f"≥ {self.low:g}"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns by name, and the columns that together occur only once."""

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = field(default=())


def _periods_of_a_year(calendar: Calendar) -> str:
    year = calendar.periods_of_year(2024)
    ends = dict.fromkeys(map(calendar.label, (year[0], year[-1])))
    return " … ".join(ends)


def _id(name: str, required: bool = True) -> Column:
    return Column(name, "id", required=required, filled=required)


def _choice(name: str, *choices: str, required: bool = False) -> Column:
    return Column(name, "choice", required=required, filled=required, choices=choices)


def _integer(name: str, low: int, high: int | None = None) -> Column:
    return Column(name, "integer", low=low, high=high)


def _table(name: str, *columns: Column, key: tuple[str, ...] = ()) -> Table:
    return Table(name, {column.name: column for column in columns}, key)


_PERIOD = Column("period", "period", required=True, filled=True)
_UNIT = Column("unit", "text", required=True, filled=True)
_ROMAN = tuple("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII".split())  # noqa: SIM905
_GRADES = (*(f"{g}/{s}" for g in _ROMAN[:4] for s in "abcde" if g == "IV" or s != "e"), *_ROMAN)

_EMPLOYEES = _table(
    "employees",
    _id("employee_id"),
    _UNIT,
    _choice("status", "pns", "pppk"),
    _choice("position", "managerial", "functional", "executor"),
    _choice("gender", "f", "m"),
    _integer("start_year", 1950, 2100),
    Column("left_on", "date"),
    _choice("grade", *_GRADES),
    _choice("education", "sma", "d3", "d4_s1", "s2", "s3"),
    _integer("birth_year", 1930, 2020),
    key=("employee_id",),
)
_SURVEY = _table(
    "survey",
    _id("employee_id"),
    Column("date", "date"),
    _integer("wave", 1),
    Column("weight", "number", filled=True, low=0),
    key=("employee_id", "wave"),
)
_APPRAISALS = _table(
    "appraisals",
    _id("employee_id"),
    _PERIOD,
    _id("rater_id"),
    Column("score", "number", low=0, high=120),
    _integer("work_result", 1, 3),
    _integer("behaviour", 1, 3),
    _choice("predicate", "sangat_baik", "baik", "butuh_perbaikan", "kurang", "sangat_kurang"),
    Column("achievement", "number", low=0),
    _choice("tie", "none", "family", "clan", "political", "other"),
    key=("employee_id", "rater_id", "period"),
)
_TRAINING = _table(
    "training",
    _id("employee_id"),
    Column("programme", "text", required=True, filled=True),
    _choice("kind", "leadership", "technical", "functional", "sociocultural"),
    Column("hours", "number", required=True, filled=True, low=0),
    Column("completed_on", "date", required=True, filled=True),
)
_SERVICE = _table("service", _UNIT, _PERIOD, *(_integer(f"u{i}", 1, 4) for i in range(1, 10)))
_EVENTS = _table(
    "events",
    _choice("kind", "award", "team_building", required=True),
    Column("date", "date", required=True, filled=True),
    _id("employee_id", required=False),
    replace(_UNIT, required=False, filled=False),
)

TABLES: Mapping[str, Table] = {
    table.name: table for table in (_EMPLOYEES, _SURVEY, _APPRAISALS, _TRAINING, _SERVICE, _EVENTS)
}
"""The tables of a study by name; the survey without its items, which the codebook adds."""

TABLE_NAMES = tuple(TABLES)

COMMENT = "comment"
"""The survey's column of free words: known, and never read."""


def survey_with_items(codebook: Codebook) -> Table:
    """Return the survey table with the codebook's items as whole numbers on their scales."""
    items = {
        item: Column(item, "integer", required=True, low=construct.scale[0], high=construct.scale[1])
        for construct in codebook.constructs.values()
        for item in construct.items
    }
    return replace(_SURVEY, columns={**_SURVEY.columns, **items})
