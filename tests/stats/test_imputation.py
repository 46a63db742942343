"""Imputation: values that somebody gave, truth recovered from what is missing; pooling equal to R's mice."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from walesi_research.stats.imputation import impute
from walesi_research.stats.mcar import little
from walesi_research.stats.pooling import pool

TRUTH = np.array([0.5, 0.5, 0.4])


def world(rng, n=140):
    """Answers to x are rarer the higher y is; some of z and of the category are missing at random."""
    x = rng.normal(size=n)
    z = 0.5 * x + rng.normal(size=n)
    group = rng.choice(list("abc"), n)
    y = 1 + 0.5 * x + 0.5 * z + 0.4 * (group == "a") + rng.normal(size=n)
    d = pd.DataFrame({"y": y, "x": x, "z": z, "group": pd.Categorical(group)})
    d.loc[rng.random(n) < 1 / (1 + np.exp(1.6 - (y - 1))), "x"] = np.nan
    d.loc[rng.random(n) < 0.1, "group"] = None
    d.loc[rng.random(n) < 0.1, "z"] = np.nan
    return d


def regression(d):
    X = np.column_stack([np.ones(len(d)), d.x, d.z, d.group == "a"]).astype(float)
    return sm.OLS(d.y.to_numpy(), X).fit()


def pooled(tables, df):
    fits = [regression(d) for d in tables]
    return pool([f.params for f in fits], [f.cov_params() for f in fits], df)


def test_what_was_there_stays_and_what_was_missing_was_given_by_somebody():
    d = world(np.random.default_rng(1)).set_index(np.arange(1000, 1140))
    found = impute(d, np.random.default_rng(2), m=3)
    assert len(found) == 3
    for table in found:
        assert table.notna().all(axis=None)
        assert (table.dtypes == d.dtypes).all()
        assert table.index.equals(d.index)
        for name in d:
            there = d[name].notna()
            assert (table[name][there] == d[name][there]).all()
            assert set(table[name][~there]) <= set(d[name][there])
    assert found.missing.equals(d.isna().mean())
    assert not found.table(0).equals(found.table(1))


def test_the_same_seed_gives_the_same_tables_and_more_tables_the_same_first_ones():
    d = world(np.random.default_rng(1))
    first = impute(d, np.random.default_rng(2), m=2, cycles=3)
    again = impute(d, np.random.default_rng(2), m=5, cycles=3)
    assert (first.donors == again.donors[:2]).all()
    assert (first.donors != impute(d, np.random.default_rng(3), m=2, cycles=3).donors).any()


def test_units_and_names_of_columns_do_not_matter():
    """A power of two, as scaling by it is exact in floating point."""
    d = world(np.random.default_rng(1))
    other = d.assign(x=4 * d.x + 0, group=d.group.cat.rename_categories(list("xyz"))).add_prefix("q")
    found = [impute(each, np.random.default_rng(2), m=2, cycles=3).donors for each in (d, other)]
    assert (found[0] == found[1]).all()


def test_nothing_missing_is_left_alone():
    d = world(np.random.default_rng(1)).dropna()
    for table in impute(d, np.random.default_rng(2), m=2):
        pd.testing.assert_frame_equal(table, d)


def test_columns_that_tell_nothing_new_do_no_harm():
    d = world(np.random.default_rng(1))
    more = d.assign(same=0.1, copy=d.y, twice=2 * d.z, gone=np.where(d.y > 1, 0.1, np.nan))
    tables = list(impute(more, np.random.default_rng(2), m=10))
    assert all((table.gone == 0.1).all() for table in tables)
    found, plain = (pooled(each, 136).coef for each in (tables, impute(d, np.random.default_rng(2), m=10)))
    assert found == pytest.approx(plain, abs=0.1)  # a standard error


def test_a_value_that_others_give_exactly_is_found():
    rng = np.random.default_rng(3)
    x = np.repeat(np.arange(10.0), 20)
    d = pd.DataFrame({"x": x, "twice": 2 * x, "kind": np.where(x > 4, "high", "low")})
    holes = rng.random((200, 2)) < 0.2
    d.loc[holes[:, 0], "twice"] = np.nan
    d.loc[holes[:, 1], "kind"] = None
    table = impute(d, rng, m=1).table(0)
    assert (table.twice == 2 * x).all()
    assert (table.kind == np.where(x > 4, "high", "low")).mean() > 0.98  # near the border one may be wrong


@pytest.mark.parametrize("dtype", ["ordered", "string", "object", "bool", "Int64"])
def test_kinds_of_columns(dtype):
    rng = np.random.default_rng(4)
    x = rng.normal(size=120)
    level = np.digitize(x, [-0.5, 0.5])
    column = {
        "ordered": pd.Series(pd.Categorical.from_codes(level, ["low", "some", "high"], ordered=True)),
        "string": pd.Series(np.array(["l", "s", "h"])[level], dtype="string"),
        "object": pd.Series(np.array(["l", "s", "h"])[level], dtype=object),
        "bool": pd.Series(level > 0, dtype="boolean"),
        "Int64": pd.Series(level, dtype="Int64"),
    }[dtype]
    truth = column.copy()
    column[rng.random(120) < 0.25] = pd.NA
    table = impute(pd.DataFrame({"x": x, "c": column}), rng, m=1).table(0)
    gone = column.isna()
    assert table.c.dtype == column.dtype
    assert (table.c[gone] == truth[gone]).mean() > 0.6  # of three equally likely ones chance finds a third


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ([np.nan] * 6, "0 values"),
        ([1, 2, 3, np.nan, np.nan, np.nan], "3 values"),
        ([1, 2, 3, 4, np.inf, 6], "infinite"),
        (pd.to_datetime(["2024-01-01"] * 6), "neither numbers nor categories"),
    ],
)
def test_refusals(column, words):
    d = pd.DataFrame({"x": np.arange(6.0), "c": column})
    with pytest.raises(ValueError, match=f"'c'.*{words}"):
        impute(d, np.random.default_rng(1))


def test_intervals_cover_where_complete_cases_do_not():
    """100 worlds of 300: coverage within four binomial standard errors of 95 %."""
    rng = np.random.default_rng(5)
    hit, alone, coef = np.zeros(3), np.zeros(3), []
    for _ in range(100):
        d = world(rng, 300)
        found = pooled(impute(d, rng, m=8, cycles=5), 296)
        hit += (found.low[1:] < TRUTH) & (found.high[1:] > TRUTH)
        coef.append(found.coef[1:])
        low, high = regression(d.dropna()).conf_int()[1:].T
        alone += (low < TRUTH) & (high > TRUTH)
    assert hit / 100 == pytest.approx(np.full(3, 0.95), abs=4 * np.sqrt(0.95 * 0.05 / 100))
    # donors' values are never beyond what was seen, which costs at n = 300 about .015 of a slope of .5
    assert np.mean(coef, axis=0) == pytest.approx(TRUTH, abs=0.04)
    assert alone[1] / 100 < 0.9


def test_pooling_by_hand():
    """Means 2, within 1, between 4: T = 1 + 4/3 * 4 with three tables."""
    found = pool([[0.0], [2.0], [4.0]], [[1.0], [1.0], [1.0]])
    assert found.coef[0] == 2
    assert found.se[0] ** 2 == pytest.approx(1 + 16 / 3)
    assert found.missing_share[0] == pytest.approx(16 / 19)
    assert found.df[0] == pytest.approx(2 / (16 / 19) ** 2)
    low, high = pool([[0.0], [2.0], [4.0]], [[1.0], [1.0], [1.0]], level=0.5).low, found.high
    assert found.low[0] < low[0] < 2 < high[0]


def test_pooling_without_anything_missing_is_the_model_itself():
    fit = sm.OLS(np.arange(9.0) ** 2, sm.add_constant(np.arange(9.0))).fit()
    found = pool([fit.params] * 4, [fit.cov_params()] * 4, fit.df_resid)
    assert found.covariance == pytest.approx(fit.cov_params(), rel=1e-12)
    assert found.missing_share == pytest.approx([0, 0], abs=1e-12)
    # Barnard and Rubin's df of complete data are (7 + 1) / (7 + 3) * 7
    assert found.df == pytest.approx([5.6, 5.6])
    assert np.isinf(pool([[1.0], [1.0]], [[1.0], [1.0]]).df[0])


def test_a_covariance_is_pooled_as_its_variances_are():
    rng = np.random.default_rng(6)
    q, root = rng.normal(size=(5, 3)), rng.normal(size=(5, 3, 3))
    full = root @ root.swapaxes(1, 2)
    whole, variances = pool(q, full, 20), pool(q, np.einsum("mii->mi", full), 20)
    assert whole.se == pytest.approx(variances.se)
    assert np.diag(whole.covariance) == pytest.approx(whole.se**2)
    assert whole.covariance == pytest.approx(full.mean(axis=0) + 1.2 * np.cov(q, rowvar=False))


def test_each_coefficient_may_have_its_own_degrees_of_freedom():
    q, u = np.random.default_rng(6).normal(size=(5, 2)), np.ones((5, 2))
    both = pool(q, u, [7, np.inf])
    assert both.df.tolist() == [pool(q, u, 7).df[0], pool(q, u).df[1]]
    assert both.df[0] < 7


@pytest.mark.parametrize(
    ("estimates", "covariances", "words"),
    [
        ([[1.0, 2.0]], [[1.0, 1.0]], "at least two"),
        ([[1.0], [2.0]], [[1.0, 1.0], [1.0, 1.0]], "do not go with"),
        ([[1.0], [np.nan]], [[1.0], [1.0]], "not finite"),
    ],
)
def test_pooling_refusals(estimates, covariances, words):
    with pytest.raises(ValueError, match=words):
        pool(estimates, covariances)


def normal(rng, n=200):
    mix = np.array([[1, 0.5, 0.3, 0], [0, 1, 0.4, 0.2], [0, 0, 1, 0.5], [0, 0, 0, 1]])
    return pd.DataFrame(rng.normal(size=(n, 4)) @ mix, columns=list("abcd"))


def test_little_with_one_incomplete_variable_is_a_correlation_with_being_missing():
    d = normal(np.random.default_rng(7))[["a", "b"]]
    d.loc[d.a + np.random.default_rng(8).normal(size=200) > 1, "b"] = np.nan
    found = little(d)
    r = np.corrcoef(d.a, d.b.isna())[0, 1]
    assert found.chi2 == pytest.approx(200 * r**2, rel=1e-8)  # closed form
    assert (found.df, found.patterns, found.n) == (1, 2, 200)


def test_little_rejects_as_often_as_it_says_and_finds_what_is_not_at_random():
    """400 samples each: 5 % within four standard errors; with a clear dependence nearly always."""
    rng = np.random.default_rng(9)
    size, power = 0, 0
    for _ in range(400):
        d = normal(rng)
        holes = np.zeros(d.shape, bool)
        holes[:, 1:3] = rng.random((200, 2)) < 0.2
        size += little(d.mask(holes)).pvalue < 0.05
        holes[:, 1] = rng.random(200) < 1 / (1 + np.exp(1.4 - d.a))
        power += little(d.mask(holes)).pvalue < 0.05
    assert size / 400 == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 400))
    assert power / 400 > 0.9


def test_little_does_not_depend_on_units_and_leaves_empty_rows_out():
    d = normal(np.random.default_rng(7))
    d = d.mask(np.random.default_rng(8).random(d.shape) < 0.1)
    found = little(d)
    empty = pd.DataFrame(np.nan, index=range(3), columns=d.columns)
    other = little(pd.concat([d * [10, 1, 3, 0.1] + [5, 0, 1, 9], empty], ignore_index=True))
    assert other.chi2 == pytest.approx(found.chi2, rel=1e-6)  # as far as the moments converge
    assert other.n == found.n
    with pytest.raises(ValueError, match="nothing to compare"):
        little(d.dropna())


@pytest.fixture(scope="module")
def values(shared):
    return json.loads((shared / "reference/values/missing.json").read_text())["results"]


def least_squares(d, response, terms):
    X = sm.add_constant(pd.get_dummies(d[terms], drop_first=True).astype(float))
    return sm.OLS(d[response].to_numpy(float), X).fit()


NAMES = {
    "estimate": "coef",
    "ubar": "within",
    "b": "between",
    "df": "df",
    "riv": "increase",
    "lambda": "missing_share",
    "fmi": "missing_information",
}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "response", "terms", "name"),
    [
        ("nhanes2_mi20_long.csv", "chl", ["age", "bmi"], "pool_nhanes2"),
        ("brandsma_mi10_long.csv.gz", "lpo", ["lpr", "iqv", "ses"], "pool_brandsma"),
    ],
)
def test_pooling_equals_mice(shared, values, file, response, terms, name):
    tables = pd.read_csv(shared / "reference/data" / file).groupby(".imp")
    fits = [least_squares(d, response, terms) for _, d in tables]
    found = pool([f.params for f in fits], [f.cov_params() for f in fits], fits[0].df_resid)
    position = {
        term.replace("const", "(Intercept)").replace("_", ""): k
        for k, term in enumerate(fits[0].params.index)
    }
    for row in values[f"{name}_full"]:
        k = position[row["term"]]
        for theirs, ours in NAMES.items():
            assert getattr(found, ours)[k] == pytest.approx(row[theirs], rel=1e-8), (row["term"], theirs)
        assert found.se[k] ** 2 == pytest.approx(row["t"], rel=1e-8)
        assert (found.m, fits[0].df_resid) == (row["m"], row["dfcom"])
    for row in values[name]:
        k = position[row["term"]]
        ours = (found.se[k], found.low[k], found.high[k])
        assert ours == pytest.approx((row["std.error"], row["2.5 %"], row["97.5 %"]), rel=1e-8)
        assert found.pvalue[k] == pytest.approx(row["p.value"], rel=1e-6)  # tails of 1e-182


@pytest.mark.shared
def test_our_imputations_agree_with_maximum_likelihood(shared, values):
    """Pupils' scores, 5 % to 8 % missing: within a fifth of a standard error of the estimates of lavaan.

    Twenty tables leave a Monte Carlo error of about a twentieth of a standard error.
    """
    d = pd.read_csv(shared / "reference/data/brandsma.csv")[["lpo", "lpr", "iqv", "ses", "apo"]]
    assert d[["iqv", "ses", "lpr", "lpo", "apo"]].isna().mean().to_dict() == pytest.approx(
        {k: values["missing_frac"][k] for k in ("iqv", "ses", "lpr", "lpo", "apo")}, rel=1e-10
    )
    complete = least_squares(d.dropna(subset=["lpo", "lpr", "iqv", "ses"]), "lpo", ["lpr", "iqv", "ses"])
    for k, row in enumerate(values["cca_brandsma"]):
        assert complete.params.iloc[k] == pytest.approx(row["Estimate"], rel=1e-10)
        assert complete.bse.iloc[k] == pytest.approx(row["Std. Error"], rel=1e-10)
    fits = [
        least_squares(table, "lpo", ["lpr", "iqv", "ses"])
        for table in impute(d, np.random.default_rng(1), m=20)
    ]
    found = pool([f.params for f in fits], [f.cov_params() for f in fits], 4102)
    for k, row in enumerate(values["brandsma_fiml"][:3], start=1):
        assert found.coef[k] == pytest.approx(row["est"], abs=0.2 * row["se"])
        assert found.se[k] == pytest.approx(row["se"], rel=0.06)
