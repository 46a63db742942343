"""The method of successive intervals: ordered answers as numbers on an interval scale."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = ["SuccessiveIntervals", "successive_intervals"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SuccessiveIntervals:
    """Transformed answers.

    Attributes
    ----------
    scores : ndarray, shape (n, k)
        NaN where there was no answer.
    categories : tuple of ndarray
        The distinct answers to each item, rising.
    values : tuple of ndarray
        The number that stands for each of them, the lowest being one.
    correlations : ndarray, shape (k,)
        Of each item's answers as they were with what they became: near one where the method adds little.
    """

    scores: Array = field(repr=False)
    categories: tuple[Array, ...] = field(repr=False)
    values: tuple[Array, ...]
    correlations: Array


def successive_intervals(x: ArrayLike) -> SuccessiveIntervals:
    """Transform each item by the method of successive intervals (MSI).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Numbers whose order is that of the categories; NaN where there is no answer.

    Returns
    -------
    SuccessiveIntervals

    Raises
    ------
    ValueError
        If an item has fewer than two different answers.

    Notes
    -----
    A category between the standard normal quantiles a and b of the cumulative shares gets the mean of the
    normal distribution within it, ``(phi(a) - phi(b)) / (Phi(b) - Phi(a))``, moved so that the lowest is one:
    the sigma scores of Likert (1932, Archives of Psychology 140), which Indonesian textbooks call MSI.
    """
    items = np.asarray(x, float)
    if items.ndim != 2:
        raise ValueError(f"a matrix of items is needed, not shape {items.shape}")
    scores, categories, values = np.full(items.shape, np.nan), [], []
    for j, item in enumerate(items.T):
        given = ~np.isnan(item)
        found, position, counts = np.unique(item[given], return_inverse=True, return_counts=True)
        if len(found) < 2:
            raise ValueError(f"item {j + 1} has fewer than two different answers")
        categories.append(found)
        values.append(_values(counts))
        scores[given, j] = values[-1][position]
    correlations = [_correlation(a, b) for a, b in zip(items.T, scores.T, strict=True)]
    return SuccessiveIntervals(scores, tuple(categories), tuple(values), np.array(correlations))


def _values(counts: NDArray[np.int64]) -> Array:
    """Return the number of each category from how many chose it."""
    share = counts / counts.sum()
    density = stats.norm.pdf(stats.norm.ppf(share.cumsum()[:-1]))
    value = -np.diff(density, prepend=0, append=0) / share
    return value - value[0] + 1


def _correlation(a: Array, b: Array) -> float:
    given = ~np.isnan(a)
    return float(np.corrcoef(a[given], b[given])[0, 1])
