"""Rank correlation within groups, against SciPy, hand counts and simulation."""

import numpy as np
import pytest
from scipy import stats

from walesi_research.stats.rank_correlation import rank_correlation


def test_without_groups_it_is_spearmans():
    x, y = np.random.default_rng(1).integers(0, 8, (2, 50))
    found = rank_correlation(x, y)
    assert found.estimate == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert found.groups == 1 and found.n == 50


def test_the_interval_is_that_of_bonett_and_wright():
    # the squared differences of these ranks sum to 8, hence r = 1 - 6 * 8 / (5 * 24) = .6
    found = rank_correlation([1, 2, 3, 4, 5], [2, 1, 5, 3, 4], level=0.9)
    half = 1.6448536 * np.sqrt((1 + 0.6**2 / 2) / (5 - 3))
    ends = np.tanh(np.arctanh(0.6) + np.array([-half, half]))
    assert found.estimate == pytest.approx(0.6, abs=1e-12)
    assert [found.low, found.high] == pytest.approx(ends, abs=1e-7)


def test_what_differs_between_groups_only_is_taken_out():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(10), 20)
    x, y = rng.normal(size=(2, 200)) + 5 * group
    assert stats.spearmanr(x, y).statistic > 0.9
    assert abs(rank_correlation(x, y, group).estimate) < 0.15  # two standard errors of 200 rows


def test_the_level_holds_with_ties_in_ten_units():
    rng = np.random.default_rng(3)
    group = np.sort(np.arange(130) % 10)

    def draw():
        hours = np.maximum(0, np.round(4 * np.exp(rng.normal(size=130)) - 3))
        return rank_correlation(hours, rng.integers(1, 6, 130), group).pvalue

    # 5 %, within three Monte Carlo errors of 1,000 draws
    assert abs(np.mean([draw() < 0.05 for _ in range(1000)]) - 0.05) < 0.021


@pytest.mark.parametrize(
    ("x", "y", "groups", "fault"),
    [
        ([1, 2, np.nan, 4, 5], [1, 2, 3, 4, 5], None, "none missing"),
        ([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], None, "do not vary"),
        ([1, 2, 3, 4], [1, 2, 3, 4], None, "too few"),
        ([1, 1, 1, 2, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 1, 1, 1, 1], "do not vary"),
    ],
)
def test_what_cannot_be_correlated_is_an_error(x, y, groups, fault):
    with pytest.raises(ValueError, match=fault):
        rank_correlation(x, y, groups)
