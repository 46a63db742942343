"""The one-factor model by maximum likelihood, for one covariance matrix or for a batch of bootstrap draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["OneFactor", "one_factor"]

Array = NDArray[np.float64]

_FLOOR = np.log(1e-3)
"""Unique variances are held at a thousandth of the item's variance or above."""
_STEPS = 100
_TOLERANCE = 1e-14
"""A search has ended when a step promises less."""


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
    Jöreskog (1967), Psychometrika 32, 443–482. Given the unique variances ``u = exp(x)`` the loadings follow
    from the eigenvalues g and eigenvectors w of ``U^(-1/2) S U^(-1/2)``, the largest being the factor's.
    What is left is ``f(x) = sum_(m>1) g_m - log g_m - 1``, minimised by Newton's method with its exact
    derivatives. Several minima are possible in small samples of weakly related items; the search starts from
    squared multiple correlations.
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
    x, converged = _newton(correlation)
    value, vector = _eigen(correlation, x)
    loadings = size * np.exp(x / 2) * vector[:, :, -1] * np.sqrt((value[:, -1:] - 1).clip(0))
    loadings *= np.where(loadings.sum(axis=1) < 0, -1, 1)[:, None]
    shape = covariance.shape[:-2]
    return OneFactor(
        loadings=loadings.reshape(*shape, k),
        uniquenesses=(np.exp(x) * size**2).reshape(*shape, k),
        discrepancy=_discrepancy(value).reshape(shape),
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


def _newton(s: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the logs of the unique variances of correlation matrices (B, k, k), and which searches ended."""
    k = s.shape[-1]
    smallest = (1 - 0.5 / k) / np.einsum("bii->bi", np.linalg.inv(s))
    x = np.log(smallest).clip(_FLOOR, 0)
    active = np.arange(len(s))
    for _ in range(_STEPS):
        value, vector = _eigen(s[active], x[active])
        step, slope = _step(value, vector, x[active])
        going = slope > _TOLERANCE
        active, step, value = active[going], step[going], value[going]
        if not len(active):
            break
        x[active] = _halved(s[active], x[active], step, _discrepancy(value))
    converged = np.ones(len(s), bool)
    converged[active] = False
    return x, converged


def _eigen(s: Array, x: Array) -> tuple[Array, Array]:
    """Return eigenvalues, rising, and eigenvectors of ``U^(-1/2) S U^(-1/2)``."""
    root = np.exp(-x / 2)
    return np.linalg.eigh(s * root[:, :, None] * root[:, None, :])


def _discrepancy(value: Array) -> Array:
    """Return f, counting the largest eigenvalue too where it is below one and gives no factor."""
    rest = value.copy()
    rest[:, -1] = rest[:, -1].clip(max=1)
    return (rest - np.log(rest) - 1).sum(axis=1)


def _derivatives(value: Array, vector: Array) -> tuple[Array, Array]:
    """Return gradient and Hessian of f in x.

    With ``a_m = w_m w_m'``, element by element: ``f' = sum_(m>1) (1 - g_m) diag(a_m)`` and
    ``f'' = (sum_(m>1) a_m)(sum_(m>1) g_m a_m) + a_1 sum_(m>1) (1 - g_m)(g_1 + g_m)/(g_1 - g_m) a_m``.
    """
    first, rest = value[:, -1:], value[:, :-1]
    w, others = vector[:, :, -1], vector[:, :, :-1]

    def weighted(weight: Array) -> Array:
        return (others * weight[:, None, :]) @ others.swapaxes(1, 2)

    gap = (first - rest).clip(1e-8)
    hessian = weighted(np.ones_like(rest)) * weighted(rest)
    hessian += w[:, :, None] * w[:, None, :] * weighted((1 - rest) * (first + rest) / gap)
    return np.einsum("bim,bm->bi", others**2, 1 - rest), hessian


def _step(value: Array, vector: Array, x: Array) -> tuple[Array, Array]:
    """Return Newton's step, not crossing the bound, and the fall in f that it promises."""
    gradient, hessian = _derivatives(value, vector)
    step = _downhill(gradient, hessian, np.zeros(x.shape, bool))
    step = _downhill(gradient, hessian, (x <= _FLOOR) & (step < 0))
    return step, -np.einsum("bi,bi->b", gradient, step)


def _downhill(gradient: Array, hessian: Array, held: NDArray[np.bool_]) -> Array:
    """Return the step with `held` coordinates kept, and with curvatures made positive."""
    either = held[:, :, None] | held[:, None, :]
    value, vector = np.linalg.eigh(np.where(either, np.eye(held.shape[1]), hessian))
    free = np.where(held, 0, gradient)
    turned = np.einsum("bij,bi->bj", vector, free) / np.maximum(np.abs(value), 1e-6)
    step = -np.einsum("bij,bj->bi", vector, turned)
    return np.where(held, 0, step.clip(-2, 2))


def _halved(s: Array, x: Array, step: Array, before: Array) -> Array:
    """Take the steps, each halved until f does not rise."""
    length = np.ones((len(s), 1))
    for _ in range(30):
        moved = np.maximum(x + length * step, _FLOOR)
        worse = ~(_discrepancy(_eigen(s, moved)[0]) <= before + 1e-14)
        if not worse.any():
            break
        length[worse] /= 2
    return moved
