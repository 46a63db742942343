"""Text becomes typed values; what cannot be one is refused with the reason and the nearest guess.

Missing is an empty cell or one of `MISSING`, in any letter case; other signs for 'no answer' are declared in
``[values.<table>.<column>]`` under ``missing``. Numbers may have a decimal point or a decimal comma, never a
separator between thousands. Dates are ISO dates.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.study.calendar import Calendar
from walesi_research.study.columns import Column
from walesi_research.study.identifiers import Identifiers, holds_nip
from walesi_research.study.texts import texts_of

__all__ = ["MISSING", "Coerced", "Refused", "coerce", "normal"]

MISSING = frozenset({"", "-", "--", ".", "na", "n/a", "nan", "null"})
"""Texts that stand for a missing value, case-folded."""

CELL_ERRORS = frozenset(
    {"#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#spill!", "#calc!"}
)
"""What a spreadsheet shows in place of a value that it could not work out, case-folded."""

TOO_LARGE = 1e9
"""No number of a study is as large; one of a person would be."""

DECLARED_MISSING = "missing"
"""The canonical value under which a value map lists signs for 'no answer'."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
SPREADSHEET_EPOCH = dt.date(1899, 12, 30)
SERIAL_DAYS = range(10_000, 80_000)
"""Day numbers of spreadsheets that are taken for dates: 1927 to 2119."""


class Refused(ValueError):
    """A text that is no value of its column."""

    def __init__(self, key: str, guess: str | None = None, **values: object) -> None:
        super().__init__(key)
        self.what, self.guess = Message.of(key, **values), guess


@dataclass(frozen=True)
class Coerced:
    """A column's typed values, and the refusals by the text refused."""

    values: pd.Series
    refused: Mapping[str, Refused] = field(default_factory=dict)


def coerce(
    raw: pd.Series,
    column: Column,
    calendar: Calendar,
    values: Mapping[str, str],
    labels: Mapping[str, str],
    identifiers: Identifiers,
) -> Coerced:
    """Turn a column into what its kind says; every distinct text is looked at once.

    Parameters
    ----------
    raw : Series of category or float64
        Texts, or numbers that the file has as such; missing cells are missing.
    column : Column
        What the column may hold.
    calendar : Calendar
        The study's rhythm.
    values : mapping of str to str
        The study's value map of the column: case-folded text of the file to canonical value.
    labels : mapping of str to str
        Value labels of SPSS and Stata: label by code.
    identifiers : Identifiers
        What was found of the study's identifiers.
    """
    if _are_good_already(raw, column, values, labels):
        return Coerced((raw + 0.0).rename(column.name))
    raw = texts_of(raw)
    parse = _parser(column, calendar, identifiers)
    typed, refused = [], {}
    for text in raw.cat.categories:
        try:
            typed.append(_value(text, column, parse, values, labels.get(text)))
        except Refused as why:
            typed.append(None)
            refused[text] = why
    return Coerced(_series(raw, typed, column), refused)


def _are_good_already(
    raw: pd.Series, column: Column, values: Mapping[str, str], labels: Mapping[str, str]
) -> bool:
    """Tell whether a column holds numbers that need no look at each."""
    if raw.dtype != "float64" or column.kind not in ("integer", "number") or values or labels:
        return False
    numbers = raw.to_numpy()
    known = numbers[~np.isnan(numbers)]
    return bool((abs(known) < TOO_LARGE).all() and (column.kind == "number" or (known % 1 == 0).all()))


def _value(
    text: str, column: Column, parse: Callable[[str], object], values: Mapping[str, str], label: str | None
) -> object:
    spellings = [text] if label is None else [label, text] if column.kind == "text" else [text, label]
    for spelling in spellings:
        if (canonical := values.get(spelling.casefold())) is not None:
            return None if canonical == DECLARED_MISSING else parse(canonical)
    if text.casefold() in MISSING:
        return None
    if text.casefold() in CELL_ERRORS:
        raise Refused("check.cell_error")
    for spelling in spellings[:-1]:
        try:
            value = parse(spelling)
        except Refused:
            continue
        if column.kind != "choice" or value in column.choices:
            return value
    return parse(spellings[-1])


