"""One function for a number and for a column: element by element, both give the same."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walesi_research.rules import credit, ip_asn, predicate, service_index, skp, training_right
from walesi_research.rules.elementwise import Shape, two_decimals

RATING = st.sampled_from([1, 2, 3, None])
SCORE = st.one_of(st.none(), st.floats(0, 120))
ANSWER = st.one_of(st.none(), st.floats(1, 4))
FLAG = st.sampled_from([True, False, None])
PREDICATE = st.sampled_from([*predicate.PREDICATES, None])
EDUCATION = st.sampled_from([*ip_asn.TABLE_2019.qualification, None])
SANCTION = st.sampled_from([*ip_asn.TABLE_2019.discipline, None])
POSITION = st.sampled_from([*ip_asn.POSITIONS, None])
HOURS = st.one_of(st.none(), st.floats(0, 500))

RULES = [
    (predicate.predicate_of, (RATING, RATING)),
    (predicate.max_of_codes, (RATING, RATING)),
    (predicate.compare_stored, (PREDICATE, RATING, RATING)),
    (predicate.rating_of_achievement, (SCORE,)),
    (predicate.from_bkn_rating, (RATING,)),
    (predicate.to_bkn_rating, (RATING,)),
    (predicate.from_bkn_predicate, (st.sampled_from([1, 2, 3, 4, 5, None]),)),
    (predicate.to_bkn_predicate, (PREDICATE,)),
    (skp.score_pp30, (SCORE, SCORE)),
    (skp.score_pp46, (SCORE, SCORE)),
    (skp.grade_pp30, (SCORE, FLAG)),
    (skp.grade_pp46, (SCORE,)),
    (skp.grade_dp3, (st.one_of(st.none(), st.floats(0, 100)),)),
    (credit.share_of_predicate, (PREDICATE,)),
    (credit.coefficient_of, (st.sampled_from([*credit.COEFFICIENTS, None]),)),
    (credit.credit_points, (PREDICATE, st.floats(0, 50), st.floats(0.1, 12))),
    (lambda *a: service_index.service_index(a), (ANSWER,) * 9),
    (lambda *a: service_index.service_index(a, missing="omit"), (ANSWER,) * 9),
    (service_index.grade_of_index, (st.one_of(st.none(), st.floats(0, 100)),)),
    (ip_asn.qualification, (EDUCATION,)),
    (ip_asn.competence, (POSITION, FLAG, HOURS, FLAG)),
    (ip_asn.performance, (SCORE,)),
    (ip_asn.performance_of_predicate, (PREDICATE,)),
    (ip_asn.discipline, (SANCTION,)),
    (ip_asn.category, (st.one_of(st.none(), st.floats(0, 100)),)),
    (training_right.meets_norm, (HOURS,)),
    (training_right.within_pppk_ceiling, (HOURS,)),
]


def same(a, b):
    return (pd.isna(a) and pd.isna(b)) or a == b


@pytest.mark.parametrize(("rule", "arguments"), RULES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_column_is_its_values(rule, arguments, data):
    rows = data.draw(st.lists(st.tuples(*arguments), min_size=1, max_size=6))
    index = pd.Index([f"r{i}" for i in range(len(rows))])
    columns = [pd.Series(list(column), index=index, dtype=object) for column in zip(*rows, strict=True)]
    result = rule(*columns)
    assert result.index.equals(index)
    assert all(same(whole, rule(*row)) for whole, row in zip(result, rows, strict=True))


@pytest.mark.parametrize(("rule", "arguments"), RULES)
def test_all_missing_in_is_missing_out(rule, arguments):
    assert pd.isna(rule(*[None] * len(arguments)))
    empty = pd.Series([np.nan, np.nan], index=[7, 9])
    result = rule(*[empty] * len(arguments))
    assert result.isna().all() and list(result.index) == [7, 9]


@pytest.mark.parametrize("dtype", ["float64", "Int64", "category", "int8"])
def test_columns_may_have_any_type(dtype):
    column = pd.Series([1, 2, 3], dtype=dtype)
    assert list(predicate.predicate_of(column, column)) == ["sangat_kurang", "baik", "sangat_baik"]
    assert list(credit.share_of_predicate(pd.Series(["baik", None], dtype="category")).dropna()) == [1.0]


def test_a_column_beside_a_scalar():
    assert list(predicate.predicate_of(pd.Series([1, 2, 3]), 2)) == ["butuh_perbaikan", "baik", "baik"]


def test_columns_over_different_rows_are_refused():
    with pytest.raises(ValueError, match="different indexes"):
        predicate.predicate_of(pd.Series([1, 2]), pd.Series([1, 2], index=[1, 0]))


def test_a_list_is_refused():
    with pytest.raises(TypeError, match="scalar or a Series"):
        Shape.of([1, 2])


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [(64.995, 65.0), (64.9949, 64.99), (1.005, 1.01), (2.675, 2.68), (0.0, 0.0), (100.0, 100.0)],
)
def test_halves_go_up_although_binary_falls_short(exact, rounded):
    assert two_decimals(np.array([exact]))[0] == rounded
