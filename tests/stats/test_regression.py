"""The shared pieces of linear models, against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from walesi_research import stats
from walesi_research.stats import joint_wald, standardise
from walesi_research.stats.regression import check_design, codes, dependent_columns, whitened


def test_joint_wald_equals_the_f_test():
    rng = np.random.default_rng(1)
    X = sm.add_constant(rng.normal(size=(50, 4)))
    fit = sm.OLS(X @ [1, 0.3, 0, 0, 0.2] + rng.normal(size=50), X).fit()
    test = joint_wald(fit.params[1:], fit.cov_params()[1:, 1:], fit.df_resid)
    assert test.statistic == pytest.approx(fit.fvalue, rel=1e-10)
    assert test.pvalue == pytest.approx(fit.f_pvalue, rel=1e-8)
    assert (test.df1, test.df2) == (4, 45)


def test_joint_wald_of_one_coefficient_is_t_squared_and_infinite_df_is_chi_square():
    assert joint_wald(2.0, 4.0, 10).statistic == 1
    assert joint_wald(1.959964, 1.0, np.inf).pvalue == pytest.approx(0.05, abs=1e-6)


def test_joint_wald_refusals():
    with pytest.raises(ValueError, match="singular at positions 1"):
        joint_wald([1.0, 1.0], np.ones((2, 2)), 10)
    with pytest.raises(ValueError, match="of that order"):
        joint_wald([1.0, 1.0], np.eye(3), 10)


def test_standardise():
    rng = np.random.default_rng(2)
    x = rng.normal(3, 5, (40, 2))
    x[3, 1] = np.nan
    z = standardise(x)
    assert np.nanmean(z, axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert np.nanstd(z, axis=0, ddof=1) == pytest.approx([1, 1])
    assert np.isnan(z[3, 1])
    w = rng.integers(1, 4, 40)
    repeated = np.repeat(x[:, 0], w)
    expected = (x[:, 0] - repeated.mean()) / repeated.std()
    assert standardise(x[:, 0], w) == pytest.approx(expected)
    with pytest.raises(ValueError, match="column 1"):
        standardise(np.column_stack([x[:, 0], np.full(40, 0.1)]))


def test_dependent_columns_are_those_after_their_causes():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(30, 3))
    assert dependent_columns(
        np.column_stack([x[:, 0], 0 * x[:, 0], x[:, 1], x[:, 0] + x[:, 1], x[:, 2]])
    ) == [1, 3]
    years = np.column_stack([np.ones(30), np.arange(30) % 7 + 2018.0])
    assert dependent_columns(years) == []
    assert dependent_columns(1e-9 * years) == []


def test_check_design_names_what_is_wrong():
    y, X = np.arange(5.0), np.column_stack([np.ones(5), [1.0, 2, np.nan, 4, 5]])
    with pytest.raises(ValueError, match="X has missing or infinite values in column 1"):
        check_design(y, X)
    with pytest.raises(ValueError, match="do not belong together"):
        check_design(y, X[:3])
    with pytest.raises(ValueError, match="2 rows are too few for 2 coefficients"):
        check_design(y[:2], np.eye(2))


def test_whitening_is_accurate_for_badly_scaled_columns():
    X = np.column_stack([np.ones(500), np.arange(500) % 7 + 2018.0, 1e-8 * (np.arange(500) % 3)])
    w = np.linspace(0.5, 2, 500)
    q, turn = whitened(X, w)
    assert q.T @ (w[:, None] * q) == pytest.approx(np.eye(3), abs=1e-12)
    assert X @ turn == pytest.approx(q)


def test_codes():
    code, levels = codes(np.array(["b", "a", "b"]))
    assert code.tolist() == [1, 0, 1]
    assert levels.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="missing"):
        codes([1.0, np.nan])


def test_the_package_lists_what_it_has():
    for name in stats.__all__:
        assert callable(getattr(stats, name))
    assert set(stats.__all__) <= set(dir(stats))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        stats.nothing  # noqa: B018
