"""Who the rows are about: identifiers, the list of employees, and raters that are missing or wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from walesi_research.errands.init.draft import TableDraft, rows_of
from walesi_research.errands.init.names import plain
from walesi_research.errands.init.sheets import Sorted
from walesi_research.errands.init.tables import table_of
from walesi_research.rules.identity import repair

__all__ = ["employees_of", "ensure_ids", "judge_raters"]

RESPONSE_IDS = (
    "_uuid",
    "key",
    "meta-instanceid",
    "instanceid",
    "_id",
    "response id",
    "id respons",
    "id respon",
    "id",
    "_index",
)
"""Columns in which survey programs number answers; each is taken for a person only where nothing else is."""

UNIQUE = 0.6
"""Share of different values in a column of identifiers under which it does not tell people apart."""

NO_UNIT = {"id": "Semua", "en": "All"}
UNKNOWN_UNIT = {"id": "Belum diketahui", "en": "Not known"}


def ensure_ids(draft: TableDraft, sheet: Sorted) -> None:
    """Give each row of a survey an identifier: its own, the program's of the answer, or the row's."""
    name = draft.columns.get("employee_id")
    if name is not None and ("wave" in draft.columns or _share_of_different(sheet, name) >= UNIQUE):
        _tell_repeats(draft, name)
        return
    if name is not None:
        draft.note("", "check", "id_repeats_much", named=name)
        draft.notes.pop("employee_id", None)
    for wanted in RESPONSE_IDS:
        for column in sheet.source.frame:
            values = sheet.source.frame[column]
            if column.casefold() == wanted and values.notna().all() and values.is_unique:
                draft.columns["employee_id"] = column
                draft.note("employee_id", "check", "id_of_answer", named=column)
                return
    width = len(str(len(sheet.source.frame)))
    numbers = [f"R{i:0{width}d}" for i in range(1, len(sheet.source.frame) + 1)]
    draft.put("employee_id", pd.Series(numbers, index=sheet.source.frame.index))
    draft.note("employee_id", "check", "id_of_row")


def _share_of_different(sheet: Sorted, name: str) -> float:
    values = sheet.source.frame[name]
    return values.nunique() / max(values.notna().sum(), 1)


def _tell_repeats(draft: TableDraft, name: str) -> None:
    ids = draft.current[name].astype("object")
    key = [ids, draft.current[draft.columns["wave"]]] if "wave" in draft.columns else [ids]
    repeats = int(pd.concat(key, axis=1).dropna().duplicated().sum())
    if repeats:
        draft.note("employee_id", "check", "id_repeats", n=repeats, named=name)
    if blank := int(ids.isna().sum()):
        draft.note("employee_id", "check", "id_blank", n=blank, named=name)


def employees_of(tables: Mapping[str, TableDraft], sheets: Mapping[str, Sorted], language: str) -> TableDraft:
    """Return the list of employees: the user's, else those of the answers or the records.

    Parameters
    ----------
    tables : mapping of str to TableDraft
        The other tables.
    sheets : mapping of str to Sorted
        The sheet of each table.
    language : {"id", "en"}
        Language of what is put in place of an unknown unit.
    """
    own = "employees" in sheets
    base = next(
        name for name in ("employees", "survey", "appraisals", "training", "service") if name in sheets
    )
    draft = table_of(sheets[base], "employees")
    if not own and base in tables:
        _as_in(draft, tables[base])
    if not own:
        draft.note("", "guess", "employees_from", table=base)
    _one_row_each(draft)
    if "unit" not in draft.columns:
        draft.put("unit", pd.Series(NO_UNIT[language], index=draft.current.index))
        draft.note("unit", "check", "unit_unknown", unit=NO_UNIT[language])
    _others(draft, tables, own, language)
    return draft


def _as_in(draft: TableDraft, other: TableDraft) -> None:
    """Take the identifiers that another table of the same sheet has."""
    column = other.columns.get("employee_id")
    if column is None:
        return
    if column not in draft.source.frame:  # one that was worked out
        draft.put("employee_id", other.current[column])
    draft.columns["employee_id"] = column
    draft.notes["employee_id"] = []


def _one_row_each(draft: TableDraft) -> None:
    name = draft.columns.get("employee_id")
    if name is None:
        return
    ids = draft.current[name].astype("object")
    twice = ids.dropna().duplicated()
    if twice.any():
        draft.frame = draft.current.astype("object").loc[ids.dropna().index[~twice]]
        draft.note("", "guess", "first_row_each", n=int(twice.sum()))
        if (blank := ids.isna()).any():
            draft.note("employee_id", "check", "id_blank_left_out", n=int(blank.sum()), rows=rows_of(blank))


def _others(draft: TableDraft, tables: Mapping[str, TableDraft], own: bool, language: str) -> None:
    """Add, or tell of, people that only other tables know."""
    name = draft.columns.get("employee_id")
    known = set() if name is None else _ids(draft.current[name])
    for table in tables.values():
        column = table.columns.get("employee_id")
        if column is None:
            continue
        strange = _ids(table.current[column]) - known
        if strange and own:
            draft.note("employee_id", "check", "not_in_list", n=len(strange), table=table.name)
        elif strange:
            added = pd.DataFrame({name: sorted(strange), draft.columns["unit"]: UNKNOWN_UNIT[language]})
            added.index = pd.RangeIndex(added.shape[0]) + int(draft.current.index.max()) + 1
            draft.frame = pd.concat([draft.current.astype("object"), added])
            draft.note(
                "employee_id",
                "check",
                "added_from",
                n=len(strange),
                table=table.name,
                unit=UNKNOWN_UNIT[language],
            )
            known |= strange


def _ids(column: pd.Series) -> set[str]:
    texts = pd.Series(column.dropna().astype("str").unique(), dtype="str").str.strip()
    return set(repair(texts)) if len(texts) else set()


def judge_raters(draft: TableDraft, employees: TableDraft) -> None:
    """Tell of raters that are missing, the appraised themselves, names instead of numbers, or strangers."""
    if "rater_id" not in draft.columns:
        ids = draft.current[draft.columns["employee_id"]]
        draft.put("rater_id", pd.Series("R0", index=ids.index))
        draft.note("rater_id", "check", "rater_unknown", rater="R0")
        return
    raters = draft.current[draft.columns["rater_id"]].astype("object")
    missing = raters.isna() | raters.astype("str").str.strip().isin(["", "-", "0"])
    if missing.any():
        rows = rows_of(missing)
        draft.frame = draft.current.astype("object")[~missing]
        draft.note("rater_id", "check", "rater_missing", n=int(missing.sum()), rows=rows)
        raters = raters[~missing]
    rated = draft.current[draft.columns["employee_id"]].astype("object")
    same = raters.astype("str").str.strip() == rated.astype("str").str.strip()
    if same.any():
        draft.note("rater_id", "check", "rater_self", n=int(same.sum()), rows=rows_of(same))
    named = raters.astype("str").map(lambda text: not any(map(str.isdigit, text)))
    if named.mean() > UNIQUE:
        draft.note("rater_id", "check", "rater_names")
        return
    listed = employees.current[employees.columns["employee_id"]]
    if strange := _ids(raters) - _ids(listed):
        draft.note("rater_id", "check", "rater_not_listed", n=len(strange), of=raters.nunique())
    _outsiders(draft)


def _outsiders(draft: TableDraft) -> None:
    column = next((c for c in draft.current if plain(c).replace(" ", "") == "statuspenilai"), None)
    if column is not None:
        draft.worked.add(column)
        outside = draft.current[column].astype("str").str.upper().str.startswith("NON")
        if outside.any():
            draft.note("rater_id", "check", "rater_non_asn", n=int(outside.sum()))
