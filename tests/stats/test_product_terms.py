"""Product terms: Bohrnstedt and Marwell's reliability in a simulation, the visible effect by its power."""

import numpy as np
import pytest
from scipy import stats

from walesi_research.stats.product_terms import product_reliability, visible_effect


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_reliability_is_the_squared_correlation_with_the_true_product(correlation):
    rng, n, rel = np.random.default_rng(1), 400_000, np.array([0.8, 0.6])
    true = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], n)
    seen = np.sqrt(rel) * true + np.sqrt(1 - rel) * rng.normal(size=(n, 2))
    of_true, of_seen = true.prod(axis=1), seen.prod(axis=1)
    observed = correlation * np.sqrt(rel.prod())
    # reliability: true variance, on the observed scale, over observed variance; Monte Carlo error about .005
    share = np.var(of_true * np.sqrt(rel.prod())) / np.var(of_seen)
    assert product_reliability(*rel, observed) == pytest.approx(share, abs=0.015)
    if not correlation:
        slope = np.polyfit(of_seen, of_true, 1)[0] * np.std(of_seen) / np.std(of_true)
        assert slope == pytest.approx(np.sqrt(rel.prod()), abs=0.01)


def test_perfect_measures_have_perfect_products():
    assert product_reliability(1, 1, 0.4) == 1


def test_the_visible_effect_is_found_with_its_power():
    se, df = 0.07, 40.0
    effect = visible_effect(se, df)
    limit = stats.t.ppf(0.975, df)
    power = stats.nct.sf(limit, df, effect / se)
    assert power == pytest.approx(0.8, abs=0.005)  # quantiles added, not the noncentral t inverted
    assert visible_effect(se, np.inf) == pytest.approx(2.8016 * se, rel=1e-4)
    assert visible_effect(se, df, level=0.975) > effect