def _series(raw: pd.Series, typed: list[object], column: Column) -> pd.Series:
    codes = raw.cat.codes.to_numpy(dtype="int64")
    if column.kind in ("integer", "number", "period"):
        numbers = np.array([np.nan if x is None else x for x in typed] + [np.nan], dtype="float64")
        return pd.Series(numbers[codes] + 0.0, index=raw.index, name=column.name)
    if column.kind == "date":
        days = np.array([*typed, None], dtype="datetime64[D]").astype("datetime64[ns]")
        return pd.Series(days[codes], index=raw.index, name=column.name)
    distinct = sorted({x for x in typed if x is not None})
    place = {text: i for i, text in enumerate(distinct)}
    where = np.array([place.get(x, -1) for x in typed] + [-1], dtype="int64")
    texts = pd.Categorical.from_codes(where[codes], categories=pd.Index(distinct, dtype="str"))
    return pd.Series(texts, index=raw.index, name=column.name)


def _parser(column: Column, calendar: Calendar, identifiers: Identifiers) -> Callable[[str], object]:
    match column.kind:
        case "id":
            return lambda text: _identifier(text, identifiers)
        case "choice":
            choices = {normal(choice): choice for choice in column.choices}
            return lambda text: choices.get(normal(text), text)
        case "period":
            return lambda text: _period(text, calendar)
        case kind:
            return {"text": _text, "integer": _integer, "number": _number, "date": _date}[kind]


def normal(text: str) -> str:
    """Return a category's text in lower case, with one underscore for blanks, slashes, dots and hyphens."""
    return re.sub(r"[\s_/.\-]+", "_", text.strip().casefold())


def _identifier(text: str, identifiers: Identifiers) -> str:
    if text in identifiers.faults:
        raise Refused(identifiers.faults[text])
    return identifiers.repaired[text]


def _text(text: str) -> str:
    if holds_nip(text):
        raise Refused("check.text_holds_nip")
    return text


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        inner = text.rstrip("% ")
        raise Refused("check.number", guess=inner if inner != text and _NUMBER.fullmatch(inner) else None)
    number = float(text.replace(",", "."))
    if not np.isfinite(number):
        raise Refused("check.number")
    if abs(number) >= TOO_LARGE:
        raise Refused("check.number_too_large")
    return number


def _integer(text: str) -> float:
    try:
        number = _number(text)
    except Refused as why:
        if why.what.key != "check.number":
            raise
        raise Refused("check.integer", guess=why.guess) from why
    if not number.is_integer():
        raise Refused("check.integer")
    return number


def _date(text: str) -> dt.date:
    if match := _ISO.fullmatch(text):
        if (day := _day(*map(int, match[1].split("-")))) is not None:
            return day
        raise Refused("check.date_impossible")
    if _NUMBER.fullmatch(text) and int(number := float(text.replace(",", "."))) in SERIAL_DAYS:
        probably = SPREADSHEET_EPOCH + dt.timedelta(days=int(number))
        raise Refused("check.date_serial", guess=str(probably), date=str(probably))
    raise Refused("check.date", guess=_date_guess(text))


def _date_guess(text: str) -> str | None:
    if match := _DAY_FIRST.match(text):
        day = _day(int(match[3]), int(match[2]), int(match[1]))
    elif match := _YEAR_FIRST.match(text):
        day = _day(int(match[1]), int(match[2]), int(match[3]))
    else:
        return None
    return None if day is None else str(day)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if 1900 <= year <= 2100 else None
    except ValueError:
        return None


def _period(text: str, calendar: Calendar) -> int:
    try:
        return calendar.parse(text)
    except ValueError:
        pass
    if calendar.rhythm == "month" and (match := _ISO.fullmatch(text)) and match[1].endswith("-01"):
        return calendar.parse(match[1][:7])  # a spreadsheet shows 2024-09 as the month's first day
    if (guess := calendar.nearest(text)) is not None:
        raise Refused("check.period_rhythm", guess=guess)
    raise Refused("check.period")
