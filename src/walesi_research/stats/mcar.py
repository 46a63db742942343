"""Little's test that answers are missing completely at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from .sem.sample import read_rows
from .sem.saturated import saturated_moments

__all__ = ["McarTest", "little"]


@dataclass(frozen=True, slots=True)
class McarTest:
    """Little's test.

    Attributes
    ----------
    chi2 : float
    df : int
    pvalue : float
        Small: who answered differs from who did not. Large: no such difference was seen, which does not show
        that there is none, least of all in what is missing itself.
    patterns, n : int
        Patterns of missing values and rows with any value.
    """

    chi2: float
    df: int
    pvalue: float
    patterns: int
    n: int


def little(data: pd.DataFrame) -> McarTest:
    """Test that which values are missing has nothing to do with the values there are.

    Parameters
    ----------
    data : DataFrame, shape (n, k)
        Numbers; rows without any value are left out.

    Returns
    -------
    McarTest

    Raises
    ------
    ValueError
        If nothing is missing, two columns are never seen together, or a column is not numeric.

    Notes
    -----
    ``sum_j n_j (mean_j - mu_j)' Sigma_j^-1 (mean_j - mu_j)`` over patterns j, with mu and Sigma the
    maximum-likelihood moments (divisor n) of the variables seen in it; degrees of freedom are the variables
    seen, summed over patterns, less k: Little (1988), Journal of the American Statistical Association 83,
    1198–1202. With one complete and one incomplete variable it is n times the squared correlation of the
    complete one with the other's being missing.
    """
    (rows,) = read_rows(data, list(data.columns), missing="fiml")
    moments = rows.moments()
    if len(moments.weight) < 2:
        raise ValueError("all rows have the same values missing: there is nothing to compare")
    mean, covariance = saturated_moments(moments)
    chi2 = 0.0
    for n, seen, own in zip(moments.weight, moments.seen, moments.mean, strict=True):
        off = (own - mean)[seen]
        chi2 += n * off @ np.linalg.solve(covariance[np.ix_(seen, seen)], off)
    df = int(moments.seen.sum()) - moments.seen.shape[1]
    return McarTest(float(chi2), df, float(stats.chi2.sf(chi2, df)), len(moments.weight), len(rows.y))
