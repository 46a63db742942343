"""Days and periods as people and programs write them, as the contract wants them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable

import pandas as pd

from walesi_research.errands.init.names import plain
from walesi_research.study.calendar import RHYTHMS, Calendar, Rhythm

__all__ = [
    "MONTHS",
    "Span",
    "day_first",
    "day_of",
    "days_of",
    "label_of",
    "month_of",
    "rhythm_of",
    "span_of",
    "undecided",
    "years_of",
]

Span = tuple[int, int, int]
"""A year, and the first and last month of a part of it."""

MONTHS = {
    name: i
    for i, names in enumerate(
        (
            "januari jan january", "februari feb february pebruari", "maret mar march", "april apr",
            "mei may",
            "juni jun june", "juli jul july", "agustus agu ags aug august agust", "september sep sept",
            "oktober okt oct october", "november nov nopember nop", "desember des dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_SLASHED = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[T ,].*)?")
_WORDED = re.compile(r"(\d{1,2})[ \-]([a-z]+)[ \-](\d{4})(?: .*)?")
_ENGLISH = re.compile(r"([a-z]+) (\d{1,2}) (\d{4})(?: .*)?")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def day_of(text: str, day_first: bool = True) -> dt.date | None:
    """Return the day a text names, or None.

    Parameters
    ----------
    text : str
        ISO, with or without a time, ``31/12/2024``, ``31 Desember 2024``, or a spreadsheet's number.
    day_first : bool
        Whether ``03/04/2024`` is the third of April.
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        return _day(match[1], match[2], match[3])
    if match := _SLASHED.fullmatch(text):
        first, second = (match[1], match[2]) if day_first else (match[2], match[1])
        return _day(match[3], second, first)
    words = plain(text)
    if (match := _WORDED.fullmatch(words)) and match[2] in MONTHS:
        return _day(match[3], MONTHS[match[2]], match[1])
    if (match := _ENGLISH.fullmatch(words)) and match[1] in MONTHS:
        return _day(match[3], MONTHS[match[1]], match[2])
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and 20_000 <= float(text) < 80_000:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(float(text)))
    return None


def _day(year: object, month: object, day: object) -> dt.date | None:
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2100 else None


def day_first(texts: Iterable[str]) -> bool:
    """Tell whether dates with slashes begin with the day: unless a second number is over 12."""
    pairs = _pairs(texts).values()
    return not any(second > 12 for _, second in pairs) or any(first > 12 for first, _ in pairs)


def undecided(texts: Iterable[str]) -> list[str]:
    """Return the dates that can be read both ways, ``03/04/2024``, where no other date tells which."""
    pairs = _pairs(texts)
    if any(first > 12 for first, _ in pairs.values()) != any(second > 12 for _, second in pairs.values()):
        return []
    return [text for text, (first, second) in pairs.items() if first != second and max(first, second) <= 12]


def _pairs(texts: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return the first and second number of dates with slashes."""
    return {text: (int(m[1]), int(m[2])) for text in texts if (m := _SLASHED.fullmatch(text.strip()))}


def month_of(text: str) -> int | None:
    """Return the month a text names: ``3``, ``03``, ``Maret``; None for none."""
    words = plain(text)
    if words in MONTHS:
        return MONTHS[words]
    return int(words) if words.isdigit() and 1 <= int(words) <= 12 else None


def span_of(text: str) -> Span | None:
    """Return the part of a year a text names: ``2024-Q3``, ``Triwulan III 2024``, ``Maret 2024``."""
    for rhythm, parts in RHYTHMS.items():
        try:
            year, part = divmod(Calendar(rhythm).parse(text.strip()), parts)
        except ValueError:
            continue
        return year, part * (12 // parts) + 1, (part + 1) * (12 // parts)
    words = plain(text)
    year = re.search(r"\b((?:19|20)\d\d)\b", words)
    if year is None:
        return None
    rest = words.replace(year[1], " ").split()
    found = [MONTHS[word] for word in rest if word in MONTHS]
    if found:
        return int(year[1]), found[0], found[-1]
    for names, length in (
        (("triwulan", "tw", "quarter", "q", "trw"), 3),
        (("semester", "smt", "sem", "half", "h"), 6),
    ):
        part = _part(rest, names)
        if part is not None and 1 <= part <= 12 // length:
            return int(year[1]), (part - 1) * length + 1, part * length
    return (int(year[1]), 1, 12) if not rest or rest in (["tahun"], ["tahunan"]) else None


def _part(words: list[str], names: tuple[str, ...]) -> int | None:
    """Return the number after one of the names: ``triwulan iii``, ``tw3``, ``q 3``."""
    for i, word in enumerate(words):
        for name in names:
            tail = word.removeprefix(name) if word.startswith(name) else None
            if tail == "" and i + 1 < len(words):
                tail = words[i + 1]
            if tail and (tail in _ROMAN or tail.isdigit()):
                return _ROMAN.get(tail) or int(tail)
    return None


def rhythm_of(spans: Iterable[Span]) -> Rhythm:
    """Return the rhythm of most parts of years."""
    lengths = Counter(last - first + 1 for _, first, last in spans)
    length = lengths.most_common(1)[0][0]
    return next(rhythm for rhythm, parts in RHYTHMS.items() if 12 // parts >= length)


def label_of(span: Span, rhythm: Rhythm) -> str | None:
    """Return a part of a year as a period of a rhythm; None where it is none."""
    year, first, last = span
    months = 12 // RHYTHMS[rhythm]
    if last - first + 1 != months or (first - 1) % months:
        return None
    return Calendar(rhythm).label(year * RHYTHMS[rhythm] + (first - 1) // months)


def days_of(column: pd.Series) -> pd.Series:
    """Return a column's days as ISO texts; what is no day stays missing."""
    texts = [str(text) for text in column.cat.categories]
    first = day_first(texts)
    days = {text: day_of(text, first) for text in texts}
    return column.astype("object").map({t: None if d is None else d.isoformat() for t, d in days.items()})


def years_of(column: pd.Series) -> pd.Series:
    """Return the years of a column of years and days; what has none stays missing."""
    return column.astype("object").map({text: _year_of(text) for text in map(str, column.cat.categories)})


def _year_of(text: str) -> str | None:
    text = text.strip()
    if re.fullmatch(r"\d{4}", text):
        return text
    if (day := day_of(text)) is not None:
        return str(day.year)
    return None if (span := span_of(text)) is None else str(span[0])
