"""Randomisation inference on what starts for whole groups, against hand counts and plain loops."""

from itertools import permutations

import numpy as np
import pytest

from walesi_research.stats.exchanged_onset import assignments, exchanged_onset
from walesi_research.stats.staggered import imputation, mean_effect


def offices(seed, groups=5, each=6, columns=8, effect=1.0, shock=0.5):
    rng = np.random.default_rng(seed)
    own = np.array([2, 4, 5, 3, 6, 4, 5, 2, 3])[:groups].copy()
    own[-1] = columns
    group = np.repeat(np.arange(groups), each)
    y = (
        rng.normal(size=(groups * each, 1))
        + rng.normal(size=columns)
        + rng.normal(size=(len(group), columns))
    )
    y += shock * rng.normal(size=(groups, columns))[group]
    return y + effect * (np.arange(columns) >= own[group][:, None]), own, group


def test_ways_are_counted():
    assert assignments([1, 1, 2]) == 3
    assert assignments([4, 4, 4]) == 1
    assert assignments(range(6)) == 720


def test_every_assignment_is_looked_at_and_the_observed_one_counts():
    """Five offices, counted in a plain loop over the permutations that differ."""
    y, own, group = offices(2)
    found = exchanged_onset(y, own[group], group, np.random.default_rng(0))
    each = np.array([mean_effect(y, np.array(p)[group]) for p in set(permutations(own.tolist()))])
    each = each[np.isfinite(each)]
    assert found.drawn == len(each) and found.possible == assignments(own)
    assert found.pvalue == pytest.approx(np.mean(np.abs(each) >= abs(found.estimate) - 1e-9))
    assert found.estimate == pytest.approx(imputation(y, own[group]).estimate, abs=1e-6)  # by the package
    assert (found.groups, found.treated) == (5, 4)


def test_the_interval_holds_just_those_effects_that_are_not_rejected():
    y, own, group = offices(3, groups=6, effect=2.0)
    found = exchanged_onset(y, own[group], group, np.random.default_rng(0))
    treated = np.arange(8) >= own[group][:, None]

    def p(effect):
        return exchanged_onset(y - effect * treated, own[group], group, np.random.default_rng(0)).pvalue

    assert found.low < found.estimate < found.high
    assert p(found.low + 1e-4) > 0.05 and p(found.high - 1e-4) > 0.05
    assert p(found.low - 1e-4) <= 0.05 and p(found.high + 1e-4) <= 0.05


def test_a_shift_of_the_effect_shifts_the_interval():
    y, own, group = offices(4, groups=9)
    treated = np.arange(8) >= own[group][:, None]
    a, b = (
        exchanged_onset(x, own[group], group, np.random.default_rng(1), draws=199)
        for x in (y, y + 3.0 * treated)
    )
    np.testing.assert_allclose(
        [b.estimate, b.low, b.high], np.array([a.estimate, a.low, a.high]) + 3, atol=1e-8
    )
    assert b.se == pytest.approx(a.se, abs=1e-8)


def test_no_effect_is_seldom_found_where_offices_share_shocks():
    """Of 120 panels at most 12 reject at 5 %: more would have a chance of .01."""
    rejected = 0
    for seed in range(120):
        y, own, group = offices(seed, groups=7, effect=0.0, shock=1.0)
        rejected += exchanged_onset(y, own[group], group, np.random.default_rng(seed), draws=99).pvalue < 0.05
    assert rejected <= 12


def test_too_few_offices_leave_no_end():
    y, own, group = offices(5, groups=3)
    found = exchanged_onset(y, own[group], group, np.random.default_rng(0))
    assert found.possible == 6 and not np.isfinite([found.low, found.high]).all()


def test_what_makes_no_sense_is_refused():
    y, own, group = offices(6)
    onset = own[group].copy()
    onset[0] += 1
    with pytest.raises(ValueError, match="differ within"):
        exchanged_onset(y, onset, group, np.random.default_rng(0))
    with pytest.raises(ValueError, match="imputed"):
        exchanged_onset(y, np.zeros(len(y), int), group, np.random.default_rng(0))
