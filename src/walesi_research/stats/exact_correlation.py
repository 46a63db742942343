"""A correlation of a handful of pairs: exact interval, permutation test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats

__all__ = ["ExactCorrelation", "correlation_cdf", "exact_correlation"]

Array = NDArray[np.float64]

NODES = 200
"""Quadrature nodes for each of two chi variables."""
FARTHEST = 1e6
"""Largest ``rho / sqrt(1 - rho²)`` that is looked at."""


@dataclass(frozen=True, slots=True)
class ExactCorrelation:
    """Pearson's correlation with its uncertainty.

    Attributes
    ----------
    estimate, low, high, level : float
        Correlation, and its interval at `level`.
    pvalue : float
        Share of pairings whose correlation is as far from zero or farther, the observed one included.
    enumerated : bool
        Whether these are all pairings.
    n : int
        Pairs.
    """

    estimate: float
    low: float
    high: float
    level: float
    pvalue: float
    enumerated: bool
    n: int


def exact_correlation(
    x: ArrayLike, y: ArrayLike, rng: np.random.Generator, *, level: float = 0.95, draws: int = 49_999
) -> ExactCorrelation:
    """Return the correlation of x and y, its exact interval under normality, and a permutation test.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    rng : numpy.random.Generator
        Draws pairings where there are more than `draws` of them: from nine pairs on by default.
    level : float
    draws : int

    Returns
    -------
    ExactCorrelation

    Raises
    ------
    ValueError
        If a value is missing, there are fewer than four pairs, x or y does not vary, or the pairs lie on a
        line.

    Notes
    -----
    The interval inverts the exact distribution of r (`correlation_cdf`), so it holds for any number of normal
    pairs. The test needs no distribution, only that under the null every pairing was equally likely.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.shape != y.shape or x.ndim != 1 or len(x) < 4 or not np.isfinite(np.r_[x, y]).all():
        raise ValueError("a correlation needs four pairs of numbers or more, none missing")
    a, b = x - x.mean(), y - y.mean()
    size = np.linalg.norm(a), np.linalg.norm(b)
    if min(size[0] / (1 + np.abs(x).max()), size[1] / (1 + np.abs(y).max())) < 1e-12:
        raise ValueError("x or y does not vary")
    r = float(a @ b / (size[0] * size[1]))
    if abs(r) > 1 - 1e-12:
        raise ValueError("the pairs lie on a line: there is no error to judge by")
    tail = (1 - level) / 2
    low, high = (_where(r, len(x), share) for share in (1 - tail, tail))
    enumerated = factorial(len(x)) <= draws
    pairings = _all_pairings(len(x)) if enumerated else _drawn_pairings(len(x), draws, rng)
    as_far = np.abs(a[pairings] @ b) >= abs(a @ b) * (1 - 1e-9)
    return ExactCorrelation(r, low, high, level, float(np.mean(as_far)), enumerated, len(x))


def correlation_cdf(r: float, n: int, rho: float) -> float:
    """Return the probability that a correlation of n normal pairs is at most r.

    Parameters
    ----------
    r, rho : float
        Between -1 and 1: the sample's correlation and the true one.
    n : int
        Pairs, four or more.

    Returns
    -------
    float

    Notes
    -----
    ``r* = r / sqrt(1 - r²)`` is distributed as ``(rho* U + Z) / V`` with ``rho*`` likewise, Z normal, U and V
    chi variables of n - 1 and n - 2 degrees of freedom, all independent (Ruben 1966, Journal of the Royal
    Statistical Society B 28, 513–525). The probability is the mean of ``Phi(r* V - rho* U)``.
    """
    return float(_cdf(_odds(r), n, _odds(rho)))


def _odds(r: float) -> float:
    return r / np.sqrt(1 - r**2)


def _cdf(r: float, n: int, rho: float) -> float:
    u, v, weight = _nodes(n)
    return weight @ special.ndtr(r * v[:, None] - rho * u) @ weight


@cache
def _nodes(n: int) -> tuple[Array, Array, Array]:
    """Return quadrature nodes of both chi variables, and their weights."""
    node, weight = np.polynomial.legendre.leggauss(NODES)
    u, v = (stats.chi.ppf((node + 1) / 2, df) for df in (n - 1, n - 2))
    return u, v, weight / 2


def _where(r: float, n: int, share: float) -> float:
    """Return the true correlation under which the sample's is at most r with probability `share`."""
    root = optimize.brentq(
        lambda z: _cdf(_odds(r), n, np.sinh(z)) - share, *np.arcsinh([-FARTHEST, FARTHEST])
    )
    return float(np.tanh(root))  # as rho* = sinh z is rho = tanh z


def _all_pairings(n: int) -> NDArray[np.int64]:
    return np.array(list(permutations(range(n))))


def _drawn_pairings(n: int, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return pairings, the observed one first."""
    observed = np.arange(n)
    return np.vstack([observed, rng.permuted(np.tile(observed, (draws, 1)), axis=1)])
