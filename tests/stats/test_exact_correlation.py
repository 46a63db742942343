"""Correlations of a handful of pairs: the exact distribution, its inversion, the permutation test."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from walesi_research.stats.exact_correlation import correlation_cdf, exact_correlation


def density(r, n, rho):
    """Hotelling's (1953) density of the correlation of n normal pairs: an independent way to the same."""
    constant = (n - 2) * special.gamma(n - 1) / (np.sqrt(2 * np.pi) * special.gamma(n - 0.5))
    powers = (1 - rho**2) ** ((n - 1) / 2) * (1 - r**2) ** ((n - 4) / 2) / (1 - rho * r) ** (n - 1.5)
    return constant * powers * special.hyp2f1(0.5, 0.5, n - 0.5, (1 + rho * r) / 2)


@pytest.mark.parametrize("n", [4, 9, 15])
@pytest.mark.parametrize("rho", [0.0, 0.5, -0.8])
@pytest.mark.parametrize("r", [-0.6, 0.3, 0.9])
def test_the_distribution_is_the_integral_of_the_density(n, rho, r):
    # 2e-6: quadrature of chi variables whose quantiles are steep at their ends
    assert correlation_cdf(r, n, rho) == pytest.approx(integrate.quad(density, -1, r, (n, rho))[0], abs=2e-6)


def test_the_interval_ends_where_the_sample_is_in_a_tail():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 9))
    found = exact_correlation(x, y, rng, level=0.9)
    assert found.estimate == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert correlation_cdf(found.estimate, 9, found.low) == pytest.approx(0.95, abs=1e-6)
    assert correlation_cdf(found.estimate, 9, found.high) == pytest.approx(0.05, abs=1e-6)


def test_an_interval_beside_zero_is_students_test():
    rng = np.random.default_rng(2)
    x = rng.normal(size=7)
    for slope in (0.0, 0.7, 1.5):
        y = slope * x + rng.normal(size=7)
        found = exact_correlation(x, y, rng)
        assert (found.low * found.high > 0) == (stats.pearsonr(x, y).pvalue < 0.05)


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(3)
    pairs = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=(2000, 6))
    r = [np.corrcoef(p.T)[0, 1] for p in pairs]
    covered = [0.025 < correlation_cdf(x, 6, 0.6) < 0.975 for x in r]  # as the interval inverts it
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)  # three Monte Carlo errors


def test_few_pairs_are_permuted_in_all_ways():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 6))
    found = exact_correlation(x, y, rng)
    every = stats.permutation_test(
        (x,),
        lambda a: abs(np.corrcoef(a, y)[0, 1]),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=720,
    )
    assert found.enumerated and found.pvalue == pytest.approx(every.pvalue, abs=1e-12)
    drawn = exact_correlation(x, y, rng, draws=700)
    assert not drawn.enumerated and drawn.pvalue == pytest.approx(found.pvalue, abs=0.06)


def test_scale_and_sign():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 8))
    one, other = exact_correlation(x, y, rng), exact_correlation(-1e3 * x + 5, 1e-3 * y, rng)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), abs=1e-9)
    assert other.pvalue == one.pvalue


@pytest.mark.parametrize(
    ("x", "y", "fault"),
    [
        ([1, 2, 3], [1, 2, 3], "four pairs"),
        ([1, 2, 3, np.nan], [1, 2, 3, 4], "four pairs"),
        ([1, 1, 1, 1], [1, 2, 3, 5], "vary"),
        ([1, 2, 3, 4], [2, 4, 6, 8], "line"),
    ],
)
def test_what_has_no_correlation_is_an_error(x, y, fault):
    with pytest.raises(ValueError, match=fault):
        exact_correlation(x, y, np.random.default_rng(0))
