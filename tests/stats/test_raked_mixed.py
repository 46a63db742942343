"""A random-intercept model on raked rows: statsmodels, survey's errors, a jackknife that rakes anew."""

import numpy as np
import pytest
import statsmodels.api as sm

from walesi_research.stats.design import survey_design
from walesi_research.stats.raked_mixed import raked_mixed
from walesi_research.stats.raking import rake, trimmed
from walesi_research.stats.survey_estimates import survey_regression


def sample(n=160, units=8, seed=1):
    rng = np.random.default_rng(seed)
    unit, gender = rng.integers(0, units, n), rng.choice(["f", "m"], n)
    X = np.column_stack([rng.normal(size=(n, 2)), np.ones(n)])
    y = X @ [0.4, -0.2, 0] + rng.normal(size=units)[unit] + (1 + (gender == "f")) * rng.normal(size=n)
    margins = [
        (unit, {int(u): 2.0 * np.sum(unit == u) + (u % 3) * 4 for u in range(units)}),
        (gender, {}),
    ]
    total = sum(margins[0][1].values())
    margins[1] = (gender, {"f": 0.65 * total, "m": 0.35 * total})
    return y, X, unit, margins


def test_coefficients_equal_generalised_least_squares_with_weighted_errors():
    y, X, unit, margins = sample()
    raked = rake(np.ones(len(y)), margins)
    w = raked.weights / raked.weights.mean()
    V = np.diag(1.3 / w) + 0.7 * (unit[:, None] == unit)
    peer = sm.GLS(y, X, sigma=V).fit()
    found = raked_mixed(y, X, unit, raked, 0.7, 1.3)
    assert found.coef == pytest.approx(peer.params, abs=1e-10)  # the same equations, solved in another way


def test_errors_without_units_are_those_of_the_survey_package():
    """The calibrated design's errors meet R's survey (test_survey.py); HC2 and the margins' df are ours."""
    y, X, unit, margins = sample(n=4000)
    raked = rake(np.ones(len(y)), margins)
    design = survey_design(np.ones(len(y))).calibrated(raked.weights, raked.auxiliary)
    peer = survey_regression(design, y, X)
    found = raked_mixed(y, X, unit, raked, 0.0, 1.0)
    assert found.coef == pytest.approx(peer.estimate, abs=1e-10)
    # leverages and margins are some three and nine of 4,000: half of that in the standard error
    assert found.se == pytest.approx(peer.se, rel=0.004)
    assert (found.se > peer.se).all()


def test_what_margins_explain_of_the_influence_counts_as_estimated():
    """Margins met already: all weigh one, and what they explain of influences costs a degree each (n - q)."""
    y, X, unit, margins = sample(n=40)
    met = [
        (labels, {label: float(np.sum(labels == label)) for label in targets}) for labels, targets in margins
    ]
    raked = rake(np.ones(len(y)), met)
    assert raked.weights == pytest.approx(np.ones(len(y)), abs=1e-9) and raked.auxiliary.shape == (40, 9)
    fit = sm.OLS(y, X).fit()
    hc2 = fit.resid / np.sqrt(1 - fit.get_influence().hat_matrix_diag)
    influence = fit.model.pinv_wexog * hc2
    left = [sm.OLS(u, raked.auxiliary).fit().mse_resid for u in influence]  # RSS / (n - q)
    found = raked_mixed(y, X, unit, raked, 0.0, 1.0)
    assert found.se == pytest.approx(np.sqrt(len(y) * np.array(left)), rel=1e-9)


def test_errors_are_those_of_a_jackknife_that_rakes_anew():
    y, X, unit, margins = sample(n=200)
    ones = np.ones(len(y))
    whole = rake(ones, margins)
    y = y - (np.bincount(unit, y) / np.bincount(unit))[unit]  # no units: the jackknife cannot draw them
    found = raked_mixed(y, X, unit, whole, 0.0, 1.0)
    draws = []
    for i in range(len(y)):
        kept = np.arange(len(y)) != i
        w = rake(ones[kept], [(labels[kept], targets) for labels, targets in margins]).weights
        draws.append(sm.WLS(y[kept], X[kept], weights=w).fit().params)
    off = np.array(draws) - np.mean(draws, axis=0)
    jackknife = np.sqrt((len(y) - 1) / len(y) * np.sum(off**2, axis=0))
    # the jackknife is a little too large (HC3), by about p + q = 12 of 200
    assert found.se[:2] == pytest.approx(jackknife[:2], rel=0.06)


def test_units_of_no_variance_and_equal_weights_are_least_squares_with_hc2():
    y, X, unit, _ = sample()
    even = rake(np.ones(len(y)), [(np.zeros(len(y)), {0.0: float(len(y))})])
    peer = sm.OLS(y, X).fit(cov_type="HC2")
    found = raked_mixed(y, X, unit, even, 0.0, 1.0)
    assert found.coef == pytest.approx(peer.params, abs=1e-12)
    # the constant's influence sums to nearly, not exactly, zero over rows: the margin takes up a trifle
    assert found.se == pytest.approx(peer.bse, rel=5e-3)


def test_trimming_keeps_the_sum_and_the_bound():
    w = np.r_[np.ones(20), 3.0, 10.0, 40.0]
    found = trimmed(w, 4.0)
    assert found.sum() == pytest.approx(w.sum(), rel=1e-12)
    assert found.max() <= 4.0 * (1 + 1e-5)  # the bound is four times the median that was given
    assert np.ptp(found[:20]) == 0 and found[0] > 1
    assert (trimmed(np.ones(5), 2.0) == 1).all()
    with pytest.raises(ValueError, match="bound"):
        trimmed(w, 1.0)


def test_a_bound_that_cannot_be_held_makes_weights_equal():
    w = np.r_[np.full(3, 0.1), 50.0, 60.0]
    assert trimmed(w, 2.0) == pytest.approx(np.full(5, w.sum() / 5))
