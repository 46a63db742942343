"""Fitted models against closed forms and published ones; what must not matter; refusals and warnings."""

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats.one_factor import one_factor
from walesi_research.stats.reliability import omega
from walesi_research.stats.resampling import bootstrap_counts
from walesi_research.stats.sem import difference, fit, fit_moments

ALIENATION = """
ses =~ education + sei
alien67 =~ anomia67 + powerless67
alien71 =~ anomia71 + powerless71
alien71 ~ alien67 + ses
alien67 ~ ses
anomia67 ~~ anomia71
powerless67 ~~ powerless71
"""
FACTORS = "f =~ x0 + x1 + x2; g =~ x3 + x4 + x5; h =~ x6 + x7 + x8"


def alienation():
    """Covariances of 932 respondents (Wheaton et al. 1977, Sociological Methodology 8, 84–136)."""
    names = ["anomia67", "powerless67", "anomia71", "powerless71", "education", "sei"]
    rows = [
        [11.834],
        [6.947, 9.364],
        [6.819, 5.091, 12.532],
        [4.783, 5.028, 7.495, 9.986],
        [-3.839, -3.889, -3.841, -3.625, 9.610],
        [-21.899, -18.831, -21.748, -18.775, 35.522, 450.288],
    ]
    c = np.zeros((6, 6))
    c[np.tril_indices(6)] = np.concatenate(rows)
    return pd.DataFrame(c + np.tril(c, -1).T, names, names)


def answers(n=300, seed=1, loading=0.7, correlation=0.4, per=3, factors=3):
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(correlation + (1 - correlation) * np.eye(factors))
    true = np.repeat(rng.normal(size=(n, factors)) @ root.T, per, axis=1)
    y = loading * true + np.sqrt(1 - loading**2) * rng.normal(size=true.shape)
    return pd.DataFrame(y, columns=[f"x{i}" for i in range(per * factors)])


def value(found, lhs, op, rhs, column="estimate"):
    p = found.parameters
    return p.loc[(p.lhs == lhs) & (p.op == op) & (p.rhs == rhs), column].iloc[0]


# ── published and closed forms ───────────────────────────────────────────────────────────────────────────


def test_stability_of_alienation():
    """Chi-square 4.73 on 4 degrees of freedom in the LISREL and EQS manuals; the rest from lavaan 0.6-14."""
    found = fit_moments(ALIENATION, alienation(), 932)
    assert (found.chi2, found.df) == (pytest.approx(4.735, abs=1e-3), 4)
    assert (found.rmsea, found.srmr) == pytest.approx((0.0140, 0.0074), abs=1e-4)
    assert found.loglik == pytest.approx(-15213.274, abs=1e-3)
    expected = {  # estimate, standard error
        ("ses", "=~", "sei"): (5.219, 0.422),
        ("alien67", "=~", "powerless67"): (0.979, 0.062),
        ("alien71", "~", "alien67"): (0.607, 0.051),
        ("alien71", "~", "ses"): (-0.227, 0.052),
        ("alien67", "~", "ses"): (-0.575, 0.056),
        ("anomia67", "~~", "anomia71"): (1.623, 0.314),
        ("ses", "~~", "ses"): (6.798, 0.649),
    }
    for key, row in expected.items():
        found_row = value(found, *key), value(found, *key, "std_error")
        assert found_row == pytest.approx(row, abs=5.1e-4)  # three decimals are printed


