"""The parts of ``walesi init``: words, scales, headings, dates, values, reverse items, segments."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from walesi_research.errands.init.bilingual import in_both
from walesi_research.errands.init.dates import day_first, day_of, rhythm_of, span_of
from walesi_research.errands.init.grid import find_headings
from walesi_research.errands.init.likert import is_missing, place_of, scale_of
from walesi_research.errands.init.names import layout_of, read_heading
from walesi_research.errands.init.reverse import denies, item_rest, reversed_items
from walesi_research.errands.init.roles import role_in_code, roles_in_words
from walesi_research.errands.init.segments import segments
from walesi_research.errands.init.values import map_values


@pytest.mark.parametrize(
    ("texts", "family", "value"),
    [
        (
            ("Sangat Tidak Setuju", "sangat tidak setuju", "STS", "sangat_tidak_setuju", "Strongly disagree"),
            "agreement",
            -2,
        ),
        (("Tidak Setuju", "tdk setuju", "TS", "Disagree"), "agreement", -1),
        (("Kurang setuju", "KS"), "agreement", -0.5),
        (("Agak setuju", "Somewhat agree", "cukup setuju"), "agreement", 0.5),
        (("Setuju", "S", "agree"), "agreement", 1),
        (("Sangat Setuju", "SS", "Setuju sekali", "Strongly Agree"), "agreement", 2),
        (("Sangat tidak puas", "Very dissatisfied"), "satisfaction", -2),
        (("Tidak baik", "poor"), "quality", -1),
        (("Kurang baik",), "quality", -0.5),
        (("Tidak pernah", "Never"), "frequency", -2),
        (("Kadang-kadang", "sometimes"), "frequency", 0),
        (("Selalu", "always"), "frequency", 2),
        (("Netral", "Ragu-ragu", "Neither agree nor disagree"), "", 0),
    ],
)
def test_words_have_places(texts, family, value):
    for text in texts:
        place = place_of(text)
        assert (place.family, place.value, place.number) == (family, value, None), text


@pytest.mark.parametrize(
    ("text", "number"),
    [("1 - Sangat Tidak Setuju", 1), ("(4) Setuju", 4), ("5. SS", 5), ("Setuju (4)", 4), ("3", 3)],
)
def test_numbers_beside_words(text, number):
    assert place_of(text).number == number


@pytest.mark.parametrize(
    "text", ["Kantor Distrik", "setuju karena atasan baik", "S1", "2024", "Laki-laki", "tidak", ""]
)
def test_what_is_no_answer_has_no_place(text):
    assert place_of(text) is None


def test_signs_for_no_answer():
    assert all(map(is_missing, ("Tidak tahu", "Don't know", "N/A", "Tidak menjawab", "Do not know")))
    assert not any(map(is_missing, ("Tidak setuju", "Netral", "0")))


@pytest.mark.parametrize(
    ("seen", "points"),
    [({-2, -1, 0, 1, 2}, 5), ({-2, -1, 1, 2}, 4), ({0, 1, 2}, 4), ({-1, 0, 1, 2}, 5),
     ({-2, -1, -0.5, 1, 2}, 5),
     ({-2, -1, -0.5, 0.5, 1, 2}, 6), ({-2, -1, -0.5, 0, 0.5, 1, 2}, 7), ({-1, -0.5, 1, 2}, 4)],
)  # fmt: skip
def test_the_shortest_scale_in_use_is_taken(seen, points):
    assert len(scale_of({float(x) for x in seen})) == points


@pytest.mark.parametrize(
    ("name", "layout", "group", "code", "words"),
    [
        ("budaya/bk1", "kobo", "budaya", "bk1", "bk1"),
        ("Budaya kerja/Saya dan/atau rekan", "google", "", "", "Budaya kerja/Saya dan/atau rekan"),
        ("G1Q1[SQ001]", "limesurvey", "G1Q1", "G1Q1_SQ001", "G1Q1[SQ001]"),
        ("G1Q1[SQ001]. Budaya [Saya senang]", "limesurvey", "G1Q1", "G1Q1_SQ001", "Saya senang"),
        ("Budaya kerja [Saya senang]", "google", "Budaya kerja", "", "Saya senang"),
        ("Motivasi [Saya senang]", "google", "Motivasi", "", "Saya senang"),
        ("X1.2", "", "X1", "X1.2", "X1.2"),
        ("A3. Saya senang", "google", "A", "A3", "Saya senang"),
        ("12. Saya senang", "google", "", "", "Saya senang"),
        ("kerja-bk1", "odk", "kerja", "bk1", "bk1"),
    ],
)
def test_headings_are_taken_apart(name, layout, group, code, words):
    heading = read_heading(name, layout)
    assert (heading.group, heading.code, heading.words) == (group, code, words)


def test_programs_are_known_by_their_own_columns():
    assert layout_of(["_id", "_uuid", "_index", "a"]) == "kobo"
    assert layout_of(["KEY", "SubmissionDate", "a"]) == "odk"
    assert layout_of(["submitdate", "lastpage", "seed"]) == "limesurvey"
    assert layout_of(["Stempel waktu", "a"]) == "google"
    assert layout_of(["pnsDinilaiId", "tahun"]) == "siasn"
    assert layout_of(["a", "b"]) == ""


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-11-15T08:30:01.000+09:00", dt.date(2024, 11, 15)),
        ("15/11/2024 08:30:01", dt.date(2024, 11, 15)),
        ("3 Agustus 2024", dt.date(2024, 8, 3)),
        ("Nov 15, 2024", dt.date(2024, 11, 15)),
        ("45611", dt.date(2024, 11, 15)),  # a spreadsheet's number of the day
        ("31/02/2024", None),
        ("2024", None),
        ("Setuju", None),
    ],
)
def test_days(text, day):
    assert day_of(text) == day


def test_the_day_comes_first_unless_the_column_says_otherwise():
    assert day_first(["03/04/2024", "05/06/2024"])
    assert not day_first(["03/14/2024", "05/06/2024"])


@pytest.mark.parametrize(
    ("text", "span"),
    [("2024", (2024, 1, 12)), ("2024-Q3", (2024, 7, 9)), ("Triwulan III 2024", (2024, 7, 9)),
     ("TW 2 2024", (2024, 4, 6)),
     ("Semester 2 Tahun 2024", (2024, 7, 12)), ("Maret 2024", (2024, 3, 3)),
     ("Januari - Maret 2024", (2024, 1, 3)),
     ("2024-09", (2024, 9, 9)), ("Setuju", None), ("Triwulan 7 2024", None)],
)  # fmt: skip
def test_parts_of_years(text, span):
    assert span_of(text) == span


def test_the_rhythm_is_that_of_most_rows():
    assert rhythm_of([(2024, 1, 3), (2024, 4, 6), (2024, 1, 12)]) == "quarter"
    assert rhythm_of([(2024, 1, 12)]) == "year"


def test_headings_below_a_title_over_merged_cells_and_above_numbers():
    rows = [
        ["DAFTAR NILAI", "", "", ""],
        ["NIP", "Nilai", "", "Unit"],
        ["", "Hasil", "Perilaku", ""],
        ["(1)", "(2)", "(3)", "(4)"],
        ["a", "1", "2", "x"],
    ]
    merged = [(0, 0, 0, 3), (1, 0, 2, 0), (1, 1, 1, 2), (1, 3, 2, 3)]
    found = find_headings(rows, merged)
    assert (found.names, found.row, found.data) == (
        ("NIP", "Nilai [Hasil]", "Nilai [Perilaku]", "Unit"),
        1,
        4,
    )
    assert find_headings([["NIP", "x"], ["a", "1"]]).plain
    assert find_headings([["", ""]]) is None


def mapped(column, *texts, table="employees", choices=(), siasn=False):
    found = map_values(table, column, texts, {}, choices, siasn)
    return {
        text: canonical for canonical, spelled in found.meanings.items() for text in spelled
    }, found.unknown


def test_values_by_their_meaning():
    grades = ("III/a", "IV/e", "IX", "X", "I/a")
    assert mapped("grade", "Penata Muda (III/a)", "45", "Golongan IX", "x", "I.a", choices=grades)[0] == {
        "Penata Muda (III/a)": "III/a", "45": "IV/e", "Golongan IX": "IX", "x": "X", "I.a": "I/a",
    }  # fmt: skip
    status = mapped("status", "PNS", "PPPK (Perjanjian Kerja)", "CPNS", "Honorer", choices=("pns", "pppk"))
    assert status == ({"PNS": "pns", "CPNS": "pns", "PPPK (Perjanjian Kerja)": "pppk"}, ("Honorer",))
    assert mapped("gender", "P", "L", "laki-laki", choices=("f", "m"))[0] == {
        "P": "f",
        "L": "m",
        "laki-laki": "m",
    }
    tie = mapped("tie", "Tidak ada hubungan", "Keluarga", "Satu marga", table="appraisals",
                 choices=("none", "family", "clan", "political", "other"))  # fmt: skip
    assert tie[0] == {"Tidak ada hubungan": "none", "Keluarga": "family", "Satu marga": "clan"}
    words = ("Di atas ekspektasi", "Sesuai Ekspektasi", "Di bawah ekspektasi")
    rated = mapped("work_result", *words, table="appraisals", choices=("1", "2", "3"))
    assert rated[0] == dict(zip(words, "321", strict=True))


def test_codes_of_bkn_run_the_other_way_only_in_its_own_files():
    codes = ("1", "2", "3")
    turned = mapped("behaviour", *codes, table="appraisals", choices=codes, siasn=True)
    assert turned[0] == {"1": "3", "2": "2", "3": "1"}
    plain = mapped("behaviour", *codes, table="appraisals", choices=codes)
    assert plain[0] == {"1": "1", "2": "2", "3": "3"}


def factor(n=200, k=5, seed=1, turned=(3,)):
    """A construct of k items, those in `turned` reverse-keyed."""
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(n, 1))
    x = 3 + f + rng.normal(size=(n, k))
    x[:, list(turned)] = 6 - x[:, list(turned)]
    return pd.DataFrame(x, columns=[f"i{j}" for j in range(k)])


def test_reverse_items_by_answers_whatever_the_direction_of_most():
    """Correlations with the rest near .7 in size: .3 is five standard errors away at n = 200."""
    found = reversed_items(factor(), {})
    assert found.items == ("i3",) and found.doubtful == ()
    most = reversed_items(
        factor(turned=(0, 1, 2)), {"i0": "Saya tidak peduli", "i1": "Saya malas", "i2": "Saya bosan"}
    )
    assert most.items == ("i0", "i1", "i2")


def test_item_rest_correlations_are_those_of_the_definition():
    x = factor(turned=())
    z = (x - x.mean()) / x.std(ddof=1)
    by_hand = {c: z[c].corr(z.drop(columns=c).mean(axis=1)) for c in x}
    assert item_rest(x) == pytest.approx(by_hand, abs=1e-12)


def test_words_that_deny_beside_answers_that_agree_are_doubtful():
    found = reversed_items(factor(turned=()), {"i2": "Saya tidak pernah datang terlambat"})
    assert found.items == () and found.doubtful == ("i2",)
    assert denies("I would leave this office") and not denies("Pilih kasih tidak ditoleransi")


def test_with_few_answers_words_alone_decide_and_say_so():
    found = reversed_items(factor(n=10), {"i1": "Saya sulit bekerja sama"})
    assert found.items == found.doubtful == ("i1",)


def test_roles():
    assert roles_in_words("Kerabat atasan lebih mudah naik pangkat")[0] == "favouritism"
    assert "favouritism" not in roles_in_words("Personal favoritism is not tolerated")
    assert role_in_code("tr") == "training" and role_in_code("tr", {"training"}) == "transparency"
    assert role_in_code("zz") is None


def test_segments_cut_a_row_of_items_where_answers_change():
    """Two independent factors, r = .5 within: at n = 300 (a standard error of .06) the cut is certain."""
    x = pd.concat([factor(300, 4, 1, ()), factor(300, 4, 2, ())], axis=1)
    assert segments(x, [()] * 8) == [(0, 4), (4, 8)]


def test_segments_by_words_alone_where_answers_are_few():
    x = factor(10, 6, 1, ())
    assert segments(x, [{"culture"}] * 3 + [{"training"}] * 3) == [(0, 3), (3, 6)]


def test_both_languages_only_where_the_text_has_both():
    assert in_both("Saya bangga dengan kantor ini / I am proud of this office") == (
        "Saya bangga dengan kantor ini",
        "I am proud of this office",
    )
    assert in_both("Saya dan / atau rekan") == ("Saya dan / atau rekan",) * 2
