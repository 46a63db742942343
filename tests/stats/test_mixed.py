"""Crossed random intercepts against lme4, closed forms, a dense likelihood, and what must not matter."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as f_distribution
from scipy.stats import multivariate_normal

from tests.calibration.shares import panel
from walesi_research.stats import crossed, mixed
from walesi_research.stats.crossed_likelihood import factorise, gradient, reduce


def world(seed=3, n=240, raters=12, people=40, spread=(1.0, 0.7)):
    """Ratings of people by raters who are crossed with them, with one covariate."""
    rng = np.random.default_rng(seed)
    person, rater = rng.integers(0, people, n), rng.integers(0, raters, n)
    x = rng.normal(size=n)
    effects = spread[0] * rng.normal(size=people)[person] + spread[1] * rng.normal(size=raters)[rater]
    y = 2 + 0.5 * x + effects + rng.normal(size=n)
    return y, np.column_stack([np.ones(n), x]), {"person": person, "rater": rater}


def indicators(labels):
    return (np.asarray(labels)[:, None] == np.unique(labels)).astype(float)


def dense_loglik(fit, y, X, factors):
    """The (restricted) log-likelihood at a fit's variances, by n x n matrices."""
    V = fit.residual * np.eye(len(y))
    for name, labels in factors.items():
        Z = indicators(labels)
        V += fit.variances[name] * Z @ Z.T
    value = multivariate_normal(X @ fit.coef, V).logpdf(y)
    if fit.reml:
        p = X.shape[1]
        value += p / 2 * np.log(2 * np.pi) - np.linalg.slogdet(X.T @ np.linalg.solve(V, X))[1] / 2
    return value


# ── closed forms ─────────────────────────────────────────────────────────────────────────────────────────


def test_balanced_one_way_layout_gives_the_anova_estimates():
    rng = np.random.default_rng(1)
    groups, size = 7, 5
    table = 3 + 2 * rng.normal(size=(groups, 1)) + rng.normal(size=(groups, size))
    within = table.var(axis=1, ddof=1).mean()
    between = size * table.mean(axis=1).var(ddof=1)
    fit = crossed(table.ravel(), np.ones(groups * size), {"g": np.repeat(np.arange(groups), size)})
    assert fit.residual == pytest.approx(within, rel=1e-7)
    assert fit.variances["g"] == pytest.approx((between - within) / size, rel=1e-7)
    assert fit.coef[0] == pytest.approx(table.mean(), rel=1e-12)
    assert fit.se[0] == pytest.approx(np.sqrt(between / table.size), rel=1e-7)
    assert fit.df[0] == pytest.approx(groups - 1, rel=1e-4)  # differences of step 1e-3 stand behind it


def test_degrees_of_freedom_tell_the_whole_plot_from_the_split_plot():
    rng = np.random.default_rng(2)
    plots, size = 10, 4
    plot = np.repeat(np.arange(plots), size)
    whole, split = (plot % 2).astype(float), np.tile([0.0, 1, 0, 1], plots)
    y = whole + split + 1.5 * rng.normal(size=plots)[plot] + rng.normal(size=plots * size)
    fit = crossed(y, np.column_stack([np.ones(y.size), whole, split]), {"plot": plot})
    assert fit.df[1] == pytest.approx(plots - 2, rel=1e-4)
    assert fit.df[2] == pytest.approx(plots * (size - 1) - 1, rel=1e-4)


def test_a_variance_on_the_boundary_is_zero_and_said_to_be():
    rng = np.random.default_rng(5)
    groups, size = 8, 6
    table = rng.normal(size=(groups, size))
    table -= 0.9 * table.mean(axis=1, keepdims=True)  # groups more alike than chance
    fit = crossed(table.ravel(), np.ones(table.size), {"g": np.repeat(np.arange(groups), size)})
    assert fit.variances["g"] == 0
    assert fit.boundary == ("g",)
    assert fit.residual == pytest.approx(table.var(ddof=1), rel=1e-12)  # ordinary least squares
    assert fit.df[0] == pytest.approx(table.size - 1)
    assert np.all(fit.effects["g"].estimate == 0)
    assert fit.converged


def test_one_of_two_variances_on_the_boundary_leaves_the_other_as_if_alone():
    y, X, factors = world(spread=(1.0, 0.0), seed=11)
    both = crossed(y, X, factors)
    assert both.boundary == ("rater",)
    alone = crossed(y, X, {"person": factors["person"]})
    assert both.loglik == pytest.approx(alone.loglik, abs=1e-8)
    assert both.variances["person"] == pytest.approx(alone.variances["person"], rel=1e-5)
    assert both.df == pytest.approx(alone.df, rel=1e-4)


