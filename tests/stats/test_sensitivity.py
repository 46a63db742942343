"""Sensitivity to a confounder against the published example and a regression with the confounder in."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from walesi_research.stats import adjusted_estimate, robustness


def test_darfur_as_published():
    """Cinelli and Hazlett (2020), table 1: estimate .097, error .023, t 4.18 on 783 degrees of freedom."""
    found = robustness(4.18445, 783)
    assert found.partial_r2 == pytest.approx(0.022, abs=5e-4)
    assert found.robustness == pytest.approx(0.139, abs=5e-4)
    assert found.robustness_interval == pytest.approx(0.076, abs=5e-4)


def test_a_confounder_as_strong_as_the_robustness_value_brings_the_estimate_to_zero():
    value = robustness(-3.0, 50).robustness
    estimate, _ = adjusted_estimate(-1.5, 0.5, 50, value, value)
    assert estimate == pytest.approx(0, abs=1e-12)
    half = robustness(3.0, 50, share=0.5).robustness
    assert adjusted_estimate(1.5, 0.5, 50, half, half)[0] == pytest.approx(0.75)


def test_at_the_interval_value_the_interval_reaches_zero():
    value = robustness(4.0, 60).robustness_interval
    estimate, se = adjusted_estimate(2.0, 0.5, 60, value, value)
    assert estimate / se == pytest.approx(stats.t.ppf(0.975, 59), rel=1e-9)
    assert robustness(1.5, 60).robustness_interval == 0


def test_adjustment_equals_the_regression_with_the_confounder():
    rng = np.random.default_rng(2)
    z = rng.normal(size=80)
    d = 0.6 * z + rng.normal(size=80)
    y = d + z + rng.normal(size=80)
    short = sm.OLS(y, sm.add_constant(d)).fit()
    long = sm.OLS(y, np.column_stack([np.ones(80), d, z])).fit()
    exposure = sm.OLS(d, sm.add_constant(z)).fit().rsquared
    response = long.tvalues[2] ** 2 / (long.tvalues[2] ** 2 + long.df_resid)
    found = adjusted_estimate(short.params[1], short.bse[1], short.df_resid, exposure, response)
    assert found == pytest.approx((long.params[1], long.bse[1]), rel=1e-10)


def test_refusals():
    for wrong in ({"df": 1}, {"share": 0}, {"level": 1}):
        with pytest.raises(ValueError, match=r"must|needs"):
            robustness(**{"t": 2.0, "df": 10, **wrong})
    with pytest.raises(ValueError, match="shares"):
        adjusted_estimate(1, 1, 10, 1.0, 0.5)
