"""CR2 against estimatr, HC2, the definition written out, and simulations with few clusters."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from walesi_research.stats import cr2, wild_cluster


def data(seed=1, n=90, groups=8):
    rng = np.random.default_rng(seed)
    group = np.sort(rng.integers(0, groups, n))
    X = np.column_stack([np.ones(n), rng.normal(size=n), (group % 2).astype(float)])
    y = X @ [1, 0.5, 0] + rng.normal(size=groups)[group] + rng.normal(size=n)
    return y, X, group, rng.uniform(0.5, 3, n)


def inverse_root(matrix):
    """Symmetric, zero where the matrix is singular."""
    value, vector = np.linalg.eigh(matrix)
    return vector @ np.diag([v**-0.5 if v > 1e-8 else 0.0 for v in value]) @ vector.T


def by_definition(y, X, group, w):
    """CR2 covariance and Satterthwaite degrees of freedom with n x n matrices."""
    n = len(y)
    W = np.diag(w)
    M = np.linalg.inv(X.T @ W @ X)
    residual_maker = np.eye(n) - X @ M @ X.T @ W
    B = residual_maker @ residual_maker.T
    meat, vectors = 0, []
    for g in np.unique(group):
        rows = np.flatnonzero(group == g)
        A = inverse_root(B[np.ix_(rows, rows)])
        score = X[rows].T @ W[np.ix_(rows, rows)] @ A @ (residual_maker @ y)[rows]
        meat = meat + np.outer(score, score)
        vectors.append(residual_maker[rows].T @ A @ W[np.ix_(rows, rows)] @ X[rows] @ M)
    df = []
    for c in range(X.shape[1]):
        p = np.array([v[:, c] for v in vectors])
        gram = p @ p.T
        df.append(np.trace(gram) ** 2 / np.sum(gram**2))
    return M @ meat @ M, np.array(df)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("groups", [8, 60])  # clusters larger, and smaller, than the design is wide
def test_equals_the_definition(weighted, groups):
    y, X, group, w = data(groups=groups)
    w = w if weighted else np.ones(len(y))
    covariance, df = by_definition(y, X, group, w)
    fit = cr2(y, X, group, w)
    assert fit.covariance == pytest.approx(covariance, rel=1e-9)
    assert fit.df == pytest.approx(df, rel=1e-8)
    assert fit.coef == pytest.approx(sm.WLS(y, X, w).fit().params, rel=1e-10)


def test_singletons_are_hc2():
    y, X, _, _ = data()
    fit = cr2(y, X, np.arange(len(y)))
    assert fit.se == pytest.approx(sm.OLS(y, X).fit(cov_type="HC2").bse, rel=1e-10)


def test_weights_scale_row_order_and_labels_do_not_matter():
    y, X, group, w = data()
    fit = cr2(y, X, group, w)
    order = np.random.default_rng(0).permutation(len(y))
    other = cr2(1e3 + 10 * y[order], X[order], np.array([f"unit {g}" for g in group])[order], 7 * w[order])
    assert other.se == pytest.approx(10 * fit.se, rel=1e-8)
    assert other.df == pytest.approx(fit.df, rel=1e-8)
    assert other.coef == pytest.approx(10 * fit.coef + [1e3, 0, 0], rel=1e-9)
    assert cr2(y, X, group, np.full(len(y), 3.0)).se == pytest.approx(cr2(y, X, group).se, rel=1e-12)


@pytest.mark.parametrize("groups", [8, 40])
def test_a_cluster_that_a_dummy_takes_up_wholly(groups):
    y, X, group, _ = data(groups=groups)
    X = np.column_stack([X, group == 3])
    covariance, df = by_definition(y, X, group, np.ones(len(y)))
    fit = cr2(y, X, group)
    assert fit.covariance == pytest.approx(covariance, rel=1e-6, abs=1e-12)
    assert fit.df == pytest.approx(df, rel=1e-5)


def test_errors_that_the_fit_hides_are_said_to_be_hidden():
    y, X, group, w = data()
    assert cr2(y, X, group, w).captured == pytest.approx([1, 1, 1], rel=1e-9)
    two = group < 2
    hidden = cr2(y[two], np.column_stack([np.ones(two.sum()), group[two]]), group[two])
    assert hidden.captured == pytest.approx([0, 0], abs=1e-9)
    assert np.isnan([hidden.se, hidden.df, hidden.low, hidden.pvalue]).all()
    one_treated = cr2(y, np.column_stack([np.ones(len(y)), group == 3]), group)
    share = np.mean(group == 3)  # of the variance 1/n_1 + 1/n_0 the treated cluster's 1/n_1 cannot be seen
    assert one_treated.captured[1] == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize("groups", [8, 40])
def test_a_cluster_with_nearly_all_the_leverage(groups):
    y, X, group, w = data(groups=groups)
    X[:, 1] *= np.where(group == 3, 1, 0.05)
    covariance, df = by_definition(y, X, group, w)
    fit = cr2(y, X, group, w)
    assert fit.covariance == pytest.approx(covariance, rel=1e-8)
    assert fit.df == pytest.approx(df, rel=1e-7)


def test_columns_report_what_is_asked():
    y, X, group, w = data()
    full, part = cr2(y, X, group, w), cr2(y, X, group, w, columns=[2, 1])
    for name in ("coef", "se", "df", "low", "high", "pvalue"):
        assert getattr(part, name) == pytest.approx(getattr(full, name)[[2, 1]], rel=1e-12)
    assert part.covariance == pytest.approx(full.covariance[np.ix_([2, 1], [2, 1])], rel=1e-12)


def test_refusals():
    y, X, group, w = data()
    with pytest.raises(ValueError, match="column 3 depends"):
        cr2(y, np.column_stack([X, X[:, 1] + 1]), group)
    with pytest.raises(ValueError, match="two clusters"):
        cr2(y, X, np.zeros(len(y)))
    with pytest.raises(ValueError, match="positive numbers"):
        cr2(y, X, group, w - 1)


def test_a_hundred_thousand_singletons_fit_in_memory():
    rng = np.random.default_rng(4)
    n = 100_000
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 4))])
    fit = cr2(rng.normal(size=n), X, np.arange(n))
    assert fit.se[1:] == pytest.approx(np.full(4, n**-0.5), rel=0.02)  # standard normal columns
    assert np.all(fit.df > 10_000)


@pytest.fixture(scope="module")
def teaching(shared):
    d = pd.read_csv(shared / "reference/data/teaching_ratings.csv")
    values = json.loads((shared / "reference/values/cr2_teaching_ratings.json").read_text())["results"]
    dummies = {"gender": "male", "minority": "yes", "native": "yes", "tenure": "yes", "division": "upper"}
    columns = [d[name] == level for name, level in {**dummies, "credits": "single"}.items()]
    return d, np.column_stack([np.ones(len(d)), d.beauty, *columns]).astype(float), values


@pytest.mark.shared
@pytest.mark.parametrize(
    ("table", "weights"), [("estimatr_CR2", None), ("estimatr_CR2_weighted", "students")]
)
def test_teaching_ratings_equal_estimatr(teaching, table, weights):
    d, X, values = teaching
    fit = cr2(d["eval"], X, d.prof, None if weights is None else d[weights])
    parts = {
        "estimate": fit.coef, "std.error": fit.se, "df": fit.df, "p.value": fit.pvalue,
        "conf.low": fit.low, "conf.high": fit.high,
    }  # fmt: skip
    for name, found in parts.items():
        assert found == pytest.approx([row[name] for row in values[table]], rel=1e-6)
    assert fit.groups == values["n_clusters"] == 94


@pytest.mark.shared
def test_wine_equals_full_enumeration(shared):
    wine = pd.read_csv(shared / "reference/data/wine_ratings.csv")
    values = json.loads((shared / "reference/values/wild_cluster_wine.json").read_text())["results"]
    warm, contact = (wine.temp == "warm").astype(float), (wine.contact == "yes").astype(float)
    X = np.column_stack([np.ones(len(wine)), warm, contact, warm * contact])
    for column, expected in enumerate(values.values(), start=1):
        test = wild_cluster(wine.response, X, wine.judge, column)
        assert test.statistic == pytest.approx(expected["t"], rel=1e-6)
        assert test.estimate == pytest.approx(expected["est"], rel=1e-6)
        assert test.se == pytest.approx(expected["se"], rel=1e-6)
        assert test.pvalue == pytest.approx(expected["p_two_sided_geq"], abs=1e-12)
        assert test.pvalue_strict == pytest.approx(expected["p_two_sided_strict"], abs=1e-12)
        assert test.vectors == expected["n_draws"]


def null_study(rng, groups=9, size=12):
    """Nine unequal units, a regressor that varies between them only, and no effect."""
    sizes = rng.integers(size // 2, 2 * size, groups)
    group = np.repeat(np.arange(groups), sizes)
    x = rng.normal(size=groups)[group]
    y = rng.normal(size=groups)[group] + rng.normal(size=len(group))
    return y, np.column_stack([np.ones(len(y)), x]), group


def test_nine_clusters_reject_a_true_null_at_most_eight_times_in_a_hundred():
    rng = np.random.default_rng(20)
    rejected = np.zeros(3)
    for _ in range(500):
        y, X, group = null_study(rng)
        z = np.abs(cr2(y, X, group).coef[1] / sm.OLS(y, X).fit().bse[1])
        p = cr2(y, X, group).pvalue[1], wild_cluster(y, X, group, 1, interval=False).pvalue
        rejected += [p[0] < 0.05, p[1] < 0.05, z > 1.96]
    share = rejected / 500
    assert share[0] <= 0.08
    assert share[1] <= 0.08
    assert share[2] > 0.25  # what happens without regard to clusters: the test is one that can fail
