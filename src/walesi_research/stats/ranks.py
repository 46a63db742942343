"""How sure a ranking is: for each place, the ranks that its data allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["RankSets", "rank_sets"]

CELLS = 2_000_000
"""Numbers held at once while drawing."""


@dataclass(frozen=True)
class RankSets:
    """Ranks that places may hold, 1 being the largest value.

    Parameters
    ----------
    rank : array of int, shape (k,)
        Rank of the estimate; equal ones share the best.
    best, worst : array of int, shape (k,)
        Ends of each place's set. All sets together hold the true ranks with probability `level` or more.
    critical : float
        Standard errors by which two places must differ to be told apart.
    level : float
    """

    rank: np.ndarray
    best: np.ndarray
    worst: np.ndarray
    critical: float
    level: float


def rank_sets(
    estimates: np.ndarray,
    ses: np.ndarray,
    rng: np.random.Generator,
    level: float = 0.95,
    draws: int = 2000,
) -> RankSets:
    """Return simultaneous confidence sets for the ranks of independent estimates.

    Parameters
    ----------
    estimates, ses : array of float, shape (k,)
        Estimates of different places and their standard errors; an error of 0 is a value known exactly.
    rng : numpy.random.Generator
        Draws the critical value.
    level : float
        Confidence level of all sets together.
    draws : int
        Draws of all the differences.

    Returns
    -------
    RankSets

    Raises
    ------
    ValueError
        If a number is not finite, or an error is negative.

    Notes
    -----
    Two places are told apart if they differ by more than ``c * sqrt(s_j^2 + s_k^2)``, where c is the quantile
    of the largest studentised difference of all pairs, drawn from independent normals. A place with *a*
    places certainly above it and *b* certainly below it has the ranks ``a + 1 … k - b``: the single-step,
    two-sided procedure of Mogstad, Romano, Shaikh and Wilhelm, 'Inference for ranks with applications to
    mobility across neighborhoods and academic achievement across countries', *Review of Economic Studies*
    91, 2024 (doi:10.1093/restud/rdad006).
    """
    y, s = np.asarray(estimates, dtype=float), np.asarray(ses, dtype=float)
    if y.ndim != 1 or y.shape != s.shape or not np.isfinite([y, s]).all() or (s < 0).any():
        raise ValueError("ranks need finite estimates, each with an error that is not negative")
    critical = _critical(s, rng, level, draws)
    certain = (y[None, :] - y[:, None]) > critical * np.hypot(s[None, :], s[:, None])
    above, below = certain.sum(axis=1), certain.sum(axis=0)
    rank = 1 + (y[None, :] > y[:, None]).sum(axis=1)
    return RankSets(rank, 1 + above, len(y) - below, critical, level)


def _critical(s: np.ndarray, rng: np.random.Generator, level: float, draws: int) -> float:
    """Return the quantile of the largest studentised difference between any two places."""
    uncertain = s[s > 0]
    if len(s) < 2 or not len(uncertain):
        return 0.0
    scale = np.append(uncertain, 0.0) if len(uncertain) < len(s) else s
    largest = np.concatenate(list(_largest(scale, rng, draws)))
    return float(np.quantile(largest, level, method="higher"))


def _largest(scale: np.ndarray, rng: np.random.Generator, draws: int) -> Iterator[np.ndarray]:
    """Yield the largest studentised difference of each draw; one place known exactly stands for all such."""
    upper = np.triu_indices(len(scale), 1)
    errors = np.hypot(scale[upper[0]], scale[upper[1]])
    block = max(1, CELLS // len(errors))
    for start in range(0, draws, block):
        z = rng.standard_normal((min(block, draws - start), len(scale))) * scale
        yield (np.abs(z[:, upper[0]] - z[:, upper[1]]) / errors).max(axis=1)
