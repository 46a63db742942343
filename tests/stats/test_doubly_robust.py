"""Doubly robust effects: R's values, statsmodels', an experiment's, and either model allowed to be wrong."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.treatment.treatment_effects import TreatmentEffect

from walesi_research.stats.doubly_robust import doubly_robust

EXPERIMENT = 1794.34
"""Earnings gained in the experiment (Dehejia and Wahba 1999), dollars of 1978."""


@pytest.fixture(scope="module")
def lalonde(shared):
    frame = pd.read_csv(shared / "reference/data/lalonde_matchit.csv")
    race = pd.get_dummies(frame["race"])[["black", "hispan"]]
    others = frame[["age", "educ", "married", "nodegree", "re74", "re75"]]
    X = sm.add_constant(pd.concat([race, others], axis=1).astype(float)).to_numpy()
    return frame["re78"].to_numpy(), frame["treat"].to_numpy(), X


@pytest.mark.parametrize(("target", "name"), [("all", "ate"), ("treated", "att")])
def test_equals_the_reference(lalonde, shared, target, name):
    values = json.loads((shared / "reference/values/lalonde_matchit_aipw.json").read_text())["results"][name]
    found = doubly_robust(*lalonde, target=target)
    # R stops its logit at 1e-8 of the deviance
    assert found.estimate == pytest.approx(values["est"], rel=1e-6)
    assert found.se == pytest.approx(values["se_if"], rel=1e-6)
    if name == "att":
        assert [found.propensity.min(), found.propensity.max()] == pytest.approx(values["ps_range"], rel=1e-6)
        assert 0 < found.outside < 1


def test_equals_statsmodels_for_all(lalonde):
    y, d, X = lalonde
    theirs = TreatmentEffect(sm.OLS(y, X), d, sm.Logit(d, X).fit(disp=0)).aipw(return_results=False)[0]
    assert doubly_robust(y, d, X, target="all").estimate == pytest.approx(theirs, rel=1e-10)


def test_the_experiments_difference_comes_back():
    try:
        from causaldata import nsw_mixtape
    except ImportError:
        message = "no package causaldata: LaLonde's experiment was not recomputed (pip install causaldata)"
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    frame = nsw_mixtape.load_pandas().data
    y, d = frame["re78"].to_numpy(float), frame["treat"].to_numpy()
    assert len(frame) == 445
    nothing = np.ones((len(y), 1))  # in an experiment nothing needs adjusting: the difference of means
    for target in ("all", "treated"):
        assert doubly_robust(y, d, nothing, target=target).estimate == pytest.approx(EXPERIMENT, abs=0.005)


@pytest.mark.parametrize("wrong", ["outcome", "treatment"])
@pytest.mark.parametrize("target", ["all", "treated"])
def test_one_of_the_models_may_be_wrong(wrong, target):
    rng = np.random.default_rng(3)
    x = rng.normal(size=40_000)
    bend = x if wrong == "treatment" else np.exp(x / 2)
    tilt = x if wrong == "outcome" else np.abs(x) - 0.8
    d = rng.random(len(x)) < 1 / (1 + np.exp(-tilt))
    y = 2.0 * d + 3 * bend + rng.normal(size=len(x))
    found = doubly_robust(y, d, np.column_stack([np.ones_like(x), x]), target=target)
    assert found.estimate == pytest.approx(2.0, abs=4 * found.se)
    assert found.se < 0.05


def test_clusters_that_repeat_a_row_leave_its_error_as_it_was():
    rng = np.random.default_rng(5)
    x = rng.normal(size=300)
    d = rng.random(300) < 0.4
    y, X = d + x + rng.normal(size=300), np.column_stack([np.ones(300), x])
    once = doubly_robust(y, d, X)
    twice = doubly_robust(np.tile(y, 2), np.tile(d, 2), np.tile(X, (2, 1)), groups=np.tile(np.arange(300), 2))
    assert (twice.estimate, twice.se) == pytest.approx((once.estimate, once.se), rel=1e-9)
    assert doubly_robust(np.tile(y, 2), np.tile(d, 2), np.tile(X, (2, 1))).se < 0.75 * once.se


@pytest.mark.parametrize(
    ("d", "X", "told"),
    [
        (np.zeros(20), np.ones((20, 1)), "some must be"),
        (np.arange(20) > 9, np.column_stack([np.ones(20), np.arange(20.0)]), "give the treatment away"),
        (np.arange(20) > 1, np.column_stack([np.ones(20), np.arange(20) % 3, np.arange(20) % 5]), "too few"),
    ],
)
def test_what_cannot_be_compared_is_refused(d, X, told):
    with pytest.raises(ValueError, match=told):
        doubly_robust(np.arange(20.0) % 7, d, X)