# ── the likelihood ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reml", [True, False])
def test_loglik_coefficients_and_modes_equal_the_dense_ones(reml):
    y, X, factors = world()
    factors["kind"] = factors["person"] % 5  # people nested in kinds
    fit = crossed(y, X, factors, reml=reml)
    assert fit.loglik == pytest.approx(dense_loglik(fit, y, X, factors), abs=1e-8)
    Z = {name: indicators(labels) for name, labels in factors.items()}
    V = fit.residual * np.eye(len(y)) + sum(fit.variances[k] * z @ z.T for k, z in Z.items())
    inverse = np.linalg.inv(V)
    covariance = np.linalg.inv(X.T @ inverse @ X)
    P = inverse - inverse @ X @ covariance @ X.T @ inverse
    assert fit.covariance == pytest.approx(covariance, rel=1e-8)
    assert fit.coef == pytest.approx(covariance @ X.T @ inverse @ y, rel=1e-8)
    for name, z in Z.items():
        v = fit.variances[name]
        assert fit.effects[name].estimate == pytest.approx(v * z.T @ P @ y, rel=1e-6, abs=1e-9)
        error = v * np.eye(z.shape[1]) - v**2 * z.T @ P @ z
        assert fit.effects[name].se == pytest.approx(np.sqrt(np.diag(error)), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("reml", [True, False])
def test_the_fit_is_a_maximum(reml):
    y, X, factors = world()
    fit = crossed(y, X, factors, reml=reml)
    assert fit.converged
    assert fit.boundary == ()
    for name in factors:
        for change in (0.97, 1.03):
            moved = {**fit.variances, name: fit.variances[name] * change}
            other = dataclasses.replace(fit, variances=moved)
            assert dense_loglik(other, y, X, factors) < fit.loglik


@pytest.mark.parametrize("reml", [True, False])
def test_gradient_equals_differences(reml):
    y, X, factors = world()
    factors["kind"] = factors["person"] % 5
    system = reduce(y, X, factors, reml)
    theta, h = np.array([0.4, 0.7, 0.2]), 1e-5
    analytic = 2 * theta * gradient(system, factorise(system, theta))
    for k, unit in enumerate(np.eye(3)):
        up, down = (factorise(system, theta + s * h * unit).deviance(system) for s in (1, -1))
        assert analytic[k] == pytest.approx((up - down) / (2 * h), rel=1e-6)


def test_degrees_of_freedom_of_crossed_factors_equal_those_of_the_whole_likelihood():
    """Satterthwaite from the dense likelihood in the three variances themselves, by differences."""
    y, X, factors = world(n=150, raters=6, people=20)
    fit = crossed(y, X, factors)
    products = [(z := indicators(labels)) @ z.T for labels in factors.values()] + [np.eye(len(y))]
    at = np.array([*fit.variances.values(), fit.residual])

    def pieces(variances):
        V = sum(v * product for v, product in zip(variances, products, strict=True))
        information = X.T @ np.linalg.solve(V, X)
        beta = np.linalg.solve(information, X.T @ np.linalg.solve(V, y))
        residual = y - X @ beta
        fitted = residual @ np.linalg.solve(V, residual)
        deviance = np.linalg.slogdet(V)[1] + np.linalg.slogdet(information)[1] + fitted
        return deviance, np.diag(np.linalg.inv(information))

    h = 1e-3 * np.diag(at)
    sides = [(a, b) for a in (1, -1) for b in (1, -1)]
    hessian = [[sum(a * b * pieces(at + a * i + b * j)[0] for a, b in sides) / 4 for i in h] for j in h]
    covariance = 2 * np.linalg.inv(np.array(hessian) / np.outer(np.diag(h), np.diag(h)))
    slope = np.array([(pieces(at + i)[1] - pieces(at - i)[1]) / (2 * i.sum()) for i in h])
    expected = 2 * fit.se**4 / np.einsum("ij,ik,kj->j", slope, covariance, slope)
    assert fit.df == pytest.approx(expected, rel=1e-3)


# ── what must not matter ─────────────────────────────────────────────────────────────────────────────────


def test_row_order_labels_shift_and_scale_do_not_matter():
    y, X, factors = world()
    fit = crossed(y, X, factors)
    order = np.random.default_rng(0).permutation(len(y))
    names = {k: np.array([f"{k}-{v}" for v in labels])[order] for k, labels in factors.items()}
    moved = crossed(1e4 + 100 * y[order], X[order], names)
    assert moved.variances["rater"] == pytest.approx(1e4 * fit.variances["rater"], rel=1e-6)
    assert moved.coef == pytest.approx(100 * fit.coef + [1e4, 0], rel=1e-7)
    assert moved.se == pytest.approx(100 * fit.se, rel=1e-6)
    assert moved.df == pytest.approx(fit.df, rel=1e-5)
    assert moved.loglik == pytest.approx(fit.loglik - (len(y) - 2) * np.log(100), abs=1e-7)


def test_rescaling_a_covariate_rescales_its_coefficient_only():
    y, X, factors = world()
    fit, other = crossed(y, X, factors), crossed(y, X * [1, 1000], factors)
    assert other.coef * [1, 1000] == pytest.approx(fit.coef, rel=1e-8)
    assert other.variances["person"] == pytest.approx(fit.variances["person"], rel=1e-6)
    assert other.df == pytest.approx(fit.df, rel=1e-5)


def test_a_search_that_strands_near_zero_starts_again(monkeypatch):
    y, X, factors = world()
    expected, search, calls = crossed(y, X, factors), mixed._search, []

    def stranding(system, start):
        calls.append(start)
        return np.array([0.5, 1e-4]) if len(calls) == 1 else search(system, start)

    monkeypatch.setattr(mixed, "_search", stranding)
    assert crossed(y, X, factors).loglik == pytest.approx(expected.loglik, abs=1e-8)
    assert len(calls) == 2


def test_a_list_of_factors_is_named_by_position():
    y, X, factors = world()
    fit = crossed(y, X, list(factors.values()))
    assert list(fit.variances) == ["0", "1"]
    assert fit.variances["1"] == pytest.approx(crossed(y, X, factors).variances["rater"], rel=1e-12)


def test_shares_and_interval():
    y, X, factors = world()
    fit = crossed(y, X, factors)
    total = fit.residual + sum(fit.variances.values())
    assert fit.shares["rater"] == pytest.approx(fit.variances["rater"] / total)
    low, high = fit.interval(0.9)
    assert np.all(low < fit.coef)
    assert (low + high) / 2 == pytest.approx(fit.coef)
    inside = fit.interval(1 - fit.pvalue[1])  # the interval that just reaches zero
    assert np.abs([inside[0][1], inside[1][1]]).min() == pytest.approx(0, abs=1e-6)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────


def test_collinear_columns_are_named():
    y, X, factors = world()
    with pytest.raises(ValueError, match="column 2, 4 depends"):
        crossed(y, np.column_stack([X, X @ [1, 2], y, 0 * y]), factors)


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (np.zeros(240), "'f' has one level"),
        (np.arange(240), "'f' has as many levels"),
        (np.arange(239) % 4, "239 group labels for 240 rows"),
        (np.where(np.arange(240) > 3, 1.0, np.nan), "label is missing"),
    ],
)
def test_impossible_factors_are_refused(factor, message):
    y, X, _ = world()
    with pytest.raises(ValueError, match=message):
        crossed(y, X, {"f": factor})


