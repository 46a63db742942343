"""Polychoric correlations against psych and lavaan, their definition, and samples from known truths."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from walesi_research.stats.bivariate_normal import bivariate_cdf, bivariate_density
from walesi_research.stats.polychoric import polychoric

TABLE = np.array([[12, 5, 1], [10, 20, 8], [4, 15, 25], [3, 9, 18]])
# lavaan 0.6.14 on the rows of TABLE: sample statistics and the last row of its NACOV
LAVAAN_RHO = 0.5519051209
LAVAAN_THRESHOLDS = [-1.0872573835, -0.1744161009, 0.7363159174, -0.7618427769, 0.2533471031]
LAVAAN_NACOV = [
    [2.44441887, 0.90802789, 0.47545748, 0.93157903, 0.558806843, 0.272728326],
    [0.90802789, 1.58827088, 0.83164326, 0.62366401, 0.679023317, 0.053333260],
    [0.47545748, 0.83164326, 1.91810336, 0.31282137, 0.392693852, -0.199669596],
    [0.93157903, 0.62366401, 0.31282137, 1.94571385, 0.773865108, 0.228476460],
    [0.55880684, 0.67902332, 0.39269385, 0.77386511, 1.607926508, -0.030733196],
    [0.27272833, 0.05333326, -0.19966960, 0.22847646, -0.030733196, 0.654146442],
]


def rows_of(table):
    """The answers of the people that a table counts."""
    return np.repeat(np.argwhere(np.ones_like(table)), table.ravel(), axis=0).astype(float)


def cut(rng, correlation, n, thresholds):
    z = rng.multivariate_normal(np.zeros(len(correlation)), correlation, n)
    return np.column_stack([np.searchsorted(t, column) for t, column in zip(thresholds, z.T, strict=True)])


# ── the bivariate normal ─────────────────────────────────────────────────────────────────────────────────


def test_the_distribution_function_equals_that_of_scipy():
    """Scipy integrates to an absolute error of 1e-8."""
    rng = np.random.default_rng(1)
    h, k, rho = rng.normal(size=40), rng.normal(size=40), rng.uniform(-0.99, 0.99, 40)
    expected = [
        stats.multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([a, b])
        for a, b, r in zip(h, k, rho, strict=True)
    ]
    assert bivariate_cdf(h, k, rho) == pytest.approx(expected, abs=1e-7)


def test_the_distribution_function_has_its_closed_forms():
    rho = np.linspace(-0.98, 0.98, 9)
    assert bivariate_cdf(0, 0, rho) == pytest.approx(0.25 + np.arcsin(rho) / (2 * np.pi), abs=1e-15)
    for h in (-1.3, 0, 0.4):
        assert bivariate_cdf(h, 40, rho) == pytest.approx(np.full(9, stats.norm.cdf(h)), abs=1e-15)
        assert bivariate_cdf(h, -40, rho) == pytest.approx(np.zeros(9), abs=1e-15)
        near_zero = bivariate_cdf(h, 1e-9, rho)  # either side of the formula's case at zero
        assert bivariate_cdf(h, 0, rho) == pytest.approx(near_zero, abs=1e-8)


def test_the_density_is_the_slope_in_the_correlation():
    h, k, rho = np.array([0.3, -1.2, 0]), np.array([0.8, 0.1, -0.5]), np.array([0.6, -0.4, 0.9])
    slope = (bivariate_cdf(h, k, rho + 1e-5) - bivariate_cdf(h, k, rho - 1e-5)) / 2e-5
    assert bivariate_density(h, k, rho) == pytest.approx(slope, abs=1e-8)


# ── correlations ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_small_table_equals_lavaan():
    """The correlation as far as lavaan's optimiser goes, 1e-8; thresholds as printed."""
    result = polychoric(rows_of(TABLE))
    assert result.correlations[0, 1] == pytest.approx(LAVAAN_RHO, abs=1e-7)
    assert np.concatenate(result.thresholds) == pytest.approx(LAVAAN_THRESHOLDS, abs=1e-9)
    assert result.asymptotic_covariance == pytest.approx(np.array(LAVAAN_NACOV), abs=1e-6)
    assert (result.n, result.pairs[0, 1], result.empty_cells[0, 1]) == (TABLE.sum(), TABLE.sum(), 0)


