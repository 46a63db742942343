"""Sums within groups against the estimate made cell by cell."""

import numpy as np
import pytest

from walesi_research.stats.exchanged_sums import effects_of_assignments
from walesi_research.stats.staggered import mean_effect


def panel(seed, missing, groups=7, rows=40, columns=6):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(rows, columns)) + rng.normal(size=columns)
    y[rng.random(y.shape) < missing] = np.nan
    treated = np.where(np.isnan(y), np.nan, rng.random(y.shape) < 0.4)
    group = rng.integers(0, groups, rows)
    onsets = rng.integers(0, columns + 2, (60, groups)).clip(0, columns)
    return y, treated, group, onsets


def cell_by_cell(outcomes, group, onsets):
    return np.array([[mean_effect(y, o[group]) for y in outcomes] for o in onsets])


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("seed", range(4))
def test_sums_give_what_cells_give(seed, missing):
    """To rounding of sums of 240 numbers of size one."""
    *outcomes, group, onsets = panel(seed, missing)
    found, expected = effects_of_assignments(outcomes, group, onsets), cell_by_cell(outcomes, group, onsets)
    assert np.isfinite(expected).any()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_columns_that_nothing_connects_are_compared_within_their_parts_only():
    """Half the rows are seen early, half late; no untreated cell ties the two times together."""
    rng = np.random.default_rng(3)
    y = rng.normal(size=(20, 6))
    y[:10, 3:], y[10:, :3] = np.nan, np.nan
    group, onsets = (
        np.repeat(np.arange(4), 5),
        np.array([[2, 6, 5, 6], [6, 2, 6, 5], [6, 6, 6, 6], [1, 1, 4, 6]]),
    )
    found = effects_of_assignments([y], group, onsets)
    np.testing.assert_allclose(found, cell_by_cell([y], group, onsets), rtol=1e-9, atol=1e-11)
    assert np.isnan(found[2, 0]) and np.isfinite(found[0, 0])


def test_a_group_without_rows_adds_nothing():
    *outcomes, group, onsets = panel(1, 0.2)
    more = np.column_stack([onsets, np.zeros(len(onsets), int)])
    expected = effects_of_assignments(outcomes, group, onsets)
    np.testing.assert_allclose(effects_of_assignments(outcomes, group, more), expected, rtol=1e-12)
