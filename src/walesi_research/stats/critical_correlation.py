"""The correlation from which on a sample speaks against none: the 'r table' of textbooks."""

from __future__ import annotations

import numpy as np
from scipy import stats

__all__ = ["critical_correlation"]


def critical_correlation(n: int, *, alpha: float = 0.05, two_sided: bool = True) -> float:
    """Return the least correlation that differs from zero at a level of significance.

    Parameters
    ----------
    n : int
        Rows, three or more.
    alpha : float
    two_sided : bool
        Two-sided (default, the usual 'r tabel') or one-sided test.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are fewer than three rows.

    Notes
    -----
    ``t / sqrt(n - 2 + t²)`` with t the quantile of Student's t on n - 2 degrees of freedom (Fisher and Yates
    1938, Statistical Tables, table VI). It falls with n: in large samples an item that has little to do with
    its scale passes too.
    """
    if n < 3:
        raise ValueError(f"a correlation of {n} rows has no test")
    t = stats.t.isf(alpha / 2 if two_sided else alpha, n - 2)
    return float(t / np.sqrt(n - 2 + t**2))
