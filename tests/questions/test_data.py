"""Who answered and how: signs of carelessness by hand, and nothing shown that rests on too few people."""

import numpy as np
import pandas as pd
import pytest

from tests.questions.small import codebook, people, study, survey
from walesi_research.questions import data
from walesi_research.questions.data.answers import longest_run, repeated_patterns, straight_lined

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
    (finding,) = data.response(answered(40, silent=[0, 1, 2])).findings
    assert finding.estimate == 0.93  # 37 of 40, rounded to 0.01, halves up
    assert (finding.se, finding.low, finding.high) == (0, 0.93, 0.93)
    assert finding.n == 40


def test_response_of_a_small_unit_is_hidden_and_another_with_it():
    employees = people(30, units=1).assign(unit=pd.Categorical(["a"] * 14 + ["b"] * 12 + ["c"] * 4))
    book = codebook(("culture",), items=2)
    items = {f"culture{i}": [NAN] * 5 + [3.0] * 25 for i in (1, 2)}
    result = data.response(study({"employees": employees, "survey": survey(employees, items)}, book))
    assert result.units.set_index("unit")["shown"].to_dict() == {"a": True, "b": False, "c": False}
    shown = result.plot("id").html()
    assert "64%" in shown
    assert shown.count("terlalu sedikit orang") >= 2


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
    assert result.scales.loc[0, "complete"] == pytest.approx(5 / 8)


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
        {0: "There is no sign", 3: "Fewer than 5 people", 6: "15% of respondents"}[straight]
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
    assert lacking["leadership"].in_("en") == "No: there is no table of training, appraisals"
    assert (
        lacking["pathways"].in_("id") == "Tidak: kuesioner tidak menanyakan penghargaan, motivasi, komitmen"
    )
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
