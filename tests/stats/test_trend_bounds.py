"""Bounds under trends that are not parallel: closed forms, HonestDiD, coverage, and exact panels."""

import warnings

import numpy as np
import pandas as pd
import pytest

from tests.questions.staged import stages
from walesi_research.stats.trend_bounds import block_study, breakdown, relative_bounds, usual_change

Z = 1.959963984540054


def test_one_block_before_and_one_after_by_hand():
    """The effect is 3 (error 0.5), the departure before 1, known: 3 - M - 1.96 / 2 reaches 0 at M = 2.02."""
    known = np.diag([0.0, 0.25])
    bounds = relative_bounds([1.0, 3.0], known, 1, 0.8)
    assert (bounds.least, bounds.most) == pytest.approx((2.2, 3.8), abs=1e-12)
    assert (bounds.low, bounds.high) == pytest.approx((2.2 - Z / 2, 3.8 + Z / 2), abs=1e-9)
    assert breakdown([1.0, 3.0], known, 1) == pytest.approx(3 - Z / 2, abs=1e-8)
    assert breakdown([1.0, 3.0], known, 1, limit=1.0) == pytest.approx(2 - Z / 2, abs=1e-8)
    assert breakdown([1.0, -3.0], known, 1) == pytest.approx(3 - Z / 2, abs=1e-8)
    # a departure as uncertain as the effect and independent of it: (3 - M)² = 1.96² (1 + M²) / 4
    uncertain = np.diag([0.25, 0.25])
    m = breakdown([1.0, 3.0], uncertain, 1)
    assert (3 - m) ** 2 == pytest.approx(Z**2 * (1 + m**2) / 4, abs=1e-7)


def test_nothing_to_lose_and_nothing_that_could_lose_it():
    assert breakdown([1.0, 0.4], np.diag([0.0, 0.25]), 1) == 0.0
    assert breakdown([0.0, 3.0], np.diag([0.0, 0.25]), 1) is None


def test_later_blocks_may_have_drifted_further():
    """Steps of at most M D each: one, two and three of them after one, two and three blocks."""
    beta, nothing = [2.0, 5.0, 5.0, 5.0], np.zeros((4, 4))
    for weights, reach in (([1, 0, 0], 1), ([0, 0, 1], 3), (None, 2), ([0.5, 0.5, 0], 1.5), ([-1, 1, 0], 1)):
        b = relative_bounds(beta, nothing, 1, 0.5, weights=weights)
        assert b.most - b.least == pytest.approx(2 * reach * 0.5 * 2.0)


@pytest.fixture(scope="module")
def event_study():
    """diff-diff's event study of a panel with one onset, four periods before it and three after."""
    from diff_diff import MultiPeriodDiD

    rng = np.random.default_rng(11)
    n, T = 80, 8
    treated = np.arange(n) < 40
    y = rng.normal(size=(n, 1)) + rng.normal(size=(n, T)) + np.where(treated[:, None], 0.3 * np.arange(T), 0)
    y[:40, 5:] += 2.0
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(n), T),
            "period": np.tile(np.arange(T), n),
            "treated": np.repeat(treated, T).astype(int),
            "y": y.ravel(),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = MultiPeriodDiD().fit(
            frame, outcome="y", treatment="treated", time="period", post_periods=[5, 6, 7],
            unit="unit", reference_period=4,
        )  # fmt: skip
    used = [p for p in (*fit.pre_periods, *fit.post_periods) if p in fit.period_effects]
    at = [fit.interaction_indices[p] for p in used]
    return fit, np.array([fit.period_effects[p].effect for p in used]), fit.vcov[np.ix_(at, at)]


@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0, 2.0])
def test_bounds_equal_those_of_honest_did(event_study, ratio):
    """The set equals HonestDiD's; so does its interval where the departures before are taken as known."""
    from diff_diff import HonestDiD

    fit, beta, covariance = event_study
    theirs = HonestDiD(method="relative_magnitude", M=ratio).fit(fit)
    ours = relative_bounds(beta, covariance, 4, ratio)
    assert (ours.least, ours.most) == pytest.approx((theirs.lb, theirs.ub), abs=1e-8)
    taken_as_known = covariance.copy()
    taken_as_known[:4] = taken_as_known[:, :4] = 0
    known = relative_bounds(beta, taken_as_known, 4, ratio, df=theirs.df_survey or np.inf)
    assert (known.low, known.high) == pytest.approx((theirs.ci_lb, theirs.ci_ub), abs=1e-6)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_the_interval_covers_at_the_edge_of_what_is_allowed(ratio):
    """Departures before of -1 and 2 (the larger change counts), after it as far from parallel as M allows."""
    rng = np.random.default_rng(17)
    departures = np.array([-1.0, -2.0])  # the changes are -1 and 2, the reference being zero
    after = ratio * 2.0 * np.arange(1, 3)
    truth = 1.5
    root = rng.normal(size=(4, 4)) * 0.3 + 0.6 * np.eye(4)
    covariance = root @ root.T
    draws = np.concatenate([departures, truth + after]) + rng.normal(size=(1000, 4)) @ root.T
    bounds = [relative_bounds(b, covariance, 2, ratio) for b in draws]
    covered = np.mean([b.low <= truth <= b.high for b in bounds])
    # 95 % at least: three standard errors of a share over 1,000 draws
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 1000)
    # HonestDiD's own interval takes the change before as known, and covers less
    naive = [
        b.least - Z * np.sqrt(covariance[2:, 2:].mean())
        <= truth
        <= b.most + Z * np.sqrt(covariance[2:, 2:].mean())
        for b in bounds
    ]
    assert np.mean(naive) < covered


