"""Employee numbers: NIP of civil servants (PNS) and NI PPPK of contract staff, 18 digits each.

NIP: birth YYYYMMDD, appointment as candidate YYYYMM, sex 1 male or 2 female, serial 001 and up.
NI PPPK: birth YYYYMMDD, year of first appointment YYYY, 21, sex, serial. The regulation calls digits 13 and
14 the number of contracts; all numbers seen carry 21. So 01 to 12 there means PNS and 21 means PPPK.

A number reveals date of birth, sex and start of service: it is personal data and stays in the reading.
Functions return reason codes; whoever reads a study words them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from walesi_research.rules.regulation import Regulation, under

__all__ = [
    "EmployeeNumber",
    "Reason",
    "check_nip",
    "check_nips",
    "contradictions",
    "looks_damaged",
    "parse_nip",
    "repair",
    "rounded_column",
]

NIP = Regulation(
    name="Peraturan Kepala BKN 22/2007, 43/2007",
    article="susunan NIP",
    in_force_from=2007,
    in_force_to=None,
    verified="secondary",
    source="tekno.tempo.co/amp/1511377",
)
NI_PPPK = Regulation(
    name="NI PPPK",
    article="susunan nomor induk; angka 13 dan 14 menurut nomor yang terlihat",
    in_force_from=2019,
    in_force_to=None,
    verified="secondary",
    source="foppsirokanhulu.blogspot.com/2024/03; sumateraekspres",
)

DIGITS = 18
PPPK_MARK = 21
EARLIEST_BIRTH, LATEST_BIRTH = 1920, 2099
YOUNGEST_START, OLDEST_START = 15, 70
"""Ages between which a start of service is plausible: wider than the law's, to catch wrong digits only."""

EXACT_FLOAT = 2**53
FLOAT_STEP = 32
"""Numbers of this size that came through a double are multiples of 32."""


class Reason(StrEnum):
    """What `check_nips` says of a number."""

    OK = "ok"
    MISSING = "missing"
    DAMAGED = "damaged"
    NOT_DIGITS = "not_digits"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BIRTH_DATE = "birth_date"
    START_MONTH = "start_month"
    START_AGE = "start_age"
    SEX = "sex"


@dataclass(frozen=True, slots=True)
class EmployeeNumber:
    """What a number says.

    `start_month` is None for PPPK, whose number has the year only; `sex` is ``f`` or ``m``.
    """

    kind: str
    birth_date: date
    start_year: int
    start_month: int | None
    sex: str
    serial: int


_IGNORED = r"[\s.,'’‘`´\"\u00a0\u2007\u202f\u200b\u200e\u200f\u2060\ufeff\-‐‑–/_:]"
_PREFIX = r"^\W*N\.?I\.?P?\.?(?:\s*P\.?P\.?P\.?K\.?)?(?=[\W\d])"
_EXPONENT = r"^[\s'’]*[0-9](?:[.,][0-9]+)?\s*[eE]\s*\+?[0-9]+\s*$"
_FLOAT_TAIL = r"^[\s'’]*([0-9]+)[.,]0{1,2}\s*$"
_WHOLE = f"[0-9]{{{DIGITS}}}"


