"""The one-factor model by maximum likelihood, for one covariance matrix or for a batch of bootstrap draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .factor_search import Likelihood, search, squared_multiple_start

__all__ = ["OneFactor", "one_factor"]

Array = NDArray[np.float64]

_FLOOR = np.log(1e-3)
"""Unique variances are held at a thousandth of the item's variance or above."""
_LIKELIHOOD = Likelihood(1)


@dataclass(frozen=True, slots=True)
class OneFactor:
    """One-factor solutions ``S ~ l l' + diag(u)``; the batch shape ... is that of the matrices given.

    Attributes
    ----------
    loadings : ndarray, shape (..., k)
        On the scale of the items; the factor has variance one, and the loadings a positive sum.
    uniquenesses : ndarray, shape (..., k)
    discrepancy : ndarray, shape (...)
        ``log|Sigma| + tr(S Sigma^-1) - log|S| - k`` at the minimum; times n it is the chi-square.
    heywood : ndarray of bool, shape (..., k)
        Items whose unique variance ran into its lower bound, a thousandth of the item's variance.
    converged : ndarray of bool, shape (...)
    """

    loadings: Array
    uniquenesses: Array
    discrepancy: Array
    heywood: NDArray[np.bool_]
    converged: NDArray[np.bool_]


def one_factor(covariance: ArrayLike) -> OneFactor:
    """Fit one factor by maximum likelihood.

    Parameters
    ----------
    covariance : array_like, shape (..., k, k)
        Positive definite, of three items or more.

    Returns
    -------
    OneFactor

    Raises
    ------
    ValueError
        If there are fewer than three items, or an item does not vary.

    Notes
    -----
    Jöreskog (1967), Psychometrika 32, 443–482; `factor_search` has the formulas. Several minima are possible
    in small samples of weakly related items; the search starts from squared multiple correlations.
    """
    covariance = np.asarray(covariance, float)
    k = covariance.shape[-1]
    if k < 3:
        raise ValueError(f"one factor needs three items or more, not {k}")
    flat = covariance.reshape(-1, k, k)
    size = np.sqrt(np.einsum("bii->bi", flat))
    if not (size > 0).all():
        raise ValueError("an item does not vary")
    correlation = flat / size[:, :, None] / size[:, None, :]
    start = squared_multiple_start(correlation, 1, _FLOOR)
    x, converged = search(correlation, start, _LIKELIHOOD, _FLOOR)
    value, vector = _LIKELIHOOD.eigen(correlation, x)
    loadings = size * _LIKELIHOOD.loadings(value, vector, x)[:, :, 0]
    loadings *= np.where(loadings.sum(axis=1) < 0, -1, 1)[:, None]
    shape = covariance.shape[:-2]
    return OneFactor(
        loadings=loadings.reshape(*shape, k),
        uniquenesses=(np.exp(x) * size**2).reshape(*shape, k),
        discrepancy=_LIKELIHOOD.discrepancy(value).reshape(shape),
        heywood=(x <= _FLOOR).reshape(*shape, k),
        converged=converged.reshape(shape),
    )


def information_matrix(p: Array, loadings: Array) -> Array:
    """Return the expected information of one observation on (loadings, uniquenesses).

    Parameters
    ----------
    p : ndarray, shape (k, k)
        Inverse of the model's covariance.
    loadings : ndarray, shape (k,)

    Returns
    -------
    ndarray, shape (2k, 2k)
        ``[[c P + h h', h o P], [ . , P o P / 2]]`` with ``h = P l`` and ``c = l'h`` (o: element by element).
    """
    h = p @ loadings
    corner = h * p
    return np.block([[(loadings @ h) * p + np.outer(h, h), corner], [corner.T, p**2 / 2]])
