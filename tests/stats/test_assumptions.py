"""Least squares and its classical tests, against R 4.2.2 (lm, car::vif, lmtest::bptest, resettest)."""

import numpy as np
import pytest

from walesi_research.stats.assumptions import assumptions


def example():
    i = np.arange(40)
    x1 = np.sin(i)
    x2, x3 = np.cos(2 * i) + 0.3 * x1, (i % 7) / 3
    y = 1 + 0.8 * x1 - 0.5 * x2 + 0.2 * x3 + 0.4 * np.sin(5 * i) * (1 + 0.5 * x3) + 0.1 * x1**2
    return y, np.column_stack([x1, x2, x3])


def test_all_figures_equal_r():
    """Closed forms on both sides: nine digits, as R printed ten; Shapiro's p is an approximation: 1e-6."""
    found = assumptions(*example())
    r = {
        "coef": [1.0201215356, 0.8696683771, -0.5135450712, 0.2373380343],
        "se": [0.12267948065, 0.10144519052, 0.09680610025, 0.10567980390],
        "pvalue": [6.718574704e-10, 3.209336608e-10, 5.901560906e-06, 3.094708671e-02],
        "beta": [0.7885484497, -0.4882039131, 0.2000521360],
        "f": 30.0609539,
        "r2": 0.7146997658,
        "r2_adjusted": 0.6909247463,
        "df": 36,
        "vif": [1.067610175, 1.068688669, 1.001235118],
        "breusch_pagan": 0.1035972035,
        "glejser": [0.82002400843, 0.64294859529, 0.09757646004],
        "linearity": 0.03028351432,
    }
    for name, value in r.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-8), name
    assert found.normality == pytest.approx(0.210057017, rel=1e-6)


def test_faults_are_told():
    y, X = example()
    with pytest.raises(ValueError, match="collinear"):
        assumptions(y, np.column_stack([X, X[:, 0]]))
    with pytest.raises(ValueError, match="missing"):
        assumptions(np.where(y == y[0], np.nan, y), X)


def test_each_test_finds_what_it_looks_for():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(400, 2))
    plain = assumptions(x[:, 0] + rng.normal(size=400), x)
    bent = assumptions(x[:, 0] + x[:, 0] ** 2 + rng.normal(size=400), x)
    spread = assumptions(x[:, 0] + np.exp(x[:, 0]) * rng.normal(size=400), x)
    skewed = assumptions(x[:, 0] + rng.exponential(size=400), x)
    assert min(plain.normality, plain.linearity, plain.breusch_pagan) > 0.05
    assert bent.linearity < 1e-4
    assert max(spread.breusch_pagan, spread.glejser[0]) < 1e-4
    assert skewed.normality < 1e-4
