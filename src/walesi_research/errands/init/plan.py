"""A study is guessed from the sheets of its exports."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from walesi_research.errands.init.constructs import constructs_of
from walesi_research.errands.init.dates import days_of
from walesi_research.errands.init.draft import Draft, TableDraft, rows_of
from walesi_research.errands.init.names import plain
from walesi_research.errands.init.people import employees_of, ensure_ids, judge_raters
from walesi_research.errands.init.sheets import Sorted, left_out
from walesi_research.errands.init.tables import days_rewritten, periods, table_of, tell_undecided, unread
from walesi_research.language import Message
from walesi_research.problems import Problem, UserError
from walesi_research.study.columns import TABLE_NAMES, TABLES

__all__ = ["plan"]

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]00:00(?::00(?:\.0+)?)?)?")


def plan(folder: Path, sheets: Sequence[Sorted], language: str) -> Draft:
    """Guess a study.

    Parameters
    ----------
    folder : Path
        Where it will be; its name becomes the study's.
    sheets : sequence of Sorted
        The sheets of the exports.
    language : {"id", "en"}
        The language of the user.

    Raises
    ------
    UserError
        If no sheet is a survey or holds appraisals.
    """
    chosen, unused = _chosen(sheets)
    if not {"survey", "appraisals"} & set(chosen):
        raise UserError([_nothing(sheet) for sheet in sheets], language)
    tables = {name: table_of(sheet, name) for name, sheet in chosen.items() if name != "employees"}
    draft = Draft(_identity(folder), _seed(sheets), language, tables, [])
    for sheet in unused:
        key = "repeat_unused" if sheet.is_repeat else "sheet_unused"
        draft.note("tables", "check", key, file=sheet.source.name, rows=len(sheet.source.frame))
    if "survey" in tables:
        ensure_ids(tables["survey"], chosen["survey"])
        draft.groups = constructs_of(chosen["survey"].answers, chosen["survey"].source.frame)
        _date_of_survey(draft, tables["survey"])
    _rhythm(draft, tables)
    employees = employees_of(tables, chosen, language)
    if "appraisals" in tables:
        judge_raters(tables["appraisals"], employees)
    _required(tables)
    draft.tables = {
        name: ({"employees": employees} | tables)[name]
        for name in TABLE_NAMES
        if name in {**tables, "employees": 0}
    }
    _leave_out(draft, chosen)
    return draft


def _chosen(sheets: Sequence[Sorted]) -> tuple[dict[str, Sorted], list[Sorted]]:
    """Return the sheet of each table, the one with most answers, columns and rows, and the sheets of none."""
    chosen: dict[str, Sorted] = {}
    for sheet in sheets:
        if sheet.table and not sheet.is_repeat and _weight(sheet) > _weight(chosen.get(sheet.table)):
            chosen[sheet.table] = sheet
    return chosen, [sheet for sheet in sheets if not any(sheet is other for other in chosen.values())]


def _weight(sheet: Sorted | None) -> tuple[int, int, int]:
    if sheet is None:
        return (-1, 0, 0)
    return len(sheet.answers), len(sheet.match(sheet.table)), len(sheet.source.frame)


def _nothing(sheet: Sorted) -> Problem:
    names = ", ".join(list(sheet.source.frame)[:8])
    return Problem(
        what=Message.of("init.no_table", rows=len(sheet.source.frame), names=names), file=sheet.source.name
    )


def _identity(folder: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", plain(folder.resolve().name)).strip("-") or "studi"


def _seed(sheets: Sequence[Sorted]) -> int:
    """Return a seed that the same files give again."""
    digest = hashlib.sha256()
    for path in sorted({sheet.source.path for sheet in sheets}):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:4]) % 100_000_000


def _date_of_survey(draft: Draft, survey: TableDraft) -> None:
    """Date the survey: by a column of days, else by the middle of its times where they are of one year."""
    name = survey.columns.get("date")
    if name is None:
        draft.note("survey_date", "check", "survey_undated")
        return
    raw = survey.source.frame[name]
    if all(_ISO.fullmatch(str(text)) for text in raw.cat.categories):
        return
    read = days_of(raw)
    days = sorted(read.dropna())
    if len({day[:4] for day in days}) != 1 or "wave" in survey.columns:
        days_rewritten(survey, "date", name)
        return
    survey.worked.add(survey.columns.pop("date"))
    survey.notes.pop("date", None)
    draft.survey_date = dt.date.fromisoformat(days[len(days) // 2])
    draft.note("survey_date", "guess", "survey_dated", named=name, first=days[0], last=days[-1])
    if (lost := unread(raw, read)).any():
        n = int(lost.sum())
        draft.note("survey_date", "check", "values_lost", n=n, named=name, rows=rows_of(lost))
    tell_undecided(draft.note, "survey_date", raw, name)


def _rhythm(draft: Draft, tables: Mapping[str, TableDraft]) -> None:
    found = {name: periods(tables[name]) for name in ("appraisals", "service") if name in tables}
    if (rhythm := found.get("appraisals") or found.get("service")) is not None:
        draft.period = rhythm
        draft.note(
            "period", "guess", "period_seen", table="appraisals" if found.get("appraisals") else "service"
        )
    else:
        draft.note("period", "check", "period_unread" if found else "period_unknown")


def _required(tables: dict[str, TableDraft]) -> None:
    """Mark required columns that were not found."""
    for name, table in tables.items():
        missing = [
            c.name for c in TABLES[name].columns.values() if c.required and c.name not in table.columns
        ]
        for column in missing:
            table.note(column, "check", "column_missing", named=column)


def _leave_out(draft: Draft, sheets: Mapping[str, Sorted]) -> None:
    """Tell what is not read, and keep all but the study's own columns out of what is written."""
    told: list[int] = []
    for name, table in draft.tables.items():
        sheet = sheets.get(name) or next(s for s in sheets.values() if s.source is table.source)
        items = {item.column for group in draft.groups for item in group.items} if name == "survey" else set()
        kept = {*table.columns.values(), *items}
        if table.anew:
            own = table.current[[column for column in table.current if column in kept]]
            blank = own.astype("object").fillna("").eq("").all(axis=1)  # of a row of totals, say
            table.frame = own[~blank]
        if sheet.source is not table.source:
            continue
        found = left_out(sheet, frozenset(kept | table.worked | _used_elsewhere(draft, table)))
        table.left_out = found if id(table.source) not in told else {}
        told.append(id(table.source))


def _used_elsewhere(draft: Draft, table: TableDraft) -> set[str]:
    others = [t for t in draft.tables.values() if t is not table and t.source is table.source]
    columns = {column for other in others for column in (*other.columns.values(), *other.worked)}
    survey = any(t.name == "survey" for t in others)
    return columns | ({item.column for group in draft.groups for item in group.items} if survey else set())