def most_likely(table, thresholds):
    """The correlation under which the cells of a table are most likely, by a search of its own."""
    h, k = (np.concatenate([[-40], t, [40]]) for t in thresholds)

    def loss(rho):
        return -(table * np.log(np.diff(np.diff(bivariate_cdf(h[:, None], k, rho), axis=0), axis=1))).sum()

    return optimize.minimize_scalar(loss, bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-10}).x


def test_a_correlation_maximises_the_likelihood_of_its_table():
    table = TABLE.copy()
    table[3, 0] = 0  # an empty cell, which stays empty
    result = polychoric(rows_of(table))
    best = most_likely(table, result.thresholds)
    assert result.correlations[0, 1] == pytest.approx(best, abs=1e-6)  # the top of a parabola is flat
    assert result.empty_cells[0, 1] == 1


def test_an_empty_cell_of_two_by_two_gets_a_half():
    """0.8396426 is lavaan's correlation of this table."""
    table = np.array([[20, 10], [0, 10]])
    result = polychoric(rows_of(table))
    assert result.correlations[0, 1] == pytest.approx(0.8396426, abs=1e-7)
    filled = polychoric(np.tile(rows_of(np.array([[39, 21], [1, 19]])), (3, 1)))
    assert result.correlations[0, 1] == pytest.approx(filled.correlations[0, 1], abs=1e-10)
    turned = polychoric(rows_of(table[:, ::-1].copy()))
    assert turned.correlations[0, 1] == pytest.approx(-result.correlations[0, 1], abs=1e-10)


def test_a_likelihood_that_rises_to_one_is_reported():
    result = polychoric(rows_of(np.diag([10, 20, 15])))
    assert result.at_bound[0, 1]
    assert result.correlations[0, 1] == pytest.approx(0.999, abs=1e-6)
    assert not polychoric(rows_of(TABLE)).at_bound.any()


def test_items_of_different_lengths_do_not_touch_each_other():
    rng = np.random.default_rng(2)
    r = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    x = cut(rng, r, 300, [[0.2], [-1, 0, 1.1], [-0.5, 0.4]])
    together = polychoric(x)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        alone = polychoric(x[:, [i, j]])
        assert together.correlations[i, j] == pytest.approx(alone.correlations[0, 1], abs=1e-10)
    se = np.sqrt(np.diag(together.asymptotic_covariance)[-3:])
    alone = [np.sqrt(polychoric(x[:, p]).asymptotic_covariance[-1, -1]) for p in ([0, 1], [0, 2], [1, 2])]
    assert se == pytest.approx(alone, rel=1e-8)


def test_only_the_order_of_answers_matters():
    x = rows_of(TABLE)
    result, recoded = polychoric(x), polychoric(np.column_stack([np.exp(x[:, 0]), 5 - x[:, 1]]))
    assert recoded.correlations[0, 1] == pytest.approx(-result.correlations[0, 1], abs=1e-9)
    assert recoded.thresholds[1] == pytest.approx(-result.thresholds[1][::-1], abs=1e-12)


def test_missing_answers_leave_each_pair_and_each_margin_what_it_has():
    rng = np.random.default_rng(3)
    x = cut(rng, np.full((3, 3), 0.4) + 0.6 * np.eye(3), 500, [[-0.5, 0.5]] * 3).astype(float)
    x[rng.random(x.shape) < 0.2] = np.nan
    result = polychoric(x)
    given = ~np.isnan(x)
    assert result.pairs.tolist() == (given.T.astype(int) @ given).tolist()
    assert result.n == given.any(axis=1).sum()
    share = np.mean(x[given[:, 1], 1] == 0)
    assert result.thresholds[1][0] == pytest.approx(stats.norm.ppf(share), abs=1e-12)
    both = x[given[:, :2].all(axis=1), :2]
    table = np.histogram2d(*both.T, bins=3)[0]
    best = most_likely(table, result.thresholds[:2])
    assert result.correlations[0, 1] == pytest.approx(best, abs=1e-6)


