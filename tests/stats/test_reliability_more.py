"""Item statistics, intraclass correlations, successive intervals: psych, published tables, sums by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from walesi_research.stats.critical_correlation import critical_correlation
from walesi_research.stats.intraclass import intraclass
from walesi_research.stats.reliability import alpha, spearman_brown
from walesi_research.stats.successive_intervals import successive_intervals

SCALES = {"agree": "A", "consc": "C", "extra": "E", "neuro": "N", "open": "O"}
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
# Shrout and Fleiss (1979), Psychological Bulletin 86, table 2: six targets, four judges; and their table 4
JUDGED = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
PUBLISHED = {
    "one_way": 0.17,
    "agreement": 0.29,
    "consistency": 0.71,
    "one_way_mean": 0.44,
    "agreement_mean": 0.62,
    "consistency_mean": 0.91,
}
IN_PSYCH = {
    "ICC1": "one_way",
    "ICC2": "agreement",
    "ICC3": "consistency",
    "ICC1k": "one_way_mean",
    "ICC2k": "agreement_mean",
    "ICC3k": "consistency_mean",
}


def answers(seed=1, n=300, k=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) + rng.normal(size=(n, k))


# ── alpha's companions ───────────────────────────────────────────────────────────────────────────────────


def test_coefficients_of_equicorrelated_items_by_hand():
    """With correlations of a half, a squared multiple correlation on three others is 3 r² / (1 + 2 r)."""
    root = np.linalg.cholesky(np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    x = answers()
    x = (x - x.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False)).T) @ root.T
    result = alpha(x)
    assert result.mean_correlation == pytest.approx(0.5, abs=1e-12)
    assert result.standardised == pytest.approx(4 * 0.5 / 2.5, abs=1e-12)
    assert result.estimate == pytest.approx(result.standardised, abs=1e-12)
    assert result.lambda6 == pytest.approx(1 - 4 * (1 - 0.75 / 2) / 10, abs=1e-12)
    assert result.items.total_correlation == pytest.approx(np.full(4, 2.5 / np.sqrt(10)), abs=1e-12)


def test_the_standard_error_of_alpha_equals_the_spread_of_samples():
    """800 samples fix a standard deviation to 2.5 %, hence a tolerance of 8 %."""
    results = [alpha(answers(seed)) for seed in range(800)]
    spread = np.std([result.estimate for result in results])
    assert np.mean([result.se for result in results]) == pytest.approx(spread, rel=0.08)


def test_total_correlation_holds_the_item_itself():
    """Items with nothing in common correlate with their sum at 1/sqrt(k), with the others' at zero."""
    x = np.random.default_rng(2).normal(size=(5000, 4))
    items = alpha(x).items
    assert items.total_correlation == pytest.approx(np.corrcoef(x.T, x.sum(axis=1))[-1, :-1], abs=1e-12)
    assert items.total_correlation == pytest.approx(np.full(4, 0.5), abs=0.05)  # five standard errors
    assert items.rest_correlation == pytest.approx(np.zeros(4), abs=0.07)


def test_pairwise_covariances_use_the_rows_that_have_both():
    x = answers()
    x[np.random.default_rng(3).random(x.shape) < 0.15] = np.nan
    x[:2] = np.nan
    result = alpha(x, missing="pairwise")
    s = pd.DataFrame(x).cov().to_numpy()
    assert result.estimate == pytest.approx(4 / 3 * (1 - np.trace(s) / s.sum()), rel=1e-12)
    assert result.n == 298
    assert result.items.mean == pytest.approx(np.nanmean(x, axis=0))
    complete = answers()
    assert alpha(complete, missing="pairwise").low == pytest.approx(alpha(complete).low, rel=1e-12)


def test_pairwise_refusals():
    x = answers(n=6)
    x[:, 2] = np.nan
    with pytest.raises(ValueError, match="nobody answered item 3"):
        alpha(x, missing="pairwise")
    x[:3, 2], x[3:, 0] = 1.0, np.nan
    x[1:3, 0] = np.nan
    with pytest.raises(ValueError, match="fewer than 2 rows in common"):
        alpha(x, missing="pairwise")


