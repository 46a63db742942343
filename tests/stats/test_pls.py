"""Partial least squares against seminr 2.3.1 on the ECSI survey, and by its own definitions."""

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats.pls import (
    PathModel,
    blindfold,
    bootstrap,
    collinearity,
    discriminant,
    effect_sizes,
    importance,
    pls,
    predict,
    reliability,
    srmr,
)
from walesi_research.stats.resampling import bootstrap_counts

ITEMS = {
    "Image": [f"IMAG{i}" for i in range(1, 6)],
    "Expectation": [f"CUEX{i}" for i in range(1, 4)],
    "Quality": [f"PERQ{i}" for i in range(1, 8)],
    "Value": ["PERV1", "PERV2"],
    "Satisfaction": [f"CUSA{i}" for i in range(1, 4)],
    "Loyalty": [f"CUSL{i}" for i in range(1, 4)],
}
PATHS = {
    "Expectation": ["Image"],
    "Quality": ["Expectation"],
    "Value": ["Expectation", "Quality"],
    "Satisfaction": ["Image", "Expectation", "Quality", "Value"],
    "Loyalty": ["Image", "Satisfaction"],
}


def table(part):
    values = [[np.nan if v is None else v for v in row] for row in part["values"]]
    return pd.DataFrame(values, index=part["rows"], columns=part["cols"])


@pytest.fixture(scope="module")
def mobi(shared):
    return pd.read_csv(shared / "reference" / "data" / "mobi.csv")


@pytest.fixture(scope="module")
def values(shared):
    import json

    return json.loads((shared / "reference" / "values" / "pls_mobi.json").read_text())["results"]


def model():
    return PathModel.of(ITEMS, PATHS)


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("path_weighting", {}, 1e-6),
        ("path_factorial", {"scheme": "factor"}, 1e-6),
        ("plsc", {"consistent": True}, 1e-6),
    ],
)
def test_weights_loadings_paths_and_r2_equal_seminr(mobi, values, kind, options, tolerance):
    """Both iterate to 1e-7 in the weights: 1e-6 in what follows from them."""
    fit, r = pls(mobi, model(), **options), values[kind]
    assert fit.converged
    assert fit.proper == (kind != "plsc")  # disattenuated, two constructs correlate by more than one: so in R
    for name in ("paths", "loadings", "weights"):
        expected = table(r[name])
        found = getattr(fit, name).loc[expected.index, expected.columns]
        np.testing.assert_allclose(found, expected, atol=tolerance, err_msg=name)
    r2 = table(r["r2"])
    np.testing.assert_allclose(fit.r2.loc[r2.columns].T, r2, atol=tolerance)
    assert abs(fit.iterations - r["iterations"]) <= 1  # counted from the start, or after it


def test_reliability_htmt_and_inflation_equal_seminr(mobi, values):
    fit = pls(mobi, model())
    expected = table(values["reliability"]).rename(columns={"rhoC": "rho_c", "AVE": "ave", "rhoA": "rho_a"})
    found = reliability(fit).loc[expected.index, expected.columns]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    htmt, table_fl = discriminant(fit)
    expected = table(values["htmt"])
    np.testing.assert_allclose(htmt.loc[expected.index, expected.columns], expected, atol=1e-6)
    assert table_fl.loc["Value", "Value"] == pytest.approx(np.sqrt(found.loc["Value", "ave"]))
    inner = collinearity(fit)[1]
    for target, own in values["vif"].items():
        for source, vif in own.items():
            found = inner.loc[source, target]
            assert np.isnan(found) if vif is None else found == pytest.approx(vif, abs=1e-6)


def test_bootstrap_errors_equal_seminr_within_their_monte_carlo_error(mobi, values):
    """A standard error of 1,000 draws has one of 2.3 % itself; both are drawn: four times its root two."""
    fit = pls(mobi, model())
    draws = bootstrap(fit, bootstrap_counts(np.random.default_rng(3), fit.n, 2_000))
    expected = table(values["boot_paths"])
    names = list(ITEMS)
    for label, row in expected.iterrows():
        source, target = (part.strip() for part in label.split("->"))
        own = draws.paths[:, names.index(source), names.index(target)]
        assert np.nanstd(own, ddof=1) == pytest.approx(row["Bootstrap SD"], rel=0.13), label
        assert np.nanmean(own) == pytest.approx(row["Bootstrap Mean"], abs=0.2 * row["Bootstrap SD"]), label
    assert draws.usable.all()


