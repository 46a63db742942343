"""Convergent and discriminant validity and omega hierarchical: R's packages, exact structures, samples."""

import json

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats.factor import extract
from walesi_research.stats.moment_bootstrap import bootstrap_covariances
from walesi_research.stats.reliability import alpha, omega
from walesi_research.stats.resampling import bootstrap_counts
from walesi_research.stats.schmid_leiman import omega_hierarchical, schmid_leiman
from walesi_research.stats.validity import (
    average_variance_extracted,
    composite_reliability,
    fornell_larcker,
    htmt,
    rho_a,
    rho_c,
)

SCALES = {"agree": "A", "consc": "C", "extra": "E", "neuro": "N", "open": "O"}
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


def having(covariance, n=200, seed=1):
    """Rows whose covariance is exactly the one given."""
    x = np.random.default_rng(seed).normal(size=(n, len(covariance)))
    x = (x - x.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False)).T)
    return x @ np.linalg.cholesky(covariance).T


def structure(pattern, phi):
    """Correlations of standardised items."""
    r = np.asarray(pattern) @ phi @ np.transpose(pattern)
    np.fill_diagonal(r, 1)
    return r


LOADINGS = np.array([0.9, 0.7, 0.5, 0.6])
BLOCKS = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
PATTERN = np.zeros((9, 3))
PATTERN[:3, 0], PATTERN[3:6, 1], PATTERN[6:, 2] = [0.8, 0.7, 0.6], [0.9, 0.8, 0.7], [0.6, 0.6, 0.6]
SECOND = np.array([0.8, 0.7, 0.5])
PHI = structure(SECOND[:, None], np.eye(1))


# ── one construct ────────────────────────────────────────────────────────────────────────────────────────


def test_coefficients_of_an_exact_factor():
    x = having(structure(LOADINGS[:, None], np.eye(1)))
    average, composite = average_variance_extracted(x), composite_reliability(x)
    assert average.estimate == pytest.approx((LOADINGS**2).mean(), rel=1e-5)
    assert composite.estimate == pytest.approx(rho_c(LOADINGS), rel=1e-5)
    assert average.loadings == pytest.approx(LOADINGS, rel=1e-5)
    assert (average.converged, average.heywood, average.n) == (True, (), 200)


def test_conventions_differ_by_the_scale_of_items():
    """Standardised coefficients do not know it; the others weigh items by their variance."""
    x, scale = having(structure(LOADINGS[:, None], np.eye(1))), np.array([1, 2, 3, 4])
    for coefficient in (average_variance_extracted, composite_reliability):
        assert coefficient(x * scale).estimate == pytest.approx(coefficient(x).estimate, rel=1e-6)
    raw = average_variance_extracted(x * scale, standardised=False)
    expected = ((scale * LOADINGS) ** 2).sum() / (scale**2).sum()
    assert raw.estimate == pytest.approx(expected, rel=1e-5)
    assert raw.loadings == pytest.approx(LOADINGS, rel=1e-5)
    composite = composite_reliability(x * scale, standardised=False)
    assert composite.estimate == pytest.approx(omega(x * scale).estimate, rel=1e-9)


def test_without_draws_there_is_no_interval():
    x = having(PATTERN @ PHI @ PATTERN.T + np.eye(9))
    for result in (
        average_variance_extracted(x),
        composite_reliability(x),
        htmt(x, BLOCKS),
        fornell_larcker(x, BLOCKS),
        omega_hierarchical(x, 3),
    ):
        assert np.isnan([result.se, result.low, result.high]).all()
        assert result.failed_draws == 0


