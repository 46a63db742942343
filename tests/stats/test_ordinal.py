"""Ordered logit against R's polr, clm and clmm, statsmodels, and integrals by brute force."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import norm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from walesi_research.stats import ordered


def ratings(seed=4, n=600, raters=15, sd=0.8):
    rng = np.random.default_rng(seed)
    rater, x = rng.integers(0, raters, n), rng.normal(size=(n, 2))
    latent = x @ [0.8, -0.5] + sd * rng.normal(size=raters)[rater] + rng.logistic(size=n)
    return np.searchsorted([-1.0, 1.5], latent), x, rater


def test_without_groups_equals_statsmodels():
    y, X, _ = ratings()
    expected = OrderedModel(y, X, distr="logit").fit(method="bfgs", gtol=1e-8, disp=False)
    fit = ordered(y, X)
    assert fit.loglik == pytest.approx(expected.llf, abs=1e-6)
    assert fit.coef == pytest.approx(expected.params[:2], abs=1e-5)
    assert fit.se == pytest.approx(expected.bse[:2], rel=1e-4)
    assert fit.converged


def test_the_integral_is_the_one_of_a_fine_grid():
    y, X, rater = ratings()
    fit = ordered(y, X, rater, points=15)
    t = np.concatenate([[-np.inf], fit.thresholds, [np.inf]])
    u = np.linspace(-8, 8, 4001)
    eta = (X @ fit.coef)[:, None] + fit.sd * u
    log = np.log(expit(t[y + 1][:, None] - eta) - expit(t[y][:, None] - eta))
    value = 0.0
    for r in np.unique(rater):
        value += np.log(np.sum(np.exp(log[rater == r].sum(axis=0)) * norm.pdf(u)) * (u[1] - u[0]))
    assert fit.loglik == pytest.approx(value, abs=1e-5)
    assert fit.converged


def test_units_of_columns_do_not_matter():
    y, X, rater = ratings(n=300)
    fit, other = ordered(y, X, rater), ordered(y, 3 + 100 * X, rater)
    assert 100 * other.coef == pytest.approx(fit.coef, rel=1e-5)
    assert 100 * other.se == pytest.approx(fit.se, rel=1e-4)
    assert other.sd == pytest.approx(fit.sd, rel=1e-5)
    assert other.thresholds - 3 * other.coef.sum() == pytest.approx(fit.thresholds, rel=1e-5)


def test_refusals():
    y, X, rater = ratings(n=100)
    with pytest.raises(ValueError, match="two levels"):
        ordered(np.ones(100), X)
    with pytest.raises(ValueError, match="column 2"):
        ordered(y, np.column_stack([X, np.ones(100)]))
    with pytest.raises(ValueError, match="two groups"):
        ordered(y, X, 0 * rater)


@pytest.fixture(scope="module")
def wine(shared):
    d = pd.read_csv(shared / "reference/data/wine_ratings.csv")
    values = json.loads((shared / "reference/values/ordinal.json").read_text())["results"]
    X = np.column_stack([d.temp == "warm", d.contact == "yes"]).astype(float)
    return d, X, values


def rows(table):
    """Thresholds and coefficients, each as (estimate, standard error)."""
    pair = np.array([[row["Estimate"], row["Std. Error"]] for row in table])
    return pair[:-2], pair[-2:]


@pytest.mark.shared
def test_wine_equals_clm(wine):
    d, X, values = wine
    thresholds, coef = rows(values["wine_clm"])
    fit = ordered(d.rating, X)
    assert np.column_stack([fit.thresholds, fit.thresholds_se]) == pytest.approx(thresholds, abs=2e-4)
    assert np.column_stack([fit.coef, fit.se]) == pytest.approx(coef, abs=2e-4)


@pytest.mark.shared
@pytest.mark.parametrize(("table", "points"), [("wine_clmm_laplace", 1), ("wine_clmm_agq10", 10)])
def test_wine_with_judges_equals_clmm(wine, table, points):
    d, X, values = wine
    thresholds, coef = rows(values[table]["coef"])
    fit = ordered(d.rating, X, d.judge, points=points)
    assert fit.loglik == pytest.approx(values[table]["logLik"], abs=1e-5)
    assert fit.sd == pytest.approx(values[table]["sd"], abs=2e-3)  # R stops earlier: its slope is not zero
    assert np.column_stack([fit.thresholds, fit.thresholds_se]) == pytest.approx(thresholds, abs=3e-3)
    assert np.column_stack([fit.coef, fit.se]) == pytest.approx(coef, abs=3e-3)
