"""The wild cluster bootstrap against a resampling written out, and its interval."""

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm

from walesi_research.stats import wild_cluster


def data(seed=1, groups=6, effect=0.4):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), rng.integers(4, 9, groups))
    X = np.column_stack([np.ones(len(group)), rng.normal(size=(len(group), 2))])
    y = X @ [1, effect, 0.3] + 0.3 * rng.normal(size=groups)[group] + rng.normal(size=len(group))
    return y, X, group


def t_statistic(y, X, group, column, null):
    fit = sm.OLS(y, X).fit(cov_type="cluster", cov_kwds={"groups": group})
    return (fit.params[column] - null) / fit.bse[column]


def by_definition(y, X, group, column, null):
    """Every sign vector, each with its own regression."""
    others = np.delete(X, column, axis=1)
    restricted = sm.OLS(y - null * X[:, column], others).fit()
    fitted = restricted.fittedvalues + null * X[:, column]
    observed = abs(t_statistic(y, X, group, column, null))
    drawn = [
        abs(t_statistic(fitted + np.array(v)[group] * restricted.resid, X, group, column, null))
        for v in product([1, -1], repeat=group.max() + 1)
    ]
    return np.mean(np.array(drawn) >= observed * (1 - 1e-9))


@pytest.mark.parametrize("null", [0.0, 0.25])
def test_equals_a_regression_for_each_sign_vector(null):
    y, X, group = data()
    test = wild_cluster(y, X, group, 1, null)
    assert test.statistic == pytest.approx(t_statistic(y, X, group, 1, null), rel=1e-9)
    assert test.pvalue == pytest.approx(by_definition(y, X, group, 1, null), abs=1e-12)
    assert test.enumerated
    assert test.vectors == 64


def test_the_interval_holds_the_nulls_that_are_not_rejected():
    y, X, group = data(groups=8)
    test = wild_cluster(y, X, group, 1, level=0.9)
    assert test.low < test.estimate < test.high
    width = test.high - test.low
    for edge, outwards in ((test.low, -1), (test.high, 1)):
        assert wild_cluster(y, X, group, 1, edge - 1e-4 * outwards * width).pvalue > 0.1
        assert wild_cluster(y, X, group, 1, edge + 1e-4 * outwards * width).pvalue <= 0.1 + 1e-12


def test_five_clusters_cannot_reject_at_five_per_cent():
    y, X, group = data(groups=5, effect=5.0)
    test = wild_cluster(y, X, group, 1)
    assert test.pvalue == 2 / 32
    assert (test.low, test.high) == (-np.inf, np.inf)


def test_many_clusters_need_a_generator_and_are_drawn():
    y, X, group = data(groups=14)
    with pytest.raises(ValueError, match="14 clusters are too many"):
        wild_cluster(y, X, group, 1)
    drawn = wild_cluster(y, X, group, 1, draws=4000, rng=np.random.default_rng(2))
    whole = wild_cluster(y, X, group, 1, enumerate_up_to=14)
    assert not drawn.enumerated
    assert drawn.vectors == 4001
    error = np.sqrt(whole.pvalue * (1 - whole.pvalue) / 4000)
    assert drawn.pvalue == pytest.approx(whole.pvalue, abs=4 * error + 1 / 4000)
    again = wild_cluster(y, X, group, 1, draws=4000, rng=np.random.default_rng(2))
    assert again == drawn


def test_a_coefficient_without_error_is_refused():
    y, X, group = data()
    with pytest.raises(ValueError, match="judge column 1"):
        wild_cluster(X @ [1.0, 2, 3], X, group, 1)
    two = group < 2
    with pytest.raises(ValueError, match="judge column 1"):
        wild_cluster(y[two], np.column_stack([np.ones(two.sum()), group[two]]), group[two], 1)


def test_shift_and_scale_of_the_response():
    y, X, group = data(groups=8)
    test, other = wild_cluster(y, X, group, 1), wild_cluster(1e3 + 10 * y, X, group, 1)
    assert other.pvalue == test.pvalue
    assert other.low == pytest.approx(10 * test.low, rel=1e-5)
    assert other.high == pytest.approx(10 * test.high, rel=1e-5)
