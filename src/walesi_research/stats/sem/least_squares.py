"""Diagonally weighted least squares on polychoric correlations, for items with ordered answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..polychoric import polychoric
from .measures import Test
from .structure import Implied, Structure

__all__ = ["Correlations", "LeastSquares", "with_unit_variances"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Correlations:
    """Polychoric correlations of one group, and the asymptotic covariance of their estimates.

    Attributes
    ----------
    n : int
    matrix : ndarray, shape (p, p)
    asymptotic : ndarray, shape (m, m)
        Of ``sqrt(n)`` times the m correlations of different items, in the order of
        ``numpy.triu_indices(p, 1)``.
    thresholds : tuple of ndarray
        Of each item.
    threshold_variances : ndarray, shape (t,)
        Of ``sqrt(n)`` times their estimates, item by item.
    """

    n: int
    matrix: Array
    asymptotic: Array
    thresholds: tuple[Array, ...]
    threshold_variances: Array

    @classmethod
    def of(cls, answers: Array) -> Correlations:
        """Estimate them from answers, shape (n, p)."""
        found = polychoric(answers)
        gamma = found.asymptotic_covariance
        count = sum(map(len, found.thresholds))
        return cls(
            n=found.n,
            matrix=found.correlations,
            asymptotic=gamma[count:, count:],
            thresholds=found.thresholds,
            threshold_variances=np.diag(gamma)[:count],
        )

    @cached_property
    def vector(self) -> Array:
        """The m correlations, shape (m,)."""
        return self.matrix[np.triu_indices(len(self.matrix), 1)]


@dataclass(frozen=True)
class LeastSquares:
    """Weighted squares of the correlations' residuals.

    Attributes
    ----------
    structures : sequence of Structure
        One a group; no observed variable acts on another, so that correlations do not depend on unique
        variances.
    correlations : sequence of Correlations

    Notes
    -----
    ``sum_g (n_g - 1) / n sum_ij (r_ij - sigma_ij)² / Gamma_ij,ij``. Thresholds are those of the sample.
    """

    structures: Sequence[Structure]
    correlations: Sequence[Correlations]

    @property
    def n(self) -> int:
        """Rows of all groups."""
        return sum(c.n for c in self.correlations)

    def value(self, theta: Array) -> float:
        """Return the objective."""
        total = 0.0
        for s, c in zip(self.structures, self.correlations, strict=True):
            off = c.vector - _upper(s.implied(theta).sigma)
            total += float(self._weight(c) @ off**2)
        return total

    def derivatives(self, theta: Array, *, expected: bool = False) -> tuple[float, Array, Array]:
        """Return objective, gradient, and Hessian, or its part without second derivatives of sigma."""
        value, gradient, hessian = 0.0, np.zeros(len(theta)), np.zeros((len(theta), len(theta)))
        for s, c in zip(self.structures, self.correlations, strict=True):
            at, weight = s.implied(theta), self._weight(c)
            off = c.vector - _upper(at.sigma)
            slopes = _slopes(s, at)
            value += float(weight @ off**2)
            gradient -= 2 * slopes.T @ (weight * off)
            hessian += 2 * slopes.T @ (weight[:, None] * slopes)
            if not expected:
                pull = np.zeros_like(at.sigma)
                pull[np.triu_indices(s.p, 1)] = -weight * off
                hessian += s.gathered(s.curvature(at, pull + pull.T, np.zeros(s.p)))
        return value, gradient, hessian

    def robust(self, theta: Array) -> tuple[Array, Test]:
        """Return the estimates' covariance, shape (size, size), and the test of the model.

        Notes
        -----
        With ``V = diag(Gamma)^-1`` the covariance is ``(D'VD)^-1 D'V Gamma V D (D'VD)^-1 / (n - G)``. Mean
        and variance of the statistic follow from the traces of ``U Gamma`` and its square, ``U = V - V D
        (D'VD)^-1 D'V``; it is scaled and shifted to those of chi-square with the model's degrees of freedom
        (Asparouhov and Muthén 2010, Simple second order chi-square correction; lavaan's WLSMV).
        """
        weight, gamma, slopes = self._stacked(theta)
        weighted = weight[:, None] * slopes
        bread = _inverse(slopes.T @ weighted)
        covariance = bread @ (weighted.T @ gamma @ weighted) @ bread / (self.n - len(self.correlations))
        u = np.diag(weight) - weighted @ bread @ weighted.T
        df = len(weight) - len(theta)
        return covariance, _shifted(u @ gamma, self.n * self.value(theta), df)

    def baseline(self) -> Test:
        """Return the test of the model without correlations."""
        weight, gamma, _ = self._stacked(None)
        value = sum(float(self._weight(c) @ c.vector**2) for c in self.correlations)
        return _shifted(weight[:, None] * gamma, self.n * value, len(weight))

    def threshold_errors(self, c: Correlations) -> Array:
        """Return standard errors of the thresholds of one group, item by item."""
        return np.sqrt(c.threshold_variances / c.n * self.n / (self.n - len(self.correlations)))

    def _weight(self, c: Correlations) -> Array:
        return (c.n - 1) / self.n / np.diag(c.asymptotic)

    def _stacked(self, theta: Array | None) -> tuple[Array, Array, Array]:
        """Return weights, Gamma and the correlations' derivatives of all groups together."""
        weight = np.concatenate([c.n / self.n / np.diag(c.asymptotic) for c in self.correlations])
        gamma, first = np.zeros((len(weight), len(weight))), 0
        for c in self.correlations:
            own = slice(first, first + len(c.vector))
            gamma[own, own] = c.asymptotic * self.n / c.n
            first = own.stop
        if theta is None:
            return weight, gamma, np.empty((len(weight), 0))
        slopes = np.vstack([_slopes(s, s.implied(theta)) for s in self.structures])
        return weight, gamma, slopes


def with_unit_variances(s: Structure, theta: Array) -> Structure:
    """Return the structure with unique variances that make the observed variables' variances one."""
    rest = np.diag(s.implied(theta).sigma) - np.diag(s.disturbances)[: s.p]
    disturbances = s.disturbances.copy()
    disturbances[np.arange(s.p), np.arange(s.p)] = 1 - rest
    return replace(s, disturbances=disturbances)


def _upper(matrix: Array) -> Array:
    return matrix[np.triu_indices(len(matrix), 1)]


def _slopes(s: Structure, at: Implied) -> Array:
    """Return derivatives of the correlations in the free parameters, shape (m, size)."""
    u, v, _ = s.directions(at)
    i, j = np.triu_indices(s.p, 1)
    return s.by_parameter(u[i] * v[j] + v[i] * u[j])


def _inverse(matrix: Array) -> Array:
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return np.full_like(matrix, np.nan)


def _shifted(product: Array, chi2: float, df: int) -> Test:
    """Return the test scaled and shifted by the traces of U Gamma and of its square."""
    first, second = float(np.trace(product)), float(np.sum(product * product.T))
    if not df:
        return Test(chi2, df)
    factor = np.sqrt(second / df)
    return Test(chi2, df, first / df, factor, df - first / factor)
