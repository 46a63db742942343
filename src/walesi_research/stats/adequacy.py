"""Whether correlations are worth a factor analysis: Kaiser–Meyer–Olkin and Bartlett."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = ["SamplingAdequacy", "Sphericity", "bartlett", "kmo"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SamplingAdequacy:
    """The Kaiser–Meyer–Olkin measure, of all k items and of each, shape (k,)."""

    overall: float
    items: Array = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sphericity:
    """Bartlett's test that no items are correlated."""

    chi2: float
    df: int
    pvalue: float


def kmo(correlation: ArrayLike) -> SamplingAdequacy:
    """Return the Kaiser–Meyer–Olkin measure of sampling adequacy.

    Parameters
    ----------
    correlation : array_like, shape (k, k)

    Returns
    -------
    SamplingAdequacy

    Raises
    ------
    ValueError
        If the correlations are not positive definite.

    Notes
    -----
    ``sum r² / (sum r² + sum p²)`` over different items, r their correlations and p their partial correlations
    given all others (Kaiser 1974, Psychometrika 39, 31–36).
    """
    correlation = _definite(correlation)
    inverse = np.linalg.inv(correlation)
    size = np.sqrt(np.diag(inverse))
    off = ~np.eye(len(correlation), dtype=bool)
    r, p = off * correlation**2, off * (inverse / np.outer(size, size)) ** 2
    return SamplingAdequacy(float(r.sum() / (r.sum() + p.sum())), r.sum(axis=0) / (r + p).sum(axis=0))


def bartlett(correlation: ArrayLike, n: int) -> Sphericity:
    """Test that all items are uncorrelated.

    Parameters
    ----------
    correlation : array_like, shape (k, k)
    n : int
        Rows behind the correlations.

    Returns
    -------
    Sphericity

    Raises
    ------
    ValueError
        If the correlations are not positive definite, or there are no more rows than items.

    Notes
    -----
    ``-(n - 1 - (2k + 5)/6) log|R|`` is chi-square on ``k(k - 1)/2`` degrees of freedom for normal items
    (Bartlett 1951, Biometrika 38, 337–344).
    """
    correlation = _definite(correlation)
    k = len(correlation)
    if n <= k:
        raise ValueError(f"{n} rows are too few for {k} items")
    chi2 = -(n - 1 - (2 * k + 5) / 6) * np.linalg.slogdet(correlation)[1]
    df = k * (k - 1) // 2
    return Sphericity(float(chi2), df, float(stats.chi2.sf(chi2, df)))


def _definite(correlation: ArrayLike) -> Array:
    correlation = np.asarray(correlation, float)
    if not np.linalg.eigvalsh(correlation)[0] > 1e-10:
        raise ValueError("the correlations are not positive definite: an item is a sum of others")
    return correlation
