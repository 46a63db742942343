"""Alpha and omega against psych, lavaan and semTools, exact cases, and what must not matter."""

import json

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats import alpha, bootstrap_counts, omega
from walesi_research.stats.one_factor import information_matrix, one_factor

SCALES = {"agree": "A", "consc": "C", "extra": "E", "neuro": "N", "open": "O"}
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


def answers(seed=1, n=400, loadings=(0.8, 0.7, 0.6, 0.5)):
    rng = np.random.default_rng(seed)
    loadings = np.array(loadings)
    return rng.normal(size=(n, 1)) * loadings + np.sqrt(1 - loadings**2) * rng.normal(size=(n, len(loadings)))


# ── alpha ────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_items_give_the_spearman_brown_formula():
    x = answers(loadings=(0.8, 0.6))
    x /= x.std(axis=0)
    r = np.corrcoef(x, rowvar=False)[0, 1]
    result = alpha(x)
    assert result.estimate == pytest.approx(2 * r / (1 + r), rel=1e-12)
    assert np.isnan(result.items.alpha_if_dropped).all()
    assert result.items.rest_correlation == pytest.approx([r, r], rel=1e-12)


def test_item_statistics_equal_their_definitions():
    x = answers()
    items = alpha(x).items
    for j in range(4):
        rest = np.delete(x, j, axis=1)
        assert items.rest_correlation[j] == pytest.approx(np.corrcoef(x[:, j], rest.sum(axis=1))[0, 1])
        assert items.alpha_if_dropped[j] == pytest.approx(alpha(rest).estimate)
    assert items.mean == pytest.approx(x.mean(axis=0))
    assert items.sd == pytest.approx(x.std(axis=0, ddof=1))


def test_rows_with_a_missing_item_are_left_out():
    x = answers(n=20_000)
    holes = np.where(np.random.default_rng(3).random(x.shape) < 0.1, np.nan, x)
    holes[:1500, 2] = np.nan
    complete = holes[~np.isnan(holes).any(axis=1)]
    with_holes, without = alpha(holes), alpha(complete)
    assert with_holes.n == len(complete)
    assert with_holes.estimate == pytest.approx(without.estimate, rel=1e-12)
    assert omega(holes).estimate == pytest.approx(omega(complete).estimate, rel=1e-9)


def test_integers_far_from_zero_lose_nothing():
    x = np.random.default_rng(4).integers(1, 6, (5000, 6))
    assert alpha(x + 1_000_000).estimate == pytest.approx(alpha(x).estimate, abs=1e-10)


def test_feldt_interval_covers():
    """800 samples of parallel items: coverage within three standard errors of 95 %."""
    rng = np.random.default_rng(5)
    k, truth = 5, 5 * 0.4 / (1 + 4 * 0.4)
    covered = 0
    for _ in range(800):
        x = np.sqrt(0.4) * rng.normal(size=(60, 1)) + np.sqrt(0.6) * rng.normal(size=(60, k))
        result = alpha(x)
        covered += result.low < truth < result.high
    assert covered / 800 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 800))


def test_alpha_refusals():
    with pytest.raises(ValueError, match="at least 2 items"):
        alpha(np.ones((10, 1)))
    with pytest.raises(ValueError, match="does not vary"):
        alpha(np.ones((10, 3)))
    with pytest.raises(ValueError, match="1 complete rows"):
        alpha([[1.0, 2], [np.nan, 1], [2, np.nan]])


# ── omega ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_exact_one_factor_covariance_is_recovered():
    loadings, unique = np.array([0.9, 1.4, 0.5, 2.0]), np.array([0.4, 1.0, 0.7, 0.2])
    fit = one_factor(np.outer(loadings, loadings) + np.diag(unique))
    assert fit.loadings == pytest.approx(loadings, rel=1e-5)
    assert fit.uniquenesses == pytest.approx(unique, rel=1e-4)
    assert fit.discrepancy == pytest.approx(0, abs=1e-9)
    assert fit.converged
    assert not fit.heywood.any()


def test_three_items_are_just_identified():
    s = np.array([[1, 0.42, 0.35], [0.42, 1, 0.3], [0.35, 0.3, 1]])
    expected = np.sqrt([0.42 * 0.35 / 0.3, 0.42 * 0.3 / 0.35, 0.35 * 0.3 / 0.42])
    assert one_factor(s).loadings == pytest.approx(expected, rel=1e-5)


def test_the_information_is_the_curvature_of_the_expected_likelihood():
    loadings, unique = np.array([0.9, 1.4, 0.5]), np.array([0.4, 1.0, 0.7])
    truth = np.outer(loadings, loadings) + np.diag(unique)

    def expected_loglik(theta):
        sigma = np.outer(theta[:3], theta[:3]) + np.diag(theta[3:])
        return -(np.linalg.slogdet(sigma)[1] + np.trace(np.linalg.solve(sigma, truth))) / 2

    at, h = np.concatenate([loadings, unique]), 1e-4 * np.eye(6)
    curvature = [
        [sum(a * b * expected_loglik(at + a * i + b * j) for a in (1, -1) for b in (1, -1)) / 4e-8 for i in h]
        for j in h
    ]
    assert information_matrix(np.linalg.inv(truth), loadings) == pytest.approx(-np.array(curvature), abs=1e-5)


def test_a_heywood_case_is_reported():
    rng = np.random.default_rng(6)
    s = np.array([[1, 0.8, 0.7], [0.8, 1, 0.5], [0.7, 0.5, 1]])  # 0.8 * 0.7 > 0.5: no proper solution
    x = rng.normal(size=(500, 3))
    x = (x - x.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False)).T)
    result = omega(x @ np.linalg.cholesky(s).T)
    assert result.heywood == (0,)
    assert 0 < result.low < result.estimate < result.high < 1