def test_regression_is_least_squares():
    rng = np.random.default_rng(2)
    n = 120
    x = rng.normal([5, -3], 1, size=(n, 2))
    y = 1 + x @ [0.5, -1] + rng.normal(size=n)
    found = fit("y ~ a + b", pd.DataFrame({"y": y, "a": x[:, 0], "b": x[:, 1]}), means=True)
    design = np.column_stack([np.ones(n), x])
    coef, squares = np.linalg.lstsq(design, y, rcond=None)[:2]
    variance = squares[0] / n
    errors = np.sqrt(variance * np.diag(np.linalg.inv(design.T @ design)))
    ours = [value(found, "y", "~1", ""), value(found, "y", "~", "a"), value(found, "y", "~", "b")]
    assert ours == pytest.approx(coef, rel=1e-9)
    assert value(found, "y", "~~", "y") == pytest.approx(variance, rel=1e-9)
    theirs = [value(found, "y", "~1", "", "std_error"), value(found, "y", "~", "a", "std_error")]
    assert theirs == pytest.approx(errors[:2], rel=1e-9)
    assert found.loglik == pytest.approx(-n / 2 * (np.log(2 * np.pi * variance) + 1), rel=1e-12)
    assert found.r_squared.r2[0] == pytest.approx(1 - variance / y.var(), rel=1e-9)
    assert (found.chi2, found.df) == (pytest.approx(0, abs=1e-9), 0)


def test_one_factor_is_that_of_the_eigenvalue_method():
    d = answers(factors=1, per=6)
    found = fit("f =~ " + " + ".join(d.columns), d, std_lv=True)
    other = one_factor(d.cov(ddof=0).to_numpy())
    p = found.parameters
    assert p.estimate[p.op == "=~"].to_numpy() == pytest.approx(other.loadings, rel=1e-6)
    assert found.chi2 == pytest.approx(len(d) * other.discrepancy, rel=1e-9)


def test_omega_by_a_defined_parameter():
    d = answers(factors=1, per=4)
    found = fit(
        """f =~ a*x0 + b*x1 + c*x2 + d*x3
           x0 ~~ p*x0; x1 ~~ q*x1; x2 ~~ r*x2; x3 ~~ s*x3
           omega := (a + b + c + d)^2 / ((a + b + c + d)^2 + p + q + r + s)
           root := sqrt(omega); same := exp(log(omega))""",
        d,
        std_lv=True,
    )
    assert value(found, "omega", ":=", found.parameters.rhs.iloc[-3]) == pytest.approx(omega(d).estimate)
    p = found.parameters.set_index("lhs")
    assert p.estimate["root"] == pytest.approx(np.sqrt(p.estimate["omega"]), rel=1e-12)
    assert p.std_error["root"] == pytest.approx(p.std_error["omega"] / 2 / p.estimate["root"], rel=1e-9)
    assert p.std_error["same"] == pytest.approx(p.std_error["omega"], rel=1e-9)


def test_complete_data_give_fiml_the_same_estimates():
    d = answers()
    one, other = fit(FACTORS, d, means=True), fit(FACTORS, d, missing="fiml")
    assert other.theta == pytest.approx(one.theta, abs=1e-6)
    assert other.chi2 == pytest.approx(one.chi2, abs=1e-8)


