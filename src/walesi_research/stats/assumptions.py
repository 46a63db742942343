"""The classical assumptions of least squares, each tested as theses report it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from walesi_research.stats.regression import check_design

__all__ = ["SHAPIRO", "Assumptions", "assumptions"]

Array = NDArray[np.float64]
SHAPIRO = 5000
"""Residual degrees of freedom from which on the p-value of Shapiro and Wilk is not known."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Least squares with its customary figures, and the tests of what it assumes.

    Attributes
    ----------
    coef, se, t, pvalue : ndarray, shape (k + 1,)
        The constant first; ordinary standard errors.
    beta : ndarray, shape (k,)
        Standardised coefficients.
    f, f_pvalue, r2, r2_adjusted : float
    df : int
        Residual degrees of freedom.
    normality : float
        P-value that residuals are normal: Shapiro and Wilk (1965), from 5,000 degrees of freedom on
        Lilliefors (1967).
    vif : ndarray, shape (k,)
        Variance inflation factors; tolerance is their inverse.
    breusch_pagan : float
        P-value of Koenker's (1981) studentised test that the variance does not go with the predictors.
    glejser : ndarray, shape (k,)
        P-values of the slopes of absolute residuals on the predictors (Glejser 1969).
    linearity : float
        P-value of Ramsey's (1969) RESET with the square and cube of the fitted values.
    """

    coef: Array
    se: Array
    t: Array
    pvalue: Array
    beta: Array
    f: float
    f_pvalue: float
    r2: float
    r2_adjusted: float
    df: int
    normality: float
    vif: Array
    breusch_pagan: float
    glejser: Array
    linearity: float


def assumptions(y: ArrayLike, X: ArrayLike) -> Assumptions:
    """Fit least squares and test what it assumes.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, k)
        Predictors, without the constant.

    Returns
    -------
    Assumptions

    Raises
    ------
    ValueError
        If a value is missing, columns depend on each other, or no degrees of freedom are left.
    """
    import statsmodels.api as sm
    from statsmodels.stats.diagnostic import het_breuschpagan, lilliefors, linear_reset
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    X = np.asarray(X, float)
    y, full = check_design(y, sm.add_constant(X, has_constant="add"))
    fit = sm.OLS(y, full).fit()
    normal = stats.shapiro(fit.resid).pvalue if fit.df_resid < SHAPIRO else lilliefors(fit.resid)[1]
    vif = [variance_inflation_factor(full, j) for j in range(1, full.shape[1])]
    absolute = sm.OLS(np.abs(fit.resid), full).fit()
    return Assumptions(
        coef=fit.params,
        se=fit.bse,
        t=fit.tvalues,
        pvalue=fit.pvalues,
        beta=fit.params[1:] * X.std(axis=0, ddof=1) / y.std(ddof=1),
        f=float(fit.fvalue),
        f_pvalue=float(fit.f_pvalue),
        r2=float(fit.rsquared),
        r2_adjusted=float(fit.rsquared_adj),
        df=int(fit.df_resid),
        normality=float(normal),
        vif=np.array(vif),
        breusch_pagan=float(het_breuschpagan(fit.resid, full)[1]),
        glejser=absolute.pvalues[1:],
        linearity=float(linear_reset(fit, power=3, use_f=True).pvalue),
    )
