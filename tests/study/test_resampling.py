"""The resampling plan: within units, repeatable, the same draw whatever the number of draws."""

import numpy as np
import pytest

from walesi_research.study.resampling import Resampling

UNITS = np.repeat(["a", "b", "c"], [4, 1, 7])


def drawn(plan, draws, rows=None):
    return np.concatenate(list(plan.counts(draws, rows)))


def test_each_unit_keeps_its_size_in_every_draw():
    counts = drawn(Resampling.within(UNITS, seed=1), 50)
    assert counts.shape == (50, 12)
    for unit, size in zip("abc", (4, 1, 7), strict=True):
        assert (counts[:, unit == UNITS].sum(axis=1) == size).all()


def test_a_draw_does_not_depend_on_how_many_follow_nor_on_the_rows_asked_for():
    plan = Resampling.within(UNITS, seed=1)
    assert (drawn(plan, 5) == drawn(plan, 50)[:5]).all()
    assert (drawn(plan, 5, rows=np.array([3, 9])) == drawn(plan, 5)[:, [3, 9]]).all()


def test_another_seed_gives_other_draws():
    assert (drawn(Resampling.within(UNITS, 1), 20) != drawn(Resampling.within(UNITS, 2), 20)).any()


def test_every_employee_of_a_unit_is_drawn_equally_often():
    # 4,000 draws: the mean count of an employee is 1 with standard error at most 1/sqrt(4000) = .016
    assert np.allclose(drawn(Resampling.within(UNITS, 3), 4000).mean(axis=0), 1, atol=0.07)


def test_unsorted_units_are_refused():
    with pytest.raises(ValueError, match="sorted by unit"):
        Resampling.within(np.array(["a", "b", "a"]), seed=1)