def test_wider_with_every_departure_allowed():
    beta, covariance = [0.4, -0.7, 2.0, 2.5], 0.1 * np.eye(4) + 0.05
    bounds = [relative_bounds(beta, covariance, 2, m) for m in np.linspace(0, 3, 31)]
    assert np.all(np.diff([b.low for b in bounds]) < 0) and np.all(np.diff([b.high for b in bounds]) > 0)


@pytest.mark.parametrize("never", [True, False])
def test_blocks_of_a_panel_without_noise_are_its_effects(never):
    """Effects of 3 that grow by 0.5 a period: mean over the cells of each block, nothing before."""
    y, onset = stages(n=60, periods=10, never=never, growth=0.5, noise=0.0)
    found = block_study(y, onset, 2)
    untreated = np.array([(onset > t).any() for t in range(10)])
    since = np.arange(10) - onset[:, None]
    assert found.estimate[found.block < 0] == pytest.approx(0, abs=1e-8)
    for k in found.block[found.block >= 0]:
        inside = (since // 2 == k) & untreated & (since >= 0)
        assert found.estimate[found.block == k] == pytest.approx(np.mean(3 + 0.5 * since[inside]), abs=1e-8)
        assert found.cells[found.block == k] == inside.sum()
        assert found.units[found.block == k] == inside.any(axis=1).sum()


def test_a_drift_before_is_measured_against_the_last_block_before():
    """Those treated lie 0.5 lower a block the further the onset is away."""
    y, onset = stages(n=80, periods=12, noise=0.0, effect=0.0)
    block = (np.arange(12) - onset[:, None]) // 2
    away = np.where((onset[:, None] < 12) & (block < -1), -1 - block, 0)
    found = block_study(y - 0.5 * away, onset, 2)
    assert found.estimate == pytest.approx(np.where(found.block < -1, 0.5 * (found.block + 1), 0), abs=1e-8)
    assert (found.block < -1).sum() >= 3 and (found.block >= 0).sum() >= 3


def test_one_block_each_is_the_imputation_estimator():
    from diff_diff import ImputationDiD

    y, onset = stages(n=60, periods=8)
    y[5, 2] = y[20, 6] = np.nan
    n, T = y.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(n), T),
            "period": np.tile(np.arange(T), n),
            "first": np.repeat(np.where(onset < T, onset, 0), T),
            "y": y.ravel(),
        }
    ).dropna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = ImputationDiD().fit(frame, outcome="y", unit="unit", time="period", first_treat="first")
    assert block_study(y, onset, T).estimate == pytest.approx([theirs.overall_att], abs=1e-7)


def test_drawing_a_unit_twice_is_having_it_twice():
    y, onset = stages(n=40, periods=8)
    counts = np.random.default_rng(2).integers(1, 4, size=(30, 40)).astype(float)
    spread = block_study(y, onset, 2, counts).covariance
    repeated = [np.repeat(np.arange(40), c.astype(int)) for c in counts]
    by_hand = np.array([block_study(y[r], onset[r], 2).estimate for r in repeated])
    assert spread == pytest.approx(np.cov(by_hand, rowvar=False), abs=1e-9)


def test_nobody_to_compare_with_is_said():
    with pytest.raises(ValueError, match="no treated cell"):
        block_study(np.ones((10, 4)), np.full(10, 0), 2)
    with pytest.raises(ValueError, match="a block before"):
        relative_bounds([1.0], [[1.0]], 0, 1.0)
    with pytest.raises(ValueError, match="negative"):
        relative_bounds([1.0, 1.0], np.eye(2), 1, -1.0)


def test_the_usual_change_is_what_chance_alone_makes():
    rng = np.random.default_rng(3)
    assert usual_change(np.diag([0.25, 9.0]), 1, rng) == pytest.approx(Z / 2, rel=0.02)
    # departures of -2 and -1 that move together: the change between them is nothing
    together = np.full((2, 2), 1.0)
    assert usual_change(together, 2, rng) == pytest.approx(Z, rel=0.02)
    assert usual_change(np.eye(3), 3, rng, level=0.8) < usual_change(np.eye(3), 3, rng, level=0.99)
