"""Sparse Cholesky by fronts against dense algebra, on patterns that make every kind of front."""

import numpy as np
import pytest

from walesi_research.stats import fronts
from walesi_research.stats.fronts import plan


def pattern(rng, size, density, blocks, links):
    """A symmetric positive definite matrix: blocks on the diagonal, a few entries between them."""
    matrix = np.zeros((size, size))
    for block in np.array_split(np.arange(size), blocks):
        inside = rng.normal(size=(len(block), len(block))) * (rng.random((len(block), len(block))) < density)
        matrix[np.ix_(block, block)] = np.triu(inside, 1)
    for _ in range(links):
        i, j = sorted(rng.choice(size, 2, replace=False))
        matrix[i, j] = rng.normal()
    matrix += matrix.T
    return matrix + np.diag(np.abs(matrix).sum(axis=1) + 1)


CASES = {
    "one number": (1, 1.0, 1, 0),
    "full": (60, 1.0, 1, 0),
    "apart": (300, 1.0, 60, 0),
    "a thousand alone": (1000, 1.0, 1000, 0),
    "districts a few link": (400, 1.0, 8, 6),
    "sparse": (200, 0.02, 1, 0),
    "sparser than a tree": (300, 0.003, 1, 0),
}


@pytest.mark.parametrize("parted", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_equals_dense_algebra(case, parted, monkeypatch):
    if parted:  # however small: calls and passing on cost nothing
        monkeypatch.setattr(fronts, "_PASSING", 0)
        monkeypatch.setattr(fronts, "_CALLS", 0)
    rng = np.random.default_rng(sum(map(ord, case)))
    matrix = pattern(rng, *CASES[case])
    size = len(matrix)
    rows, columns = np.nonzero(np.triu(matrix))
    swap = rng.random(len(rows)) < 0.5  # either of the mirrored entries may be given
    rows, columns = np.where(swap, columns, rows), np.where(swap, rows, columns)
    factor = plan(size, rows, columns).factor(matrix[rows, columns])
    inverse, b = np.linalg.inv(matrix), rng.normal(size=(size, 3))
    assert factor.logdet() == pytest.approx(np.linalg.slogdet(matrix)[1], rel=1e-12, abs=1e-12)
    assert factor.backward(factor.forward(b)) == pytest.approx(inverse @ b, abs=1e-12)
    assert factor.inverse_entries() == pytest.approx(inverse[rows, columns], abs=1e-12)
    half = factor.forward(b)
    assert half.T @ half == pytest.approx(b.T @ inverse @ b, rel=1e-10)


def test_parts_are_made_where_they_pay_only():
    linked = np.nonzero(np.triu(pattern(np.random.default_rng(0), 1200, 1.0, 8, 6)))
    assert len(plan(1200, *linked).batches) > 1
    thick = np.nonzero(np.triu(pattern(np.random.default_rng(0), 300, 0.3, 1, 0)))
    assert len(plan(300, *thick).batches) == 1


def test_districts_that_a_few_link_need_little_room():
    matrix = pattern(np.random.default_rng(0), 2000, 1.0, 40, 30)
    planned = plan(2000, *np.nonzero(np.triu(matrix)))
    assert planned.length < 0.08 * 2000**2  # the blocks alone are 1/40 of it


def test_what_is_not_positive_definite_is_refused():
    for values in ([1.0, 2.0, 1.0], [1.0, 2.0, 1.0, 1.0, 2.0, 1.0]):
        rows = np.array([0, 0, 1, 2, 2, 3])[: len(values)]
        columns = np.array([0, 1, 1, 2, 3, 3])[: len(values)]
        with pytest.raises(np.linalg.LinAlgError):
            plan(rows.max() + 1, rows, columns).factor(np.array(values))
