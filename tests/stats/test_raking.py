"""Raking and calibration: targets met, a two-way table by hand, and R's survey package."""

import json

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats.raking import EmptyCells, calibrate, indicators, rake


def sample(seed=1, n=80):
    rng = np.random.default_rng(seed)
    return rng.uniform(0.5, 3, n), rng.choice(list("abc"), n, p=[0.6, 0.3, 0.1]), rng.choice(["f", "m"], n)


UNITS, GENDERS = {"a": 120.0, "b": 130.0, "c": 50.0}, {"m": 190.0, "f": 110.0}


def counted(weights, labels):
    return pd.Series(weights).groupby(labels).sum().to_dict()


def test_meets_both_margins_and_keeps_the_table_of_odds():
    w, unit, gender = sample()
    found = rake(w, [(unit, UNITS), (gender, GENDERS)])
    assert found.converged
    assert found.error <= 1e-10
    assert counted(found.weights, unit) == pytest.approx(UNITS, rel=1e-9)
    assert counted(found.weights, gender) == pytest.approx(GENDERS, rel=1e-9)
    # log-factors are additive: what rakes is one factor a margin
    table = pd.Series(np.log(found.factors)).groupby([unit, gender]).agg(["mean", "std"])
    assert table["std"].max() < 1e-12
    means = table["mean"].unstack()
    assert np.ptp(means["f"] - means["m"]) < 1e-9  # as the margins are met to 1e-10


def test_one_margin_is_post_stratification():
    w, unit, _ = sample()
    found = rake(w, [(unit, UNITS)])
    ratio = pd.Series(unit).map(UNITS) / pd.Series(unit).map(counted(w, unit))
    assert found.weights == pytest.approx((w * ratio).to_numpy(), rel=1e-12)
    assert found.cycles == 1


def test_everybody_answered_needs_no_weights():
    _, unit, gender = sample()
    ones = np.ones(len(unit))
    found = rake(ones, [(unit, counted(ones, unit)), (gender, counted(ones, gender))])
    assert (found.weights == 1).all()
    assert found.efficiency == 1


def test_rows_targets_and_margins_may_come_in_any_order():
    w, unit, gender = sample()
    first = rake(w, [(unit, UNITS), (gender, GENDERS)])
    order = np.random.default_rng(0).permutation(len(w))
    backwards = dict(reversed(UNITS.items()))
    other = rake(w[order], [(gender[order], GENDERS), (unit[order], backwards)])
    assert other.weights == pytest.approx(first.weights[order], rel=1e-8)  # both within 1e-10 of the margins


def test_empty_cells_are_named():
    w, unit, gender = sample()
    with pytest.raises(EmptyCells, match="nobody in the sample belongs to 'd' of margin 0") as told:
        rake(w, [(unit, UNITS | {"d": 10.0}), (gender, GENDERS)])
    assert told.value.cells == ((0, "d"),)


def test_margins_that_contradict_each_other_do_not_converge():
    """All women are in unit a, yet the population has more women than unit a has people."""
    unit, gender = np.array(list("aabb")), np.array(list("fmmm"))
    found = rake(np.ones(4), [(unit, {"a": 10, "b": 10}), (gender, {"f": 15, "m": 5})], cycles=200)
    assert not found.converged
    assert found.error > 0.1
    assert found.cycles == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"targets": {"a": 120, "b": 130}}, "no target for c"),
        ({"targets": {"a": 120, "b": 130, "c": 0}}, "not a positive number"),
        ({"targets": {"a": 120, "b": 130, "c": 60}}, "different populations: 310, 300"),
        ({"weights": np.zeros(80)}, "weights must be positive"),
        ({"labels": np.array(["a"] * 79)}, "79 labels for 80 rows"),
    ],
)
def test_refusals(change, words):
    w, unit, gender = sample()
    own = (change.get("labels", unit), change.get("targets", UNITS))
    with pytest.raises(ValueError, match=words):
        rake(change.get("weights", w), [own, (gender, GENDERS)])


def test_a_missing_label_is_refused():
    w, unit, _ = sample()
    unit = np.where(np.arange(len(w)) == 3, None, unit)
    with pytest.raises(ValueError, match="no target for None"):
        rake(w, [(unit, UNITS)])
    with pytest.raises(ValueError, match="no margin"):
        rake(w, [])


def test_indicators_leave_out_what_others_imply():
    _, unit, gender = sample()
    X = indicators([unit, gender])
    assert X.shape == (80, 4)  # one, two of three units, one of two genders
    assert np.linalg.matrix_rank(X) == 4


def test_calibration_on_indicators_is_post_stratification():
    w, unit, _ = sample()
    X = (unit[:, None] == list("abc")).astype(float)
    found = calibrate(w, X, list(UNITS.values()))
    assert found.weights == pytest.approx(rake(w, [(unit, UNITS)]).weights, rel=1e-12)
    assert found.negative == 0


def test_calibration_moves_weights_the_least():
    """Any other weights with the same totals are farther from the design's, in its own distance."""
    w, _, _ = sample()
    rng = np.random.default_rng(3)
    X = np.column_stack([np.ones(len(w)), rng.normal(size=len(w))])
    totals = np.array([150.0, 10.0])
    found = calibrate(w, X, totals)
    assert X.T @ found.weights == pytest.approx(totals, rel=1e-12)
    away = rng.normal(size=len(w))
    away -= X @ np.linalg.lstsq(X, away, rcond=None)[0]  # leaves the totals as they are
    distance = [np.sum((v - w) ** 2 / w) for v in (found.weights, found.weights + 0.01 * away)]
    assert distance[0] < distance[1]


def test_calibration_tells_of_negative_weights():
    X = np.column_stack([np.ones(5), np.arange(5.0)])
    assert calibrate(np.ones(5), X, [5, 30]).negative > 0
    with pytest.raises(ValueError, match="collinear"):
        calibrate(np.ones(5), np.ones((5, 2)), [5, 5])
    with pytest.raises(ValueError, match="does not go with 5 weights, 1 totals"):
        calibrate(np.ones(5), np.ones((5, 2)), [5])
    with pytest.raises(ValueError, match="missing"):
        calibrate(np.ones(5), np.full((5, 1), np.nan), [5])


@pytest.mark.shared
def test_equals_survey(shared):
    values = json.loads((shared / "reference/values/survey_api.json").read_text())["results"]
    schools = pd.read_csv(shared / "reference/data/apiclus1.csv")
    types = {"E": 4421.0, "H": 755.0, "M": 1018.0}
    margins = [(schools.stype, types), (schools["sch.wide"], {"No": 1072.0, "Yes": 5122.0})]
    dummies = pd.get_dummies(schools.stype).astype(float)
    expected = values["calibrate_clus1"]["weights_first5"]
    calibrated = calibrate(schools.pw, dummies, list(types.values())).weights
    assert calibrated[:5] == pytest.approx(expected, rel=1e-10)
    # R stops as soon as no cell of the table moves by one school, here after four cycles
    expected = np.sort(values["rake_clus1"]["weights"])
    stopped = rake(schools.pw, margins, cycles=4)
    assert np.unique(stopped.weights.round(9)) == pytest.approx(expected, rel=1e-9)
    whole = rake(schools.pw, margins)
    assert whole.converged
    assert np.unique(whole.weights.round(6)) == pytest.approx(expected, rel=5e-5)
