"""The smallest effect a design can see: closed forms, simulated panels and simulated worlds."""

import numpy as np
import pytest

from tests.questions.staged import stages
from walesi_research.stats.power import Errors, design_error, errors_of, minimum_effect, stretched
from walesi_research.stats.trend_bounds import block_study

INDEPENDENT = Errors(2.0, 0.0, 0, 0)


def serial(rng, n, periods, sd, rho):
    """Return stationary first-order errors."""
    e = rng.normal(size=(n, periods))
    for t in range(1, periods):
        e[:, t] = rho * e[:, t - 1] + np.sqrt(1 - rho**2) * e[:, t]
    return sd * e


def test_two_periods_and_two_groups_by_hand():
    """A difference of differences of means: 4 variances of 2² over 10 and over 30."""
    assert design_error([0, 10, 30], INDEPENDENT) == pytest.approx(
        np.sqrt(2 * 4 / 10 + 2 * 4 / 30), rel=1e-12
    )
    correlated = Errors(2.0, 0.4, 0, 0)
    assert design_error([0, 10, 30], correlated) == pytest.approx(
        np.sqrt(0.6 * (2 * 4 / 10 + 2 * 4 / 30)), rel=1e-12
    )


def test_the_error_falls_with_the_root_of_the_people_and_those_treated_from_the_first_add_nothing():
    counts = np.array([0, 4, 6, 5, 25.0])
    assert design_error(4 * counts, INDEPENDENT) == pytest.approx(
        design_error(counts, INDEPENDENT) / 2, rel=1e-12
    )
    assert design_error([9, *counts[1:]], INDEPENDENT) == design_error(counts, INDEPENDENT)


@pytest.mark.parametrize("counts", [[10, 0, 0, 30], [0, 0, 0, 30], [0, 20, 0, 0]])
def test_nothing_can_be_seen_without_treated_or_without_untreated(counts):
    assert design_error(counts, INDEPENDENT) == np.inf


def test_four_fifths_of_studies_find_the_minimum_effect():
    se = 0.7
    found = np.random.default_rng(1).normal(minimum_effect(se), se, 100_000) > 1.959963984540054 * se
    assert found.mean() == pytest.approx(0.8, abs=0.005)
    assert minimum_effect(1.0) == pytest.approx(2.8016, abs=1e-4)


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_errors_are_recovered_though_units_have_levels_of_their_own(rho):
    rng = np.random.default_rng(4)
    y = 5 * rng.normal(size=(400, 1)) + rng.normal(size=8) + serial(rng, 400, 8, 3.0, rho)
    untreated = np.arange(8) < rng.integers(4, 9, size=(400, 1))
    y[rng.random(y.shape) < 0.05] = np.nan
    found = errors_of(y, untreated)
    assert found.sd == pytest.approx(3.0, rel=0.06)
    assert found.correlation == pytest.approx(rho, abs=0.06)


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_the_design_error_is_the_spread_of_the_imputation_estimator(rho):
    rng = np.random.default_rng(8)
    _, onset = stages(n=60, periods=8)
    found = [block_study(serial(rng, 60, 8, 3.0, rho), onset, 8).estimate[0] for _ in range(400)]
    error = design_error(np.bincount(onset, minlength=9), Errors(3.0, rho, 0, 0))
    # a standard deviation over 400 draws is known to 3.5 %
    assert error == pytest.approx(np.std(found), rel=0.1)


def test_stretching_keeps_the_people_and_the_ends():
    counts = np.array([3, 5, 0, 7, 2, 20.0])
    for periods in (2, 4, 5, 9, 20):
        wider = stretched(counts, periods)
        assert wider.shape == (periods + 1,)
        assert (wider.sum(), wider[0], wider[-1]) == (counts.sum(), 3, 20)
    assert stretched(counts, 5).tolist() == counts.tolist()


def test_too_little_to_learn_from_is_said():
    with pytest.raises(ValueError, match="two units"):
        errors_of(np.ones((5, 2)), np.ones((5, 2), bool))
    with pytest.raises(ValueError, match="vary"):
        errors_of(np.ones((5, 6)) + np.arange(6), np.ones((5, 6), bool))
