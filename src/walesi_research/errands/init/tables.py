"""A sheet becomes a table, written anew only where maps of columns and values cannot say it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from walesi_research.errands.init.dates import (
    day_first,
    day_of,
    days_of,
    label_of,
    month_of,
    rhythm_of,
    span_of,
    undecided,
    years_of,
)
from walesi_research.errands.init.draft import TableDraft, rows_of
from walesi_research.errands.init.likert import is_missing
from walesi_research.errands.init.match import Match
from walesi_research.errands.init.names import plain
from walesi_research.errands.init.numbers import numbers_of
from walesi_research.errands.init.sheets import Sorted
from walesi_research.errands.init.values import map_values
from walesi_research.study.calendar import Rhythm
from walesi_research.study.coerce import MISSING
from walesi_research.study.columns import TABLES, Column

__all__ = ["days_rewritten", "periods", "table_of", "tell_undecided", "unread"]

UNDERSTOOD = 0.5
"""Share of rows whose value must be understood for a column of categories to be kept."""

MOST_VALUES = 200
RATINGS = ("work_result", "behaviour")

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]00:00(?::00(?:\.0+)?)?)?")


def table_of(sheet: Sorted, name: str) -> TableDraft:
    """Return a table as guessed from a sheet.

    Parameters
    ----------
    sheet : Sorted
        The sheet.
    name : str
        The contract's table.
    """
    draft = TableDraft(name, sheet.source)
    matches = sheet.match(name)
    for column in TABLES[name].columns.values():
        if column.name in matches:
            _take(draft, sheet, column, matches[column.name])
    return draft


def _take(draft: TableDraft, sheet: Sorted, column: Column, match: Match) -> None:
    draft.columns[column.name] = match.name
    texts = [str(text) for text in sheet.source.frame[match.name].cat.categories]
    labels = sheet.source.labels.get(match.name, {})
    key = "by_name" if match.surely else "by_words"
    draft.note(column.name, "guess", key, *match.others[:3], named=match.name)
    if column.kind == "choice" or column.name in RATINGS:
        _categories(draft, sheet, column, texts, labels)
    elif column.kind == "date" and draft.name != "survey":
        if not all(map(_ISO.fullmatch, texts)):
            days_rewritten(draft, column.name, match.name)
    elif column.name in ("start_year", "birth_year"):
        if not all(re.fullmatch(r"\d{4}", text) for text in texts):
            _rewrite(draft, column.name, match.name, years_of(sheet.source.frame[match.name]))
            draft.note(column.name, "guess", "years_of_days", named=match.name)
    elif column.kind == "number" and not all(re.fullmatch(r"-?\d*[.,]?\d+", text) for text in texts):
        _rewrite(draft, column.name, match.name, numbers_of(sheet.source.frame[match.name]))
        draft.note(column.name, "guess", "numbers_taken_out", named=match.name)


def days_rewritten(draft: TableDraft, canonical: str, name: str) -> None:
    """Write days as the contract wants them; tell what was lost, and what could be read otherwise."""
    raw = draft.source.frame[name]
    days = days_of(raw)
    example = next((str(text) for text in raw[days.notna()]), "")
    _rewrite(draft, canonical, name, days)
    draft.note(canonical, "guess", "days_rewritten", named=name, example=example)
    tell_undecided(draft.note, canonical, raw, name)


def tell_undecided(note: Callable[..., None], place: str, raw: pd.Series, name: str) -> None:
    """Mark dates that can be read with the day or with the month first."""
    if both := undecided(str(text) for text in raw.dropna().unique()):
        n = int(raw.astype("object").isin(both).sum())
        note(place, "check", "days_undecided", n=n, named=name, example=both[0])


def unread(raw: pd.Series, read: pd.Series) -> pd.Series:
    """Return which rows had a value, no sign for a missing one, that was not understood."""
    signs = [text for text in raw.cat.categories if text.strip().casefold() in MISSING or is_missing(text)]
    return raw.notna() & read.isna() & ~raw.isin(signs)


def _rewrite(draft: TableDraft, canonical: str, name: str, read: pd.Series) -> None:
    """Put what was read of a column into the table, and mark the rows that were not understood."""
    lost = unread(draft.source.frame[name], read)
    draft.put(canonical, read)
    draft.worked.add(name)
    if lost.any():
        draft.note(canonical, "check", "values_lost", n=int(lost.sum()), named=name, rows=rows_of(lost))


def _categories(
    draft: TableDraft, sheet: Sorted, column: Column, texts: list[str], labels: dict[str, str]
) -> None:
    name = draft.columns[column.name]
    choices = column.choices or ("1", "2", "3")
    if len(texts) > MOST_VALUES and column.name != "position":
        _drop(draft, column, name)
        return
    found = map_values(draft.name, column.name, texts, labels, choices, sheet.layout == "siasn")
    values = sheet.source.frame[name]
    lost = values.isin(list(found.unknown)).sum() / max(values.notna().sum(), 1)
    understood = [canonical for canonical in found.meanings if canonical != "missing"]
    if lost > UNDERSTOOD or not understood:
        _drop(draft, column, name)
        return
    if found.needed or found.unknown:
        draft.values[column.name] = found
    if found.turned:
        draft.note(column.name, "guess", "codes_turned", named=name)
    if found.unknown:
        draft.note(column.name, "check", "values_unknown", n=len(found.unknown), named=name)


def _drop(draft: TableDraft, column: Column, name: str) -> None:
    draft.columns.pop(column.name)
    draft.notes.pop(column.name)
    draft.note("", "check", "column_not_understood", named=name, canonical=column.name)


def periods(draft: TableDraft) -> Rhythm | None:
    """Give a table of records its periods; return their rhythm, None where there are none."""
    spans = _spans(draft)
    known = spans.dropna()
    if known.empty:
        return None
    rhythm = rhythm_of(known)
    labels = spans.map(lambda span: label_of(span, rhythm), na_action="ignore")
    taken = draft.columns.get("period")
    if taken is not None and (draft.current[taken].astype("object").fillna("") == labels.fillna("")).all():
        return rhythm
    other = int(spans.notna().sum() - labels.notna().sum())
    draft.put("period", labels)
    draft.note("period", "guess", "periods_worked_out", rhythm=rhythm, example=str(labels.dropna().iloc[0]))
    if lost := int(labels.isna().sum()):
        draft.frame = draft.frame[labels.notna()]
        draft.note("period", "check", "rows_without_period", n=lost, other=other)
    return rhythm


def _spans(draft: TableDraft) -> pd.Series:
    """Return the part of a year of each row: from months and a year, from two days, or from one column."""
    frame = draft.source.frame.loc[draft.current.index]
    by_word = {plain(name).replace(" ", ""): name for name in frame}

    def column(*names: str) -> pd.Series | None:
        name = next((by_word[name] for name in names if name in by_word), None)
        if name is None:
            return None
        draft.worked.add(name)
        return frame[name].astype("object")

    year = column("tahun", "tahunselesaipenilaian", "tahunpenilaian", "tahunskp", "year")
    first = column("bulanmulaipenilaian", "bulanmulai", "bulanawal")
    last = column("bulanselesaipenilaian", "bulanselesai", "bulanakhir")
    if year is not None and first is not None and last is not None:
        return _of_parts(
            year, first.map(month_of, na_action="ignore"), last.map(month_of, na_action="ignore")
        )
    begin = column("periodemulai", "tanggalmulai", "periodeawal", "tglmulai", "mulai")
    end = column("periodeselesai", "tanggalselesai", "periodeakhir", "tglselesai", "selesai")
    if begin is not None and end is not None:
        both = pd.concat([begin, end])
        tell_undecided(draft.note, "period", both, str(begin.name))
        return _of_days(begin, end, day_first(map(str, both.dropna().unique())))
    part = column("triwulan", "bulan", "semester", "periode")
    if year is not None and part is not None:
        found = _of_year_and_part(year, part, by_word)
        if found.notna().any():
            return found
    name = draft.columns.get("period")
    if name is None:
        return pd.Series(index=frame.index, dtype="object")
    texts = [str(text) for text in frame[name].dropna().unique()]
    first = day_first(texts)
    tell_undecided(draft.note, "period", frame[name], name)
    return (
        frame[name]
        .astype("object")
        .map({text: span_of(text) or _month_of_day(text, first) for text in texts})
    )


def _of_parts(year: pd.Series, first: pd.Series, last: pd.Series) -> pd.Series:
    rows = [
        (int(y), int(a), int(b))
        if pd.notna(a) and pd.notna(b) and re.fullmatch(r"\d{4}", str(y)) and a <= b
        else None
        for y, a, b in zip(year, first, last, strict=True)
    ]
    return pd.Series(rows, index=year.index, dtype="object")


def _of_days(begin: pd.Series, end: pd.Series, first: bool) -> pd.Series:
    rows = []
    for a, b in zip(begin, end, strict=True):
        one, two = (day_of(str(day), first) if pd.notna(day) else None for day in (a, b))
        rows.append(
            (one.year, one.month, two.month) if one and two and one.year == two.year and one <= two else None
        )
    return pd.Series(rows, index=begin.index, dtype="object")


def _of_year_and_part(year: pd.Series, part: pd.Series, by_word: dict[str, str]) -> pd.Series:
    word = next(w for w in ("triwulan", "bulan", "semester", "periode") if w in by_word)
    prefix = {"periode": ""}.get(word, word if word != "bulan" else "")
    rows = []
    for y, p in zip(year, part, strict=True):
        month = month_of(str(p)) if word == "bulan" else None
        text = f"{prefix} {p} {y}" if prefix and prefix not in plain(str(p)) else f"{p} {y}"
        rows.append(
            (int(y), month, month) if month and str(y).isdigit() else span_of(text) if pd.notna(p) else None
        )
    return pd.Series(rows, index=year.index, dtype="object")


def _month_of_day(text: str, first: bool) -> tuple[int, int, int] | None:
    day = day_of(text, first)
    return None if day is None else (day.year, day.month, day.month)
