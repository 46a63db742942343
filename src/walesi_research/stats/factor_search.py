"""Unique variances of common factors by Newton's method, for a batch of correlation matrices at once.

Given the unique variances, the loadings of q factors follow from the q largest eigenvalues of a matrix; what
is left is a function of the other eigenvalues, its derivatives known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Criterion", "LeastSquares", "Likelihood", "search", "squared_multiple_start"]

Array = NDArray[np.float64]

_STEPS = 100
_TOLERANCE = 1e-14
"""A search has ended when a step promises less."""


class Criterion(Protocol):
    """A discrepancy of correlations s (B, k, k) from factors, given the logs x of unique variances (B, k)."""

    factors: int

    def eigen(self, s: Array, x: Array) -> tuple[Array, Array]:
        """Return eigenvalues, rising, and eigenvectors."""

    def discrepancy(self, value: Array) -> Array:
        """Return the discrepancy from the eigenvalues, shape (B,)."""

    def derivatives(self, value: Array, vector: Array, x: Array) -> tuple[Array, Array]:
        """Return gradient and Hessian of the discrepancy in x."""

    def loadings(self, value: Array, vector: Array, x: Array) -> Array:
        """Return the loadings, shape (B, k, q), the factor of the largest eigenvalue first."""


@dataclass(frozen=True)
class Likelihood:
    """Maximum likelihood: ``log|Sigma| + tr(S Sigma^-1) - log|S| - k`` (Jöreskog 1967).

    With eigenvalues g and eigenvectors w of ``U^(-1/2) S U^(-1/2)``, m running over all but the q largest, n
    over those, and ``a = w w'`` element by element: ``f = sum_m g_m - log g_m - 1``,
    ``f' = sum_m (1 - g_m) diag(a_m)``,
    ``f'' = (sum_m a_m)(sum_m g_m a_m) + sum_n a_n sum_m (1 - g_m)(g_n + g_m)/(g_n - g_m) a_m``.
    """

    factors: int

    def eigen(self, s: Array, x: Array) -> tuple[Array, Array]:
        """Return g and w."""
        root = np.exp(-x / 2)
        return np.linalg.eigh(s * root[:, :, None] * root[:, None, :])

    def discrepancy(self, value: Array) -> Array:
        """Return f, counting the largest eigenvalues too where they are below one and give no factor."""
        rest = value.copy()
        rest[:, -self.factors :] = rest[:, -self.factors :].clip(max=1)
        return (rest - np.log(rest) - 1).sum(axis=1)

    def derivatives(self, value: Array, vector: Array, x: Array) -> tuple[Array, Array]:
        """Return gradient and Hessian of f in x."""
        first, rest, w, others = _parted(value, vector, self.factors)
        hessian = _weighted(others, np.ones_like(rest)) * _weighted(others, rest)
        for n in range(self.factors):
            ratio = (first[:, n, None] + rest) / (first[:, n, None] - rest).clip(1e-8)
            hessian += _outer(w[:, :, n]) * _weighted(others, (1 - rest) * ratio)
        return np.einsum("bim,bm->bi", others**2, 1 - rest), hessian

    def loadings(self, value: Array, vector: Array, x: Array) -> Array:
        """Return the loadings, shape (B, k, q)."""
        first, _, w, _ = _parted(value, vector, self.factors)
        return (np.exp(x / 2)[:, :, None] * w * np.sqrt((first - 1).clip(0))[:, None, :])[:, :, ::-1]


@dataclass(frozen=True)
class LeastSquares:
    """Unweighted least squares, or minres: half the sum of squared residuals (Harman and Jones 1966).

    With eigenvalues t and eigenvectors w of ``S - U``, and m, n and a as above: ``f = sum_m t_m² / 2``; in
    the unique variances ``f' = -sum_m t_m diag(a_m)`` and
    ``f'' = (sum_m a_m)² - 2 sum_n a_n sum_m t_m/(t_n - t_m) a_m``, carried over to their logs.
    """

    factors: int

    def eigen(self, s: Array, x: Array) -> tuple[Array, Array]:
        """Return t and w."""
        return np.linalg.eigh(s - np.exp(x)[:, :, None] * np.eye(x.shape[1]))

    def discrepancy(self, value: Array) -> Array:
        """Return f, counting the largest eigenvalues too where they are negative and give no factor."""
        rest = value.copy()
        rest[:, -self.factors :] = rest[:, -self.factors :].clip(max=0)
        return (rest**2).sum(axis=1) / 2

    def derivatives(self, value: Array, vector: Array, x: Array) -> tuple[Array, Array]:
        """Return gradient and Hessian of f in x."""
        first, rest, w, others = _parted(value, vector, self.factors)
        hessian = _weighted(others, np.ones_like(rest)) ** 2
        for n in range(self.factors):
            gap = (first[:, n, None] - rest).clip(1e-8)
            hessian -= 2 * _outer(w[:, :, n]) * _weighted(others, rest / gap)
        unique = np.exp(x)
        gradient = -unique * np.einsum("bim,bm->bi", others**2, rest)
        return gradient, _outer(unique) * hessian + gradient[:, :, None] * np.eye(x.shape[1])

    def loadings(self, value: Array, vector: Array, x: Array) -> Array:
        """Return the loadings, shape (B, k, q)."""
        first, _, w, _ = _parted(value, vector, self.factors)
        return (w * np.sqrt(first.clip(0))[:, None, :])[:, :, ::-1]


def squared_multiple_start(s: Array, factors: int, floor: float) -> Array:
    """Return a start for `search` from squared multiple correlations (Jöreskog 1967), shape (B, k)."""
    k = s.shape[-1]
    smallest = (1 - 0.5 * factors / k) / np.einsum("bii->bi", np.linalg.inv(s))
    return np.log(smallest.clip(1e-12)).clip(floor, 0)


def search(s: Array, x: Array, criterion: Criterion, floor: float) -> tuple[Array, NDArray[np.bool_]]:
    """Minimise a criterion from x on, and tell which searches ended.

    Parameters
    ----------
    s : ndarray, shape (B, k, k)
        Correlation matrices.
    x : ndarray, shape (B, k)
        Logs of unique variances to start from.
    criterion : Criterion
    floor : float
        Least x.

    Returns
    -------
    x : ndarray, shape (B, k)
    converged : ndarray of bool, shape (B,)
    """
    x = x.copy()
    active = np.arange(len(s))
    for _ in range(_STEPS):
        value, vector = criterion.eigen(s[active], x[active])
        step, slope = _step(*criterion.derivatives(value, vector, x[active]), x[active], floor)
        going = slope > _TOLERANCE
        active, step, value = active[going], step[going], value[going]
        if not len(active):
            break
        before = criterion.discrepancy(value)
        x[active] = _halved(s[active], x[active], step, before, criterion, floor)
    converged = np.ones(len(s), bool)
    converged[active] = False
    return x, converged


def _parted(value: Array, vector: Array, q: int) -> tuple[Array, Array, Array, Array]:
    """Return the q largest eigenvalues, the others, and the eigenvectors of either."""
    return value[:, -q:], value[:, :-q], vector[:, :, -q:], vector[:, :, :-q]


def _weighted(vector: Array, weight: Array) -> Array:
    return (vector * weight[:, None, :]) @ vector.swapaxes(1, 2)


def _outer(v: Array) -> Array:
    return v[:, :, None] * v[:, None, :]


def _step(gradient: Array, hessian: Array, x: Array, floor: float) -> tuple[Array, Array]:
    """Return Newton's step, not crossing the bound, and the fall of the criterion that it promises."""
    step = _downhill(gradient, hessian, np.zeros(x.shape, bool))
    step = _downhill(gradient, hessian, (x <= floor) & (step < 0))
    return step, -np.einsum("bi,bi->b", gradient, step)


def _downhill(gradient: Array, hessian: Array, held: NDArray[np.bool_]) -> Array:
    """Return the step with `held` coordinates kept, and with curvatures made positive."""
    either = held[:, :, None] | held[:, None, :]
    value, vector = np.linalg.eigh(np.where(either, np.eye(held.shape[1]), hessian))
    free = np.where(held, 0, gradient)
    turned = np.einsum("bij,bi->bj", vector, free) / np.maximum(np.abs(value), 1e-6)
    step = -np.einsum("bij,bj->bi", vector, turned)
    return np.where(held, 0, step.clip(-2, 2))


def _halved(s: Array, x: Array, step: Array, before: Array, criterion: Criterion, floor: float) -> Array:
    """Take the steps, each halved until the criterion does not rise."""
    length = np.ones((len(s), 1))
    for _ in range(30):
        moved = np.maximum(x + length * step, floor)
        worse = ~(criterion.discrepancy(criterion.eigen(s, moved)[0]) <= before + 1e-14)
        if not worse.any():
            break
        length[worse] /= 2
    return moved
