"""The four appraisal regimes."""

import itertools
from datetime import date, timedelta

import pandas as pd
import pytest

from walesi_research.rules.regime import REGIMES, TRANSITION, regime_of, regimes_of_year


def test_regimes_follow_each_other_without_gap():
    for earlier, later in itertools.pairwise(REGIMES):
        assert earlier.last_day + timedelta(days=1) == later.first_day


@pytest.mark.parametrize("regime", REGIMES)
def test_first_and_last_day_are_the_regime_s(regime):
    for day in (regime.first_day, regime.last_day):
        assert day is None or regime_of(day) == regime.code


@pytest.mark.parametrize(
    ("year", "code"),
    [
        (1990, "dp3"), (2013, "dp3"), (2014, "pp46_2011"), (2020, "pp46_2011"), (2021, TRANSITION),
        (2022, "permenpanrb6_2022"), (2026, "permenpanrb6_2022"),
    ],
)  # fmt: skip
def test_years(year, code):
    assert regime_of(year) == code
    assert list(regime_of(pd.Series([year], index=["a"]))) == [code]


def test_the_year_of_two_regimes():
    assert regimes_of_year(2021) == ("pp46_2011", "pp30_2019")
    assert regimes_of_year(2022) == ("permenpanrb6_2022",)


def test_spans():
    first = pd.Series(pd.to_datetime(["2021-04-01", "2021-07-01", "2021-06-01", None]))
    last = pd.Series(pd.to_datetime(["2021-06-30", "2021-12-31", "2021-07-31", "2021-12-31"]))
    codes = regime_of(first, last)
    assert list(codes[:3]) == ["pp46_2011", "pp30_2019", TRANSITION]
    assert pd.isna(codes[3])


def test_missing():
    assert regime_of(None) is None
    years = regime_of(pd.Series([2013, None, 2022]))
    assert list(years.isna()) == [False, True, False]
    assert regime_of(pd.Timestamp(date(2021, 7, 1))) == "pp30_2019"


@pytest.mark.parametrize("dtype", [object, "Int64", "float64"])
def test_years_are_years_whatever_their_type(dtype):
    codes = regime_of(pd.Series([2013, None, 2021], dtype=dtype))
    assert [codes[0], codes[2]] == ["dp3", TRANSITION] and pd.isna(codes[1])


def test_a_day_beside_a_column():
    codes = regime_of(date(2021, 1, 1), pd.Series(pd.to_datetime(["2021-06-30", "2021-07-01"])))
    assert list(codes) == ["pp46_2011", TRANSITION]


def test_text_is_refused():
    with pytest.raises(TypeError, match="not text"):
        regime_of("2021")


@pytest.mark.parametrize("year", [21, 20215])
def test_no_such_year(year):
    with pytest.raises(ValueError, match="outside"):
        regime_of(year)