def test_spearman_and_brown():
    """Alpha of parallel items is the formula of one item's reliability; halving undoes doubling."""
    assert spearman_brown(0.5) == pytest.approx(2 / 3)
    assert spearman_brown(0.3, 7) == pytest.approx(7 * 0.3 / (1 + 6 * 0.3))
    assert spearman_brown(spearman_brown([0.2, 0.6], 3), 1 / 3) == pytest.approx([0.2, 0.6])
    with pytest.raises(ValueError, match="times as long"):
        spearman_brown(0.5, 0)


@pytest.mark.parametrize("n, two_sided, printed", [(10, True, 0.632), (30, True, 0.361), (60, True, 0.254)])
def test_critical_correlations_equal_the_table(n, two_sided, printed):
    """Fisher and Yates, table VI: 5 %, printed to three decimals."""
    assert critical_correlation(n, two_sided=two_sided) == pytest.approx(printed, abs=5e-4)


def test_a_critical_correlation_is_just_significant():
    r = critical_correlation(20, alpha=0.01, two_sided=False)
    a = np.arange(20.0)
    e = np.random.default_rng(4).normal(size=20)
    e -= np.polyval(np.polyfit(a, e, 1), a)
    test = stats.pearsonr(a, r * a / a.std() + np.sqrt(1 - r**2) * e / e.std(), alternative="greater")
    assert test.pvalue == pytest.approx(0.01, rel=1e-9)
    with pytest.raises(ValueError, match="2 rows"):
        critical_correlation(2)


# ── successive intervals ─────────────────────────────────────────────────────────────────────────────────


def test_successive_intervals_by_hand():
    """Quarters: bounds at ±0.67449 and 0 with densities 0.31778 and 0.39894; halves: ±0.79788."""
    x = np.array([[1, 0], [2, 0], [3, 1], [4, 1]], float)
    result = successive_intervals(x)
    assert result.values[0] == pytest.approx([1, 1.94645, 2.59577, 3.54222], abs=1e-5)
    assert result.values[1] == pytest.approx([1, 1 + 2 * np.sqrt(2 / np.pi)], rel=1e-12)
    assert result.scores[:, 1] == pytest.approx([1, 1, 2.59577, 2.59577], abs=1e-5)
    assert result.correlations[1] == pytest.approx(1)


def test_successive_intervals_are_the_means_of_a_cut_normal_variable():
    """500,000 draws fix a category's mean to 0.003."""
    z = np.random.default_rng(5).normal(size=500_000)
    code = np.searchsorted([-1.2, -0.3, 0.9], z)
    value = successive_intervals(code[:, None]).values[0]
    means = np.array([z[code == c].mean() for c in range(4)])
    assert value == pytest.approx(means - means[0] + 1, abs=0.015)


def test_successive_intervals_keep_order_and_gaps():
    x = np.array([[5, 2], [np.nan, 3], [1, 2], [3, 9], [5, np.nan]])
    result = successive_intervals(x)
    assert np.isnan(result.scores).tolist() == np.isnan(x).tolist()
    assert result.categories[0].tolist() == [1, 3, 5]
    assert all((np.diff(value) > 0).all() for value in result.values)
    other = successive_intervals(x**3)
    np.testing.assert_array_equal(other.scores, result.scores)
    with pytest.raises(ValueError, match="item 2"):
        successive_intervals([[1, 2], [2, 2]])


# ── intraclass correlations ──────────────────────────────────────────────────────────────────────────────


def test_shrout_and_fleiss():
    result = intraclass(JUDGED)
    for name, printed in PUBLISHED.items():
        assert getattr(result, name).estimate == pytest.approx(printed, abs=0.005), name  # two decimals
    assert result.consistency_mean.estimate == pytest.approx(alpha(JUDGED).estimate, rel=1e-12)
    assert (result.n, result.k) == (6, 4)


def test_levels_of_raters_matter_to_agreement_only():
    x = np.array(JUDGED, float)
    levelled = x - x.mean(axis=0)
    before, after = intraclass(x), intraclass(levelled)
    assert after.consistency.estimate == pytest.approx(before.consistency.estimate, rel=1e-10)
    assert after.agreement.estimate > before.agreement.estimate + 0.3


