"""What must hold between rows and between tables: keys, known employees and units, agreement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from walesi_research.language import Message
from walesi_research.problems import Problem, nearest
from walesi_research.study.identifiers import nip_contradictions
from walesi_research.study.mask import hidden, shown
from walesi_research.study.tables import FEW, Loaded, rows_of

__all__ = ["cross_check"]

YOUNGEST = 15
"""Years of age under which no one starts in the service; fewer is a slip of a year."""

SAME = 1e-9
"""Achievements nearer than this (points) are the same number, written by two programs."""


def cross_check(tables: Mapping[str, Loaded]) -> Iterator[Problem]:
    """Find what contradicts itself within and between the tables that could be read."""
    for loaded in tables.values():
        yield from _repeated_keys(loaded)
    if "employees" in tables:
        yield from _employees(tables["employees"])
        for name, loaded in tables.items():
            if name != "employees":
                yield from _unknown(loaded, tables["employees"], "employee_id")
                yield from _unknown(loaded, tables["employees"], "unit")
    if "appraisals" in tables:
        yield from _achievement_disagrees(tables["appraisals"])
    if "training" in tables:
        yield from _courses_twice(tables["training"])
    if "events" in tables:
        yield from _events_of_no_one(tables["events"])


def _repeated_keys(loaded: Loaded) -> Iterator[Problem]:
    table = loaded.reading.table
    key = [name for name in table.key if table.columns[name].required or name in loaded.frame]
    if key and set(key) <= set(loaded.frame):
        yield from _repeats(loaded, key, "check.duplicate", "error")


def _with_first_wave(loaded: Loaded) -> pd.DataFrame:
    """Return the table with wave 1 where the file has none; as it is where its waves are at fault."""
    wave = loaded.spelled.get("wave")
    if wave is None or any(problem.column == wave for problem in loaded.problems):
        return loaded.frame
    return loaded.frame.assign(wave=loaded.frame["wave"].fillna(1))


def _courses_twice(training: Loaded) -> Iterator[Problem]:
    key = ["employee_id", "programme", "completed_on"]
    if set(key) <= set(training.frame):
        yield from _repeats(training, key, "check.course_twice", "warning")


def _repeats(loaded: Loaded, key: list[str], message: str, severity: str) -> Iterator[Problem]:
    """Name every row that repeats the key of an earlier one."""
    complete = _with_first_wave(loaded)[key].dropna()
    twice = complete[complete.duplicated(keep=False)]
    first: dict[tuple, int] = {}
    for row, values in zip(twice.index, twice.itertuples(index=False, name=None), strict=True):
        if (before := first.setdefault(values, row)) != row:
            yield loaded.problem(
                Message.of(message, key=" + ".join(_names(loaded, key)), first=int(before)),
                column=key[0],
                row=int(row),
                value=_value(loaded, key[0], values[0]),
                severity=severity,
            )


def _names(loaded: Loaded, key: list[str]) -> list[str]:
    return [loaded.spelled.get(column, column) for column in key]


def _value(loaded: Loaded, column: str, value: object) -> str:
    is_id = loaded.reading.table.columns[column].kind == "id"
    return hidden(str(value)) if is_id else shown(str(value))


def _unknown(loaded: Loaded, employees: Loaded, column: str) -> Iterator[Problem]:
    """Name every row about an employee or a unit that the employees table does not have."""
    if column not in loaded.frame or column not in employees.frame:
        return
    values = loaded.frame[column]
    known = employees.frame[column].dropna().unique()
    if not len(known):
        return  # the fault is the employees', and told
    wrong = values[values.notna() & ~values.isin(known)]
    is_unit = column == "unit"
    allowed = ", ".join(sorted(map(shown, known))) if is_unit and len(known) <= FEW else None
    guesses = {text: nearest(text, known) for text in wrong.unique()} if is_unit else {}
    for row, text in wrong.items():
        guess = guesses.get(text)
        yield loaded.problem(
            f"check.unknown_{column}",
            column=column,
            row=int(row),
            value=_value(loaded, column, text),
            allowed=allowed,
            guess=None if guess is None else shown(guess),
        )


_CONTRADICTED = {"birth_year": "error", "gender": "error", "status": "error", "start_year": "warning"}
"""A start year may differ from the NIP's (the candidate's year); birth, sex and status may not."""


def _employees(employees: Loaded) -> Iterator[Problem]:
    frame = employees.frame
    if "employee_id" in frame and frame.empty:
        yield employees.problem("check.no_rows")
    if "employee_id" in frame:
        yield from _against_nips(employees)
    if {"start_year", "birth_year"} <= set(frame):
        for row in rows_of(frame["start_year"] - frame["birth_year"] < YOUNGEST):
            yield employees.problem(
                "check.started_young",
                column="start_year",
                row=row,
                value=_plain(frame["start_year"][row]),
                severity="warning",
            )
    if {"start_year", "left_on"} <= set(frame):
        for row in rows_of(frame["left_on"].dt.year < frame["start_year"]):
            yield employees.problem(
                "check.left_before_start",
                column="left_on",
                row=row,
                value=str(frame["left_on"][row].date()),
                severity="warning",
            )


def _against_nips(employees: Loaded) -> Iterator[Problem]:
    """Name every value that differs from what the employee's NIP says."""
    for column, said in nip_contradictions(employees.frame).items():
        for row, instead in said.items():
            yield employees.problem(
                f"check.nip_contradicts_{column}",
                column=column,
                row=int(row),
                value=_plain(employees.frame[column][row]),
                allowed=str(instead),
                severity=_CONTRADICTED[column],
            )


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _achievement_disagrees(appraisals: Loaded) -> Iterator[Problem]:
    """Warn where raters of one employee and period record different achievement; its mean is used."""
    if not {"employee_id", "period", "achievement"} <= set(appraisals.frame):
        return
    recorded = appraisals.frame[["employee_id", "period", "achievement"]].dropna()
    recorded["row"] = recorded.index
    first = recorded.groupby(["employee_id", "period"], observed=True)[["achievement", "row"]].transform(
        "first"
    )
    differs = (recorded["achievement"] - first["achievement"]).abs() > SAME
    for row in rows_of(differs):
        yield appraisals.problem(
            Message.of("check.achievement_disagrees", first=str(first["row"][row])),
            column="achievement",
            row=row,
            value=_plain(recorded["achievement"][row]),
            severity="warning",
        )


def _events_of_no_one(events: Loaded) -> Iterator[Problem]:
    whom = [column for column in ("employee_id", "unit") if column in events.frame]
    if not whom:
        yield events.problem("check.event_columns")
        return
    for row in rows_of(events.frame[whom].isna().all(axis=1)):
        yield events.problem("check.event_of_no_one", column=whom[0], row=row)


def known_units(tables: Mapping[str, pd.DataFrame]) -> pd.Index:
    """Return the names of all units of a study, sorted."""
    names = {
        str(unit) for table in tables.values() if "unit" in table for unit in table["unit"].dropna().unique()
    }
    return pd.Index(sorted(names), dtype="str")