@under(NIP, NI_PPPK)
def check_nips(numbers: pd.Series) -> pd.DataFrame:
    """Check a column of employee numbers, all at once.

    Parameters
    ----------
    numbers : Series
        As read: text, or whole numbers. Floats of that size have lost digits and are ``damaged``.

    Returns
    -------
    DataFrame
        Over the same index, one row a number:

        * ``reason``: a `Reason` value, the first that applies in its order;
        * ``number``: the 18 digits, repaired; missing unless ``reason`` is ``ok``;
        * ``repaired``: whether characters had to be removed;
        * ``digits``: how many digits were left (17 is a common accident);
        * ``kind`` (``pns``, ``pppk``), ``birth_date``, ``start_year``, ``start_month``, ``sex`` (``f``,
          ``m``), ``serial``: what the number says, missing unless ``reason`` is ``ok``.

    Notes
    -----
    The reasons: ``damaged`` by a spreadsheet (see `looks_damaged`); ``not_digits``; ``too_short``;
    ``too_long``; ``birth_date`` is no day between 1920 and 2099; ``start_month`` (digits 13 and 14) is
    neither 01 to 12 nor 21; ``start_age``: service began under 15 or over 70; ``sex`` is neither 1 nor 2.
    A serial 000, which no one has, is taken for damage.
    """
    text = _as_text(numbers)
    bare = _bare(text)
    found = _parts(bare)
    faults = [
        text.isna() | (bare == ""),
        _damaged(text, bare) | _is_large_float(numbers),
        ~bare.str.fullmatch("[0-9]+", na=False),
        bare.str.len() < DIGITS,
        bare.str.len() > DIGITS,
        found["birth_date"].isna() | ~found["birth_date"].dt.year.between(EARLIEST_BIRTH, LATEST_BIRTH),
        ~(found["mark"].between(1, 12) | (found["mark"] == PPPK_MARK)),
        ~(found["start_year"] - found["birth_date"].dt.year).between(YOUNGEST_START, OLDEST_START),
        found["sex"].isna(),
    ]
    reason = np.select(
        [_sure(fault) for fault in faults],
        [reason.value for reason in Reason if reason is not Reason.OK],
        default=Reason.OK.value,
    )
    ok = reason == Reason.OK.value
    table = pd.DataFrame({"reason": pd.Series(reason, index=numbers.index, dtype="str")})
    table["number"] = bare.where(ok)
    table["repaired"] = (bare != text.str.strip()).to_numpy() & ~text.isna().to_numpy()
    table["digits"] = bare.str.count("[0-9]").fillna(0).astype(int)
    for column in ("kind", "birth_date", "start_year", "start_month", "sex", "serial"):
        table[column] = found[column].where(ok)
    return table


def check_nip(number: Any) -> Reason:
    """Return the `Reason` for one number; see `check_nips`."""
    return Reason(check_nips(_single(number))["reason"].iloc[0])


@under(NIP, NI_PPPK)
def parse_nip(number: Any) -> EmployeeNumber:
    """Return what one number says.

    Parameters
    ----------
    number : str or int
        As written, repaired first.

    Raises
    ------
    ValueError
        If it is not a valid number; the text is the `Reason`, never the number.
    """
    row = check_nips(_single(number)).iloc[0]
    if row["reason"] != Reason.OK:
        raise ValueError(row["reason"])
    month = None if pd.isna(row["start_month"]) else int(row["start_month"])
    born = row["birth_date"].date()
    return EmployeeNumber(row["kind"], born, int(row["start_year"]), month, row["sex"], int(row["serial"]))


def repair(number: Any) -> Any:
    """Return a number, or a Series of them, without what people put between the digits.

    Spaces (also the unbreakable ones), dots, commas, apostrophes, hyphens, slashes, and a leading ``NIP`` or
    ``NI PPPK`` are removed, and a tail ``.0``. Nothing is guessed: digits that are lost stay lost, and
    ``1.98609E+17`` stays as it is.
    """
    if isinstance(number, pd.Series):
        return _bare(_as_text(number))
    bare = _bare(_as_text(_single(number))).iloc[0]
    return None if pd.isna(bare) else bare


def looks_damaged(number: Any) -> bool:
    """Tell whether a number has gone through a spreadsheet's or a program's floating point and lost digits.

    True for ``1.98609E+17`` and ``1,98609E+17``; for 18 digits that end in 000, since a spreadsheet keeps 15
    and no serial is 000; for a float of that size; and for 18 digits with a tail ``.0`` that a double can
    hold (multiples of 32, such as …008.0). One correct number in 32 that was only given a tail is refused
    with them: it cannot be told apart.
    """
    text = _as_text(_single(number))
    return bool(_damaged(text, _bare(text)).iloc[0] or _is_large_float(_single(number)).iloc[0])


def rounded_column(numbers: pd.Series, *, share: float = 0.9, at_least: int = 5) -> bool:
    """Tell whether a whole column of 18-digit numbers went through floating point without showing it.

    A double of this size is a multiple of 32, which of correct numbers about 1 in 32 is.

    Parameters
    ----------
    numbers : Series
        As read.
    share : float
        Share of multiples of 32 from which the column is called rounded.
    at_least : int
        Fewer 18-digit numbers say nothing: False.
    """
    bare = _bare(_as_text(numbers))
    whole = bare[bare.str.fullmatch(_WHOLE, na=False)]
    if len(whole) < at_least:
        return False
    return bool(np.mean(whole.astype("int64").to_numpy() % FLOAT_STEP == 0) >= share)


