"""The matrix of PermenPANRB 6/2022, its known misreading, and BKN's codes."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest

from walesi_research.rules import predicate as rule

BELOW, MEETS, ABOVE = 1, 2, 3

GOLDEN = [  # rows: results, columns: behaviour below, meets, above
    (ABOVE, ("kurang", "baik", "sangat_baik")),
    (MEETS, ("kurang", "baik", "baik")),
    (BELOW, ("sangat_kurang", "butuh_perbaikan", "butuh_perbaikan")),
]


@pytest.mark.parametrize(("results", "row"), GOLDEN)
def test_the_matrix(results, row):
    assert tuple(rule.predicate_of(results, behaviour) for behaviour in (BELOW, MEETS, ABOVE)) == row


def test_any_pair_of_ratings_has_a_predicate():
    pairs = list(itertools.product(rule.RATINGS, repeat=2))
    assert {rule.predicate_of(*pair) for pair in pairs} == set(rule.PREDICATES)


def test_the_matrix_is_not_symmetric():
    assert rule.predicate_of(ABOVE, BELOW) == "kurang"
    assert rule.predicate_of(BELOW, ABOVE) == "butuh_perbaikan"


def test_better_behaviour_never_gives_a_worse_predicate():
    order = [rule.PREDICATES.index(rule.predicate_of(w, b)) for w in rule.RATINGS for b in rule.RATINGS]
    assert (np.diff(np.reshape(order, (3, 3)), axis=1) <= 0).all()


def test_the_faulty_programme_differs_just_where_behaviour_alone_is_below():
    pairs = itertools.product(rule.RATINGS, repeat=2)
    wrong = {pair for pair in pairs if rule.max_of_codes(*pair) != rule.predicate_of(*pair)}
    assert wrong == {(ABOVE, BELOW), (MEETS, BELOW)}
    assert rule.max_of_codes(ABOVE, BELOW) == "butuh_perbaikan"


def test_the_faulty_programme_takes_the_larger_code_of_unequal_ratings():
    for results, behaviour in itertools.permutations(rule.RATINGS, 2):
        code = max(rule.to_bkn_rating(results), rule.to_bkn_rating(behaviour))
        assert rule.to_bkn_predicate(rule.max_of_codes(results, behaviour)) == code


def test_disagreements_are_attributed():
    stored = pd.Series(["kurang", "butuh_perbaikan", "baik", None, "baik"])
    verdicts = rule.compare_stored(stored, 3, pd.Series([1, 1, 1, 1, None]))
    assert list(verdicts[:3]) == ["agrees", "as_max_of_codes", "differs"]
    assert verdicts[3:].isna().all()


@pytest.mark.parametrize("rating", [0, 4, 2.5, "di atas"])
def test_other_ratings_are_refused(rating):
    with pytest.raises(ValueError, match="is not one of 1, 2, 3"):
        rule.predicate_of(rating, 2)


def test_limits_of_achievement_belong_to_meets():
    values = pd.Series([89.999, 90, 100, 110, 110.001, None])
    assert list(rule.rating_of_achievement(values)[:5]) == [1, 2, 2, 2, 3]
    assert np.isnan(rule.rating_of_achievement(values)[5])
    assert rule.rating_of_achievement(90, below=95, above=95) == 1
    assert rule.rating_of_achievement(95, below=95, above=95) == 2
    with pytest.raises(ValueError, match="above the upper limit"):
        rule.rating_of_achievement(90, below=110, above=90)


def test_codes_go_there_and_back():
    assert [rule.from_bkn_rating(code) for code in (1, 2, 3)] == [3, 2, 1]
    for name in rule.PREDICATES:
        assert rule.from_bkn_predicate(rule.to_bkn_predicate(name)) == name


@pytest.mark.shared
def test_codes_are_those_of_the_official_list(shared):
    lists = json.loads((shared / "studies" / "bkn_siasn_reference_codes.json").read_text(encoding="utf-8"))
    for entry in lists["kuadranNilai"]:
        assert rule.from_bkn_predicate(int(entry["id"])) == entry["nama"].lower().replace(" ", "_")
    ratings = {int(e["id"]): e["nama"].split()[0] for e in lists["perilakuDanKinerja"]}
    expected = {1: "DIBAWAH", 2: "SESUAI", 3: "DIATAS"}
    assert {expected[int(rule.from_bkn_rating(code))] for code in ratings} == set(expected.values())
    assert all(expected[int(rule.from_bkn_rating(code))] == word for code, word in ratings.items())
