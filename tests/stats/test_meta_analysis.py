"""Random effects against metafor and statsmodels; ranks against what their definition promises."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from walesi_research.stats.meta_analysis import random_effects
from walesi_research.stats.ranks import rank_sets

# log risk ratios and errors of the 13 BCG trials of Colditz et al. 1994, from metafor's
# escalc(measure = "RR", data = dat.bcg): 8 digits
Y = [
    -0.88931133, -1.58538866, -1.34807315, -1.44155119, -0.21754732, -0.78611559, -1.62089822, 0.01195233,
    -0.46941765, -1.37134480, -0.33935883, 0.44591340, -0.01731395,
]  # fmt: skip
S = [
    0.57060035, 0.44111350, 0.64449047, 0.14145682, 0.22629665, 0.08310005, 0.47224702, 0.06294108,
    0.23755886, 0.27023100, 0.11141012, 0.72972998, 0.26721650,
]  # fmt: skip
SAME = [0.1, 0.12, 0.09, 0.11, 0.1], np.sqrt([0.01, 0.02, 0.015, 0.03, 0.01])


def test_bcg_trials_as_metafor_has_them():
    # rma(yi, vi, method = "REML", test = "knha"), predict(), blup(), confint(); inputs have 8 digits, so
    # 1e-6, but for confint(), which stops searching within 1e-4
    r = random_effects(Y, S)
    assert [r.mean, r.se, r.low, r.high] == pytest.approx(
        [-0.71453234, 0.18079174, -1.10844371, -0.32062097], abs=1e-6
    )
    assert r.tau2 == pytest.approx(0.31324326, abs=1e-6)
    assert [r.tau2_low, r.tau2_high] == pytest.approx([0.11969531, 1.11148626], abs=1e-4)
    assert [r.i2, r.q] == pytest.approx([0.9222138452, 152.23300808], rel=1e-6)
    assert [r.predicted_low, r.predicted_high] == pytest.approx([-1.99601683, 0.56695215], abs=1e-6)
    blup = [-0.800234, -1.251706, -0.986903, -1.397898, -0.287380, -0.784572, -1.243963, 0.002879]
    assert list(r.estimates[:8]) == pytest.approx(blup, abs=2e-6)
    assert list(r.ses[[0, 5, 12]]) == pytest.approx([0.410046, 0.082291, 0.243466], abs=2e-6)
    assert list(r.lows[[0, 5, 12]]) == pytest.approx([-1.693647, -0.963869, -0.677210], abs=2e-6)


@pytest.mark.parametrize(
    ("floor", "se", "low", "high"),
    [(False, 0.00453007, 0.08932727, 0.11448225), (True, 0.05345225, -0.04650247, 0.25031200)],
)
def test_places_that_agree_more_than_chance_lets_them(floor, se, low, high):
    # metafor: test = "knha" and test = "adhoc"
    r = random_effects(*SAME, floor=floor)
    assert r.tau2 == 0 and r.i2 == 0
    assert [r.mean, r.se, r.low, r.high] == pytest.approx([0.10190476, se, low, high], abs=1e-7)
    assert r.estimates == pytest.approx(np.full(5, r.mean))


def test_weights_and_error_as_statsmodels_has_them():
    # statsmodels has no REML, and its tau2 (Paule-Mandel) is another; the fixed-effect Q is the same, and the
    # Q-profile interval must hold the Paule-Mandel value, at which Q equals its expectation
    theirs = combine_effects(np.array(Y), np.array(S) ** 2, method_re="iterated", use_t=True)
    ours = random_effects(Y, S)
    assert ours.q == pytest.approx(theirs.q, rel=1e-8)
    assert ours.tau2_low < theirs.tau2 < ours.tau2_high
    assert ours.mean == pytest.approx(theirs.mean_effect_re, abs=0.02)


@pytest.mark.parametrize(("k", "least"), [(8, 0.81), (100, 0.90)])
def test_the_intervals_cover_the_mean_and_the_next_place(k, least):
    # 400 worlds: the Monte Carlo error of a coverage of .95 is .011, so .917 is three below. The prediction
    # interval is known to be short, for tau2 is estimated: .86 with 8 places, .94 with 100, less three errors
    rng, mean, following = np.random.default_rng(9), 0, 0
    for _ in range(400):
        s = rng.uniform(0.2, 1.0, k)
        r = random_effects(rng.normal(1.0, 0.5, k) + s * rng.standard_normal(k), s)
        mean += r.low <= 1.0 <= r.high
        following += r.predicted_low <= rng.normal(1.0, 0.5) <= r.predicted_high
    assert mean / 400 > 0.917
    assert following / 400 > least


def test_shrunken_estimates_are_nearer_to_the_truth():
    rng, raw, shrunken = np.random.default_rng(4), 0.0, 0.0
    for _ in range(50):
        s, truth = rng.uniform(0.5, 1.5, 20), rng.normal(0, 0.5, 20)
        y = truth + s * rng.standard_normal(20)
        raw += np.mean((y - truth) ** 2)
        shrunken += np.mean((random_effects(y, s).estimates - truth) ** 2)
    assert shrunken < 0.5 * raw


@pytest.mark.parametrize(("y", "s"), [([1.0], [1.0]), ([1, 2], [0, 1]), ([1, np.nan], [1, 1]), ([1, 2], [1])])
def test_what_cannot_be_pooled_is_refused(y, s):
    with pytest.raises(ValueError, match=r"meta-analysis|finite"):
        random_effects(y, s)


def test_ranks_known_exactly_are_ranks():
    sets = rank_sets([3, 1, 2], [0, 0, 0], np.random.default_rng(1))
    assert list(sets.rank) == list(sets.best) == list(sets.worst) == [1, 3, 2]


def test_two_places_are_told_apart_as_in_an_ordinary_comparison():
    # one difference: the critical value is the normal 1.96; 20,000 draws leave an error of about .02
    sets = rank_sets([0, 1], [1, 1], np.random.default_rng(1), draws=20_000)
    assert sets.critical == pytest.approx(1.96, abs=0.05)


def test_the_critical_value_is_tukeys_where_errors_are_equal():
    # studentised range q(.95; 10, inf) = 4.474 (tables), over sqrt(2); 20,000 draws leave an error of .02
    sets = rank_sets(np.zeros(10), np.ones(10), np.random.default_rng(2), draws=20_000)
    assert sets.critical == pytest.approx(4.474 / np.sqrt(2), abs=0.05)
    assert set(sets.best) == {1} and set(sets.worst) == {10}


def test_the_sets_hold_all_true_ranks_together():
    # 300 worlds of 12 places with every rank at stake: at least .95, Monte Carlo error .013
    rng, held = np.random.default_rng(3), 0
    truth = np.linspace(2.0, 0.0, 12)
    for _ in range(300):
        s = rng.uniform(0.1, 0.5, 12)
        sets = rank_sets(truth + s * rng.standard_normal(12), s, rng, draws=500)
        held += bool(((sets.best <= np.arange(1, 13)) & (np.arange(1, 13) <= sets.worst)).all())
    assert held / 300 > 0.95 - 3 * 0.013


def test_ranks_of_a_nation_are_drawn_in_blocks():
    rng = np.random.default_rng(5)
    sets = rank_sets(rng.standard_normal(514), np.full(514, 0.01), rng, draws=40)
    assert (sets.best <= sets.rank).all() and (sets.rank <= sets.worst).all()