@pytest.mark.parametrize("coefficient", [average_variance_extracted, composite_reliability])
def test_bootstrap_errors_equal_the_spread_of_samples(coefficient):
    """400 samples fix a standard deviation to 3.5 %, 20 mean errors to about as much: hence 15 %."""
    rng = np.random.default_rng(2)

    def sample():
        return rng.normal(size=(250, 1)) * LOADINGS + rng.uniform(-1.5, 1.5, (250, 4))

    spread = np.std([coefficient(sample()).estimate for _ in range(400)])
    results = [coefficient(sample(), rng=rng, draws=300) for _ in range(20)]
    assert np.mean([result.se for result in results]) == pytest.approx(spread, rel=0.15)
    assert all(result.low < result.estimate < result.high for result in results)


def test_reliability_of_a_composite_of_parallel_items():
    """With equal weights and equal correlations rho_a is the formula of Spearman and Brown."""
    r = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    assert rho_a(np.ones(4), r) == pytest.approx(4 * 0.3 / 1.9, rel=1e-12)
    assert rho_a(5 * np.ones(4), r) == pytest.approx(rho_a(np.ones(4), r), rel=1e-12)
    assert rho_a([1.0], [[1.0]]) == 1


# ── pairs of constructs ──────────────────────────────────────────────────────────────────────────────────

FOUR = np.array([[1, 0.6, 0.3, 0.2], [0.6, 1, 0.4, 0.1], [0.3, 0.4, 1, 0.5], [0.2, 0.1, 0.5, 1]])


def test_ratios_by_hand():
    """Between: 0.3, 0.2, 0.4, 0.1; within: 0.6 and 0.5."""
    x = having(FOUR)
    result = htmt(x, [[0, 1], [2, 3]])
    assert result.estimate[0, 1] == pytest.approx(0.25 / np.sqrt(0.3), rel=1e-10)
    assert (np.diag(result.estimate) == 1).all()
    geometric = htmt(x, [[0, 1], [2, 3]], mean="geometric")
    assert geometric.estimate[1, 0] == pytest.approx(0.0024**0.25 / np.sqrt(0.3), rel=1e-10)
    single = htmt(x, [[0, 1], [3]])
    assert single.estimate[0, 1] == pytest.approx(0.15 / np.sqrt(0.6), rel=1e-10)


def test_signs_count_unless_absolute():
    x = having(FOUR) * [1, 1, -1, -1]
    blocks = [[0, 1], [2, 3]]
    assert htmt(x, blocks).estimate[0, 1] == pytest.approx(0.25 / np.sqrt(0.3), rel=1e-10)
    assert htmt(x, blocks, absolute=False).estimate[0, 1] == pytest.approx(-0.25 / np.sqrt(0.3), rel=1e-10)
    opposed = htmt(x, blocks, absolute=False, mean="geometric", rng=np.random.default_rng(3), draws=20)
    assert np.isnan(opposed.estimate[0, 1])
    assert opposed.failed_draws == 20


def test_the_geometric_ratio_is_the_correlation_of_congeneric_constructs():
    """The other one is not, where loadings differ (Roemer, Schuberth and Henseler 2021)."""
    x = having(structure(PATTERN, PHI))
    assert htmt(x, BLOCKS, mean="geometric").estimate == pytest.approx(PHI, rel=1e-10)
    assert htmt(x, BLOCKS).estimate[0, 1] != pytest.approx(PHI[0, 1], rel=1e-3)


def test_fornell_and_larcker_of_an_exact_structure():
    result = fornell_larcker(having(structure(PATTERN, PHI)), BLOCKS)
    average = (PATTERN**2).sum(axis=0) / 3
    assert result.average_variance == pytest.approx(average, rel=1e-5)
    assert result.correlations == pytest.approx(PHI, rel=1e-5)
    off = ~np.eye(3, dtype=bool)
    expected = np.sqrt(average)[:, None] - PHI
    assert result.estimate[off] == pytest.approx(expected[off], abs=1e-5)
    assert np.isnan(np.diag(result.estimate)).all()
    assert (result.estimate[off] > 0).all()
    single = fornell_larcker(having(structure(PATTERN, np.full((3, 3), 0.75) + 0.25 * np.eye(3))), BLOCKS)
    assert (single.estimate[0, 1] < 0, single.estimate[1, 0] > 0) == (True, True)  # 0.70 and 0.80 beside 0.75