def test_missing_values_exact_fits_and_no_factor_are_refused():
    y, X, factors = world()
    with pytest.raises(ValueError, match="y has missing"):
        crossed(np.where(y > 3, np.nan, y), X, factors)
    with pytest.raises(ValueError, match="exactly"):
        crossed(X @ [1.0, 2.0], X, factors)
    with pytest.raises(ValueError, match="at least one factor"):
        crossed(y, X, {})


# ── lme4 and psych ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def insteval(shared):
    data = pd.read_csv(shared / "reference/data/insteval.csv")
    values = json.loads((shared / "reference/values/lmer_insteval.json").read_text())["results"]
    return data, values


def treatment_coded(data, *columns):
    dummies = [data[c] == level for c in columns for level in np.unique(data[c])[1:]]
    return np.column_stack([np.ones(len(data)), *dummies]).astype(float)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("model", "fixed", "random"),
    [
        ("A_reml", (), ("s", "d")),
        ("B_reml", ("service",), ("s", "d", "dept")),
        ("C_ml", ("service", "lectage", "studage"), ("s", "d")),
    ],
)
def test_insteval_equals_lme4(insteval, model, fixed, random):
    data, values = insteval
    expected = values[model]
    X = treatment_coded(data, *fixed)
    fit = crossed(data.y, X, {name: data[name] for name in random}, reml=model != "C_ml")
    assert fit.loglik == pytest.approx(expected["logLik"], abs=1e-4)
    assert fit.loglik > expected["logLik"] - 1e-8  # lme4 stops a little before the maximum …
    variances = {**fit.variances, "Residual": fit.residual}
    for row in expected["vc"]:
        # … which shows in the flattest direction, the 14 departments: there 2.6e-4 of the variance
        tolerance = 5e-4 if row["grp"] == "dept" else 1e-4
        assert variances[row["grp"]] == pytest.approx(row["vcov"], rel=tolerance)
    assert fit.coef == pytest.approx([row["Estimate"] for row in expected["fixef"]], abs=1e-4)
    assert fit.se == pytest.approx([row["Std. Error"] for row in expected["fixef"]], abs=1e-4)
    for name, first in expected["blup_first5"].items():
        tolerance = 5e-4 if name == "dept" else 1e-4
        levels = [str(level) for level in fit.effects[name].levels]
        found = [fit.effects[name].estimate[levels.index(level)] for level in first]
        assert found == pytest.approx(list(first.values()), rel=tolerance, abs=1e-5)