def contradictions(
    checked: pd.DataFrame,
    *,
    birth_year: pd.Series | None = None,
    gender: pd.Series | None = None,
    status: pd.Series | None = None,
    start_year: pd.Series | None = None,
) -> pd.DataFrame:
    """Compare what valid numbers say with the columns beside them.

    Parameters
    ----------
    checked : DataFrame
        From `check_nips`.
    birth_year, gender, status, start_year : Series, optional
        The study's columns over the same index: years, ``f`` or ``m``, ``pns`` or ``pppk``.

    Returns
    -------
    DataFrame of bool
        A column for each one given: True where both sides are known and differ.

    Raises
    ------
    ValueError
        If a column has another index.
    """
    said = {
        "birth_year": (checked["birth_date"].dt.year, birth_year),
        "gender": (checked["sex"], gender),
        "status": (checked["kind"], status),
        "start_year": (checked["start_year"], start_year),
    }
    table = pd.DataFrame(index=checked.index)
    for name, (number_says, column) in said.items():
        if column is None:
            continue
        if not column.index.equals(checked.index):
            raise ValueError(f"{name} has another index than the numbers")
        both = number_says.notna() & column.notna()
        table[name] = False
        table.loc[both, name] = number_says[both].astype(object) != column[both].astype(object)
    return table


def _single(number: Any) -> pd.Series:
    return pd.Series([number], dtype=object)


def _as_text(numbers: pd.Series) -> pd.Series:
    """Return the numbers as text, missing kept; floats as whole numbers, so that they can be looked at."""
    if pd.api.types.is_float_dtype(numbers.dtype) or numbers.dtype == object:
        numbers = numbers.map(_whole, na_action="ignore").astype(object)
    return numbers.astype("str").where(numbers.notna())


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_large_float(numbers: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(numbers.dtype):
        return (numbers.abs() >= EXACT_FLOAT).fillna(False).astype(bool)
    if numbers.dtype != object:
        return pd.Series(False, index=numbers.index)
    return numbers.map(lambda value: isinstance(value, float) and abs(value) >= EXACT_FLOAT).astype(bool)


def _bare(text: pd.Series) -> pd.Series:
    bare = text.str.replace(_PREFIX, "", regex=True, flags=re.IGNORECASE)
    bare = bare.str.replace(_FLOAT_TAIL, r"\1", regex=True).str.replace(_IGNORED, "", regex=True)
    return bare.mask(text.str.match(_EXPONENT, na=False), text)


def _damaged(text: pd.Series, bare: pd.Series) -> pd.Series:
    whole = bare.str.fullmatch(_WHOLE, na=False)
    exponent = text.str.match(_EXPONENT, na=False)
    tail = whole & text.str.match(_FLOAT_TAIL, na=False)
    on_a_double = bare.where(whole, "1").astype("int64") % FLOAT_STEP == 0
    return exponent | (whole & bare.str.endswith("000", na=False)) | (tail & on_a_double)


def _sure(mask: pd.Series) -> np.ndarray:
    return mask.fillna(False).to_numpy(dtype=bool)


def _parts(bare: pd.Series) -> pd.DataFrame:
    """Cut the 18 digits apart; missing throughout where there are not 18."""
    whole = bare.where(bare.str.fullmatch(_WHOLE, na=False))
    parts = pd.DataFrame({"birth_date": pd.to_datetime(whole.str[:8], format="%Y%m%d", errors="coerce")})
    for name, start, stop in (("start_year", 8, 12), ("mark", 12, 14), ("serial", 15, 18)):
        parts[name] = pd.to_numeric(whole.str[start:stop]).astype("Int64")
    parts["sex"] = whole.str[14].map({"1": "m", "2": "f"})
    pppk = parts["mark"] == PPPK_MARK
    parts["kind"] = pppk.map({True: "pppk", False: "pns"}).astype("str").where(whole.notna())
    parts["start_month"] = parts["mark"].mask(pppk.fillna(False))
    return parts
