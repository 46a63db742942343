"""Fit measures from two tests: of the model, and of the baseline of uncorrelated variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

__all__ = ["Measures", "Test", "cfi", "measures", "rmsea", "rmsea_interval", "srmr", "tli"]

Array = NDArray[np.float64]
RMSEA_LEVEL = 0.90
"""Of the interval of the root mean square error of approximation, as is the custom."""


@dataclass(frozen=True, slots=True)
class Test:
    """A chi-square test of a model against the saturated one.

    Attributes
    ----------
    chi2 : float
    df : int
    mean : float
        What the statistic's mean is for a true model, in units of `df`; one if the data are normal.
    factor, shift : float
        The scaled statistic is ``chi2 / factor + shift``; NaN without one.
    """

    chi2: float
    df: int
    mean: float = 1.0
    factor: float = np.nan
    shift: float = 0.0

    @property
    def scaled(self) -> float:
        """The scaled statistic, NaN if there is none."""
        return self.chi2 / self.factor + self.shift

    @property
    def as_scaled(self) -> Test:
        """The scaled statistic as if it were an ordinary one."""
        return Test(self.scaled, self.df)


@dataclass(frozen=True)
class Measures:
    """How well a model fits.

    Attributes
    ----------
    chi2, df, pvalue : float
        Likelihood ratio against the saturated model (for ``dwls`` the least-squares discrepancy).
    baseline_chi2, baseline_df : float
        The same of the model of uncorrelated variables.
    cfi, tli : float
        Comparative fit index and Tucker–Lewis index.
    rmsea : float
        Root mean square error of approximation, with its 90 % interval in `rmsea_interval`.
    srmr : float
        Standardised root mean square residual (Bentler's), of means too where these are modelled.
    loglik, aic, bic : float
        Of the outcomes given exogenous variables; NaN for ``dwls``.
    chi2_scaled, pvalue_scaled, scaling, shift : float
        ``chi2 / scaling + shift``: Yuan–Bentler for ``mlr``, scaled and shifted for ``dwls``; NaN for ``ml``.
    baseline_chi2_scaled : float
    cfi_scaled, tli_scaled, rmsea_scaled, rmsea_interval_scaled
        Those of the scaled statistics.
    cfi_robust, tli_robust, rmsea_robust, rmsea_interval_robust
        What the indices would be in the population of normal data (Brosseau-Liard and Savalei 2014,
        Multivariate Behavioral Research 49, 460–470; Brosseau-Liard, Savalei and Li 2012, ibid. 47, 904–930);
        NaN unless ``mlr`` on complete data.
    """

    chi2: float
    df: int
    pvalue: float
    baseline_chi2: float
    baseline_df: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_interval: tuple[float, float]
    srmr: float
    loglik: float
    aic: float
    bic: float
    chi2_scaled: float
    pvalue_scaled: float
    scaling: float
    shift: float
    baseline_chi2_scaled: float
    cfi_scaled: float
    tli_scaled: float
    rmsea_scaled: float
    rmsea_interval_scaled: tuple[float, float]
    cfi_robust: float
    tli_robust: float
    rmsea_robust: float
    rmsea_interval_robust: tuple[float, float]


def measures(
    test: Test,
    baseline: Test,
    *,
    n: float,
    groups: int,
    residual: float,
    loglik: float,
    size: int,
    shifted: bool = False,
    robust: bool = False,
) -> Measures:
    """Return all measures.

    Parameters
    ----------
    test, baseline : Test
    n : float
        Rows of all groups.
    groups : int
    residual : float
        The standardised root mean square residual.
    loglik : float
    size : int
        Free parameters.
    shifted : bool
        The scaled statistic is shifted too: its RMSEA is that of an ordinary chi-square.
    robust : bool
        Whether the population's indices can be had.
    """
    nan = (np.nan, np.nan)
    known = bool(np.isfinite(test.factor))
    after, base = test.as_scaled, baseline.as_scaled
    approximation = after if shifted else test
    divisor = test.df if shifted else test.df * test.mean
    exact = robust and known
    return Measures(
        chi2=test.chi2,
        df=test.df,
        pvalue=_tail(test.chi2, test.df),
        baseline_chi2=baseline.chi2,
        baseline_df=baseline.df,
        cfi=cfi(Test(test.chi2, test.df), Test(baseline.chi2, baseline.df)),
        tli=tli(Test(test.chi2, test.df), Test(baseline.chi2, baseline.df)),
        rmsea=rmsea(test.chi2, test.df, n, groups),
        rmsea_interval=rmsea_interval(test.chi2, test.df, n, groups),
        srmr=residual,
        loglik=loglik,
        aic=2 * size - 2 * loglik,
        bic=size * np.log(n) - 2 * loglik,
        chi2_scaled=test.scaled if known else np.nan,
        pvalue_scaled=_tail(test.scaled, test.df) if known else np.nan,
        scaling=test.factor,
        shift=test.shift if known else np.nan,
        baseline_chi2_scaled=baseline.scaled if known else np.nan,
        cfi_scaled=cfi(after, base) if known else np.nan,
        tli_scaled=tli(after, base) if known else np.nan,
        rmsea_scaled=rmsea(approximation.chi2, divisor, n, groups) if known else np.nan,
        rmsea_interval_scaled=rmsea_interval(approximation.chi2, divisor, n, groups) if known else nan,
        cfi_robust=cfi(test, baseline) if exact else np.nan,
        tli_robust=tli(test, baseline) if exact else np.nan,
        rmsea_robust=rmsea(test.chi2, test.df, n, groups, test.mean) if exact else np.nan,
        rmsea_interval_robust=(rmsea_interval(test.scaled, test.df, n, groups, test.mean) if exact else nan),
    )


def cfi(test: Test, baseline: Test) -> float:
    """Return the comparative fit index, ``1 - (chi2 - c df) / (chi2_b - c_b df_b)`` within 0 and 1."""
    own = max(test.chi2 - test.mean * test.df, 0.0)
    most = max(baseline.chi2 - baseline.mean * baseline.df, own)
    return 1 - own / most if most > 0 else 1.0


def tli(test: Test, baseline: Test) -> float:
    """Return the Tucker–Lewis index, one less ``(chi2 - c df) df_b / ((chi2_b - c_b df_b) df)``."""
    if test.df == 0:
        return 1.0
    below = (baseline.chi2 - baseline.mean * baseline.df) * test.df
    return 1 - (test.chi2 - test.mean * test.df) * baseline.df / below if below else np.nan


def rmsea(chi2: float, df: float, n: float, groups: int = 1, mean: float = 1.0) -> float:
    """Return ``sqrt(G max((chi2 / df - c) / n, 0))`` (Steiger 1990; Steiger 1998 for G groups)."""
    return float(np.sqrt(groups * max(chi2 / df - mean, 0) / n)) if df else 0.0


def rmsea_interval(
    chi2: float, df: float, n: float, groups: int = 1, mean: float = 1.0, level: float = RMSEA_LEVEL
) -> tuple[float, float]:
    """Return the interval of the RMSEA, from noncentral chi-square (Steiger and Lind 1980)."""
    if not df:
        return 0.0, 0.0
    tail = (1 - level) / 2
    low, high = (_noncentrality(chi2, df, p) for p in (1 - tail, tail))
    return float(np.sqrt(groups * mean * low / n / df)), float(np.sqrt(groups * mean * high / n / df))


def _noncentrality(chi2: float, df: float, probability: float) -> float:
    """Return the noncentrality at which so much lies below chi2, zero where none does."""

    def excess(ncp: float) -> float:
        below = stats.ncx2.cdf(chi2, df, ncp) if ncp > 0 else stats.chi2.cdf(chi2, df)
        return below - probability

    if not np.isfinite(chi2) or excess(0.0) <= 0:
        return 0.0 if np.isfinite(chi2) else np.nan
    high = max(chi2, 1.0)
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-8, rtol=1e-10))


def srmr(
    observed: Sequence[tuple[Array, Array]],
    implied: Sequence[tuple[Array, Array]],
    shares: Sequence[float],
    *,
    means: bool,
) -> float:
    """Return the standardised root mean square residual, weighted over groups.

    Parameters
    ----------
    observed, implied : sequence of (mean, covariance)
    shares : sequence of float
        Of each group in all rows.
    means : bool
        Count residuals of means too.
    """
    total = 0.0
    for (mean, covariance), (mu, sigma), share in zip(observed, implied, shares, strict=True):
        sd = np.sqrt(np.diag(covariance))
        lower = np.tril_indices(len(sd))
        residuals = ((covariance - sigma) / sd / sd[:, None])[lower]
        if means:
            residuals = np.concatenate([residuals, (mean - mu) / sd])
        total += share * np.sqrt(np.mean(residuals**2))
    return float(total)


def _tail(chi2: float, df: int) -> float:
    return float(stats.chi2.sf(chi2, df)) if df else 1.0
