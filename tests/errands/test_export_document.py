"""What an export holds: the customary order, numbers as they are shown, cells traced to findings."""

import math
from types import SimpleNamespace

import pytest

from tests.errands.conftest import FEW
from tests.questions.small import codebook, people, study, survey
from walesi_research.cli.verbs.export import question
from walesi_research.errands.export.categories import category, graded
from walesi_research.errands.export.chapters import SECTIONS
from walesi_research.errands.export.columns import laid_out
from walesi_research.errands.export.document import document_of
from walesi_research.errands.export.trace import findings_in, listed
from walesi_research.errands.export.values import Range, Value, range_of, value_of
from walesi_research.exhibits import Cell, Column, Gap, Group, Table
from walesi_research.findings import Finding
from walesi_research.language import interval, number, share

BOTH = {"id": "x", "en": "x"}


def finding(id, estimate, low, high, claim="association"):
    parts = {"unit": "points", "method": "m", "question": BOTH, "notebook": "n"}
    return Finding(id=id, estimate=estimate, low=low, high=high, claim=claim, **parts)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("x", [0.0, -0.456, 12345.678, 1342.0, 0.05])
@pytest.mark.parametrize("digits", [0, 1, 3])
def test_a_number_is_read_back_as_it_is_written(x, digits, language):
    read = value_of(number(x, language, digits), language)
    assert (read.number, read.digits) == (round(x, digits), digits)
    assert value_of(f"{number(x, language, digits)} poin", language).unit == " poin"
    assert read.may_be(x)
    assert not read.may_be(x + 1.01 * 10**-digits)


@pytest.mark.parametrize("language", ["id", "en"])
def test_shares_and_intervals_are_read_back(language):
    read = value_of(share(0.2749, language, 1), language)
    assert (read.number, read.percent, read.format) == (0.275, True, "0.0%")
    for low, high in ((0.2, 0.4), (-0.4, 0.2), (-1234.5, -2.0)):
        ends = range_of(interval(low, high, language), language)
        assert (ends.low.number, ends.high.number) == (low, high)
    ends = range_of(interval(0.18, 0.51, language, 0, percent=True), language)
    assert ends == Range(Value(0.18, 0, True), Value(0.51, 0, True))


@pytest.mark.parametrize(
    "text",
    ["<\N{NO-BREAK SPACE}0,001", "kurang dari 5 orang", "–", "", "bk1", "1 dari 10", "sekitar 160", "II/a"],
)
def test_what_is_no_number_stays_words(text):
    assert value_of(text, "id") is None


@pytest.mark.parametrize(
    ("mean", "expected"),
    [(1, 1), (1.79, 1), (1.8, 2), (2.59, 2), (2.6, 3), (3.39, 3), (3.4, 4), (4.19, 4), (4.2, 5), (5, 5)],
)
def test_the_customary_categories(mean, expected):
    assert category(mean, 1, 5) == expected  # the table in DOMAIN.md section 3: 1.00-1.79, 1.80-2.59, ...


def test_a_mean_that_may_not_be_shown_has_no_category():
    rows = [Group("s"), ["a", "1", Cell("3,55", "4% kosong")], ["b", "–", "terlalu sedikit orang"]]
    table = Table(["x", "y", "z"], rows, "c", "id")
    found = graded(table, [(SimpleNamespace(ends=(1, 5)), ("a", "b"))])
    assert [row[-1] for row in found.rows[1:]] == ["tinggi", "–"]


def test_a_cell_is_a_findings_only_where_nothing_else_can_be_meant():
    rows = [
        ["a", Cell("0,5", "0,1–0,9")],
        ["b", Cell("0,5", "0,2–0,9")],
        ["c", Cell("32%", "18%–51%")],
        Gap("d", "–"),
    ]
    table = Table(["x", "y"], rows, "c", "id")
    known = [finding("one", 0.52, 0.11, 0.94), finding("share", 0.3151, 0.1849, 0.5149)]
    assert findings_in(table, known) == {(0, 1): "one", (2, 1): "share"}
    assert (0, 1) not in findings_in(table, [*known, finding("twin", 0.48, 0.12, 0.9)])
    twice = Table(["x", "y"], [*rows, rows[0]], "c", "id")
    assert findings_in(twice, known) == {(2, 1): "share"}


def test_ids_in_few_words():
    assert listed(["m.a.alpha", "m.a.omega", "m.b.alpha", "p.x", "p.y"]) == "m.*.alpha, m.a.omega, p.x, p.y"