def example(n=400, seed=2):
    """Two causes, two items each of three constructs; loadings .8, coefficients .5 and .3."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    c = 0.5 * a + 0.3 * b + np.sqrt(1 - 0.34) * rng.normal(size=n)
    data = {
        f"{name}{i}": 0.8 * latent + 0.6 * rng.normal(size=n)
        for name, latent in (("a", a), ("b", b), ("c", c))
        for i in range(1, 5)
    }
    return pd.DataFrame(data), PathModel.of(
        {name: [f"{name}{i}" for i in range(1, 5)] for name in "abc"}, {"c": ["a", "b"]}
    )


def test_plain_coefficients_are_too_weak_and_consistent_ones_are_not():
    """20,000 rows: the standard error is .008; plain PLS loses about a tenth, .05."""
    data, plan = example(20_000)
    plain, consistent = pls(data, plan), pls(data, plan, consistent=True)
    assert consistent.paths.loc["a", "c"] == pytest.approx(0.5, abs=0.02)
    assert consistent.paths.loc["b", "c"] == pytest.approx(0.3, abs=0.02)
    assert plain.paths.loc["a", "c"] < 0.46
    assert consistent.loadings.loc["a1", "a"] == pytest.approx(0.8, abs=0.02)


def test_a_draw_is_a_fit_of_the_drawn_rows():
    data, plan = example(80)
    fit = pls(data, plan, consistent=True)
    counts = next(iter(bootstrap_counts(np.random.default_rng(5), 80, 3)))
    draws = bootstrap(fit, [counts])
    for b, count in enumerate(counts.astype(int)):
        again = pls(data.loc[np.repeat(np.arange(80), count)], plan, consistent=True)
        np.testing.assert_allclose(draws.paths[b], again.paths, atol=1e-9)
        np.testing.assert_allclose(draws.loadings[b], again.loadings, atol=1e-9)


def test_mode_b_weights_are_regression_weights():
    """With one construct of mode B on each side, PLS is canonical correlation."""
    data, _ = example(300)
    plan = PathModel.of(
        {"x": ["a1", "a2", "b1", "b2"], "y": ["c1", "c2"]}, {"y": ["x"]}, {"x": "B", "y": "B"}
    )
    r = data.corr()
    x, y = list(plan.items[:4]), list(plan.items[4:])
    m = np.linalg.solve(r.loc[x, x], r.loc[x, y]) @ np.linalg.solve(r.loc[y, y], r.loc[y, x])
    first = np.sqrt(np.linalg.eigvals(m).real.max())
    assert pls(data, plan).paths.loc["x", "y"] == pytest.approx(first, abs=1e-6)


def test_effect_sizes_by_their_definition():
    data, plan = example()
    fit = pls(data, plan)
    scores = pd.DataFrame(fit.scores, columns=plan.names)
    r2 = [np.corrcoef(scores["c"], _fitted(scores["c"], scores[list(own)]))[0, 1] ** 2 for own in ("ab", "b")]
    assert effect_sizes(fit).loc["a", "c"] == pytest.approx((r2[0] - r2[1]) / (1 - r2[0]), rel=1e-8)
    assert fit.r2.loc["c", "r2"] == pytest.approx(r2[0], rel=1e-8)


def _fitted(y, X):
    X = np.column_stack([np.ones(len(y)), X])
    return X @ np.linalg.lstsq(X, y, rcond=None)[0]


def test_prediction_beats_the_mean_where_there_is_something_to_predict():
    data, plan = example()
    found = predict(pls(data, plan), np.random.default_rng(1), repetitions=2)
    assert list(found.index) == ["c1", "c2", "c3", "c4"] and (found["q2"] > 0.05).all()
    assert found["rmse"].mean() < found["linear_rmse"].mean()  # the model is the true one
    noise = data.assign(
        **{f"c{i}": np.random.default_rng(100 + i).normal(size=len(data)) for i in range(1, 5)}
    )
    assert predict(pls(noise, plan), np.random.default_rng(1), repetitions=2)["q2"].max() < 0.02
    again = predict(pls(data, plan), np.random.default_rng(1), repetitions=2)
    pd.testing.assert_frame_equal(found, again)


def test_blindfolding_is_near_the_share_explained_times_communality():
    """Q² is roughly R² times the mean squared loading, less what estimating costs."""
    data, plan = example(2_003)
    fit = pls(data, plan)
    rough = fit.r2.loc["c", "r2"] * reliability(fit).loc["c", "ave"]
    assert blindfold(fit)["c"] == pytest.approx(rough, abs=0.03)
    with pytest.raises(ValueError, match="omission distance"):
        blindfold(pls(data.head(70), plan), 7)


def test_misfit_is_small_for_the_true_model_and_large_for_a_wrong_one():
    """SRMR of 20,000 rows of the true model is sampling error, about 1/sqrt(n)."""
    data, plan = example(20_000)
    assert srmr(pls(data, plan, consistent=True), saturated=True) < 0.01
    wrong = PathModel.of(
        {"x": ["a1", "a2", "b1", "b2"], "y": ["a3", "a4", "b3", "b4"], "c": ["c1", "c2"]}, {"c": ["x", "y"]}
    )
    assert srmr(pls(data, wrong), saturated=True) > 0.1


def test_importance_and_performance_on_the_scale_of_the_items():
    data, plan = example()
    answers = np.clip(np.round(data + 3), 1, 5)
    found = importance(pls(answers, plan), "c", 1, 5)
    assert list(found.index) == ["a", "b"]
    assert found["importance"]["a"] > found["importance"]["b"] > 0
    assert found["performance"]["a"] == pytest.approx(
        (answers[["a1", "a2", "a3", "a4"]].mean().mean() - 1) * 25, abs=1
    )


def test_faults_are_told():
    data, plan = example(50)
    with pytest.raises(ValueError, match="does not vary"):
        pls(data.assign(a1=1.0), plan)
    with pytest.raises(ValueError, match="missing"):
        pls(data.assign(a1=np.nan), plan)
    with pytest.raises(ValueError, match="circle"):
        PathModel.of({"a": ["a1"], "b": ["b1"]}, {"a": ["b"], "b": ["a"]})
    with pytest.raises(ValueError, match="no items"):
        PathModel.of({"a": ["a1"]}, {"c": ["a"]})


def test_tables_of_draws_describe_them():
    """Error, t and interval of each effect, as seminr lists them; indirect where a third lies between."""
    data, _ = example(200)
    plan = PathModel.of({n: [f"{n}{i}" for i in range(1, 5)] for n in "abc"}, {"b": ["a"], "c": ["a", "b"]})
    draws = bootstrap(pls(data, plan), bootstrap_counts(np.random.default_rng(1), 200, 300))
    row = draws.path_table(0.9).loc[("a", "c")]
    own = draws.paths[:, 0, 2]
    assert [row["mean"], row["se"], row["low"], row["high"]] == pytest.approx(
        [own.mean(), own.std(ddof=1), *np.quantile(own, [0.05, 0.95])]
    )
    assert row["t"] == pytest.approx(row["estimate"] / row["se"])
    assert list(draws.indirect_table().index) == [("a", "c")] and len(draws.total_table()) == 3
    total, paths = draws.total_table().estimate, draws.path_table().estimate
    assert total["a", "c"] == pytest.approx(paths["a", "c"] + paths["a", "b"] * paths["b", "c"], abs=1e-12)
    loading = draws.loading_table()
    assert list(loading.index) == list(plan.items) and (loading.low < loading.estimate).all()


def test_a_draw_in_which_an_item_does_not_vary_is_left_out():
    data, plan = example(30)
    data["a1"] = np.where(np.arange(30) < 2, 1.0, 0.0)
    counts = np.ones((3, 30))
    counts[1, :2], counts[1, 2:4] = 0, 2
    draws = bootstrap(pls(data, plan), [counts])
    assert list(draws.usable) == [True, False, True] and np.isnan(draws.paths[1]).all()


def test_prediction_is_that_of_fits_to_the_other_folds():
    """One repetition by hand: weights, totals and loadings of nine tenths foretell the tenth left out."""
    data, plan = example(120)
    fold = np.random.default_rng(9).permutation(120) % 10
    off = {"model": [], "mean": [], "linear": []}
    for k in range(10):
        seen, unseen = data[fold != k], data[fold == k]
        fit, given, wanted = pls(seen, plan), list(plan.items[:8]), list(plan.items[8:])
        z = (unseen - seen.mean()) / seen.std()
        scores = z[given] @ fit.weights.loc[given] @ fit.total_effects @ fit.loadings.loc[wanted].T
        off["model"].append(unseen[wanted] - (scores * seen[wanted].std() + seen[wanted].mean()))
        off["mean"].append(unseen[wanted] - seen[wanted].mean())
        X, new = (np.column_stack([np.ones(len(d)), d[given]]) for d in (seen, unseen))
        off["linear"].append(unseen[wanted] - new @ np.linalg.lstsq(X, seen[wanted], rcond=None)[0])
    squares = {kind: (pd.concat(parts) ** 2).mean() for kind, parts in off.items()}
    found = predict(pls(data, plan), np.random.default_rng(9), folds=10, repetitions=1)
    np.testing.assert_allclose(found["rmse"], np.sqrt(squares["model"]), rtol=1e-8)
    np.testing.assert_allclose(found["linear_rmse"], np.sqrt(squares["linear"]), rtol=1e-8)
    np.testing.assert_allclose(found["q2"], 1 - squares["model"] / squares["mean"], rtol=1e-8)


def test_importance_is_the_regression_of_rescaled_composites():
    data, plan = example()
    answers = np.clip(np.round(data + 3), 1, 5)
    fit = pls(answers, plan)
    weights = fit.weights.div(answers.std(), axis=0)
    scores = (answers - 1) * 25 @ (weights / weights.sum())
    X = np.column_stack([np.ones(len(scores)), scores[["a", "b"]]])
    slopes = np.linalg.lstsq(X, scores["c"], rcond=None)[0][1:]
    found = importance(fit, "c", 1, 5)
    np.testing.assert_allclose(found["importance"], slopes, rtol=1e-8)
    with pytest.raises(ValueError, match="negative"):
        importance(pls(answers.assign(a4=6 - answers.a4), plan), "c", 1, 5)
    with pytest.raises(ValueError, match="leads to a"):
        importance(fit, "a", 1, 5)


def test_schemes_agree_where_one_construct_has_one_neighbour_each():
    """With a single neighbour all three inner weights point one way: the same fit, to 1e-7."""
    data, _ = example()
    plan = PathModel.of({n: [f"{n}{i}" for i in range(1, 5)] for n in "ac"}, {"c": ["a"]})
    fits = [pls(data, plan, scheme=s).paths.loc["a", "c"] for s in ("path", "factor", "centroid")]
    assert fits == pytest.approx([fits[0]] * 3, abs=1e-7)


def test_what_the_paths_imply_is_what_a_saturated_inner_model_has():
    """With all direct paths both are the same; without a path that is there the misfit grows."""
    data, _ = example(2_000)
    items = {n: [f"{n}{i}" for i in range(1, 5)] for n in "acb"}
    whole = pls(data, PathModel.of(items, {"c": ["a"], "b": ["a", "c"]}), consistent=True)
    assert srmr(whole) == pytest.approx(srmr(whole, saturated=True), abs=1e-12)
    bare = pls(data, PathModel.of(items, {"a": ["b"], "c": ["b"]}), consistent=True)
    assert srmr(bare) > srmr(bare, saturated=True) + 0.02


def test_consistent_estimates_of_an_exact_structure_are_its_own():
    """Loadings and path of correlations that follow a factor model exactly (Dijkstra and Henseler 2015)."""
    rng = np.random.default_rng(7)
    pattern = np.zeros((7, 2))
    pattern[:4, 0], pattern[4:, 1] = [0.9, 0.8, 0.7, 0.6], [0.8, 0.7, 0.5]
    r = pattern @ np.array([[1, 0.4], [0.4, 1]]) @ pattern.T
    np.fill_diagonal(r, 1)
    x = rng.normal(size=(100, 7))
    x = (x - x.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False)).T)
    data = pd.DataFrame(x @ np.linalg.cholesky(r).T, columns=[f"x{i}" for i in range(7)])
    plan = PathModel.of({"a": [f"x{i}" for i in range(4)], "b": ["x4", "x5", "x6"]}, {"b": ["a"]})
    fit = pls(data, plan, consistent=True)
    np.testing.assert_allclose(fit.loadings.to_numpy(), pattern, atol=1e-6)
    assert fit.paths.loc["a", "b"] == pytest.approx(0.4, abs=1e-6)
    assert srmr(fit) < 1e-6
    assert pls(data, plan).paths.loc["a", "b"] < 0.37
