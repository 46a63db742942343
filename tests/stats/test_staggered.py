"""Staggered treatments: exact panels, the package, published values, replicates by hand, and failures."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.questions.staged import stages
from walesi_research.stats.multiplicity import holm
from walesi_research.stats.resampling import bootstrap_counts
from walesi_research.stats.staggered import group_time, imputation, leads, two_way_effect


def exact(never, missing=0.1, seed=1):
    """Return a panel without noise whose effects grow and differ by onset, and each cell's effect."""
    growing = {"never": never, "growth": 0.5, "cohort": 0.3, "seed": seed, "noise": 0.0}
    y, onset = stages(80, 9, **growing)
    plain, _ = stages(80, 9, effect=0.0, never=never, noise=0.0, seed=seed)
    gone = np.random.default_rng(seed).random(y.shape) < missing
    return np.where(gone, np.nan, y), onset, y - plain


def some_panel(seed):
    """Return a ragged panel: any onset, any holes, in one of three without anybody never treated."""
    rng = np.random.default_rng(seed)
    n, columns = rng.integers(6, 40), rng.integers(3, 9)
    onset = rng.integers(0, columns + 1, n)
    y = rng.normal(100, 3, (n, columns))
    y[rng.random(y.shape) < rng.choice([0, 0.1, 0.4])] = np.nan
    return y, onset if seed % 3 else np.minimum(onset, columns - 1)


@pytest.mark.parametrize("never", [True, False])
def test_a_panel_without_noise_returns_the_weighted_truth(never):
    y, onset, effect = exact(never)
    counts = bootstrap_counts(np.random.default_rng(2), len(y), 20)
    fit = imputation(y, onset, counts)
    columns = np.arange(y.shape[1])
    free = (~np.isnan(y) & (columns < onset[:, None])).any(axis=0)
    treated = ~np.isnan(y) & (columns >= onset[:, None]) & free
    assert fit.overall.estimate == pytest.approx(effect[treated].mean(), abs=1e-8)
    assert fit.overall.cells == treated.sum()
    assert fit.unused == (~np.isnan(y) & (columns >= onset[:, None])).sum() - treated.sum()
    assert (fit.unused > 0) != never
    np.testing.assert_allclose(fit.difference[treated], effect[treated], atol=1e-8)
    np.testing.assert_allclose(fit.difference[fit.untreated], 0, atol=1e-8)
    for onset_at in (2, 4):
        mine = treated & (onset == onset_at)[:, None]
        cohort = (fit.since >= 0) & (columns == onset_at)[:, None]
        assert fit.average(cohort).estimate == pytest.approx(effect[mine].mean(), abs=1e-8)
        assert fit.average(cohort).people == mine.any(axis=1).sum()
    for h in range(3):
        since = treated & (columns - onset[:, None] == h)
        assert fit.average(fit.since == h).estimate == pytest.approx(effect[since].mean(), abs=1e-8)


@pytest.mark.parametrize("never", [True, False])
def test_replicates_are_the_estimate_of_the_rows_drawn(never):
    """Each against a panel in which rows stand as often as they were drawn, to 1e-8."""
    y, onset = stages(24, 6, never=never, seed=4)
    y[np.random.default_rng(3).random(y.shape) < 0.1] = np.nan
    (counts,) = bootstrap_counts(np.random.default_rng(5), len(y), 12)
    fit = imputation(y, onset, [counts])
    for k, drawn in enumerate(counts.astype(int)):
        again = imputation(np.repeat(y, drawn, axis=0), np.repeat(onset, drawn))
        assert fit.totals[k].sum() / fit.sizes[k].sum() == pytest.approx(again.estimate, abs=1e-8)
        assert fit.sizes[k].sum() == again.used.sum()


def test_a_replicate_without_anybody_to_compare_with_leaves_the_column_out():
    """The last two columns hang on one never-treated row: without it only the others are averaged."""
    y, onset = stages(20, 6, never=False, seed=2)
    y, onset = np.vstack([y, y[:1]]), np.r_[onset, 6]
    without = np.r_[np.ones(20), 0.0]
    fit = imputation(y, onset, [np.vstack([np.ones(21), without])])
    assert fit.sizes[0].sum() == fit.used.sum()
    assert fit.sizes[1].sum() == imputation(y[:20], onset[:20]).used.sum() < fit.sizes[0].sum()
    assert fit.sizes[1][:, onset[:20].max() :].sum() == 0