@pytest.mark.shared
def test_one_and_two_way_intraclass_correlations_equal_psych(shared):
    values = json.loads((shared / "reference/values/icc_raters.json").read_text())["results"]
    wine = pd.read_csv(shared / "reference/data/wine_ratings.csv")
    judges = pd.read_csv(shared / "reference/data/usjudgeratings.csv").drop(columns=["judge", "CONT"])
    n, k = judges.shape
    tables = {
        "wine": (wine.response, wine.bottle, wine.judge),
        "judges": (judges.to_numpy().ravel(), np.repeat(range(n), k), np.tile(range(k), n)),
    }
    for name, (y, ratee, rater) in tables.items():
        expected = {row["type"]: row["ICC"] for row in values[name]}
        one = crossed(y, np.ones(len(y)), {"ratee": ratee})
        two = crossed(y, np.ones(len(y)), {"ratee": ratee, "rater": rater})
        v = two.variances["ratee"]
        assert one.shares["ratee"] == pytest.approx(expected["ICC1"], abs=1e-6)
        assert two.shares["ratee"] == pytest.approx(expected["ICC2"], abs=1e-6)
        assert v / (v + two.residual) == pytest.approx(expected["ICC3"], abs=1e-6)


@pytest.mark.shared
def test_performance_in_a_hundred_thousand_answers_equals_lme4(fevs, fevs_scales):
    means = {name: fevs[items].mean(axis=1) for name, items in fevs_scales.items()}
    predictors = [means[name] for name in ("training", "culture", "recognition", "fairness")]
    X = np.column_stack([np.ones(len(fevs)), *predictors])
    fit = crossed(means["performance"], X, {"unit": fevs.LEVEL1})
    assert fit.variances["unit"] == pytest.approx(0.00259236, rel=1e-4)
    assert fit.residual == pytest.approx(0.20713941, rel=1e-6)
    assert fit.loglik == pytest.approx(-64548.0808, abs=1e-4)
    assert fit.coef[1:] == pytest.approx([0.114547, 0.436393, 0.096078, 0.067855], abs=1e-6)


# ── intervals of variances and shares ────────────────────────────────────────────────────────────────────


def test_interval_of_a_balanced_one_way_layout_is_the_classical_one():
    rng = np.random.default_rng(1)
    groups, size = 7, 5
    table = 3 + 2 * rng.normal(size=(groups, 1)) + rng.normal(size=(groups, size))
    f = size * table.mean(axis=1).var(ddof=1) / table.var(axis=1, ddof=1).mean()
    law = f_distribution(groups - 1, groups * (size - 1))
    ratio = (f / law.ppf([0.99, 0.04]) - 1) / size  # four fifths of the error above
    fit = crossed(table.ravel(), np.ones(table.size), {"g": np.repeat(np.arange(groups), size)})
    assert fit.share_interval("g") == pytest.approx(ratio / (1 + ratio), rel=1e-6)


def test_interval_at_the_boundary_starts_at_zero_and_ends_above_it():
    y, X, factors = world(spread=(1.0, 0.0), seed=11)
    fit = crossed(y, X, factors)
    assert fit.variances["rater"] == 0
    for low, high in (fit.share_interval("rater"), fit.variance_interval("rater")):
        assert low == 0
        assert 0 < high < 0.2


