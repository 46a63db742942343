"""How many factors: eigenvalues beside those of items that have nothing in common."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .factor import extract

__all__ = ["ParallelAnalysis", "parallel_analysis", "reduced_eigenvalues"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ParallelAnalysis:
    """Eigenvalues observed and expected of unrelated items.

    Attributes
    ----------
    factors, components : int
        Leading eigenvalues above the quantile of those simulated: of the correlations reduced by one common
        factor, and of the correlations themselves.
    factor_eigenvalues, component_eigenvalues : ndarray, shape (k,)
        Falling.
    factor_thresholds, component_thresholds : ndarray, shape (k,)
        Quantiles of the simulated ones.
    """

    factors: int
    components: int
    factor_eigenvalues: Array = field(repr=False)
    factor_thresholds: Array = field(repr=False)
    component_eigenvalues: Array = field(repr=False)
    component_thresholds: Array = field(repr=False)


def parallel_analysis(
    correlation: ArrayLike,
    n: int,
    rng: np.random.Generator,
    *,
    draws: int = 200,
    quantile: float = 0.95,
) -> ParallelAnalysis:
    """Return Horn's parallel analysis.

    Parameters
    ----------
    correlation : array_like, shape (k, k)
        Of three items or more.
    n : int
        Rows behind the correlations.
    rng : numpy.random.Generator
    draws : int
        Simulated correlation matrices.
    quantile : float
        Of the simulated eigenvalues, position by position.

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    ValueError
        If there are fewer than three items, or no more rows than items.

    Notes
    -----
    Horn (1965), Psychometrika 30, 179–185, with a quantile for his mean (Glorfeld 1995, Educational and
    Psychological Measurement 55, 377–393). Correlations of n independent normal rows are drawn as such, by
    Bartlett's decomposition of the Wishart distribution, whatever n. Eigenvalues of the reduced matrix have
    the communalities of one minres factor on the diagonal, as in psych.
    """
    correlation = np.asarray(correlation, float)
    k = len(correlation)
    if n <= k:
        raise ValueError(f"{n} rows are too few for {k} items")
    unrelated = _unrelated(rng, n, k, draws)
    components, factors = _falling(correlation), reduced_eigenvalues(correlation)
    component_thresholds = np.quantile(_falling(unrelated), quantile, axis=0)
    factor_thresholds = np.quantile(reduced_eigenvalues(unrelated), quantile, axis=0)
    return ParallelAnalysis(
        factors=_leading(factors > factor_thresholds),
        components=_leading(components > component_thresholds),
        factor_eigenvalues=factors,
        factor_thresholds=factor_thresholds,
        component_eigenvalues=components,
        component_thresholds=component_thresholds,
    )


def reduced_eigenvalues(correlation: ArrayLike) -> Array:
    """Return the eigenvalues of correlations whose diagonal holds the communalities of one minres factor.

    Parameters
    ----------
    correlation : array_like, shape (..., k, k)

    Returns
    -------
    ndarray, shape (..., k)
        Falling.
    """
    correlation = np.asarray(correlation, float)
    unique = extract(correlation, 1).uniquenesses
    return _falling(correlation - unique[..., None] * np.eye(correlation.shape[-1]))


def _unrelated(rng: np.random.Generator, n: int, k: int, draws: int) -> Array:
    """Return sample correlations of n rows of k independent normal items, shape (draws, k, k)."""
    root = np.tril(rng.normal(size=(draws, k, k)), -1)
    root[:, np.arange(k), np.arange(k)] = np.sqrt(rng.chisquare(n - 1 - np.arange(k), (draws, k)))
    root /= np.sqrt((root**2).sum(axis=2, keepdims=True))
    return root @ root.swapaxes(1, 2)


def _falling(matrix: Array) -> Array:
    return np.linalg.eigvalsh(matrix)[..., ::-1]


def _leading(above: NDArray[np.bool_]) -> int:
    """Return how many are true before the first that is not."""
    return int(np.cumprod(above).sum())