def test_standard_errors_equal_the_spread_of_samples():
    """600 samples fix a standard deviation to 2.9 %, hence a tolerance of 9 % for the worst of nine."""
    rng = np.random.default_rng(4)
    r = np.array([[1, 0.6, 0.3], [0.6, 1, -0.2], [0.3, -0.2, 1]])
    cuts = [[-0.8, 0.3], [0.5], [-1, 0, 1]]
    estimates, variances = [], []
    for _ in range(600):
        result = polychoric(cut(rng, r, 400, cuts))
        estimates.append(np.concatenate([*result.thresholds, result.correlations[np.triu_indices(3, 1)]]))
        variances.append(np.diag(result.asymptotic_covariance) / result.n)
    spread = np.std(estimates, axis=0)
    assert np.sqrt(np.mean(variances, axis=0)) == pytest.approx(spread, rel=0.09)
    truth = [*np.concatenate(cuts), 0.6, 0.3, -0.2]
    assert np.mean(estimates, axis=0) == pytest.approx(truth, abs=0.02)  # four standard errors of the mean


def test_refusals():
    x = rows_of(TABLE)
    with pytest.raises(ValueError, match="at least 2 items"):
        polychoric(x[:, :1])
    with pytest.raises(ValueError, match="item 2 has 1 different answers"):
        polychoric(np.column_stack([x[:, 0], np.ones(len(x))]))
    with pytest.raises(ValueError, match=r"item 1 has \d+ different answers"):
        polychoric(np.column_stack([np.arange(len(x)), x]))
    with pytest.raises(ValueError, match="nobody answered both item 1 and item 2"):
        polychoric([[1, np.nan], [2, np.nan], [np.nan, 1], [np.nan, 2]])


# ── psych ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.shared
def test_bfi_equals_psych(shared):
    """Correlations to 5e-4, where psych's optimiser stops; thresholds as printed."""
    items = pd.read_csv(shared / "reference/data/bfi.csv").iloc[:, :25].dropna().iloc[:, :10]
    items[["A1", "C4", "C5"]] = 7 - items[["A1", "C4", "C5"]]
    values = json.loads((shared / "reference/values/polychoric_bfi.json").read_text())["results"]
    result = polychoric(items)
    assert result.correlations == pytest.approx(np.array(values["rho"]["values"]), abs=5e-4)
    assert np.array(result.thresholds) == pytest.approx(np.array(values["tau"]["values"]), abs=1e-10)
    r = result.correlations[:5, :5]
    ordinal_alpha = 5 / 4 * (1 - 5 / r.sum())
    assert ordinal_alpha == pytest.approx(values["ordinal_alpha_agree"], abs=5e-4)


@pytest.mark.shared
def test_missing_answers_and_items_of_different_lengths_equal_lavaan(shared):
    """Values of lavaan 0.6.14, ``missing = "pairwise"``, as far as its optimiser goes."""
    x = pd.read_csv(shared / "reference/data/bfi.csv").iloc[:400, [0, 5, 10, 15]]
    x["A1"] = 7 - x["A1"]
    x["C1"] = x["C1"].clip(upper=3)
    x["E1"] = np.where(x["E1"].isna(), np.nan, 7 - x["E1"] > 3)
    x["N1"] = x["N1"].clip(upper=5)
    result = polychoric(x)
    rho = [-0.0475263, -0.0118464, -0.1454909, 0.0209745, 0.0942864, 0.0380236]
    nacov = [2.121739, 3.319266, 1.886885, 1.080333, 5.270503, 3.736334, 1.838122]
    assert result.correlations[np.triu_indices(4, 1)] == pytest.approx(rho, abs=1e-6)
    assert np.diag(result.asymptotic_covariance)[5:8] == pytest.approx(
        [7.692509, 3.272729, 1.664678], rel=1e-5
    )
    assert np.diag(result.asymptotic_covariance)[-7:] == pytest.approx(nacov, rel=1e-5)
