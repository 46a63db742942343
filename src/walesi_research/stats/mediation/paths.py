"""Coefficients of a linear mediation from covariances: exposure x, mediators m, outcome y, covariates.

Variables stand in this order: x, m_1 … m_k, y, covariates.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Paths", "paths", "regression", "routes"]

Array = NDArray[np.float64]
Route = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of one model, or of a batch of them.

    Attributes
    ----------
    a : ndarray, shape (..., k)
        From x to each mediator, the mediators before it held fixed where they stand in series.
    chain : ndarray, shape (..., k, k)
        From mediator (column) to mediator (row) in series; zero otherwise.
    b : ndarray, shape (..., k)
        From each mediator to y, the exposure and the other mediators held fixed.
    direct : ndarray, shape (...)
        From x to y with all mediators held fixed.
    mediator_residual : ndarray, shape (..., k, k)
        Covariance of what x and the covariates leave of the mediators.
    outcome_residual : ndarray, shape (...)
        Variance of what x, mediators and covariates leave of y.
    """

    a: Array
    chain: Array
    b: Array
    direct: Array
    mediator_residual: Array
    outcome_residual: Array

    @property
    def reached(self) -> Array:
        """What x moves each mediator by in all, shape (..., k)."""
        k = self.a.shape[-1]
        return np.linalg.solve(np.eye(k) - self.chain, self.a[..., None])[..., 0]

    @property
    def indirect(self) -> Array:
        """Sum of the products of coefficients over all routes."""
        return (self.reached * self.b).sum(axis=-1)

    @property
    def total(self) -> Array:
        """Indirect and direct effect together."""
        return self.indirect + self.direct

    def factors(self, route: Route) -> Array:
        """Return the coefficients along a route, first to last, shape (..., len(route) + 1)."""
        links = [self.chain[..., later, earlier] for earlier, later in pairwise(route)]
        return np.stack([self.a[..., route[0]], *links, self.b[..., route[-1]]], axis=-1)


def routes(k: int, serial: bool) -> list[Route]:
    """Return the ways from x to y through mediators 0 … k - 1: one each, or in series through any of them."""
    if not serial:
        return [(j,) for j in range(k)]
    return [route for size in range(1, k + 1) for route in combinations(range(k), size)]


def paths(covariance: Array, k: int, serial: bool = False) -> Paths:
    """Return the paths of covariances (..., p, p), with `k` mediators."""
    p = covariance.shape[-1]
    mediators, y, covariates = list(range(1, k + 1)), k + 1, list(range(k + 2, p))
    shape = covariance.shape[:-2]
    a, chain = np.zeros((*shape, k)), np.zeros((*shape, k, k))
    if serial:
        for j, m in enumerate(mediators):
            coef, _ = regression(covariance, [0, *mediators[:j], *covariates], [m])
            a[..., j], chain[..., j, :j] = coef[..., 0, 0], coef[..., 1 : j + 1, 0]
    reduced, left = regression(covariance, [0, *covariates], mediators)
    final, rest = regression(covariance, [0, *mediators, *covariates], [y])
    return Paths(
        a=a if serial else reduced[..., 0, :],
        chain=chain,
        b=final[..., 1 : k + 1, 0],
        direct=final[..., 0, 0],
        mediator_residual=left,
        outcome_residual=rest[..., 0, 0],
    )


def regression(covariance: Array, on: list[int], of: list[int]) -> tuple[Array, Array]:
    """Return coefficients (..., len(on), len(of)) and residual covariances (..., len(of), len(of))."""
    cross = covariance[..., on, :][..., of]
    coef = np.linalg.solve(covariance[..., on, :][..., on], cross)
    return coef, covariance[..., of, :][..., of] - cross.swapaxes(-1, -2) @ coef