def test_intervals_of_pairs_equal_the_spread_of_samples():
    """300 samples fix a standard deviation to 4 %: a tolerance of 15 % for the worst of three pairs."""
    rng = np.random.default_rng(4)
    root = np.linalg.cholesky(structure(PATTERN, PHI))
    pair = np.triu_indices(3, 1)
    for function in (htmt, fornell_larcker):
        estimates = [function(rng.normal(size=(300, 9)) @ root.T, BLOCKS).estimate[pair] for _ in range(300)]
        results = [
            function(rng.normal(size=(300, 9)) @ root.T, BLOCKS, rng=rng, draws=200) for _ in range(12)
        ]
        errors = np.mean([result.se[pair] for result in results], axis=0)
        assert errors == pytest.approx(np.std(estimates, axis=0), rel=0.15)
        assert (results[0].low[pair] < results[0].high[pair]).all()


def test_refusals():
    x = having(structure(PATTERN, PHI))
    with pytest.raises(ValueError, match="two constructs or more are needed, each of 1 items"):
        htmt(x, [[0, 1]])
    with pytest.raises(ValueError, match="each of 3 items"):
        fornell_larcker(x, [[0, 1], [2, 3, 4]])
    with pytest.raises(ValueError, match="at least 3 items"):
        average_variance_extracted(x[:, :2])
    with pytest.raises(ValueError, match="8 complete rows are too few"):
        composite_reliability(x[:8])
    with pytest.raises(ValueError, match="does not vary"):
        htmt(np.column_stack([x, np.ones(200)]), BLOCKS)
    with pytest.raises(ValueError, match="a sum of others"):
        composite_reliability(np.column_stack([x, x.sum(axis=1)]))


def test_few_people_and_many_items_still_have_ratios():
    """More items than rows: their covariance is singular, that of each construct is not."""
    x = having(structure(PATTERN, PHI))[:8]
    rng = np.random.default_rng(10)
    result = htmt(x, BLOCKS, rng=rng, draws=100)
    assert np.isfinite(result.high).all()
    assert np.isfinite(fornell_larcker(x, BLOCKS).estimate[0, 1])
    with pytest.raises(ValueError, match="4 complete rows are too few for 3 items"):
        fornell_larcker(x[:4], BLOCKS)


# ── a general factor ─────────────────────────────────────────────────────────────────────────────────────


def test_an_exact_second_order_structure_is_taken_apart():
    r = structure(PATTERN, PHI)
    solution = schmid_leiman(r, 3)
    assert solution.general == pytest.approx(PATTERN @ SECOND, abs=1e-4)
    specific = PATTERN * np.sqrt(1 - SECOND**2)
    order = [int(np.argmax(np.abs(solution.group[block[0]]))) for block in BLOCKS]
    assert solution.group[:, order] == pytest.approx(specific, abs=1e-4)
    result = omega_hierarchical(having(r), 3)
    assert result.estimate == pytest.approx((PATTERN @ SECOND).sum() ** 2 / r.sum(), abs=1e-4)
    assert result.total == pytest.approx(1 - (1 - (PATTERN**2).sum(axis=1)).sum() / r.sum(), abs=1e-4)
    assert result.turned == ()


def test_items_of_the_other_direction_are_turned_and_named():
    x = having(structure(PATTERN, PHI))
    turned = x * np.array([1, 1, -1, 1, 1, 1, -1, 1, 1])
    result = omega_hierarchical(turned, 3)
    assert result.estimate == pytest.approx(omega_hierarchical(x, 3).estimate, abs=1e-6)
    assert result.turned == (2, 6)
    assert (result.solution.general[[2, 6]] < 0).all()