def test_a_spreadsheet_has_every_number_in_a_cell_of_its_own():
    rows = [
        Group("g", "1 sampai 5"),
        [Cell("2024", "baris"), Cell("1 · 2 · 97%", shares=(0.01, 0.02, 0.97)), Cell("0,5", "0,1–0,9"),
         "2,8 (1,9–4,2)"],
        ["b", "di atas tengah 58%", Cell("<\N{NO-BREAK SPACE}0,001", "4% kosong"), "–"],
        Gap("d", "Tidak ditampilkan", "sedikit"),
    ]  # fmt: skip
    laid = laid_out(Table(["x", Column("s", True), Column("e", True), Column("r", True)], rows, "c", "id"))
    half = Value(0.5, 1)
    assert laid.rows[1] == [
        "2024", "baris", Value(0.01, 0, True), Value(0.02, 0, True), Value(0.97, 0, True),
        half, Value(0.1, 1), Value(0.9, 1), "", Value(2.8, 1), Value(1.9, 1), Value(4.2, 1),
    ]  # fmt: skip
    assert laid.rows[2][2:9] == [
        "di atas tengah 58%",
        "",
        "",
        "<\N{NO-BREAK SPACE}0,001",
        "",
        "",
        "4% kosong",
    ]
    assert laid.rows[3][:3] == ["d", "Tidak ditampilkan", "sedikit"]
    assert {len(row) for row in laid.rows} == {len(laid.header)}
    assert laid.start == [0, 2, 5, 9]
    assert laid.groups == {0}


@pytest.mark.parametrize("language", ["id", "en"])
def test_walesi_has_the_customary_tables_in_order(documents, language):
    document = documents[language]
    asked = [s for s in SECTIONS if not s.asked or language == "id"]
    assert [p.heading for p in document.parts] == [document.say(f"section_{s.name}") for s in asked]
    assert not [p.heading for p in document.parts if p.missing or not p.tables]
    assert [t.number for t in document.tables] == [f"4.{i + 1}" for i in range(len(document.tables))]
    assert all(t.table.language == language for t in document.tables)


def test_every_finding_traced_is_in_its_cell(documents, walesi):
    by_language = [
        {
            (t.order, place): id
            for t in d.tables
            if t.question != "pathways.pls"
            for place, id in t.cells.items()
        }
        for d in documents.values()
    ]
    ids = [sorted(cells.values()) for cells in by_language]
    assert ids[0] == ids[1]
    wanted = {"appraisal.tie_effect", "appraisal.rater_share", "training.leadership_att", "joint.training",
              "pathway.culture_indirect", "measurement.work_culture.alpha"}  # fmt: skip
    assert wanted <= set(ids[0])
    tie = next(f for f in question("appraisal.scores")(walesi).findings if f.id == "appraisal.tie_effect")
    table = next(t for t in documents["id"].tables if "appraisal.tie_effect" in t.cells.values())
    (row, column) = next(p for p, id in table.cells.items() if id == "appraisal.tie_effect")
    cell = table.table.rows[row][column]
    assert cell.small == interval(tie.low, tie.high, "id")
    assert math.isclose(value_of(cell.text, "id").number, tie.estimate, abs_tol=0.05)  # one decimal is shown


def test_a_causal_number_stands_with_its_assumption(documents):
    """Every table with findings says what may be claimed: an association, or the assumption."""
    document = documents["en"]
    texts = {t.question: " ".join(t.notes) for t in document.tables if t.notes}
    for name in ("training.hours", "training.leadership"):
        assert "only under an assumption" in texts[name]
    for name in ("performance.joint", "pathways.pathways", "performance.classical"):
        assert "not yet proof of a cause" in texts[name]


def test_a_study_without_a_survey_says_what_is_missing(walesi):
    from dataclasses import replace

    tables = {n: t for n, t in walesi.tables.items() if n != "survey"}
    document = document_of(replace(walesi, tables=tables), question, "id", FEW, "1.0")
    by_heading = {p.heading: p for p in document.parts}
    for name in ("items", "validity", "reliability", "assumptions", "regression", "paths"):
        part = by_heading[document.say(f"section_{name}")]
        assert part.missing and not part.tables
    assert by_heading[document.say("section_appraisal")].tables


def test_thirty_people_in_one_unit_are_no_crash():
    employees = people(30, units=1)
    book = codebook(items=3)
    answers = {
        i: [1 + (7 * k + len(i)) % 5 for k in range(30)] for c in book.constructs.values() for i in c.items
    }
    document = document_of(study({"employees": employees, "survey": survey(employees, answers)}, book),
                           question, "en", FEW | {"pls": True}, "1.0")  # fmt: skip
    assert document.tables
    assert all(p.tables or p.missing for p in document.parts)
