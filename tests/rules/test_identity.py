"""Employee numbers: what they say, what people write between the digits, what spreadsheets do to them.

The numbers are the published example (Tempo) or made up.
"""

import time
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walesi_research.rules import identity as rule
from walesi_research.rules.identity import EmployeeNumber, Reason

EXAMPLE = "198609262015051001"
PPPK = "199001012023212003"


@st.composite
def numbers(draw):
    born = draw(st.dates(date(1955, 1, 1), date(2004, 12, 31)))
    mark = draw(st.sampled_from([*(f"{m:02d}" for m in range(1, 13)), "21"]))
    start = born.year + draw(st.integers(18, 55))
    return f"{born:%Y%m%d}{start}{mark}{draw(st.sampled_from('12'))}{draw(st.integers(1, 999)):03d}"


def test_golden():
    assert rule.parse_nip(EXAMPLE) == EmployeeNumber("pns", date(1986, 9, 26), 2015, 5, "m", 1)


def test_contract_staff():
    assert rule.parse_nip(PPPK) == EmployeeNumber("pppk", date(1990, 1, 1), 2023, None, "f", 3)


@pytest.mark.parametrize(
    "written",
    [
        "19860926 201505 1 001",
        "'198609262015051001",
        "’198609262015051001",
        "NIP. 19860926 201505 1 001",
        "NIP : 198609262015051001",
        "nip 198609262015051001",
        "NI PPPK 198609262015051001",
        "1986.0926.2015.05.1.001",
        "198,609,262,015,051,001",
        "19860926\u00a0201505\u00a01\u00a0001",
        "\ufeff198609262015051001\t",
        "19860926-201505-1-001",
        "198609262015051001.0",  # no double holds this number: the tail is text, nothing is lost
        198609262015051001,
    ],
)
def test_repair(written):
    assert rule.repair(written) == EXAMPLE
    assert rule.check_nip(written) is Reason.OK
    assert not rule.looks_damaged(written)


@pytest.mark.parametrize(
    "written",
    [
        "1.98609E+17",
        "1,98609E+17",
        "1.98609262015051e+17",
        " 1.98609E+17 ",
        "2E+17",
        "198609262015051000",
        "198609262015051000.0",
        "198609262015051000,00",
        "198609262015051008.0",
        "198.609.262.015.051.000",
        1.98609262015051e17,
        float(EXAMPLE),
        np.float64(EXAMPLE),
    ],
)
def test_damage_is_recognised(written):
    assert rule.looks_damaged(written)
    assert rule.check_nip(written) is Reason.DAMAGED


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (None, Reason.MISSING),
        ("", Reason.MISSING),
        ("   ", Reason.MISSING),
        (float("nan"), Reason.MISSING),
        ("abc", Reason.NOT_DIGITS),
        ("19860926201505100X", Reason.NOT_DIGITS),
        ("19860926201505100١", Reason.NOT_DIGITS),  # an Arabic-Indic digit
        ("19860926201505100", Reason.TOO_SHORT),
        ("132123456", Reason.TOO_SHORT),
        (1234.0, Reason.TOO_SHORT),
        ("1986092620150510011", Reason.TOO_LONG),
        ("198613262015051001", Reason.BIRTH_DATE),
        ("198602302015051001", Reason.BIRTH_DATE),
        ("188609262015051001", Reason.BIRTH_DATE),
        ("198609262015001001", Reason.START_MONTH),
        ("198609262015131001", Reason.START_MONTH),
        ("198609261990051001", Reason.START_AGE),
        ("198609262095051001", Reason.START_AGE),
        ("198609262015050001", Reason.SEX),
        ("198609262015053001", Reason.SEX),
    ],
)
def test_reasons(written, reason):
    assert rule.check_nip(written) is reason


def test_an_invalid_number_is_never_in_the_error():
    with pytest.raises(ValueError) as caught:
        rule.parse_nip("198613262015051001")
    assert str(caught.value) == "birth_date"


