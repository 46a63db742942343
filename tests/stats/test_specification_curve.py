"""Models of a specification curve against statsmodels, and its shuffles against plain refitting."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from walesi_research.stats import specification_model as models
from walesi_research.stats.shuffles import induced, within
from walesi_research.stats.specification_curve import Curve, curve, joint_test, shuffled_curves

N, GROUPS = 60, 6
ROWS = np.arange(N)
GROUP = np.repeat(np.arange(GROUPS), N // GROUPS)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    X = np.column_stack([rng.normal(size=(N, 2)), np.ones(N), rng.normal(size=N)])
    y = X @ [0.5, -0.2, 1, 0.7] + rng.normal(size=GROUPS)[GROUP] + rng.standard_t(3, N) * (1 + X[:, 0] ** 2)
    return y, X


def dummies():
    return (GROUP[:, None] == np.arange(GROUPS)).astype(float)


def every(y, X):
    return {
        "least_squares": models.least_squares(y, X, ROWS),
        "huber": models.huber(y, X, ROWS),
        "fixed": models.fixed_effects(y, np.delete(X, 2, axis=1), ROWS, GROUP),
        "random": models.random_intercepts(y, X, ROWS, GROUP, 0.6, 1.7),
    }


def refitted(kind, y, X):
    """The same model by statsmodels: coefficients and standard errors of the first two columns."""
    if kind == "huber":
        fit = sm.RLM(y, X).fit(scale_est="mad", update_scale=False, maxiter=500, tol=1e-12, cov="H1")
        return fit.params[:2], fit.bse[:2]
    if kind == "random":
        V = 1.7 * np.eye(N) + 0.6 * dummies() @ dummies().T
        # HC2 depends on the root of V that whitens: the symmetric one leaves each row its own
        values, vectors = np.linalg.eigh(V)
        half = vectors / np.sqrt(values) @ vectors.T
        assert sm.OLS(half @ y, half @ X).fit().params == pytest.approx(sm.GLS(y, X, V).fit().params)
        y, X = half @ y, half @ X
    elif kind == "fixed":
        X = np.column_stack([np.delete(X, 2, axis=1), dummies()])
    fit = sm.OLS(y, X).fit(cov_type="HC2")
    return fit.params[:2], fit.bse[:2]


@pytest.mark.parametrize("kind", ["least_squares", "huber", "fixed", "random"])
def test_each_estimator_equals_statsmodels(data, kind):
    model = every(*data)[kind]
    coef, se = refitted(kind, *data)
    for column in range(2):
        estimate, error = model.at(column).errors(model.y[:, None])
        assert estimate[0] == pytest.approx(coef[column], abs=1e-6)  # Huber's steps end at 1e-7 of a scale
        assert error[0] == pytest.approx(se[column], rel=1e-6)


def test_degrees_of_freedom_count_the_means_taken_out(data):
    assert {kind: model.df for kind, model in every(*data).items()} == {
        "least_squares": N - 4, "huber": N - 4, "random": N - 4, "fixed": N - 3 - GROUPS,
    }  # fmt: skip


def scaled_up(residual, rest, V):
    """Deviations from the groups' means, scaled for the degrees of freedom that `rest` took within groups."""
    values, vectors = np.linalg.eigh(V)
    white = vectors / np.sqrt(values) @ vectors.T @ rest
    means = dummies() @ dummies().T / (N // GROUPS)
    taken = np.trace((np.eye(N) - means) @ white @ np.linalg.pinv(white))
    factor = np.sqrt((N - GROUPS) / (N - GROUPS - taken))
    return means @ residual + factor * (residual - means @ residual)


@pytest.mark.parametrize("kind", ["least_squares", "huber", "fixed", "random"])
def test_a_shuffled_curve_is_the_model_refitted_to_shuffled_residuals(data, kind):
    """Freedman–Lane by hand: fit without the column, permute its residuals, add them, refit elsewhere."""
    y, X = data
    shuffles = within(np.random.default_rng(3), GROUP, 4)
    model = every(y, X)[kind]
    found = shuffled_curves([model], 0, shuffles, GROUP)
    if kind == "fixed":
        rest = np.column_stack([np.delete(X, [0, 2], axis=1), dummies()])
    else:
        rest = np.delete(X, 0, axis=1)
    V = 1.7 * np.eye(N) + 0.6 * dummies() @ dummies().T if kind == "random" else np.eye(N)
    fitted = rest @ sm.GLS(y, rest, V).fit().params
    residual = scaled_up(y - fitted, rest, V)
    for b in range(4):
        coef, se = refitted(kind, fitted + residual[shuffles[:, b]], X)
        assert found.estimate[b, 0] == pytest.approx(coef[0], abs=1e-6)
        clear = abs(coef[0]) > stats.t.ppf(0.975, model.df) * se[0]
        assert found.clear[b, 0] == clear


def test_groups_of_one_are_left_out_of_fixed_effects(data):
    y, X = data
    group = np.where(ROWS < 2, 100 + ROWS, GROUP)
    model = models.fixed_effects(y, np.delete(X, 2, axis=1), ROWS, group)
    assert list(model.rows) == list(range(2, N))


def test_who_is_fitted_exactly_adds_nothing_to_an_error(data):
    """A dummy of one person: the coefficient and its error are those of the others."""
    y, X = data
    alone = np.column_stack([X, (ROWS == 7).astype(float)])
    with np.errstate(all="raise"):
        one = models.least_squares(y, alone, ROWS)
        estimate, error = one.at(0).errors(y[:, None])
    fit = sm.OLS(np.delete(y, 7), np.delete(X, 7, axis=0)).fit(cov_type="HC2")
    assert (estimate[0], error[0]) == pytest.approx((fit.params[0], fit.bse[0]))


def test_shuffles_stay_within_groups_and_are_permutations():
    group = np.array(["b", "a", "b", "a", "b"])
    shuffles = within(np.random.default_rng(1), group, 600)
    assert (group[shuffles] == group[:, None]).all()
    assert (np.sort(shuffles, axis=0) == np.arange(5)[:, None]).all()
    share = np.mean(shuffles[1] == 3)
    assert abs(share - 0.5) < 0.08  # four standard errors of 600 draws


def test_induced_permutations_pass_over_those_who_left():
    """0 -> 2 -> 1 -> 0 and 3 -> 3; without 2, 0 is given 1's residual."""
    cycle = np.array([[2], [0], [1], [3]])
    assert induced(cycle, np.array([0, 1, 3])).ravel().tolist() == [1, 0, 2]
    shuffles = within(np.random.default_rng(2), np.zeros(5), 2000)
    few = induced(shuffles, np.array([1, 2, 4]))
    assert (np.sort(few, axis=0) == np.arange(3)[:, None]).all()
    _, times = np.unique(few, axis=1, return_counts=True)
    assert len(times) == 6 and stats.chisquare(times).pvalue > 1e-3  # uniform over all 3! permutations


def test_the_statistics_of_a_curve_by_hand():
    seen = Curve(np.array([0.4, 0.1, -0.2, 0.3]), np.array([True, False, True, True]))
    assert (seen.median, seen.dominant, seen.clear_share) == pytest.approx((0.2, 0.75, 0.5))
    assert (seen.agreeing(0), seen.agreeing(2)) == (0.75, 0.25)


def test_the_joint_test_counts_shuffled_curves_as_far_out():
    drawn = np.linspace(-1, 1, 199)[:, None] * np.ones(3)
    test = joint_test(Curve(np.full(3, 0.9), np.ones(3, bool)), Curve(drawn, np.abs(drawn) > 0.95))
    assert test.median == pytest.approx((1 + np.sum(np.abs(drawn[:, 0]) >= 0.9)) / 200)
    assert test.clear == pytest.approx((1 + np.sum(np.abs(drawn[:, 0]) > 0.95)) / 200)
    assert test.dominant == 1.0  # each shuffled curve has one sign throughout


def test_few_shuffles_take_the_tail_from_t():
    """Of one new draw beside the 39: the t test of two samples, one of which is a single value."""
    drawn, none = np.random.default_rng(4).normal(size=39), np.zeros((39, 2), bool)
    test = joint_test(Curve(np.full(2, 1.5), none[0]), Curve(drawn[:, None] * np.ones(2), none))
    assert test.median == pytest.approx(stats.ttest_ind([1.5], drawn).pvalue)
    flat = Curve(np.zeros((39, 2)), np.zeros((39, 2), bool))
    assert joint_test(Curve(np.ones(2), np.ones(2, bool)), flat).median == 1.0  # nobody could be shuffled


def test_the_test_of_the_median_holds_its_size_where_nothing_is_associated():
    """200 data sets of 40 in four groups that differ; with 5 % exactly, over 10 % are seen once in 1,000."""
    rng, group, rejected = np.random.default_rng(8), np.repeat(np.arange(4), 10), 0
    rows, one = np.arange(40), np.ones(40)
    for _ in range(200):
        z = rng.normal(size=40)
        x, y = z + rng.normal(size=40), z + rng.normal(size=4)[group] + rng.normal(size=40)
        X = np.column_stack([x, one, z])
        both = [models.least_squares(y, X, rows), models.fixed_effects(y, X[:, [0, 2]], rows, group)]
        shuffles = within(rng, group, 99)
        rejected += joint_test(curve(both, 0), shuffled_curves(both, 0, shuffles, group)).median < 0.05
    assert rejected <= 20
