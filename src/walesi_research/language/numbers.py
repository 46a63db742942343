"""Numbers, shares, intervals and dates as each language writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from babel.dates import format_date
from babel.numbers import format_decimal

__all__ = [
    "count",
    "date",
    "decimals",
    "interval",
    "interval_words",
    "month",
    "number",
    "probability",
    "share",
    "signed",
]

MINUS = "\N{MINUS SIGN}"
_BETWEEN = {"id": ("antara {} dan {}", "{} sampai {}"), "en": ("between {} and {}", "{} to {}")}


def number(x: float, language: str, digits: int = 1) -> str:
    """Return `x` with `digits` decimals; a value that rounds to zero has no sign."""
    rounded = round(float(x), digits) + 0.0  # -0.0 + 0.0 is 0.0
    pattern = "#,##0" + ("." + "0" * digits if digits > 0 else "")
    return format_decimal(rounded, format=pattern, locale=language).replace("-", MINUS)


def signed(x: float, language: str, digits: int = 1) -> str:
    """Return `x` with its sign written out, for labels in figures."""
    text = number(x, language, digits)
    return f"+{text}" if round(float(x), digits) > 0 else text


def count(n: int, language: str) -> str:
    """Return a whole number with the language's separator between thousands."""
    return number(n, language, 0)


def share(x: float, language: str, digits: int = 0) -> str:
    """Return a share between 0 and 1 as a percentage without a space."""
    return f"{number(100 * x, language, digits)}%"


def probability(p: float, language: str) -> str:
    """Write the probability that a test found, to three decimals; smaller ones as less than 0.001."""
    return f"<\N{NO-BREAK SPACE}{number(0.001, language, 3)}" if p < 0.001 else number(p, language, 3)


def interval(low: float, high: float, language: str, digits: int = 1, *, percent: bool = False) -> str:
    """Return an interval for tables: an en dash, or 'sampai'/'to' where an end is negative.

    Ends are shares written as percentages where `percent`.
    """
    ends = _ends(low, high, language, digits, percent)
    return _BETWEEN[language][1].format(*ends) if MINUS in "".join(ends) else "–".join(ends)


def interval_words(low: float, high: float, language: str, digits: int = 1, *, percent: bool = False) -> str:
    """Return an interval for sentences: 'antara 2,6 dan 5,8', or 'sampai' where an end is negative.

    Ends are shares written as percentages where `percent`.
    """
    ends = _ends(low, high, language, digits, percent)
    return _BETWEEN[language][MINUS in "".join(ends)].format(*ends)


def _ends(low: float, high: float, language: str, digits: int, percent: bool) -> tuple[str, str]:
    write = share if percent else number
    return write(low, language, digits), write(high, language, digits)


def decimals(intervals: Iterable[tuple[float, float]], least: int = 1) -> int:
    """Return how many decimals tell intervals as they are: `least`, or up to two more.

    The ends of each are told apart, and none that is not zero is written as zero: an interval beside zero
    must not look as if it held it.
    """
    ends = list(intervals)

    def told(d: int) -> bool:
        apart = all(round(a, d) != round(b, d) for a, b in ends)
        return apart and all(round(x, d) != 0 or x == 0 for pair in ends for x in pair)

    return next((d for d in range(least, least + 2) if told(d)), least + 2)


def date(day: dt.date, language: str) -> str:
    """Return a date in words: 24 November 2026."""
    return format_date(day, format="d MMMM y", locale=language)


def month(day: dt.date, language: str) -> str:
    """Return the month and year of a date in words: November 2026."""
    return format_date(day, format="MMMM y", locale=language)
