"""Whether a model that restricts another fits worse than chance lets it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from .result import SemFit

__all__ = ["Difference", "difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A chi-square difference test.

    Attributes
    ----------
    chi2, df, pvalue : float
        Scaled where the models' own tests are.
    cfi, rmsea, srmr : float
        The restricted model's less the general one's; of the robust indices where there are any.
    """

    chi2: float
    df: int
    pvalue: float
    cfi: float
    rmsea: float
    srmr: float


def difference(restricted: SemFit, general: SemFit) -> Difference:
    """Test a model against a more general one in which it is nested, fitted to the same rows.

    Parameters
    ----------
    restricted, general : SemFit
        By the same estimator, ``ml`` or ``mlr``. That the one is nested in the other is not checked beyond
        degrees of freedom.

    Returns
    -------
    Difference

    Raises
    ------
    ValueError
        If estimators or rows differ, degrees of freedom do not, or for ``dwls``, whose chi-squares may not be
        subtracted.

    Notes
    -----
    For ``mlr`` the scaled difference of Satorra and Bentler (2001), Psychometrika 66, 507–514:
    ``(T0 - T1) / c`` with ``c = (df0 c0 - df1 c1) / (df0 - df1)``; NaN where c is negative.
    """
    if restricted.estimator != general.estimator or general.estimator == "dwls":
        raise ValueError("the difference test is for two models by 'ml', or two by 'mlr'")
    if restricted.n != general.n or restricted.observed != general.observed:
        raise ValueError("the models are not fitted to the same variables and rows")
    df = restricted.df - general.df
    if df <= 0:
        raise ValueError(f"the restricted model has {df} degrees of freedom more than the general one")
    chi2 = max(restricted.chi2 - general.chi2, 0.0)
    if general.estimator == "mlr":
        chi2 /= _factor(restricted, general, df)
    return Difference(
        chi2=chi2,
        df=df,
        pvalue=float(stats.chi2.sf(chi2, df)),
        cfi=_best(restricted, "cfi") - _best(general, "cfi"),
        rmsea=_best(restricted, "rmsea") - _best(general, "rmsea"),
        srmr=restricted.srmr - general.srmr,
    )


def _factor(restricted: SemFit, general: SemFit, df: int) -> float:
    # a saturated model's factor, which is not defined, counts for nothing
    own = general.df * general.scaling if general.df else 0.0
    factor = (restricted.df * restricted.scaling - own) / df
    return factor if factor > 0 else np.nan


def _best(fit: SemFit, name: str) -> float:
    robust = getattr(fit, f"{name}_robust")
    return robust if np.isfinite(robust) else getattr(fit, name)
