"""Replicates by counts are what the estimators give on the rows drawn."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.regression.mixed_linear_model import MixedLM

from walesi_research.stats.mixed import crossed
from walesi_research.stats.replicates import (
    intercept_replicates,
    mean_and_sd,
    quantile_of_counts,
    two_way_replicates,
)
from walesi_research.stats.two_way import two_way


@pytest.fixture
def drawn():
    rng = np.random.default_rng(3)
    return rng, rng.multinomial(30, np.full(30, 1 / 30), size=6).astype(float)


def test_mean_and_standard_deviation_of_repeated_rows(drawn):
    rng, counts = drawn
    x = rng.normal(1e4, 1, 30)  # far from zero: sums of squares must not cancel
    mean, sd = mean_and_sd(x, counts)
    rows = [np.repeat(x, c.astype(int)) for c in counts]
    assert mean == pytest.approx([r.mean() for r in rows], rel=1e-12)
    assert sd == pytest.approx([r.std(ddof=1) for r in rows], rel=1e-9)


@pytest.mark.parametrize("q", [0.0, 0.5, 0.95, 1.0])
def test_quantile_of_repeated_rows(drawn, q):
    rng, counts = drawn
    x = np.round(rng.normal(size=30), 1)  # ties
    want = [np.quantile(np.repeat(x, c.astype(int)), q) for c in counts]
    assert quantile_of_counts(x, counts, q) == pytest.approx(want, abs=1e-12)


def panel(rng):
    who, when = np.divmod(np.arange(30 * 8), 8)
    kept = rng.random(240) > 0.15
    who, when = who[kept], when[kept]
    X = rng.normal(size=(len(who), 3))
    X[:, 1] = 2 * X[:, 0]  # one column hangs on another
    y = X[:, 2] + rng.normal(size=30)[who] + rng.normal(size=8)[when] + rng.normal(size=len(who))
    return y, X, who, when


def test_two_way_equals_weighted_least_squares_with_dummies(drawn):
    """statsmodels' WLS; 1e-8 for a pseudo-inverse on either side."""
    rng, counts = drawn
    y, X, who, when = panel(rng)
    dummies = np.column_stack([who[:, None] == np.arange(30), when[:, None] == np.arange(1, 8)]).astype(float)
    Z = np.column_stack([X[:, [0, 2]], dummies])
    want = [sm.WLS(y, Z, weights=c[who]).fit(method="pinv").params[1] for c in counts]
    assert two_way_replicates(y, X, who, when, counts) == pytest.approx(want, rel=1e-8)


def test_two_way_at_counts_of_one_is_two_way(drawn):
    y, X, who, when = panel(drawn[0])
    want = two_way(y, X, who, when, columns=[2]).coef[0]
    assert two_way_replicates(y, X, who, when, np.ones((2, 30))) == pytest.approx(want, rel=1e-10)


def test_a_column_that_the_effects_give_has_no_coefficient(drawn):
    y, X, who, when = panel(drawn[0])
    X[:, 2] = who
    assert np.isnan(two_way_replicates(y, X, who, when, np.ones((1, 30)))).all()


def test_random_intercepts_at_counts_of_one_are_remls(drawn):
    """statsmodels' MixedLM at our ratio: REML by another search, hence 1e-4."""
    rng = drawn[0]
    unit = np.repeat(np.arange(6), 5)
    X = np.column_stack([np.ones(30), rng.normal(size=(30, 2))])
    y = X[:, 2] + 1.5 * rng.normal(size=6)[unit] + rng.normal(size=30)
    ours = crossed(y, X, {"unit": unit})
    ratio = ours.variances["unit"] / ours.residual
    got = intercept_replicates(y, X, unit, ratio, np.ones((1, 30)))[0]
    assert got == pytest.approx(ours.coef[2], rel=1e-8)
    assert got == pytest.approx(MixedLM(y, X, unit).fit(reml=True).fe_params[2], abs=1e-4)


def test_random_intercepts_are_generalised_least_squares_on_the_rows_drawn(drawn):
    rng, counts = drawn
    unit, ratio = np.repeat(np.arange(6), 5), 0.4
    X = np.column_stack([np.ones(30), rng.normal(size=(30, 2))])
    y = rng.normal(size=30)
    got = intercept_replicates(y, X, unit, ratio, counts)
    for b, c in enumerate(counts):
        rows = np.repeat(np.arange(30), c.astype(int))
        same = unit[rows][:, None] == unit[rows]
        fit = sm.GLS(y[rows], X[rows], sigma=np.eye(len(rows)) + ratio * same).fit()
        assert got[b] == pytest.approx(fit.params[2], rel=1e-8)
