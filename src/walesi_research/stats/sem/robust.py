"""Sandwich covariances and the scaling of chi-square for data that are not normal, or come in clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .likelihood import Likelihood, rows_scores
from .sample import Rows
from .structure import Structure

__all__ = ["score_products", "trace"]

Array = NDArray[np.float64]


def score_products(
    structures: Sequence[Structure], theta: Array, rows: Sequence[Rows], *, means: bool
) -> Array:
    """Return the sum of the outer products of the clusters' (or rows') scores, shape (size, size).

    Parameters
    ----------
    structures : sequence of Structure
    theta : ndarray, shape (size,)
    rows : sequence of Rows
        One a group. Scores count with the rows' weights, and are summed within clusters.
    means : bool
        Whether means are modelled.

    Notes
    -----
    The middle of the sandwich of Huber (1967) and White (1982, Econometrica 50, 1–25). With G clusters it is
    enlarged by G / (G - 1); a cluster is kept apart from its namesake in another group, as in lavaan.
    """
    total = np.zeros((len(theta), len(theta)))
    for s, r in zip(structures, rows, strict=True):
        scores = rows_scores(s, theta, r, means=means) * r.weight[:, None]
        total += _products(scores, r.cluster)
    return total


def _products(scores: Array, cluster: NDArray[np.int64]) -> Array:
    number = np.unique(cluster, return_inverse=True)[1]
    clusters = int(number.max()) + 1
    if clusters == len(scores):
        return scores.T @ scores
    sums = np.zeros((clusters, scores.shape[1]))
    np.add.at(sums, number, scores)
    return sums.T @ sums * clusters / (clusters - 1)


def trace(likelihood: Likelihood, theta: Array, rows: Sequence[Rows], *, means: bool) -> float:
    """Return ``tr(I^-1 J)``, I being the observed information and J the products of the scores.

    For a true model and normal data it is the number of parameters. The factor of Yuan and Bentler (2000,
    Sociological Methodology 30, 165–200), in the variant of Mplus, is the saturated model's trace less the
    model's, over the degrees of freedom. NaN where the information is singular.
    """
    if not len(theta):
        return 0.0
    try:
        information = likelihood.derivatives(theta)[2] * likelihood.n / 2
        products = score_products(likelihood.structures, theta, rows, means=means)
        return float(np.trace(np.linalg.solve(information, products)))
    except np.linalg.LinAlgError:
        return np.nan
