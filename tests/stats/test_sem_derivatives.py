"""The exact derivatives of all objectives against differences, in models with every kind of parameter."""

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats.sem.least_squares import Correlations, LeastSquares
from walesi_research.stats.sem.likelihood import Likelihood, rows_scores
from walesi_research.stats.sem.parameters import build
from walesi_research.stats.sem.sample import read_rows
from walesi_research.stats.sem.structure import structures

MODEL = """
f =~ a + k*b + c
g =~ d + k*e + i
h =~ y1 + y2 + f
g ~ f + x
y ~ g + x
d ~~ e
f ~ 0.3*1
"""
ORDINAL = "f =~ a + k*b + c; g =~ d + k*e + i; h =~ y1 + y2 + y; g ~ f; h ~ g + f; d ~~ e"
STEP = 1e-5


def problem(kind):
    """An objective, and a point that is no minimum."""
    rng = np.random.default_rng(4)
    ordinal = kind == "least squares"
    model = ORDINAL if ordinal else MODEL
    table = build(model, groups=2, means=not ordinal, ordered=ordinal)
    n = 80
    y = rng.normal(size=(n, len(table.observed))) + rng.normal(size=(n, 1))
    if kind == "missing":
        y[rng.random(y.shape) < 0.15] = np.nan
    if ordinal:
        y = np.digitize(y, [-1, 0, 1]).astype(float)
    frame = pd.DataFrame(y, columns=list(table.observed)).assign(group=np.arange(n) % 2)
    if table.exogenous:
        frame["x"] = rng.normal(size=n)
    missing = "fiml" if kind == "missing" else "listwise"
    rows = read_rows(frame, table.observed, group="group", missing=missing)
    own = structures(table)
    if ordinal:
        objective = LeastSquares(own, [Correlations.of(r.y) for r in rows])
    else:
        own = [s.at_sample(np.zeros(s.p), 1.5 * np.eye(s.p)) for s in own]
        objective = Likelihood(own, [r.moments() for r in rows])
    theta = np.zeros(table.size)
    for p, f in zip(table.parameters, table.free, strict=True):
        if f >= 0:
            theta[f] = 1.3 if p.op == "~~" and p.lhs == p.rhs else 0.2
    return objective, theta + rng.uniform(-0.1, 0.1, table.size), rows


def differences(function, theta):
    """Central differences; with step 1e-5 their error is some 1e-9 of the values."""
    units = STEP * np.eye(len(theta))
    return np.array([(function(theta + u) - function(theta - u)) / (2 * STEP) for u in units])


@pytest.mark.parametrize("kind", ["complete", "missing", "least squares"])
def test_gradient_and_hessian_are_those_of_the_value(kind):
    objective, theta, _ = problem(kind)
    value, gradient, hessian = objective.derivatives(theta)
    assert value == pytest.approx(objective.value(theta), rel=1e-13)
    assert gradient == pytest.approx(differences(objective.value, theta), rel=1e-6, abs=1e-8)
    numeric = differences(lambda t: objective.derivatives(t)[1], theta)
    assert hessian == pytest.approx(numeric, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("kind", ["complete", "missing"])
def test_slope_is_value_and_gradient(kind):
    objective, theta, _ = problem(kind)
    value, gradient, _ = objective.derivatives(theta)
    assert objective.slope(theta)[0] == value
    assert objective.slope(theta)[1] == pytest.approx(gradient, abs=1e-14)


@pytest.mark.parametrize("kind", ["complete", "missing"])
def test_scores_of_rows_add_up_to_the_gradient(kind):
    objective, theta, rows = problem(kind)
    total = sum(
        rows_scores(s, theta, r, means=True).sum(axis=0)
        for s, r in zip(objective.structures, rows, strict=True)
    )
    assert -2 * total / objective.n == pytest.approx(objective.derivatives(theta)[1], abs=1e-12)


def test_expected_hessian_is_the_hessian_at_moments_that_the_model_implies():
    objective, theta, _ = problem("complete")
    moments = []
    for s, m in zip(objective.structures, objective.moments, strict=True):
        at = s.implied(theta)
        moments.append(type(m).of(at.mu, at.sigma, m.n))
    true = Likelihood(objective.structures, moments)
    _, gradient, hessian = true.derivatives(theta)
    assert gradient == pytest.approx(0, abs=1e-13)
    assert true.derivatives(theta, expected=True)[2] == pytest.approx(hessian, abs=1e-12)


def test_patterns_of_missing_answers_give_the_likelihood_of_each_row():
    objective, theta, rows = problem("missing")
    total = 0.0
    for s, r in zip(objective.structures, rows, strict=True):
        at = s.implied(theta)
        for y in r.y:
            seen = ~np.isnan(y)
            sigma, off = at.sigma[np.ix_(seen, seen)], (y - at.mu)[seen]
            total -= np.linalg.slogdet(2 * np.pi * sigma)[1] / 2 + off @ np.linalg.solve(sigma, off) / 2
    assert objective.log_likelihood(theta) == pytest.approx(total, rel=1e-12)


def test_value_is_infinite_where_a_covariance_matrix_is_impossible():
    objective, theta, _ = problem("complete")
    assert objective.value(-theta) == np.inf
    assert objective.slope(-theta)[0] == np.inf
    with pytest.raises(np.linalg.LinAlgError):
        objective.derivatives(-theta)
