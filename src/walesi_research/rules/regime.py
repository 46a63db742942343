"""The four appraisal regimes. Scores and predicates of different regimes are never pooled unmarked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from walesi_research.rules.elementwise import Shape
from walesi_research.rules.regulation import Regulation, under

__all__ = ["REGIMES", "TRANSITION", "Regime", "regime_of", "regimes_of_year"]

TRANSITION = "transition"
"""The code of a span that two regimes share, such as the year 2021."""

DP3 = Regulation(
    name="PP 10/1979",
    article="DP3",
    in_force_from=1979,
    in_force_to=2013,
    verified="secondary",
    source="dangderia.blogspot.com/2013/05",
)
PP46 = Regulation(
    name="PP 46/2011",
    article="penilaian prestasi kerja",
    in_force_from=2014,
    in_force_to=2021,
    verified="secondary",
    source="id.scribd.com/presentation/376874092",
)
PP30 = Regulation(
    name="PP 30/2019, PermenPANRB 8/2021",
    article="penilaian kinerja",
    in_force_from=2021,
    in_force_to=2021,
    verified="secondary",
    source="id.scribd.com/presentation/628206404",
)
PERMENPANRB6 = Regulation(
    name="PermenPANRB 6/2022",
    article="pengelolaan kinerja pegawai",
    in_force_from=2022,
    in_force_to=None,
    verified="secondary",
    source="id.scribd.com/presentation/628206404; pustakawan.org/onmateri.php?id=20",
)


@dataclass(frozen=True, slots=True)
class Regime:
    """One way of appraising: its code, and the first and last day of the records it governs."""

    code: str
    first_day: date | None
    last_day: date | None
    regulation: Regulation


REGIMES = (
    Regime("dp3", None, date(2013, 12, 31), DP3),
    Regime("pp46_2011", date(2014, 1, 1), date(2021, 6, 30), PP46),
    Regime("pp30_2019", date(2021, 7, 1), date(2021, 12, 31), PP30),
    Regime("permenpanrb6_2022", date(2022, 1, 1), None, PERMENPANRB6),
)
"""The regimes in order of time, without gap or overlap."""

_STARTS = np.array([np.datetime64(r.first_day, "D") for r in REGIMES[1:]])
_CODES = (*(r.code for r in REGIMES), TRANSITION)


@under(DP3, PP46, PP30, PERMENPANRB6)
def regime_of(first: Any, last: Any = None) -> Any:
    """Return the code of the regime that a day, a year or a span of days falls under.

    Parameters
    ----------
    first : date, int, or Series of dates or of years
        A day; or, if a whole number, a year from January to December.
    last : date or Series of dates, optional
        Last day of the span that starts on `first`; by default the day (or the year) itself.

    Returns
    -------
    str or None, or Series
        ``dp3``, ``pp46_2011``, ``pp30_2019``, ``permenpanrb6_2022``, or ``transition`` where the span begins
        under one regime and ends under another: the year 2021 has half of its records in each of two.

    Raises
    ------
    ValueError
        If a year is not between 1950 and 2100.
    TypeError
        If given text.
    """
    shape = Shape.of(first) if last is None else Shape.of(first, last)
    start, end = _days(shape, first, ends=False), _days(shape, first if last is None else last, ends=True)
    begun, ended = (np.searchsorted(_STARTS, days, side="right") for days in (start, end))
    codes = np.where(begun == ended, begun, len(REGIMES))
    return shape.give_codes(np.where(np.isnat(start) | np.isnat(end), -1, codes), _CODES)


def regimes_of_year(year: int) -> tuple[str, ...]:
    """Return the codes of the regimes that records of `year` may fall under, in order of time."""
    first, last = regime_of(date(year, 1, 1)), regime_of(date(year, 12, 31))
    codes = [r.code for r in REGIMES]
    return tuple(codes[codes.index(first) : codes.index(last) + 1])


_YEARS = {"integer", "floating", "mixed-integer-float"}


def _days(shape: Shape, argument: Any, *, ends: bool) -> np.ndarray:
    """Return the first or the last day of years, or days as they are, shape (n,)."""
    column = argument if isinstance(argument, pd.Series) else pd.Series([argument], dtype=object)
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "string":
        raise TypeError("expected dates or years, not text")
    if kind in _YEARS and column.notna().any():
        years = shape.numbers(argument, 1950, 2100)
        known = np.where(np.isnan(years), 1970, years).astype(int)
        return np.where(np.isnan(years), np.datetime64("NaT"), _new_year(known + ends) - int(ends))
    days = pd.to_datetime(column).to_numpy(dtype="datetime64[D]")
    return np.resize(days, 1 if shape.index is None else len(shape.index))


def _new_year(years: np.ndarray) -> np.ndarray:
    return (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
