"""Who answered and how: signs of carelessness by hand, and nothing shown that rests on too few people."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.questions.small import codebook, people, study, survey
from walesi_research.questions import data
from walesi_research.questions.data.answers import longest_run, repeated_patterns, straight_lined
from walesi_research.questions.effect import Effect
from walesi_research.questions.result import estimated, few, hidden_shares

NAN = np.nan


def test_the_longest_run_is_broken_by_another_answer_and_by_a_blank():
    X = np.array([[1, 1, 2, 2, 2], [1, 1, NAN, 1, 1], [5, 4, 3, 2, 1], [NAN] * 5])
    assert longest_run(X).tolist() == [3, 2, 1, 0]


def test_straight_lining_is_one_answer_to_all_that_was_answered():
    X = np.array([[3, 3, 3, 3], [3, 3, NAN, 3], [3, NAN, NAN, NAN], [3, 3, 3, 4], [NAN] * 4])
    assert straight_lined(X).tolist() == [True, True, False, False, False]


def test_repeated_patterns_leave_straight_lines_apart():
    X = np.array([[1, 2, 3, 4], [1, 2, 3, 4], [3, 3, 3, 3], [3, 3, 3, 3], [1, 2, 3, NAN]])
    assert repeated_patterns(X).tolist() == [True, True, False, False, False]


def answered(n, silent, units=2, attribute=None):
    employees = people(n, units)
    if attribute is not None:
        employees["gender"] = pd.Categorical(attribute, categories=["f", "m"])
    book = codebook(("culture",), items=2)
    items = {
        f"culture{i}": np.where(np.isin(np.arange(n), silent), NAN, 3 + np.arange(n) % 2) for i in (1, 2)
    }
    return study({"employees": employees, "survey": survey(employees, items)}, book)


def test_who_left_every_item_blank_did_not_answer():
    (finding,) = data.response(answered(40, silent=range(6))).findings
    assert finding.estimate == 0.85  # 34 of 40
    assert (finding.se, finding.low, finding.high) == (0, 0.85, 0.85)
    assert finding.n == 40


@pytest.mark.parametrize("silent", [range(1, 4), range(37), range(38)])
def test_a_rate_that_tells_of_few_people_is_suppressed(silent):
    result = data.response(answered(40, silent))
    assert result.findings[0].status == "suppressed"
    told = " ".join(s.alt for s in result.sentence("en"))
    assert not any(character.isdigit() and character != "5" for character in told.replace("2024", ""))


def test_who_had_left_before_the_survey_is_not_counted_as_silent():
    opened = answered(40, silent=range(10))
    left = opened.employees.assign(left_on=pd.Series(pd.Timestamp("2024-11-14"), range(4)).reindex(range(40)))
    gone = study(dict(opened.tables) | {"employees": left}, opened.codebook)
    assert data.response(gone).findings[0].estimate == 0.83  # 30 of 36
    stayed = left.assign(left_on=left["left_on"] + pd.Timedelta(days=2))
    assert data.response(study(dict(opened.tables) | {"employees": stayed}, opened.codebook)).listed == 40


def by_unit(*units):
    """Return the answer of a study with units of the given (employees, silent)."""
    names = np.repeat([f"unit {k}" for k in range(len(units))], [n for n, _ in units])
    employees = people(len(names), units=1).assign(unit=pd.Categorical(names))
    blank = np.concatenate([np.arange(n) < s for n, s in units])
    items = {f"culture{i}": np.where(blank, NAN, 3.0) for i in (1, 2)}
    return data.response(
        study({"employees": employees, "survey": survey(employees, items)}, codebook(("culture",)))
    )


def test_a_unit_that_few_kept_silent_in_is_shown_together_with_another():
    result = by_unit((14, 5), (20, 8), (12, 1), (25, 10))
    shown = result.units.set_index("unit")["share"].to_dict()
    assert shown == {"unit 1": 0.6, "unit 3": 0.6, None: pytest.approx(0.77)}  # 20 of 26 in units 0 and 2
    drawn = result.plot("id").html()
    assert "2 unit lain bersama" in drawn
    assert "unit 2" not in drawn and "unit 0" not in drawn


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1)), min_size=1, max_size=9), st.integers(3, 8))
def test_no_hidden_group_can_be_found_by_subtraction(groups, minimum):
    size = np.array([n for n, _ in groups])
    part = np.array([round(n * x) for n, x in groups])
    hidden = hidden_shares(size, part, minimum)
    for n, k in zip(size[~hidden], part[~hidden], strict=True):
        assert n >= minimum and not few(k, minimum) and not few(n - k, minimum)
    if hidden.any() and not hidden.all():
        n, k = size[hidden].sum(), part[hidden].sum()
        assert hidden.sum() > 1 and n >= minimum and not few(k, minimum) and not few(n - k, minimum)


def test_everybody_answering_is_told_with_its_caution():
    result = data.response(answered(20, silent=[]))
    assert [s.kind for s in result.sentence("en")] == ["lead", "range"]
    assert "only those who answered" in result.sentence("en")[1].alt
    assert result.plot("en") == []


def test_blank_answers_are_counted_among_those_who_answered():
    employees = people(10)
    items = {"culture1": [NAN] * 5 + [3.0] * 5, "culture2": [NAN] * 2 + [4.0] * 8}
    result = data.missing(
        study({"employees": employees, "survey": survey(employees, items)}, codebook(("culture",)))
    )
    # eight answered; three of them left the first item blank: 3 of 16
    assert result.share == pytest.approx(3 / 16)
    assert result.findings[0].estimate == 0.19
    assert result.scales.loc[0, "incomplete"] == 3
    assert result.table("en").html().count("too few people left blanks") == 1


def careless(straight):
    n, rng = 40, np.random.default_rng(1)
    employees, book = people(n), codebook(("culture", "fairness", "performance"), items=3)
    items = {item: np.where(np.arange(n) < straight, 3.0, rng.integers(1, 6, n)) for item in book.items}
    return data.careless(study({"employees": employees, "survey": survey(employees, items)}, book))


@pytest.mark.parametrize(
    ("straight", "status", "share"), [(0, "estimated", 0.0), (3, "suppressed", None), (6, "estimated", 0.15)]
)
def test_few_careless_people_are_not_counted_in_public(straight, status, share):
    result = careless(straight)
    finding = result.findings[0]
    assert (finding.id, finding.status, finding.estimate) == ("data.straightlined_share", status, share)
    told = result.sentence("en")[0].alt
    assert told.startswith(
        {0: "Nobody gave the same answer", 3: "Fewer than 5 people", 6: "15% of respondents"}[straight]
    )
    if status == "suppressed":
        assert "fewer than 5 people" in result.table("en").html()


def test_the_profile_hides_a_small_group_and_what_would_give_it_away():
    groups = ["f"] * 3 + ["m"] * 20 + [None] * 17
    frame = data.profile(answered(40, silent=[], attribute=groups)).groups["gender"]
    assert frame["hidden"].to_dict() == {"f": True, "m": False, "missing": True}
    assert frame.loc["m", "employees"] == 20


def test_what_a_study_lacks_is_named():
    lacking = data.analyses(answered(20, silent=[])).lacking
    assert lacking["leadership"].in_("en") == "It cannot: there is no table of training and appraisals"
    asks = "Tidak dapat: kuesioner tidak menanyakan penghargaan, motivasi, dan komitmen"
    assert lacking["pathways"].in_("id") == asks
    assert lacking["joint"] is not None


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_study_without_a_survey_says_so_everywhere(language):
    bare = study({"employees": people(20)}, codebook(()))
    for ask in (data.response, data.missing, data.careless, data.profile):
        result = ask(bare)
        for show in (
            getattr(result, name) for name in ("sentence", "plot", "table") if hasattr(result, name)
        ):
            show(language)
        assert all(f.status == "not_estimable" for f in result.findings)
    assert data.contents(bare).table(language).html()


def test_a_survey_of_three_people_tells_nothing_of_them():
    three = answered(3, silent=[])
    for ask in (data.response, data.missing, data.careless):
        result = ask(three)
        assert all(f.status != "estimated" for f in result.findings)
        if hasattr(result, "table"):
            assert "%" not in "".join(t.html() for t in np.atleast_1d(result.table("en")) if t is not None)


def test_a_run_beyond_straight_lines_that_few_have_is_hidden():
    n, rng = 60, np.random.default_rng(2)
    employees, book = people(n), codebook(("culture", "fairness", "performance"), items=4)
    items = {item: rng.integers(1, 6, n).astype(float) for item in book.items}
    for k, item in enumerate(book.items):
        items[item][:10] = 3.0
        items[item][10] = 3.0 if k < 11 else 4.0
    result = data.careless(study({"employees": employees, "survey": survey(employees, items)}, book))
    assert result.counts == {"straight": 10, "run": 11, "repeated": 0}
    assert [f.status for f in result.findings] == ["estimated", "suppressed", "estimated"]


def test_a_table_of_few_rows_is_not_described():
    employees = people(20)
    events = pd.DataFrame({"kind": ["award"], "date": [pd.Timestamp("2022-03-01")], "unit": ["0"]})
    shown = data.contents(study({"employees": employees, "events": events}, codebook(()))).table("en").html()
    assert "March" not in shown
    assert "fewer than 5 rows" in shown


def test_what_cannot_be_measured_is_not_called_answerable():
    lacking = data.analyses(answered(20, silent=[])).lacking
    assert lacking["joint"].in_("en") == "It cannot: there is no measure of performance"


def test_every_number_of_an_effect_stands_in_its_own_place():
    about = {"id": "a.b", "unit": "points", "claim": "association", "method": "m", "notebook": "01_data"}
    found = estimated(
        Effect(estimate=2.0, se=0.75, df=30.0, low=0.5, high=3.5, p=0.01),
        question={"id": "?", "en": "?"},
        **about,
    )
    assert (found.estimate, found.se, found.low, found.high, found.p) == (2.0, 0.75, 0.5, 3.5, 0.01)
    assert found.status == "estimated" and found.unit == "points"
