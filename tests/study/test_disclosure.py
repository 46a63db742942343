"""The disclosure rule: no hidden cell can be derived from what is shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from walesi_research.study import privacy
from walesi_research.study.privacy import round_count, round_share, suppress

TOLERANCE = 1e-6
"""Of the linear programmes' ranges; counts are whole numbers, so that a range that is no point spans one."""


def ranges(counts: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return the lowest and highest value of each hidden cell that the shown cells and margins allow.

    Solved as linear programmes: an audit that knows nothing of how cells were chosen. For transportation
    tables the extremes are whole numbers.
    """
    cells = np.argwhere(hidden)
    rows, columns = counts.shape
    conditions = np.zeros((rows + columns, len(cells)))
    for k, (i, j) in enumerate(cells):
        conditions[i, k] = conditions[rows + j, k] = 1
    left = np.where(hidden, counts, 0)
    totals = np.concatenate([left.sum(axis=1), left.sum(axis=0)])
    ends = np.empty((len(cells), 2))
    for k in range(len(cells)):
        for side, sign in enumerate((1, -1)):
            goal = np.zeros(len(cells))
            goal[k] = sign
            ends[k, side] = sign * linprog(goal, A_eq=conditions, b_eq=totals, bounds=(0, None)).fun
    return ends


@settings(max_examples=60, deadline=None)
@given(
    arrays(int, st.tuples(st.integers(2, 5), st.integers(2, 4)), elements=st.integers(0, 14)),
    st.integers(3, 6),
)
def test_no_hidden_cell_of_a_two_way_table_can_be_derived(counts, minimum):
    hidden = suppress(counts, minimum)
    assert hidden[counts < minimum].all()
    if (counts.sum(axis=1) > 0).sum() < 2 or (counts.sum(axis=0) > 0).sum() < 2:
        return  # all people in one line: its margin tells, whatever is hidden
    ends = ranges(counts, hidden)
    for (i, j), (low, high) in zip(np.argwhere(hidden), ends, strict=True):
        if counts[i].sum() > 0 and counts[:, j].sum() > 0:
            assert high - low > 1 - TOLERANCE, (i, j, low, high)


@settings(max_examples=200, deadline=None)
@given(arrays(int, st.integers(1, 9), elements=st.integers(0, 30)), st.integers(3, 10))
def test_no_hidden_cell_of_a_one_way_table_can_be_derived(counts, minimum):
    hidden = suppress(counts, minimum)
    assert hidden[counts < minimum].all()
    if hidden.any() and len(counts) > 1:
        assert hidden.sum() >= 2
        assert counts[hidden].sum() >= min(minimum, counts.sum())


@given(arrays(int, st.tuples(st.integers(2, 5), st.integers(2, 5)), elements=st.integers(5, 40)))
def test_nothing_is_hidden_without_need(counts):
    assert not suppress(counts, 5).any()


@settings(max_examples=60, deadline=None)
@given(arrays(int, st.tuples(st.integers(2, 5), st.integers(2, 4)), elements=st.integers(0, 14)))
def test_hidden_cells_of_a_line_hold_the_minimum_together(counts):
    hidden = suppress(counts, 5)
    for lines, masks in ((counts, hidden), (counts.T, hidden.T)):
        for line, mask in zip(lines, masks, strict=True):
            assert not mask.any() or line[mask].sum() >= min(5, line.sum())


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([10, 3, 20, 8], [False, True, False, True]),  # the total would give one away: the smallest goes too
        ([10, 3, 4, 20], [False, True, True, False]),  # two already hide each other
        ([10, 2, 2, 9], [False, True, True, True]),  # two, but four people together: the next goes too
        ([3, 1], [True, True]),
        ([10, 20], [False, False]),
    ],
)
def test_one_way_by_hand(counts, expected):
    assert suppress(np.array(counts), 5).tolist() == expected


def test_two_way_by_hand():
    """One small cell: the cheapest rectangle through it is hidden, here the four cells of 3, 6, 7 and 9."""
    counts = np.array([[3, 6, 50], [7, 9, 60], [70, 80, 90]])
    assert np.argwhere(suppress(counts, 5)).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match="dimensions"):
        suppress(np.zeros((2, 2, 2), dtype=int), 5)


@given(st.integers(0, 10**6), st.sampled_from([1, 3, 5, 10]))
def test_counts_are_rounded_to_the_base(n, base):
    rounded = round_count(n, base)
    assert rounded % base == 0 and abs(rounded - n) <= base / 2


def test_rounding_by_hand():
    assert [round_count(n, 5) for n in (0, 2, 3, 7, 8, 118)] == [0, 0, 5, 5, 10, 120]
    assert round_count(np.array([2, 3]), 5).tolist() == [0, 5]
    assert [round_share(x) for x in (0.125, 0.124, 1, 0)] == [0.13, 0.12, 1.0, 0.0]
    assert np.isnan(round_share(np.nan))


def test_the_short_way_to_a_free_cycle_hides_what_the_long_way_hides(monkeypatch):
    """Three hundred random tables, with and without the look for four hidden cells in a square."""
    rng = np.random.default_rng(0)
    shapes = [(rng.integers(2, 9), rng.integers(2, 7)) for _ in range(300)]
    tables = [rng.poisson(rng.choice([0.5, 2, 6, 20]), size=shape) for shape in shapes]
    short = [suppress(table, 5) for table in tables]
    monkeypatch.setattr(privacy, "_square", lambda *given: False)
    privacy._two_way.cache_clear()
    assert all((suppress(table, 5) == hidden).all() for table, hidden in zip(tables, short, strict=True))
    privacy._two_way.cache_clear()