def test_the_package_gives_the_same_estimate_on_ragged_panels():
    """Equal to 1e-8 (its solver is iterative): holes, late entrants, panels all treated in the end."""
    met = 0
    for seed in range(60):
        y, onset = some_panel(seed)
        try:
            fit = imputation(y, onset)
        except ValueError:
            continue
        met += 1
        assert fit.estimate == pytest.approx(fit.difference[fit.used].mean(), abs=1e-8), seed
    assert met > 40


def test_what_cannot_be_imputed_is_told():
    y = np.random.default_rng(1).normal(size=(10, 4))
    for onset in (np.zeros(10, int), np.full(10, 2), np.full(10, 4)):
        with pytest.raises(ValueError, match="imputed"):
            imputation(y, onset)
    with pytest.raises(ValueError, match="onset a row"):
        imputation(y, np.ones(9, int))
    fit = imputation(y, np.r_[np.full(5, 2), np.full(5, 4)])
    with pytest.raises(ValueError, match="none of these"):
        fit.average(fit.since == 3)


def test_those_treated_all_along_change_nothing():
    y, onset = stages(40, 8, seed=3)
    more = np.vstack([y, 500 + y[:5]])
    fit = imputation(more, np.r_[onset, np.zeros(5, int)])
    assert fit.estimate == pytest.approx(imputation(y, onset).estimate, abs=1e-8)
    assert (fit.unused, fit.people) == (40, 40)


def test_two_way_fixed_effects_fail_where_effects_grow_and_imputation_does_not():
    """Staggered onset, nobody never treated, effects growing by 1 a column: 10 % of the truth and more."""
    y, onset, effect = [], [], []
    for seed in range(20):
        made = {"never": False, "growth": 1.0, "seed": seed}
        one, when = stages(60, 8, **made)
        fit = imputation(one, when)
        truth = 3 + (np.arange(8) - when[:, None])
        y.append(fit.estimate)
        onset.append(two_way_effect(one, when).coef[0])
        effect.append(truth[fit.used].mean())
    truth = np.mean(effect)
    assert abs(np.mean(onset) - truth) > 0.1 * truth
    assert abs(np.mean(y) - truth) < 0.02 * truth


def test_degrees_of_freedom_are_few_where_few_rows_carry_the_variance():
    """Ten rows alike: nine. With one treated from column 1 of 20, v = 19 + 361 for it, else 1 + 1/19."""
    alike = np.r_[np.full(10, 19), np.full(10, 20)]
    y = np.random.default_rng(1).normal(size=(20, 20))
    assert imputation(y, alike).overall.df == pytest.approx(9)
    alike[0] = 1
    v = np.r_[19 + 361.0, np.full(9, 1 + 1 / 19)]
    assert imputation(y, alike).overall.df == pytest.approx(v.sum() ** 2 / (v**2).sum() - 1)


def with_dip(size, seed, n=120):
    y, onset = stages(n, 10, seed=seed, noise=3.0)
    return np.where(np.arange(10) == onset[:, None] - 1, y - size, y), onset


def test_a_dip_before_treatment_is_flagged_and_nothing_else_is():
    """In 60 panels each: of those without a dip at most 1 in 10 (5 % and three standard errors)."""
    flags = {
        size: np.mean([leads(*with_dip(size, s), most=4).flagged for s in range(60)]) for size in (0.0, 3.0)
    }
    assert flags[0.0] <= 0.1
    assert flags[3.0] >= 0.9


def test_leads_are_those_of_a_regression_on_untreated_cells():
    """Against all dummies, by least squares."""
    y, onset = with_dip(2.0, 1, n=40)
    found = leads(y, onset, most=3)
    row, column = np.nonzero(np.arange(10) < onset[:, None])
    ahead = np.where(onset < 10, onset, 99)[row] - column
    X = np.column_stack(
        [ahead == k for k in (3, 2, 1)]
        + [row == i for i in range(40)]
        + [column == t for t in range(1, column.max() + 1)]
    ).astype(float)
    coef = np.linalg.lstsq(X, y[row, column], rcond=None)[0]
    np.testing.assert_allclose(found.estimate, coef[:3], atol=1e-8)
    assert found.before.tolist() == [3, 2, 1]
    assert found.people.tolist() == [(ahead == k).sum() for k in (3, 2, 1)]