@settings(max_examples=30, deadline=None)
@given(numbers())
def test_valid_numbers_are_valid_however_spaced(number):
    spaced = f" {number[:8]} {number[8:14]} {number[14]}\u00a0{number[15:]}"
    assert rule.parse_nip(number) == rule.parse_nip(spaced)
    assert rule.parse_nip(number).birth_date.strftime("%Y%m%d") == number[:8]


@settings(max_examples=30, deadline=None)
@given(numbers())
def test_what_a_spreadsheet_keeps_is_recognised(number):
    fifteen_digits = number[:15] + "000"
    assert rule.looks_damaged(fifteen_digits)
    assert rule.looks_damaged(f"{float(number):.5E}")
    assert rule.looks_damaged(f"{int(float(number))}.0")


def test_a_column_says_what_each_number_says():
    column = pd.Series([EXAMPLE, PPPK, "1.98609E+17", None, "19860926 201505 1 001"], index=list("abcde"))
    table = rule.check_nips(column)
    assert list(table.index) == list("abcde")
    assert list(table["reason"]) == ["ok", "ok", "damaged", "missing", "ok"]
    assert list(table["reason"]) == [rule.check_nip(value) for value in column]
    assert list(table["repaired"]) == [False, False, False, False, True]
    assert table.loc["e", "number"] == EXAMPLE and pd.isna(table.loc["c", "number"])
    assert list(table["kind"].dropna()) == ["pns", "pppk", "pns"]
    assert list(table["sex"].dropna()) == ["m", "f", "m"]
    assert table.loc["a", "digits"] == 18


@pytest.mark.parametrize("dtype", [object, "str", "category"])
def test_columns_may_have_any_type(dtype):
    assert list(rule.check_nips(pd.Series([EXAMPLE, None], dtype=dtype))["reason"]) == ["ok", "missing"]


def test_whole_numbers_and_floats_as_columns():
    assert list(rule.check_nips(pd.Series([int(EXAMPLE)]))["reason"]) == ["ok"]
    assert list(rule.check_nips(pd.Series([float(EXAMPLE), np.nan]))["reason"]) == ["damaged", "missing"]
    assert list(rule.check_nips(pd.Series([np.nan, np.nan]))["reason"]) == ["missing", "missing"]
    assert rule.check_nips(pd.Series([], dtype=object)).empty


def a_column(n):
    rng = np.random.default_rng(20261124)
    born = rng.integers(1960, 1996, n)
    parts = zip(
        born, rng.integers(1, 13, n), rng.integers(1, 29, n), born + rng.integers(20, 35, n),
        rng.integers(1, 13, n), rng.integers(1, 3, n), rng.integers(1, 1000, n), strict=True,
    )  # fmt: skip
    return pd.Series([f"{a}{b:02d}{c:02d}{d}{e:02d}{f}{g:03d}" for a, b, c, d, e, f, g in parts])


def test_a_column_rounded_in_silence_is_recognised():
    column = a_column(200)
    assert not rule.rounded_column(column)
    assert rule.rounded_column(column.astype(float).astype("int64").astype("str"))
    assert not rule.rounded_column(column.head(4).astype(float).astype("int64"))


def test_a_hundred_thousand_numbers_take_a_moment():
    column = a_column(100_000)
    start = time.perf_counter()
    table = rule.check_nips(column)
    assert time.perf_counter() - start < 10  # about 0.9 s alone; wide, for a loaded machine
    assert (table["reason"] == "ok").all()


def test_contradictions_with_the_columns_beside():
    checked = rule.check_nips(pd.Series([EXAMPLE, PPPK, "abc"]))
    found = rule.contradictions(
        checked,
        birth_year=pd.Series([1986, 1991, 1980]),
        gender=pd.Series(["f", "f", "f"], dtype="category"),
        status=pd.Series(["pns", None, "pns"]),
        start_year=pd.Series([2015.0, np.nan, 2000.0]),
    )
    assert found["birth_year"].tolist() == [False, True, False]
    assert found["gender"].tolist() == [True, False, False]
    assert found["status"].tolist() == [False, False, False]
    assert found["start_year"].tolist() == [False, False, False]
    assert list(rule.contradictions(checked).columns) == []
    with pytest.raises(ValueError, match="another index"):
        rule.contradictions(checked, gender=pd.Series(["f"], index=[5]))
