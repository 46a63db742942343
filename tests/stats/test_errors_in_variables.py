"""Slopes corrected for measurement error against least squares, hand counts and worlds with known truth."""

import numpy as np
import pytest
import statsmodels.api as sm

from walesi_research.stats.errors_in_variables import Scale, corrected_slopes, unique_variances
from walesi_research.stats.one_factor import one_factor

SLOPES = np.array([0.5, 0.2])


def made(n, seed=1, items=4, groups=10, missing=0.05):
    """Return data, scales, groups and what the scales measure: two correlated latent variables."""
    rng = np.random.default_rng(seed)
    latent = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], n)
    group = np.sort(np.arange(n) % groups)
    y = latent @ SLOPES + 0.5 * rng.normal(size=groups)[group] + rng.normal(size=n)
    scales = []
    for j in range(2):
        answers = 0.7 * latent[:, [j]] + 0.7 * rng.normal(size=(n, items))
        answers[(rng.random(answers.shape) < missing) & (np.arange(items) > 0)] = np.nan
        scales.append(Scale(j, answers))
    Z = np.column_stack([*(np.nanmean(s.items, axis=1) for s in scales), y])
    return Z, scales, group, latent


def test_without_scales_it_is_generalised_least_squares():
    Z, _, group, _ = made(120)
    same = (group[:, None] == group).astype(float)
    scaled = (Z - Z.mean(axis=0)) / Z.std(axis=0, ddof=1)
    peer = sm.GLS(scaled[:, -1], sm.add_constant(scaled[:, :-1]), sigma=np.eye(120) + 0.3 * same).fit()
    found = corrected_slopes(Z, [], group, 0.3, [np.ones((1, 120))])
    np.testing.assert_allclose(found.slopes[0], peer.params[1:], atol=1e-10)  # the same equations


def test_the_slopes_of_what_is_measured_are_found_where_least_squares_falls_short():
    Z, scales, group, latent = made(20_000)
    found = corrected_slopes(Z, scales, group, 0.25, [np.ones((1, len(Z)))])
    truth = SLOPES * latent.std(axis=0) / Z[:, -1].std()
    assert np.abs(found.slopes[0] - truth).max() < 0.03  # three standard errors of 20,000 rows
    plain = corrected_slopes(Z, [], group, 0.25, [np.ones((1, len(Z)))])
    assert plain.slopes[0, 0] < truth[0] - 0.05
    m = np.isfinite(scales[0].items).sum(axis=1)
    assert found.reliability[0, 0] == pytest.approx(0.49 / (0.49 + 0.49 * np.mean(1 / m)), abs=0.01)


def test_counts_are_rows_drawn():
    Z, scales, group, _ = made(90)
    counts = np.random.default_rng(2).integers(0, 3, 90)
    rows = np.repeat(np.arange(90), counts)
    drawn = corrected_slopes(Z, scales, group, 0.2, [counts[None]])
    again = [Scale(s.column, s.items[rows]) for s in scales]
    plain = corrected_slopes(Z[rows], again, group[rows], 0.2, [np.ones((1, len(rows)))])
    np.testing.assert_allclose(drawn.slopes, plain.slopes, rtol=1e-6)  # the ends of two searches
    np.testing.assert_allclose(drawn.reliability, plain.reliability, rtol=1e-6)


def test_unique_variances_are_those_of_one_factor_and_of_two_items_what_they_do_not_share():
    _, scales, _, _ = made(200, missing=0.0)
    items = scales[0].items
    peer = one_factor(np.cov(items, rowvar=False)).uniquenesses
    np.testing.assert_allclose(unique_variances(items, np.ones((1, 200)))[0], peer, rtol=1e-6)
    two = np.cov(items[:, :2], rowvar=False)
    by_hand = np.diag(two) - two[0, 1]
    np.testing.assert_allclose(unique_variances(items[:, :2], np.ones((1, 200)))[0], by_hand, rtol=1e-10)


def test_units_of_measurement_change_nothing():
    Z, scales, group, _ = made(150)
    ones = [np.ones((1, 150))]
    plain = corrected_slopes(Z, scales, group, 0.2, ones).slopes
    moved = [Scale(0, 7 * scales[0].items + 3), scales[1]]
    stretched = np.column_stack([7 * Z[:, 0] + 3, Z[:, 1], 10 * Z[:, 2] - 4])
    np.testing.assert_allclose(corrected_slopes(stretched, moved, group, 0.2, ones).slopes, plain, atol=1e-6)


def test_a_control_that_does_not_vary_in_a_sample_leaves_the_others_their_slopes():
    Z, scales, group, _ = made(80)
    rare = (np.arange(80) == 5).astype(float)
    wide = np.column_stack([Z[:, :2], rare, Z[:, 2]])
    without = np.ones(80)
    without[5] = 0
    found = corrected_slopes(wide, scales, group, 0.2, [without[None]]).slopes[0]
    plain = corrected_slopes(Z, scales, group, 0.2, [without[None]]).slopes[0]
    assert np.isnan(found[2])
    np.testing.assert_allclose(found[:2], plain, atol=1e-8)


def test_two_measures_of_one_thing_are_not_told_apart():
    rng = np.random.default_rng(3)
    latent = rng.normal(size=60)
    scales = [Scale(j, latent[:, None] + 1.5 * rng.normal(size=(60, 4))) for j in range(2)]
    Z = np.column_stack([*(s.items.mean(axis=1) for s in scales), latent + rng.normal(size=60)])
    counts = rng.multinomial(60, np.full(60, 1 / 60), 200).astype(float)
    found = corrected_slopes(Z, scales, np.zeros(60), 0.0, [counts])
    assert not found.apart.all()
    assert np.isfinite(found.slopes[~found.apart]).mean() > 0.9  # corrected in part rather than run away
