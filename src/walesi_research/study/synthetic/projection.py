"""Population quantities from cross products: projections, shares of R², reliability, correlation.

Written apart from the package's estimators on purpose: the truth must not be told by what it tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial

import numpy as np
from scipy.optimize import minimize, minimize_scalar

__all__ = ["UnitMoments", "alpha", "lmg_shares", "omega", "random_intercept_projection", "within_covariance"]


class UnitMoments:
    """Cross products of rows in units, gathered draw by draw.

    ``total`` is Σ z z' over rows; ``means`` holds, for each size n of a unit, Σ z̄ z̄' over the units of
    that size and their number. That is all that a random-intercept model needs.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.total = np.zeros((len(columns), len(columns)))
        self.means: dict[int, tuple[np.ndarray, int]] = {}

    def add(self, rows: np.ndarray, unit: np.ndarray) -> None:
        """Add `rows`, shape (n, columns), of the units `unit`, shape (n,)."""
        self.total += rows.T @ rows
        size = np.bincount(unit)
        sums = np.column_stack([np.bincount(unit, rows[:, j]) for j in range(rows.shape[1])])
        for n in np.unique(size[size > 0]):
            mean = sums[size == n] / n
            before, units = self.means.get(int(n), (0.0, 0))
            self.means[int(n)] = before + mean.T @ mean, units + len(mean)

    def pick(self, names: Sequence[str]) -> np.ndarray:
        """Return the positions of columns."""
        return np.array([self.columns.index(name) for name in names])

    @property
    def rows(self) -> float:
        """Number of rows; the first column is the constant."""
        return float(self.total[0, 0])

    def covariance(self, names: Sequence[str]) -> np.ndarray:
        """Return the total covariance matrix of columns."""
        at = self.pick(names)
        mean = self.total[0, at] / self.rows
        return self.total[np.ix_(at, at)] / self.rows - np.outer(mean, mean)


def within_covariance(moments: UnitMoments, names: Sequence[str]) -> np.ndarray:
    """Return the covariance matrix of columns with unit means removed."""
    at = moments.pick(names)
    between = sum(n * mean[np.ix_(at, at)] for n, (mean, _) in moments.means.items())
    return (moments.total[np.ix_(at, at)] - between) / moments.rows


def random_intercept_projection(
    moments: UnitMoments, outcome: str, predictors: Sequence[str]
) -> dict[str, float]:
    """Return coefficients of `outcome` on a constant and `predictors` with random intercepts of units.

    Generalised least squares with V = I + ρ 1 1' in each unit, where 1 1' / (1 + ρ n) inverts as
    V⁻¹ = I - ρ / (1 + ρ n) 1 1' (Laird and Ware 1982); ρ, unit over residual variance, maximises the
    likelihood.
    """
    at = moments.pick([moments.columns[0], *predictors, outcome])
    total = moments.total[np.ix_(at, at)]
    means = [(n, mean[np.ix_(at, at)], units) for n, (mean, units) in moments.means.items()]

    def fit(rho: float) -> tuple[np.ndarray, float]:
        cross = total - sum(rho * n * n / (1 + rho * n) * mean for n, mean, _ in means)
        beta = np.linalg.solve(cross[:-1, :-1], cross[:-1, -1])
        return beta, cross[-1, -1] - beta @ cross[:-1, -1]

    def deviance(rho: float) -> float:
        logdet = sum(units * np.log1p(rho * n) for n, _, units in means)
        return moments.rows * np.log(fit(rho)[1]) + logdet

    best = minimize_scalar(deviance, bounds=(0, 5), method="bounded", options={"xatol": 1e-7})
    rho = best.x if best.fun < deviance(0.0) else 0.0
    return dict(zip(predictors, fit(rho)[0][1:].tolist(), strict=True))


def lmg_shares(covariance: np.ndarray) -> tuple[np.ndarray, float]:
    """Return shares of R² (Lindeman, Merenda and Gold 1980) and R²; the outcome is the last column.

    The share of a predictor is its gain in R² averaged over all orders in which predictors may enter.
    """
    p = len(covariance) - 1

    def r_squared(chosen: tuple[int, ...]) -> float:
        if not chosen:
            return 0.0
        at = np.array(chosen)
        beta = np.linalg.solve(covariance[np.ix_(at, at)], covariance[at, -1])
        return float(beta @ covariance[at, -1] / covariance[-1, -1])

    gain = np.zeros(p)
    for j in range(p):
        others = [k for k in range(p) if k != j]
        for size in range(p):
            weight = factorial(size) * factorial(p - size - 1) / factorial(p)
            for chosen in combinations(others, size):
                gain[j] += weight * (r_squared((*chosen, j)) - r_squared(chosen))
    whole = r_squared(tuple(range(p)))
    return gain / whole if whole > 0 else np.full(p, np.nan), whole


def alpha(covariance: np.ndarray) -> float:
    """Return Cronbach's alpha: k / (k - 1) (1 - trace / sum)."""
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def omega(covariance: np.ndarray) -> float:
    """Return omega total of the one-factor maximum-likelihood model: (Σλ)² / ((Σλ)² + Σψ).

    The model is fitted to the correlations by minimising log|Σ| + tr(S Σ⁻¹), Σ = λλ' + ψ (Jöreskog 1967),
    and scaled back.
    """
    scale = np.sqrt(np.diag(covariance))
    s, k = covariance / np.outer(scale, scale), len(covariance)

    def discrepancy(x: np.ndarray) -> tuple[float, np.ndarray]:
        loading, unique = x[:k], np.exp(x[k:])
        sigma = np.outer(loading, loading) + np.diag(unique)
        inverse = np.linalg.inv(sigma)
        slope = inverse @ (sigma - s) @ inverse
        value = np.linalg.slogdet(sigma)[1] + np.trace(s @ inverse)
        return value, np.r_[2 * slope @ loading, np.diag(slope) * unique]

    start = np.r_[np.full(k, 0.7), np.log(np.full(k, 0.5))]
    x = minimize(discrepancy, start, jac=True, method="L-BFGS-B", options={"gtol": 1e-9, "ftol": 1e-15}).x
    common = float((scale * x[:k]).sum() ** 2)
    return common / (common + float((scale**2 * np.exp(x[k:])).sum()))


def reliabilities(covariances: Mapping[str, np.ndarray]) -> dict[str, tuple[float, float]]:
    """Return alpha and omega of each construct."""
    return {name: (alpha(matrix), omega(matrix)) for name, matrix in covariances.items()}