@pytest.mark.parametrize("name", ["one_way", "agreement", "consistency"])
def test_intraclass_intervals_cover(name):
    """600 samples: coverage within three standard errors of 95 %."""
    rng = np.random.default_rng(6)
    truth = {"one_way": 2 / 3.5, "agreement": 2 / 3.5, "consistency": 2 / 3}[name]
    covered = 0
    for _ in range(600):
        levels = rng.normal(size=(25, 12) if name == "one_way" else 12) * np.sqrt(0.5)
        x = np.sqrt(2) * rng.normal(size=(25, 1)) + levels + rng.normal(size=(25, 12))
        result = getattr(intraclass(x), name)
        covered += result.low < truth < result.high
    assert covered / 600 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 600))


def test_intraclass_refusals():
    with pytest.raises(ValueError, match="two raters"):
        intraclass([[1.0], [2.0]])
    with pytest.raises(ValueError, match="1 targets"):
        intraclass([[1, 2], [np.nan, 3]])
    with pytest.raises(ValueError, match="do not differ"):
        intraclass([[1, 2], [2, 3], [5, 6]])


# ── psych ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def bfi(shared):
    items = pd.read_csv(shared / "reference/data/bfi.csv").iloc[:, :25]
    items[REVERSED] = 7 - items[REVERSED]
    return items


@pytest.mark.shared
@pytest.mark.parametrize("rows", ["complete_cases", "pairwise"])
@pytest.mark.parametrize("scale", SCALES)
def test_bfi_alpha_equals_psych_in_all(shared, bfi, scale, rows):
    values = json.loads((shared / "reference/values/alpha_bfi.json").read_text())["results"]
    expected = values[scale][rows]
    items = bfi if rows == "pairwise" else bfi.dropna()
    result = alpha(items.filter(regex=f"^{SCALES[scale]}"), missing="pairwise")
    assert result.n == expected["n"]
    for ours, theirs in {
        "estimate": "raw_alpha",
        "standardised": "std.alpha",
        "lambda6": "G6(smc)",
        "mean_correlation": "average_r",
        "se": "ase",
    }.items():
        assert getattr(result, ours) == pytest.approx(expected["total"][theirs], abs=1e-10), ours
    assert result.low == pytest.approx(expected["feldt"]["lower.ci"][0]["raw_alpha"], abs=1e-10)
    assert result.high == pytest.approx(expected["feldt"]["upper.ci"][0]["raw_alpha"], abs=1e-10)
    item = pd.DataFrame(expected["item_stats"])
    assert result.items.mean == pytest.approx(item["mean"].to_numpy(), abs=1e-10)
    assert result.items.sd == pytest.approx(item["sd"].to_numpy(), abs=1e-10)
    assert result.items.rest_correlation == pytest.approx(item["r.drop"].to_numpy(), abs=1e-10)
    dropped = pd.DataFrame(expected["alpha_drop"])["raw_alpha"].to_numpy()
    assert result.items.alpha_if_dropped == pytest.approx(dropped, abs=1e-10)
    if rows == "complete_cases":  # with holes psych correlates with means of what there is
        assert result.items.total_correlation == pytest.approx(item["raw.r"].to_numpy(), abs=1e-10)


@pytest.mark.shared
def test_intraclass_correlations_equal_psych(shared):
    values = json.loads((shared / "reference/values/icc_raters.json").read_text())["results"]
    wine = pd.read_csv(shared / "reference/data/wine_ratings.csv")
    judges = pd.read_csv(shared / "reference/data/usjudgeratings.csv").drop(columns=["judge", "CONT"])
    tables = {"wine": wine.pivot(index="bottle", columns="judge", values="response"), "judges": judges}
    for name, table in tables.items():
        result = intraclass(table)
        for row in values[name]:
            found = getattr(result, IN_PSYCH[row["type"]])
            assert found.estimate == pytest.approx(row["ICC"], abs=1e-10)
            assert found.low == pytest.approx(row["lower.bound"], abs=1e-10)
            assert found.high == pytest.approx(row["upper.bound"], abs=1e-10)
            assert found.f == pytest.approx(row["F"], rel=1e-10)
            assert (found.df1, found.df2) == (row["df1"], row["df2"])
            assert found.pvalue == pytest.approx(row["p"], rel=1e-8)
