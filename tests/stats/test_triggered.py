"""What an event adds where good outcomes bring it about, on panels whose answer is known."""

import numpy as np
import pytest

from walesi_research.stats.staggered import imputation
from walesi_research.stats.triggered import triggered


def chosen(seed, n=400, columns=10, effect=2.0, odds=2.0, lasting=0.0):
    """Return a panel whose rows get the event after a good column, and the column of each row's event."""
    rng = np.random.default_rng(seed)
    e = rng.normal(size=(n, columns))
    for t in range(1, columns):
        e[:, t] += lasting * e[:, t - 1]
    happens = rng.random(e.shape) < 1 / (1 + np.exp(4.5 - odds * e))
    event = np.where(happens.any(axis=1), happens.argmax(axis=1), columns)
    after = np.arange(columns) > event[:, None]
    y = 5 * rng.normal(size=(n, 1)) + rng.normal(size=columns) + e + effect * after
    return y, event


def draws(seed, n, count=200):
    rng = np.random.default_rng(seed)
    return [rng.multinomial(n, np.full(n, 1 / n), count).astype(float)]


def test_a_panel_without_noise_gives_the_effect_exactly():
    """To 1e-9: only arithmetic is left."""
    rng = np.random.default_rng(3)
    event = np.r_[np.full(4, 3), np.full(4, 5), np.full(6, 8)]
    after = np.arange(8) > event[:, None]
    y = rng.normal(size=(14, 1)) + rng.normal(size=8) + 1.5 * after
    for lags in (1, 2):
        found = triggered(y, event, lags).overall
        assert found.estimate == pytest.approx(1.5, abs=1e-9)
        assert found.cells == after.sum() and found.people == 8


@pytest.mark.parametrize("lags", [1, 2])
def test_good_columns_that_bring_the_event_about_do_not_bias_it(lags):
    """The mean over 40 panels has a standard error of .02; plain imputation errs by more than ten of them."""
    panels = [chosen(seed) for seed in range(40)]
    ours = np.mean([triggered(y, event, lags).overall.estimate for y, event in panels])
    plain = np.mean(
        [imputation(y, np.where(event < 10, event + 1, 10)).overall.estimate for y, event in panels]
    )
    assert ours == pytest.approx(2.0, abs=0.08)
    assert plain < 1.8


def test_the_column_of_the_event_shows_what_brought_it_about():
    y, event = chosen(1, effect=0.0, n=2_000)
    assert triggered(y, event, 1).at_event.estimate > 0.5


def test_intervals_cover():
    """At least 36 of 40 intervals at 95 % hold the truth but with a chance of .03 were they right."""
    held = 0
    for seed in range(40):
        y, event = chosen(seed, n=150)
        e = triggered(y, event, 2, draws(seed, 150)).overall
        held += e.low <= 2.0 <= e.high
    assert held >= 36


def test_rows_drawn_once_each_give_the_estimate_and_repeated_rows_theirs():
    """A replicate is the estimate of the rows drawn, to 1e-9."""
    y, event = chosen(5, n=80)
    y[np.random.default_rng(0).random(y.shape) < 0.1] = np.nan
    times = np.random.default_rng(1).multinomial(80, np.full(80, 1 / 80), 3).astype(float)
    found = triggered(y, event, 2, [np.ones((1, 80)), times])
    where = found.since >= 0
    sizes = (found.fit.sizes * where).sum(axis=1)
    drawn = ((found.fit.totals * where).sum(axis=(1, 2)) - (sizes * found.shifts).sum(axis=1)) / sizes.sum(1)
    again = [
        triggered(np.repeat(y, t, axis=0), np.repeat(event, t), 2).overall.estimate
        for t in (np.ones(80, int), *times.astype(int))
    ]
    np.testing.assert_allclose(drawn, again, atol=1e-9)


def test_a_constant_for_a_row_or_a_column_changes_nothing():
    y, event = chosen(7, n=60)
    moved = y + 100 * np.arange(60)[:, None] - 7 * np.arange(10)
    a, b = (triggered(x, event, 2).overall.estimate for x in (y, moved))
    assert a == pytest.approx(b, abs=1e-8)


def test_what_cannot_be_estimated_is_refused():
    y = np.zeros((5, 4))
    with pytest.raises(ValueError, match="own column"):
        triggered(y, np.full(5, 2), 0)
    with pytest.raises(ValueError, match="imputed"):
        triggered(y, np.full(5, 4))  # no event
    with pytest.raises(ValueError, match="imputed"):
        triggered(y, np.full(5, 3))  # no column after it