def test_intervals_move_with_the_units_of_the_response_as_they_should():
    y, X, factors = world()
    fit, other = crossed(y, X, factors), crossed(10 * y + 3, X, factors)
    assert other.share_interval("rater") == pytest.approx(fit.share_interval("rater"), rel=1e-5)
    expected = 100 * np.array(fit.variance_interval("person"))
    assert other.variance_interval("person") == pytest.approx(expected, rel=1e-5)
    assert other.residual_interval() == pytest.approx(100 * np.array(fit.residual_interval()), rel=1e-6)


def test_many_levels_use_chi_square_and_agree_with_the_exact_interval(monkeypatch):
    y, X, factors = world(n=1500, people=250, raters=60)
    exact = crossed(y, X, factors)
    monkeypatch.setattr(mixed, "_FEW", 0)
    fit = crossed(y, X, factors)
    assert not fit.pivots
    for name in factors:
        assert fit.share_interval(name) == pytest.approx(exact.share_interval(name), rel=0.12)


def test_a_factor_that_the_fixed_effects_follow_wholly_is_said_to_be_anything():
    y, X, factors = world()
    fit = crossed(y, np.column_stack([X, indicators(factors["rater"])[:, 1:]]), factors)
    assert fit.share_interval("rater") == (0, 1)
    low, high = fit.variance_interval("person")
    assert 0.3 < low < fit.variances["person"] < high < 3


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.37, 0.05, 0.0])
def test_intervals_of_a_share_hold_with_twelve_raters(share):
    """Coverage within three standard errors of 95 % in 150 panels; `tests.calibration` is finer."""
    rng, covered = np.random.default_rng(21), 0
    for _ in range(150):
        person, rater = np.repeat(np.arange(60), 8), rng.integers(0, 12, 480)
        spread = np.sqrt(share / (1 - share) * 1.5)
        y = np.sqrt(0.5) * rng.normal(size=60)[person] + spread * rng.normal(size=12)[rater]
        fit = crossed(y + rng.normal(size=480), np.ones(480), {"person": person, "rater": rater})
        low, high = fit.share_interval("rater")
        covered += low <= share <= high
    assert 0.895 <= covered / 150 <= 1 - 0.2 * (share > 0) / 150


# ── structure ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("linked", [0, 5])
def test_districts_of_raters_give_the_dense_likelihood(linked):
    rng = np.random.default_rng(6)
    person = np.repeat(np.arange(160), 4)
    rater = (person // 20) * 30 + rng.integers(0, 30, len(person))  # eight districts of thirty raters
    rater[rng.choice(len(person), linked, replace=False)] = rng.integers(0, 240, linked)
    y = rng.normal(size=160)[person] + rng.normal(size=240)[rater] + rng.normal(size=len(person))
    X, factors = np.column_stack([np.ones(len(y)), rng.normal(size=len(y))]), {"p": person, "r": rater}
    fit = crossed(y, X, factors)
    reduced = reduce(y, X, factors, True)
    assert reduced.plan.length < reduced.q**2 / 2  # factorised by parts
    assert fit.loglik == pytest.approx(dense_loglik(fit, y, X, factors), abs=1e-7)
    theta, h = np.array([0.6, 0.8]), 1e-5
    slope = 2 * theta * gradient(reduced, factorise(reduced, theta))
    for k, unit in enumerate(np.eye(2)):
        up, down = (factorise(reduced, theta + s * h * unit).deviance(reduced) for s in (1, -1))
        assert slope[k] == pytest.approx((up - down) / (2 * h), rel=1e-6)


def test_a_long_step_of_the_search_does_not_end_the_fit():
    """A panel of the calibration with no rater variance, whose first step leads to a ratio of 10^7."""
    y, X, factors = panel(np.random.default_rng([243, 2]), 12, 0.0)
    fit = crossed(y, X, factors)
    assert fit.converged and fit.shares["rater"] < 0.01
    start = crossed(y[::-1], X[::-1], {name: label[::-1] for name, label in factors.items()})
    assert fit.loglik == pytest.approx(start.loglik, abs=1e-7)


def test_scores_that_follow_from_the_factors_are_refused_in_words():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 40, 400), rng.integers(0, 8, 400)
    y = 8 * rng.normal(size=40)[a] + 3 * rng.normal(size=8)[b] + 1e-7 * rng.normal(size=400)
    with pytest.raises(ValueError, match=r"nothing beside|exactly"):
        crossed(y, np.ones((400, 1)), {"a": a, "b": b})