def test_a_batch_equals_its_members():
    batch = np.stack([np.cov(answers(seed), rowvar=False) for seed in range(6)])
    together = one_factor(batch.reshape(2, 3, 4, 4))
    for i, s in enumerate(batch):
        assert together.loadings.reshape(6, 4)[i] == pytest.approx(one_factor(s).loadings, rel=1e-7)


def test_small_samples_converge():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(400, 30, 1)) * 0.6 + rng.normal(size=(400, 30, 5))
    centred = x - x.mean(axis=1, keepdims=True)
    fit = one_factor(centred.swapaxes(1, 2) @ centred / 29)
    assert fit.converged.mean() > 0.99
    assert fit.discrepancy.min() > 0


def test_scale_of_an_item_and_sign_of_all_do_not_matter():
    x = answers()
    fit, other = omega(x), omega(-1000 * x - 5)
    assert other.estimate == pytest.approx(fit.estimate, rel=1e-7)
    assert (other.low, other.high) == pytest.approx((fit.low, fit.high), rel=1e-6)
    rescaled = omega(x * [1, 2, 3, 4])
    assert rescaled.loadings / [1, 2, 3, 4] == pytest.approx(fit.loadings, rel=1e-6)


@pytest.mark.parametrize("variance", ["model", "observed"])
def test_delta_method_and_bootstrap_agree_with_the_spread_of_samples(variance):
    """Uniform errors are far from normal; 400 samples fix the spread to 3.5 %, hence a tolerance of 15 %."""
    rng = np.random.default_rng(8)

    def sample(n=300):
        return rng.normal(size=(n, 1)) * [1.0, 0.8, 0.6, 0.7] + rng.uniform(-1.5, 1.5, (n, 4))

    spread = np.std([omega(sample(), variance=variance).estimate for _ in range(400)])
    x = [sample() for _ in range(20)]
    delta = np.mean([omega(each, variance=variance).se for each in x])
    boot = np.mean([omega(each, rng=rng, draws=300, variance=variance).se for each in x])
    assert delta == pytest.approx(spread, rel=0.15)
    assert boot == pytest.approx(spread, rel=0.15)


def test_draws_may_come_from_a_plan_made_elsewhere():
    x = answers()
    x[5, 1] = np.nan
    own = omega(x, rng=np.random.default_rng(9), draws=200)
    given = omega(x, counts=bootstrap_counts(np.random.default_rng(9), len(x), 200))
    assert (own.low, own.high, own.failed_draws) == (given.low, given.high, 0)


def test_omega_refusals():
    with pytest.raises(ValueError, match="at least 3 items"):
        omega(answers()[:, :2])
    with pytest.raises(ValueError, match="too few"):
        omega(answers(n=5))
    with pytest.raises(ValueError, match="does not vary"):
        omega(np.column_stack([answers(), np.ones(400)]))


# ── psych, lavaan, semTools ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def bfi(shared):
    items = pd.read_csv(shared / "reference/data/bfi.csv").iloc[:, :25]
    items[REVERSED] = 7 - items[REVERSED]
    return items.dropna()


@pytest.mark.shared
@pytest.mark.parametrize("scale", SCALES)
def test_bfi_alpha_equals_psych(shared, bfi, scale):
    values = json.loads((shared / "reference/values/alpha_bfi.json").read_text())["results"]
    expected = values[scale]["complete_cases"]
    result = alpha(bfi.filter(regex=f"^{SCALES[scale]}"))
    assert result.n == expected["n"]
    assert result.estimate == pytest.approx(expected["total"]["raw_alpha"], abs=1e-10)
    assert result.low == pytest.approx(expected["feldt"]["lower.ci"][0]["raw_alpha"], abs=1e-10)
    assert result.high == pytest.approx(expected["feldt"]["upper.ci"][0]["raw_alpha"], abs=1e-10)
    rest = [row["r.drop"] for row in expected["item_stats"]]
    dropped = [row["raw_alpha"] for row in expected["alpha_drop"]]
    assert result.items.rest_correlation == pytest.approx(rest, abs=1e-10)
    assert result.items.alpha_if_dropped == pytest.approx(dropped, abs=1e-10)


@pytest.mark.shared
@pytest.mark.parametrize("scale", SCALES)
def test_bfi_omega_equals_semtools(shared, bfi, scale):
    values = json.loads((shared / "reference/values/omega_bfi.json").read_text())["results"]
    expected = values[scale]
    x = bfi.filter(regex=f"^{SCALES[scale]}").to_numpy()
    model, observed = omega(x), omega(x, variance="observed")
    # lavaan stops at a gradient of about 1e-5: its values carry five digits
    assert model.estimate == pytest.approx(expected["reliability"]["omega"], rel=1e-4)
    assert observed.estimate == pytest.approx(expected["omega_compRelSEM"], rel=1e-4)
    standardised = model.loadings / x.std(axis=0, ddof=1)
    assert standardised == pytest.approx(list(expected["loadings_std"].values()), rel=1e-4)
    s = np.cov(x, rowvar=False)
    assert one_factor(s).discrepancy * len(x) == pytest.approx(expected["fit"]["chisq"], abs=1e-3)


@pytest.mark.shared
def test_alphas_of_the_federal_survey(fevs, fevs_scales):
    golden = {"training": 0.8610, "culture": 0.8665, "recognition": 0.9161, "fairness": 0.8432}
    for name, value in {**golden, "performance": 0.8098}.items():
        result = alpha(fevs[fevs_scales[name]])
        assert result.estimate == pytest.approx(value, abs=5e-5)  # published to four decimals
        assert result.n == 101_881
