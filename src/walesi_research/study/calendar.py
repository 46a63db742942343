"""The rhythm of the appraisals: periods as consecutive whole numbers."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

import pandas as pd

__all__ = ["RHYTHMS", "Calendar", "Rhythm"]

Rhythm = Literal["month", "quarter", "half", "year"]

RHYTHMS: dict[Rhythm, int] = {"month": 12, "quarter": 4, "half": 2, "year": 1}
"""Periods a year, by rhythm."""

_MARK = {"month": "", "quarter": "Q", "half": "H"}
_TEXT = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:[-/ ]?(?P<mark>[QH])(?P<part>\d)|-(?P<month>\d\d))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods of one rhythm, numbered without gaps: ``year * per_year + part of the year``.

    Parameters
    ----------
    rhythm : {"month", "quarter", "half", "year"}
        How often employees are appraised.
    """

    rhythm: Rhythm

    def __post_init__(self) -> None:
        if self.rhythm not in RHYTHMS:
            raise ValueError(f"no rhythm {self.rhythm!r}; there are {', '.join(RHYTHMS)}")

    @property
    def per_year(self) -> int:
        """Periods a year."""
        return RHYTHMS[self.rhythm]

    def parse(self, text: str) -> int:
        """Return the ordinal of a label such as ``2024``, ``2024-H1``, ``2024-Q3`` or ``2024-09``.

        Raises
        ------
        ValueError
            If `text` is no period, or one of another rhythm.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None or _rhythm_of(match) != self.rhythm:
            raise ValueError(f"{text!r} is not a period such as {self.label(2024 * self.per_year)}")
        part = int(match["part"] or match["month"] or 1)
        if not 1 <= part <= self.per_year:
            raise ValueError(f"a year has no {self.rhythm} {part}")
        return int(match["year"]) * self.per_year + part - 1

    def label(self, period: int) -> str:
        """Return the label of a period, such as ``2024-Q3``."""
        year, part = divmod(int(period), self.per_year)
        if self.rhythm == "year":
            return str(year)
        width = 2 if self.rhythm == "month" else 1
        return f"{year}-{_MARK[self.rhythm]}{part + 1:0{width}d}"

    def first_day(self, period: int) -> dt.date:
        """Return the first day of a period."""
        year, part = divmod(int(period), self.per_year)
        return dt.date(year, part * (12 // self.per_year) + 1, 1)

    def last_day(self, period: int) -> dt.date:
        """Return the last day of a period."""
        year, part = divmod(int(period), self.per_year)
        month = (part + 1) * (12 // self.per_year)
        return dt.date(year, month, calendar.monthrange(year, month)[1])

    def year(self, period):
        """Return the calendar year of a period (a number, an array or a Series of them)."""
        return period // self.per_year

    def of(self, day):
        """Return the period that holds a day.

        Parameters
        ----------
        day : datetime.date, pandas.Timestamp or Series of datetime64
            One day, or a Series of them without missing values.
        """
        parts = day.dt if isinstance(day, pd.Series) else day
        return parts.year * self.per_year + (parts.month - 1) // (12 // self.per_year)

    def periods_of_year(self, year: int) -> range:
        """Return the periods of a calendar year."""
        return range(year * self.per_year, (year + 1) * self.per_year)

    def nearest(self, text: str) -> str | None:
        """Return the label in this rhythm of a period written in another one, or None."""
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            return None
        other = Calendar(_rhythm_of(match))
        try:
            return self.label(self.of(other.first_day(other.parse(text))))
        except ValueError:
            return None


def _rhythm_of(match: re.Match[str]) -> Rhythm:
    if match["mark"]:
        return "quarter" if match["mark"].upper() == "Q" else "half"
    return "month" if match["month"] else "year"
