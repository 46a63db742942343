"""Calendar, codebook, maps of words: the small parts of a study."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.study.studies import CODEBOOK
from walesi_research.language import has
from walesi_research.study import Calendar, Codebook
from walesi_research.study.calendar import RHYTHMS
from walesi_research.study.coerce import normal
from walesi_research.study.mask import shown
from walesi_research.study.toml import dumps_toml


@pytest.mark.parametrize(
    ("rhythm", "label", "first", "last"),
    [
        ("month", "2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("quarter", "2024-Q3", dt.date(2024, 7, 1), dt.date(2024, 9, 30)),
        ("half", "2023-H2", dt.date(2023, 7, 1), dt.date(2023, 12, 31)),
        ("year", "2023", dt.date(2023, 1, 1), dt.date(2023, 12, 31)),
    ],
)
def test_periods_by_hand(rhythm, label, first, last):
    calendar = Calendar(rhythm)
    period = calendar.parse(label)
    assert (calendar.first_day(period), calendar.last_day(period)) == (first, last)
    assert calendar.year(period) == first.year
    assert calendar.label(period) == label


@given(st.sampled_from(list(RHYTHMS)), st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_lies_in_one_period(rhythm, day):
    calendar = Calendar(rhythm)
    period = calendar.of(day)
    assert calendar.first_day(period) <= day <= calendar.last_day(period)
    assert calendar.first_day(period + 1) == calendar.last_day(period) + dt.timedelta(days=1)
    assert calendar.parse(calendar.label(period)) == period
    assert period in calendar.periods_of_year(day.year)
    assert calendar.of(pd.Series([pd.Timestamp(day)])).tolist() == [period]


@pytest.mark.parametrize(
    "text", ["2024", "2024-H1", "2024-09", "2024-Q5", "2024-Q0", "24-Q1", "Q1", "", "2024-Q10"]
)
def test_other_labels_are_no_quarter(text):
    with pytest.raises(ValueError, match=r"period|quarter"):
        Calendar("quarter").parse(text)


def test_unknown_rhythm():
    with pytest.raises(ValueError, match="rhythm"):
        Calendar("week")


@pytest.mark.parametrize(
    ("text", "label"), [("2024-09", "2024-Q3"), ("2024-H2", "2024-Q3"), ("2024-13", None)]
)
def test_nearest_period_of_another_rhythm(text, label):
    assert Calendar("quarter").nearest(text) == label


@pytest.fixture
def codebook() -> Codebook:
    return Codebook.model_validate(tomllib.loads(CODEBOOK))


def test_scale_means_by_hand(codebook):
    """Reverse-keyed items turn to 1 + 5 - x; at least half of the items must be answered."""
    n = np.nan
    survey = pd.DataFrame(
        {
            "bk1": [5, 5, 5, n],
            "bk2": [4, n, n, n],
            "bk3": [1, 2, n, n],
            "kj1": [1, 2, n, 4],
            "kj2": [2, n, n, 5],
        },
        index=[7, 8, 9, 10],
    )
    expected = pd.DataFrame(
        {"work_culture": [14 / 3, 4.5, n, n], "performance": [1.5, 2, n, 4.5]}, index=[7, 8, 9, 10]
    )
    pd.testing.assert_frame_equal(codebook.scores(survey), expected)


def test_constructs_by_role(codebook):
    assert codebook.with_role("culture") == ("work_culture",) and codebook.with_role("service") == ()
    assert codebook.items == ("bk1", "bk2", "bk3", "kj1", "kj2")


TOML_VALUES = st.one_of(
    st.text(),
    st.integers(-(2**62), 2**62),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.lists(st.text(), max_size=3),
)


def nested(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.dictionaries(st.text(), inner | TOML_VALUES, max_size=3)


@given(st.recursive(st.dictionaries(st.text(), TOML_VALUES, max_size=4), nested, max_leaves=8))
def test_toml_is_read_back(data):
    assert tomllib.loads(dumps_toml(data)) == data


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1.98609262015051e+17", "1.98609E+17"),
        ("1.98609E+17", "1.98609E+17"),
        ("198609262015051001", "•" * 18),
        ("19860926 201505 1 001", "•" * 21),
        ("nip 19860926.201505.1001", "nip " + "•" * 20),
        ("0812-3456-7890", "•" * 14),
        ("95%", "95%"),
        ("2024-11-15", "2024-11-15"),
        ("x" * 60, "x" * 39 + "…"),
    ],
)
def test_what_messages_show(text, told):
    assert shown(text) == told


def test_choices_are_read_in_any_spelling():
    assert {normal(x) for x in ("Sangat Baik", "SANGAT_BAIK", "sangat-baik ")} == {"sangat_baik"}
    assert normal("III/A") == normal("iii.a")


def test_every_message_has_words_in_both_languages(root: Path):
    keys = set()
    for path in (root / "src/walesi_research/study").glob("*.py"):
        keys |= set(re.findall(r'"(check\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    keys |= {f"check.nip_contradicts_{x}" for x in ("birth_year", "gender", "status", "start_year")}
    keys |= {"check.unknown_employee_id", "check.unknown_unit", "check.is_error", "check.is_warning"}
    from walesi_research.rules.identity import Reason

    keys |= {f"check.nip_{reason}" for reason in Reason if reason is not Reason.OK}
    assert len(keys) > 80 and [key for key in sorted(keys) if not has(key)] == []


def test_reading_a_study_pulls_in_no_plotting():
    code = (
        "import sys, walesi_research.study; print(any(m in sys.modules for m in ('matplotlib', 'papermill')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