def test_fiml_undoes_what_missing_at_random_does_to_complete_rows():
    """Who scores low on x drops out of y: the mean of y is zero, that of those who stay well above it."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=4000)
    y = 0.8 * x + 0.6 * rng.normal(size=4000)
    d = pd.DataFrame({"x": x, "y": np.where(x > 0, y, np.nan)})
    found = fit("y ~ x", d, missing="fiml", fixed_x=False)
    assert d.y.mean() > 0.6
    assert found.implied()[0]["y"] == pytest.approx(0, abs=0.08)  # four standard errors


def test_residuals_make_up_the_srmr():
    d = answers()
    found = fit(FACTORS, d)
    r = found.residuals()
    assert len(r) == 45
    assert np.sqrt(np.mean(r.correlation**2)) == pytest.approx(found.srmr, rel=1e-12)
    row = r[(r.lhs == "x0") & (r.rhs == "x3")].iloc[0]
    assert row.observed == pytest.approx(d[["x0", "x3"]].cov(ddof=0).iloc[0, 1])
    assert row.observed - row.implied == row.residual


def test_modification_index_foretells_the_fall_of_chi_square():
    d = answers(n=2000)
    d["x4"] += 0.1 * d.x0
    found = fit(FACTORS, d)
    first = found.modification_indices().iloc[0]
    freed = fit(f"{FACTORS}; {first.lhs} {first.op} {first.rhs}", d)
    assert first.mi > 10
    assert found.chi2 - freed.chi2 == pytest.approx(first.mi, rel=0.15)  # a score test: first order only
    assert value(freed, first.lhs, first.op, first.rhs) == pytest.approx(first.epc, rel=0.2)


def test_normal_data_need_no_scaling():
    d = answers(n=20_000, seed=5)
    found = fit(FACTORS, d, estimator="mlr")
    assert found.scaling == pytest.approx(1, abs=0.02)  # its sampling error is below 0.005
    plain = fit(FACTORS, d)
    errors = found.parameters.std_error / plain.parameters.std_error
    assert errors.dropna().to_numpy() == pytest.approx(1, abs=0.05)


def test_ordered_items_recover_their_factors():
    true = answers(n=8000, seed=7)
    cut = true.apply(lambda item: np.digitize(item, [-1.0, 0, 0.5, 1.2]).astype(float))
    found = fit(FACTORS, cut, estimator="dwls", ordered=tuple(cut.columns), std_lv=True)
    p = found.parameters
    assert p.estimate[p.op == "=~"].to_numpy() == pytest.approx(0.7, abs=0.05)  # some four standard errors
    assert value(found, "f", "~~", "g") == pytest.approx(0.4, abs=0.06)
    assert p.estimate[p.op == "|"][:4].to_numpy() == pytest.approx([-1, 0, 0.5, 1.2], abs=0.07)
    assert found.pvalue_scaled > 0.001
    assert np.isnan(found.loglik)


# ── what must not matter ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [{}, {"estimator": "mlr"}, {"missing": "fiml"}])
def test_row_order_shift_and_scale_do_not_matter(options):
    d = answers().assign(unit=np.arange(300) % 2)
    if "missing" in options:
        d = d.mask(np.random.default_rng(2).random(d.shape) < 0.1).assign(unit=d.unit)
    one = fit(FACTORS, d, group="unit", **options)
    moved = d.sample(frac=1, random_state=3)
    scale = 10.0 ** np.arange(-4, 5)
    moved[d.columns[:9]] = moved[d.columns[:9]] * scale + 7 * scale
    other = fit(FACTORS, moved, group="unit", **options)
    for name in ("chi2", "cfi", "tli", "rmsea", "srmr", "baseline_chi2"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-7, abs=1e-9)
    kept = one.parameters.op != "~1"
    assert other.parameters.std_all[kept].to_numpy() == pytest.approx(
        one.parameters.std_all[kept].to_numpy(), abs=1e-6
    )
    assert other.parameters.z[kept].to_numpy() == pytest.approx(
        one.parameters.z[kept].to_numpy(), rel=1e-4, nan_ok=True
    )


def test_marker_and_unit_variance_are_the_same_model():
    d = answers()
    one, other = fit(FACTORS, d), fit(FACTORS, d, std_lv=True)
    assert other.chi2 == pytest.approx(one.chi2, abs=1e-8)
    assert other.parameters.std_all.to_numpy() == pytest.approx(one.parameters.std_all.to_numpy(), abs=1e-6)


def test_starting_values_do_not_matter():
    d = answers()
    far = FACTORS.replace("x1", "start(3)*x1").replace("x4", "start(0.1)*x4")
    assert fit(far, d).theta == pytest.approx(fit(FACTORS, d).theta, abs=1e-6)


def test_weights_that_count_rows_are_rows():
    d = answers(n=100)
    times = 1 + np.arange(100) % 3
    one = fit(FACTORS, d, estimator="mlr", weights=times)
    repeated = d.loc[np.repeat(d.index, times)].assign(row=np.repeat(np.arange(100), times))
    other = fit(FACTORS, repeated, estimator="mlr")
    assert one.theta == pytest.approx(other.theta, abs=1e-7)
    clustered = fit(FACTORS, repeated, estimator="mlr", cluster="row")
    # the sandwich of rows that count several times is that of clusters of copies, but for G / (G - 1)
    ratio = clustered.parameters.std_error[:9] / one.parameters.std_error[:9]
    assert ratio.dropna().to_numpy() == pytest.approx(np.sqrt(100 / 99), rel=1e-6)


def test_moments_stand_for_rows():
    d = answers()
    one, other = fit(FACTORS, d), fit_moments(FACTORS, d.cov(), len(d))
    assert other.theta == pytest.approx(one.theta, abs=1e-9)
    assert other.chi2 == pytest.approx(one.chi2, abs=1e-8)
    groups = [part for _, part in d.groupby(np.arange(300) % 2)]
    both = fit_moments(
        FACTORS, [g.cov() for g in groups], [150, 150], mean=[g.mean() for g in groups], equal=("loadings",)
    )
    rows = fit(FACTORS, d.assign(g=np.arange(300) % 2), group="g", equal=("loadings",))
    assert both.chi2 == pytest.approx(rows.chi2, abs=1e-8)
    assert both.df == rows.df


def test_groups_that_do_not_differ_pass_the_test_of_equality():
    d = answers(n=2000, seed=11).assign(g=np.arange(2000) % 2)
    general, restricted = (fit(FACTORS, d, group="g", equal=e) for e in ((), ("loadings", "intercepts")))
    test = difference(restricted, general)
    assert test.df == 12
    assert test.pvalue > 0.001
    assert restricted.groups == (0, 1)


# ── refusals and warnings ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("f =~ x0 + x1", "5 free parameters|4 free parameters for 3 moments"),
        ("f =~ NA*x0 + x1 + x2 + x3", "not identified: f =~ x0"),
        ("f =~ x0 + x1 + x2 + x3; g =~ x0 + x1 + x2 + x3", "not identified"),
        ("f =~ x0 + x1 + x2; g =~ x3 + x4 + x5; f ~~ 0*g; g ~~ g; x6 ~ f; f ~ x6", "not identified"),
        ("f =~ x0 + x1 + nothing", "not in the data: nothing"),
        ("f =~ a*x0 + b*x1 + x2; c := a*d", "uses d, no label"),
        ("f =~ a*x0 + b*x1 + x2; c := a if b else 1", "has more than numbers, labels"),
        ("f =~ a*x0 + b*x1 + x2; c := a *", "cannot be read"),
    ],
)
def test_models_that_cannot_be_fitted_are_refused(model, message):
    with pytest.raises(ValueError, match=message):
        fit(model, answers())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": "gls"}, "unknown estimator 'gls'"),
        ({"missing": "mice"}, "unknown in missing: 'mice'"),
        ({"missing": "pairwise"}, "'pairwise' does not go with estimator='ml'"),
        ({"missing": "fiml", "estimator": "dwls"}, "'fiml' does not go with estimator='dwls'"),
        ({"weights": "w"}, "need estimator='mlr'"),
        ({"weights": "w", "estimator": "dwls"}, "neither clusters nor weights"),
        ({"weights": [1, 2], "estimator": "mlr"}, "2 weights for 300 rows"),
        ({"weights": -np.ones(300), "estimator": "mlr"}, "zero or more"),
        ({"ordered": ["x0"]}, "need estimator='dwls'"),
        ({"ordered": ["x0"], "estimator": "dwls"}, "not so: x1"),
        ({"ordered": ["u"], "estimator": "dwls"}, "not in the model: u"),
        ({"equal": ["intercepts"], "estimator": "dwls", "group": "g"}, "intercepts cannot be held equal"),
        ({"group": "one"}, "'one' has one group only"),
        ({"group": "holes"}, "'holes' is missing in 1 row"),
        ({"cluster": "nowhere", "estimator": "mlr"}, "not in the data: nowhere"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, message):
    d = answers().assign(g=np.arange(300) % 2, one=1, w=1.0)
    d["holes"] = d.g.where(d.index > 0)
    with pytest.raises(ValueError, match=message):
        fit(FACTORS, d, **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.assign(x1=d.x0 + d.x2), "x0, x1, x2 determine one another"),
        (lambda d: d.assign(x1=3.0), "'x1' does not vary"),
        (lambda d: d.assign(x1="a"), "'x1' is not numeric"),
        (lambda d: d.assign(x1=np.where(d.x1 > 1, np.inf, d.x1)), "'x1' has infinite"),
        (lambda d: d.assign(x1=np.nan), "0 usable"),
        (lambda d: d[:8], "or the rows are too few"),
    ],
)
def test_data_that_cannot_be_fitted_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        fit(FACTORS, change(answers()))


def test_fixed_inputs_with_missing_values_are_refused_and_modelled_ones_are_not():
    d = answers()
    d.loc[:9, "x3"] = np.nan
    with pytest.raises(ValueError, match="use fixed_x=False"):
        fit("x0 ~ x3", d, missing="fiml")
    assert fit("x0 ~ x3", d, missing="fiml", fixed_x=False).n == 300
    assert fit("x0 ~ x3", d).n == 290


def test_variables_never_seen_together_are_refused():
    d = answers()
    d.loc[:149, "x0"] = np.nan
    d.loc[150:, "x1"] = np.nan
    with pytest.raises(ValueError, match="never seen together"):
        fit("x0 ~~ x1 + x2; x1 ~~ x2", d, missing="fiml")


def test_ordered_items_may_not_act_on_others():
    cut = answers().round()
    with pytest.raises(ValueError, match="cannot be predictors: x1"):
        fit("x0 ~ x1", cut, estimator="dwls")
    with pytest.raises(ValueError, match="thresholds and no means"):
        fit("f =~ x0 + x1 + x2 + x3; x0 ~ 1", cut, estimator="dwls")


def test_a_negative_variance_is_warned_of():
    c = pd.DataFrame([[1.0, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]], list("abc"), list("abc"))
    found = fit_moments("f =~ a + b + c", c, 200)  # a loads 0.8 · 0.8 / 0.5 in square: more than all of it
    assert found.converged
    assert value(found, "a", "~~", "a") == pytest.approx((1 - 1.28) * 199 / 200, rel=1e-6)
    assert found.warnings == ("the variance of a is negative (-0.279)",)


def test_factors_that_correlate_beyond_one_are_warned_of():
    c = np.full((4, 4), 0.6) + 0.4 * np.eye(4)
    c[:2, :2] = c[2:, 2:] = [[1, 0.5], [0.5, 1]]  # more between than within the factors
    names = list("abcd")
    found = fit_moments("f =~ a + b; g =~ c + d", pd.DataFrame(c, names, names), 200)
    assert value(found, "f", "~~", "g", "std_all") == pytest.approx(1.2, abs=1e-6)
    assert found.warnings == ("the latent variables f, g correlate beyond what is possible",)


def test_a_search_without_end_is_told():
    """A loading squared is 0.4 · 0.4 / 0: the fit gets better the further a variance falls below zero."""
    c = pd.DataFrame([[1.0, 0.4, 0.4], [0.4, 1, 0], [0.4, 0, 1]], list("abc"), list("abc"))
    found = fit_moments("f =~ a + b + c", c, 100)
    assert not found.converged
    assert "did not converge" in found.warnings[0]
    assert any("variance" in warning for warning in found.warnings[1:])


def test_no_second_look_at_what_has_no_information():
    c = pd.DataFrame(np.eye(4), list("abcd"), list("abcd"))
    c.loc["a", "b"] = c.loc["b", "a"] = 0.3
    c.loc["c", "d"] = c.loc["d", "c"] = -0.2  # two pairs, no factor
    found = fit_moments("f =~ a + b + c + d", c, 100)
    told = "the information matrix is not positive definite: there are no standard errors"
    assert found.warnings == (told,)
    assert found.parameters.std_error[1:].isna().all()
    for method in (found.modification_indices, lambda: found.refit_moments(c.to_numpy()[None])):
        with pytest.raises(ValueError, match="information matrix is singular"):
            method()


# ── the same model again ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [{}, {"missing": "fiml"}, {"group": "g", "equal": ("loadings",)}])
def test_bootstrap_refits_are_fits_to_the_rows_drawn(options):
    d = answers(n=200).assign(g=np.arange(200) % 2)
    if "missing" in options:
        d = d.mask(np.random.default_rng(2).random(d.shape) < 0.05).assign(g=d.g)
    model = FACTORS.replace("x1", "a*x1") + "; h ~ b*f + g; ab := a*b"
    found = fit(model, d, **options)
    counts = next(bootstrap_counts(np.random.default_rng(3), found.n, 4, d.g))
    again = found.bootstrap([counts[:1], counts[1:]])
    assert again.converged.all()
    for count, estimates, defined in zip(counts, again.estimates, again.defined, strict=True):
        drawn = d.iloc[np.repeat(found.rows, count.astype(int))]
        other = fit(model, drawn, **options)
        error = np.sqrt(np.diag(other.covariance))
        # the search ends within a thousandth of a standard error
        assert ((estimates - other.theta) / error) == pytest.approx(0, abs=1e-3)
        assert defined[0] == pytest.approx(other.parameters.estimate.iloc[-1], abs=1e-3)


def test_bootstrap_errors_are_about_those_of_the_sandwich():
    d = answers(n=200, seed=9)
    found = fit(FACTORS, d, estimator="mlr")
    again = found.bootstrap(bootstrap_counts(np.random.default_rng(4), 200, 400))
    assert again.converged.mean() > 0.98
    ratio = np.nanstd(again.estimates, axis=0, ddof=1) / np.sqrt(np.diag(found.covariance))
    # a standard deviation of 400 draws has an error of 3.5 %; small samples add to what the sandwich says
    assert np.median(ratio) == pytest.approx(1, abs=0.1)


def test_refits_to_moments():
    d = answers()
    found = fit(FACTORS, d)
    other = d.sample(frac=1, replace=True, random_state=1)
    again = found.refit_moments(other[list(found.observed)].cov(ddof=0).to_numpy()[None])
    assert again.estimates[0] == pytest.approx(fit(FACTORS, other).theta, abs=1e-4)
    with pytest.raises(ValueError, match="the model has means"):
        fit(FACTORS, d, means=True).refit_moments(d.cov().to_numpy()[None])
    with pytest.raises(ValueError, match="several groups"):
        fit(FACTORS, d.assign(g=np.arange(300) % 2), group="g").refit_moments(d.cov().to_numpy()[None])


def test_a_draw_that_cannot_be_fitted_is_left_out():
    d = answers(n=60)
    counts = np.zeros((2, 60))
    counts[0], counts[1, :3] = 1, 20  # three rows do not carry nine items
    again = fit(FACTORS, d).bootstrap([counts])
    assert again.converged.tolist() == [True, False]
    assert np.isnan(again.estimates[1]).all()


def test_bootstraps_that_cannot_be_are_refused():
    d = answers()
    with pytest.raises(ValueError, match="counts of 5 rows for a model fitted to 300"):
        fit(FACTORS, d).bootstrap([np.ones((1, 5))])
    with pytest.raises(ValueError, match="no rows to draw"):
        fit_moments(FACTORS, d.cov(), 300).bootstrap([np.ones((1, 300))])
    with pytest.raises(ValueError, match="not for 'dwls'"):
        fit(FACTORS, d.round(), estimator="dwls").bootstrap([np.ones((1, 300))])
