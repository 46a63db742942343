"""LMG and other measures against relaimpo, sums over all orders written out, and their properties."""

import json
import time
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats import lmg
from walesi_research.stats.importance_measures import importance_measures


def covariance(p=5, seed=1, n=60):
    rng = np.random.default_rng(seed)
    return np.cov(rng.normal(size=(n, p + 1)) @ rng.normal(size=(p + 1, p + 1)), rowvar=False)


def r2(s, predictors):
    if not predictors:
        return 0.0
    k = list(predictors)
    return s[-1, k] @ np.linalg.solve(s[np.ix_(k, k)], s[k, -1]) / s[-1, -1]


def over_all_orders(s):
    p = len(s) - 1
    gain = np.zeros(p)
    orders = list(permutations(range(p)))
    for order in orders:
        for i, k in enumerate(order):
            gain[k] += r2(s, order[: i + 1]) - r2(s, order[:i])
    return gain / len(orders)


def test_equals_the_mean_over_all_orders_of_entry():
    s = covariance()
    result = lmg(s)
    assert result.contributions == pytest.approx(over_all_orders(s), abs=1e-12)
    assert result.r2 == pytest.approx(r2(s, range(5)), abs=1e-12)
    assert result.shares.sum() == pytest.approx(1)


def test_a_batch_equals_its_members():
    batch = np.stack([covariance(seed=i) for i in range(6)])
    together = lmg(batch.reshape(2, 3, 6, 6))
    assert together.contributions.shape == (2, 3, 5)
    assert together.r2.shape == (2, 3)
    each = np.stack([lmg(s).contributions for s in batch])
    assert together.contributions.reshape(6, 5) == pytest.approx(each, abs=1e-14)


def test_scale_and_order_of_predictors_do_not_matter():
    s = covariance()
    size, order = np.array([1, 10, 0.1, 3, 7, 100.0]), np.array([3, 1, 4, 0, 2, 5])
    other = lmg((s * np.outer(size, size))[np.ix_(order, order)])
    assert other.contributions == pytest.approx(lmg(s).contributions[order[:5]], abs=1e-12)


def test_uncorrelated_predictors_get_their_squared_correlations():
    s = np.eye(4)
    s[:3, 3] = s[3, :3] = [0.5, 0.3, 0.1]
    assert lmg(s).contributions == pytest.approx([0.25, 0.09, 0.01], abs=1e-14)


def test_a_copy_shares_with_its_original():
    s = covariance(p=2)
    doubled = s[np.ix_([0, 0, 1, 2], [0, 0, 1, 2])]
    result = lmg(doubled)
    assert result.r2 == pytest.approx(lmg(s).r2, abs=1e-10)
    assert result.contributions[0] == pytest.approx(result.contributions[1], abs=1e-10)


def test_without_any_relation_there_are_no_shares():
    result = lmg(np.eye(4))
    assert result.r2 == 0
    assert np.isnan(result.shares).all()


def test_fifteen_predictors():
    """Within 0.4 s; relaimpo needs 1.9 s. It takes some 5 ms, so that a busy machine does not fail it."""
    s = covariance(p=15, n=400)
    start = time.perf_counter()
    result = lmg(s)
    assert time.perf_counter() - start < 0.4
    assert result.r2 == pytest.approx(1 - 1 / np.linalg.inv(s)[-1, -1] / s[-1, -1], abs=1e-10)


def test_refusals():
    with pytest.raises(ValueError, match="square"):
        lmg(np.ones((2, 3)))
    with pytest.raises(ValueError, match="no variance"):
        lmg(np.diag([1.0, 1, 0]))


def test_other_measures_by_definition():
    s = covariance(p=4)
    found, whole = importance_measures(s), r2(s, range(4))
    for k in range(4):
        others = [j for j in range(4) if j != k]
        assert found["first"][k] == pytest.approx(r2(s, [k]), abs=1e-12)
        assert found["last"][k] == pytest.approx(whole - r2(s, others), abs=1e-12)
    for name in ("pratt", "genizi", "car"):
        assert found[name].sum() == pytest.approx(whole, abs=1e-12)
    # with two predictors half of what they share goes to each, in Genizi's measure as in LMG
    two = covariance(p=2)
    assert importance_measures(two)["genizi"] == pytest.approx(lmg(two).contributions, abs=1e-12)


def test_all_measures_are_one_without_correlation_between_predictors():
    s = np.eye(4)
    s[:3, 3] = s[3, :3] = [0.5, 0.3, 0.1]
    batch = np.stack([s, covariance(p=3)])
    for values in importance_measures(batch).values():
        assert values.shape == (2, 3)
        assert values[0] == pytest.approx([0.25, 0.09, 0.01], abs=1e-14)
    with pytest.raises(ValueError, match="sum of others"):
        importance_measures(s[np.ix_([0, 0, 1, 3], [0, 0, 1, 3])])


@pytest.mark.shared
def test_other_measures_equal_relaimpo(shared):
    values = json.loads((shared / "reference/values/relimp.json").read_text())["results"]["attitude"]
    attitude = pd.read_csv(shared / "reference/data/attitude.csv")
    found = importance_measures(attitude[[*values["lmg"], "rating"]].cov())
    for name, measure in found.items():
        assert measure == pytest.approx(list(values[name].values()), abs=1e-8), name
    assert set(found) == set(values) - {"lmg"}


@pytest.mark.shared
def test_equals_relaimpo(shared):
    values = json.loads((shared / "reference/values/relimp.json").read_text())["results"]
    attitude = pd.read_csv(shared / "reference/data/attitude.csv")
    names = list(values["attitude"]["lmg"])
    result = lmg(attitude[[*names, "rating"]].cov())
    assert result.contributions == pytest.approx(list(values["attitude"]["lmg"].values()), abs=1e-8)
    assert result.r2 == pytest.approx(values["r2"], abs=1e-8)
    teaching = pd.read_csv(shared / "reference/data/teaching_ratings.csv")
    names = list(values["teaching_lmg"])
    coded = teaching[[*names, "eval"]].apply(lambda c: c if c.dtype == float else pd.factorize(c)[0])
    result = lmg(coded.cov())
    assert result.contributions == pytest.approx(list(values["teaching_lmg"].values()), abs=1e-8)
    assert result.r2 == pytest.approx(values["teaching_r2"], abs=1e-8)