def test_two_group_factors_share_their_correlation():
    phi = np.array([[1, 0.49], [0.49, 1]])
    result = omega_hierarchical(having(structure(PATTERN[:6, :2], phi)), 2)
    assert result.solution.general == pytest.approx(PATTERN[:6, :2].sum(axis=1) * 0.7, abs=1e-4)


def test_bootstrap_error_of_omega_hierarchical():
    """300 samples fix a standard deviation to 4 %, ten times 100 draws a mean error to 3 %: hence 15 %."""
    rng = np.random.default_rng(5)
    root = np.linalg.cholesky(structure(PATTERN, PHI))

    def sample():
        return rng.normal(size=(1500, 9)) @ root.T

    spread = np.std([omega_hierarchical(sample(), 3).estimate for _ in range(300)])
    results = [omega_hierarchical(sample(), 3, rng=rng, draws=100) for _ in range(10)]
    assert np.mean([result.se for result in results]) == pytest.approx(spread, rel=0.15)
    assert all(result.low < result.estimate < result.high for result in results)


def test_omega_hierarchical_refusals():
    with pytest.raises(ValueError, match="two group factors"):
        omega_hierarchical(having(structure(PATTERN, PHI)), 1)


# ── draws ────────────────────────────────────────────────────────────────────────────────────────────────


def test_draws_may_come_from_a_plan_made_elsewhere():
    x = having(structure(LOADINGS[:, None], np.eye(1)))
    x[5, 1] = np.nan
    given = average_variance_extracted(x, counts=bootstrap_counts(np.random.default_rng(6), len(x), 100))
    again = average_variance_extracted(x, counts=bootstrap_counts(np.random.default_rng(6), len(x), 100))
    assert (given.low, given.high) == (again.low, again.high)
    drawn = bootstrap_covariances(x, counts=[np.ones((1, len(x)))])
    assert drawn[0] == pytest.approx(np.cov(x[~np.isnan(x).any(axis=1)], rowvar=False), rel=1e-10)


def test_draws_in_which_an_item_does_not_vary_are_counted():
    """One of ten answers differs: a draw misses it with probability 0.9^10 = 0.35; 400 draws, four errors."""
    x = np.random.default_rng(11).normal(size=(10, 4))
    x[:, 3] = np.arange(10) == 4
    result = htmt(x, [[0, 1], [2, 3]], rng=np.random.default_rng(12), draws=400)
    assert result.failed_draws / 400 == pytest.approx(0.9**10, abs=4 * np.sqrt(0.35 * 0.65 / 400))
    assert np.isnan(result.low).all()
    assert np.isfinite(result.estimate).all()


def test_bundles_of_rows_vary_as_rows_do():
    """Rows in the order of a unit, whose means differ: 2,000 bundles fix a standard error to 1.6 %."""
    rng = np.random.default_rng(7)
    n = 24_007  # not a multiple of the number of bundles
    x = np.repeat(rng.normal(size=(101, 3)), 238, axis=0)[:n] + rng.exponential(size=(n, 3))
    bundled = bootstrap_covariances(x, np.random.default_rng(8), 2000)
    counted = bootstrap_covariances(x, counts=bootstrap_counts(np.random.default_rng(9), n, 2000))
    assert bundled.std(axis=0) == pytest.approx(counted.std(axis=0), rel=0.09)  # both to 1.6 %, nine of them
    assert bundled.mean(axis=0) == pytest.approx(np.cov(x, rowvar=False), rel=0.01)


# ── semTools, seminr, psych ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def bfi(shared):
    items = pd.read_csv(shared / "reference/data/bfi.csv").iloc[:, :25]
    items[REVERSED] = 7 - items[REVERSED]
    return items


