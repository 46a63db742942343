"""Bootstrap by counts equals bootstrap by rows; intervals against scipy."""

import numpy as np
import pytest
from scipy import stats

from walesi_research.stats import (
    bca_interval,
    bootstrap_counts,
    covariances,
    moments,
    percentile_interval,
    resampling,
)


def test_moments_of_counts_are_those_of_the_rows_drawn():
    rng = np.random.default_rng(1)
    Z = np.column_stack([np.ones(30), rng.normal(size=(30, 3))])
    counts = np.concatenate(list(bootstrap_counts(rng, 30, 7)))
    assert counts.shape == (7, 30)
    assert np.all(counts.sum(axis=1) == 30)
    raw = moments(Z, [counts[:4], counts[4:]])
    for c, m, s in zip(counts, raw, covariances(raw), strict=True):
        rows = np.repeat(Z, c.astype(int), axis=0)
        assert m == pytest.approx(rows.T @ rows, rel=1e-12)
        assert s == pytest.approx(np.cov(rows[:, 1:], rowvar=False), rel=1e-10)


def test_strata_keep_their_sizes_whatever_their_order():
    strata = np.random.default_rng(2).permutation(np.repeat(["a", "b", "c"], [3, 10, 40]))
    counts = np.concatenate(list(bootstrap_counts(np.random.default_rng(3), 53, 200, strata)))
    for name, size in (("a", 3), ("b", 10), ("c", 40)):
        assert np.all(counts[:, strata == name].sum(axis=1) == size)
    # each row is drawn once on average: within five standard errors of a binomial mean over 200 draws
    assert counts.mean(axis=0) == pytest.approx(np.ones(53), abs=5 / np.sqrt(200))


def test_chunks_change_nothing(monkeypatch):
    whole = np.concatenate(list(bootstrap_counts(np.random.default_rng(4), 20, 50)))
    monkeypatch.setattr(resampling, "_CHUNK", 100)
    monkeypatch.setattr(resampling, "_FEWEST", 1)
    chunks = list(bootstrap_counts(np.random.default_rng(4), 20, 50))
    assert len(chunks) == 10
    assert np.array_equal(np.concatenate(chunks), whole)


def test_percentile_interval():
    draws = np.arange(101.0)[:, None] * [1, 2]
    low, high = percentile_interval(draws, 0.9)
    assert low == pytest.approx([5, 10])
    assert high == pytest.approx([95, 190])


def test_bca_interval_equals_scipy():
    rng = np.random.default_rng(5)
    x = rng.exponential(size=40)
    reference = stats.bootstrap((x,), np.mean, n_resamples=4000, method="BCa", rng=rng)
    jackknife = (x.sum() - x) / (len(x) - 1)
    low, high = bca_interval(x.mean(), reference.bootstrap_distribution, jackknife)
    assert low == pytest.approx(reference.confidence_interval.low, rel=1e-6)
    assert high == pytest.approx(reference.confidence_interval.high, rel=1e-6)


def test_bca_refuses_draws_on_one_side():
    with pytest.raises(ValueError, match="one side"):
        bca_interval(0.0, [1.0, 2.0, 3.0], [1.0, 2.0])