@pytest.mark.parametrize(("pvalue", "flagged"), [(0.035, True), (0.045, False)])
def test_the_last_lead_by_itself_has_four_fifths_of_the_level(pvalue, flagged):
    """Adding c before onset moves the last lead by c and leaves its error, so any p-value can be made."""
    y, onset = with_dip(0.0, 3)
    quiet = leads(y, onset, most=4)
    wanted = stats.t.isf(pvalue / 2, quiet.last.df[0]) * quiet.last.se[0]
    i = np.flatnonzero((onset > 0) & (onset < y.shape[1]))
    y[i, onset[i] - 1] += wanted - quiet.last.coef[0]
    found = leads(y, onset, most=4)
    assert found.last.pvalue[0] == pytest.approx(pvalue, rel=1e-8)
    assert min(holm(list(found.pvalue))) > 0.01  # the rest of the level does not decide here
    assert found.flagged == flagged


def test_as_many_leads_as_the_data_can_tell():
    y, onset = np.random.default_rng(1).normal(size=(30, 5)), np.full(30, 3)
    assert leads(y, onset, most=4) is None  # all treated at once: a lead is a period
    onset[:10] = 2
    assert len(leads(y, onset, most=4).before) == 1
    assert leads(y, onset, most=4, least=31) is None


MPDTA = "reference/values/csdid_mpdta.json"


@pytest.fixture
def mpdta(shared):
    values = json.loads((shared / MPDTA).read_text())["results"]
    table = pd.read_csv(shared / "reference/data/mpdta.csv")
    wide = table.pivot(index="countyreal", columns="year", values="lemp")
    first = table.groupby("countyreal")["first.treat" if "first.treat" in table else "first_treat"].first()
    onset = np.where(first == 0, wide.shape[1], first - wide.columns[0])
    return wide.to_numpy(), onset, values


def test_callaway_and_santanna_on_counties_equals_r(mpdta):
    """ATT(g,t) and means to 1e-6, analytic errors to 1e-3 (relative)."""
    y, onset, values = mpdta
    found = group_time(y, onset, control="never_treated")
    by_cell = {
        (g + 2003, t + 2003): k for k, (g, t) in enumerate(zip(found.onset, found.column, strict=True))
    }
    assert len(by_cell) == len(values["attgt"]) == 12
    for cell in values["attgt"]:
        k = by_cell[cell["group"], cell["year"]]
        assert found.estimate[k] == pytest.approx(cell["att"], abs=1e-6)
        assert found.se[k] == pytest.approx(cell["se"], rel=1e-3)
    assert found.overall.estimate == pytest.approx(values["simple"], abs=1e-6)
    for since, value in zip(found.since, found.by_since, strict=True):
        assert value == pytest.approx(values["dynamic"][str(since)], abs=1e-6)
    for cohort, value in zip(found.cohort, found.by_cohort, strict=True):
        assert value == pytest.approx(values["group"][str(cohort + 2003)], abs=1e-6)
    assert two_way_effect(y, onset).coef[0] == pytest.approx(values["twfe"][0]["estimate"], abs=1e-6)


def test_not_yet_treated_are_controls_unless_said_otherwise():
    y, onset = stages(60, 8, never=False, seed=3)
    assert group_time(y, onset).overall.estimate == pytest.approx(3, abs=0.5)
    with pytest.raises(ValueError, match="never"):
        group_time(y, onset, control="never_treated")


def test_by_hand_two_groups_two_periods_are_one_difference_of_differences():
    y = np.array([[1.0, 4.0], [3.0, 7.0], [2.0, 2.5], [4.0, 5.5]])
    onset = np.array([1, 1, 2, 2])
    assert imputation(y, onset).estimate == pytest.approx(3.5 - 1.0, abs=1e-10)
    assert group_time(y, onset).overall.estimate == pytest.approx(2.5, abs=1e-10)
    assert two_way_effect(y, onset).coef[0] == pytest.approx(2.5, abs=1e-10)


def test_no_warning_leaves_the_package():
    y, onset = stages(30, 6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        imputation(y, onset)
        group_time(y, onset)