@pytest.mark.shared
@pytest.mark.parametrize("scale", SCALES)
def test_bfi_equals_semtools_and_psych(shared, bfi, scale):
    """1e-4, as far as lavaan's values go; 5e-4 where psych's optimiser stops."""
    expected = json.loads((shared / "reference/values/omega_bfi.json").read_text())["results"][scale]
    x = bfi.dropna().filter(regex=f"^{SCALES[scale]}").to_numpy()
    assert average_variance_extracted(x).estimate == pytest.approx(expected["AVE_from_std"], rel=1e-4)
    raw = average_variance_extracted(x, standardised=False).estimate
    assert raw == pytest.approx(expected["AVE"], rel=1e-4)
    assert raw == pytest.approx(expected["reliability"]["avevar"], rel=1e-4)
    assert composite_reliability(x).estimate == pytest.approx(expected["CR_from_std"], rel=1e-4)
    minres = extract(np.corrcoef(x, rowvar=False), 1).loadings[:, 0]
    assert minres == pytest.approx(list(expected["fa_minres_1f"].values()), abs=5e-4)
    assert rho_c(minres) == pytest.approx(expected["omega_fa"], abs=5e-4)


@pytest.mark.shared
def test_bfi_omega_hierarchical_equals_psych(shared, bfi):
    """5e-4, where psych's optimiser stops; group factors up to their order and direction."""
    expected = json.loads((shared / "reference/values/omega_hier_bfi.json").read_text())["results"]
    result = omega_hierarchical(bfi, 5)
    assert result.estimate == pytest.approx(expected["omega_h"], abs=5e-4)
    assert result.total == pytest.approx(expected["omega_tot"], abs=5e-4)
    table = pd.DataFrame(expected["schmid"]["values"], columns=expected["schmid"]["cols"])
    named_turned = [row for row, name in enumerate(expected["schmid"]["rows"]) if name.endswith("-")]
    assert list(result.turned) == named_turned
    assert np.abs(result.solution.general) == pytest.approx(table["g"].to_numpy(), abs=5e-4)
    assert result.solution.uniquenesses == pytest.approx(table["u2"].to_numpy(), abs=5e-4)
    sign = np.where(result.solution.general < 0, -1, 1)
    ours = result.solution.group * sign[:, None]
    theirs = table.filter(like="*").to_numpy()
    match = np.argmax(np.abs(ours.T @ theirs), axis=0)
    assert sorted(match) == list(range(5))
    ours = ours[:, match] * np.sign((ours[:, match] * theirs).sum(axis=0))
    assert ours == pytest.approx(theirs, abs=5e-4)
    standard = (bfi - bfi.dropna().mean()) / bfi.dropna().std() * sign
    companions = alpha(standard)
    assert companions.estimate == pytest.approx(expected["alpha"], abs=1e-10)
    assert companions.lambda6 == pytest.approx(expected["G6"], abs=1e-10)


@pytest.mark.shared
def test_mobi_equals_seminr(shared):
    values = json.loads((shared / "reference/values/pls_mobi.json").read_text())["results"]
    outer = values["path_weighting"]
    items = pd.read_csv(shared / "reference/data/mobi.csv")[outer["loadings"]["rows"]].to_numpy()
    loadings, weights = (np.array(outer[name]["values"]) for name in ("loadings", "weights"))
    blocks = [np.flatnonzero(column) for column in loadings.T]
    r = np.corrcoef(items, rowvar=False)
    table = pd.DataFrame(values["reliability"]["values"], columns=values["reliability"]["cols"])
    for j, block in enumerate(blocks):
        expected = table.iloc[j]
        own = loadings[block, j]
        assert alpha(items[:, block]).standardised == pytest.approx(expected["alpha"], abs=1e-10)
        assert rho_c(own) == pytest.approx(expected["rhoC"], abs=1e-10)
        assert (own**2).mean() == pytest.approx(expected["AVE"], abs=1e-10)
        assert rho_a(weights[block, j], r[np.ix_(block, block)]) == pytest.approx(expected["rhoA"], abs=1e-10)
    below = np.tril_indices(6, -1)
    ratios = np.array(values["htmt"]["values"], float)[below]
    assert htmt(items, blocks).estimate[below] == pytest.approx(ratios, abs=1e-10)
