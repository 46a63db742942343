"""Ordered logit for ratings of few levels, with a random intercept of the rater or without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats

from .regression import codes, dependent_columns

__all__ = ["OrderedFit", "ordered"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_STEP = 2e-4
"""Step of the central differences, in parameters scaled to about one."""


@dataclass(frozen=True, slots=True)
class OrderedFit:
    """A fitted ordered logit.

    Attributes
    ----------
    levels : ndarray, shape (k,)
        The response's levels, in order.
    coef, se : ndarray, shape (p,)
        Log odds of a higher level.
    thresholds, thresholds_se : ndarray, shape (k - 1,)
    sd : float
        Standard deviation of the random intercept; zero without one.
    loglik : float
    covariance : ndarray, shape (p, p)
        Of `coef`.
    groups : ndarray or None
        Labels of the random intercept.
    modes, modes_se : ndarray or None
        Their conditional modes, and standard errors given the parameters.
    n : int
    converged : bool
    """

    levels: NDArray
    coef: Array
    se: Array
    thresholds: Array
    thresholds_se: Array
    sd: float
    loglik: float
    covariance: Array = field(repr=False)
    groups: NDArray | None = field(repr=False)
    modes: Array | None = field(repr=False)
    modes_se: Array | None = field(repr=False)
    n: int
    converged: bool

    @property
    def pvalue(self) -> Array:
        """Two-sided p-values of the coefficients, shape (p,), from the normal distribution."""
        return 2 * stats.norm.sf(np.abs(self.coef / self.se))

    def interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return the ends of the coefficients' confidence intervals, each of shape (p,)."""
        half = stats.norm.ppf((1 + level) / 2) * self.se
        return self.coef - half, self.coef + half


def ordered(y: ArrayLike, X: ArrayLike, groups: ArrayLike | None = None, *, points: int = 9) -> OrderedFit:
    """Fit ``logit P(y <= level) = threshold - X b - u``, u normal and shared by the rows of a group.

    Parameters
    ----------
    y : array_like, shape (n,)
        Levels; their sorted order is the order of the scale.
    X : array_like, shape (n, p)
        Without a constant: the thresholds are one.
    groups : array_like, shape (n,), optional
        Labels of the random intercept; none by default.
    points : int
        Points of the adaptive Gauss–Hermite quadrature; one is the Laplace approximation.

    Returns
    -------
    OrderedFit

    Raises
    ------
    ValueError
        If y has one level only, a value is missing, or X is collinear (a constant counts as a column).

    Notes
    -----
    McCullagh (1980), Journal of the Royal Statistical Society B 42, 109–142; the quadrature centred and
    scaled at each group's mode as in Pinheiro and Bates (1995), Journal of Computational and Graphical
    Statistics 4, 12–35. Standard errors from the Hessian by differences; intervals assume many groups.
    """
    level, levels = codes(y)
    X = _design(X, len(level))
    if len(levels) < 2:
        raise ValueError("an ordered response needs at least two levels")
    centre = X.mean(axis=0)
    spread = X.std(axis=0)
    data = _Data(level, len(levels), (X - centre) / spread)
    start = data.start()
    fixed = _maximise(data.fixed, start)
    if groups is None:
        return _result(data, fixed, data.fixed, levels, centre, spread, None)
    group, labels = codes(groups, len(level))
    if len(labels) < 2:
        raise ValueError("a random intercept needs at least two groups")
    mixed = _Mixed(data, group, len(labels), points)
    found = _maximise(mixed.loglik, np.append(fixed.x, 0.5))
    return _result(data, found, mixed.loglik, levels, centre, spread, (mixed, labels))


def _design(X: ArrayLike, n: int) -> Array:
    X = np.asarray(X, float)
    X = X[:, None] if X.ndim == 1 else X
    if len(X) != n or not np.isfinite(X).all():
        raise ValueError(f"X of shape {X.shape} must have {n} rows and no missing value")
    if dependent := dependent_columns(np.column_stack([np.ones(n), X])):
        listed = ", ".join(str(j - 1) for j in dependent)
        raise ValueError(f"X is collinear with the thresholds or earlier columns: column {listed}")
    return X


def _maximise(loglik: Callable[[Array], float], start: Array) -> optimize.OptimizeResult:
    def slope(p: Array) -> Array:
        return -_gradient(loglik, p)

    found = optimize.minimize(lambda p: -loglik(p), start, jac=slope, method="BFGS", options={"gtol": 1e-4})
    for _ in range(2):  # differences leave the last digits to Newton
        step = np.linalg.lstsq(_hessian(loglik, found.x), _gradient(loglik, found.x), rcond=1e-10)[0]
        if loglik(found.x - step) > loglik(found.x):
            found.x = found.x - step
    found.slope = float(np.abs(_gradient(loglik, found.x)).max())
    return found


def _gradient(f: Callable[[Array], float], p: Array) -> Array:
    return np.array([f(p + h) - f(p - h) for h in _STEP * np.eye(len(p))]) / (2 * _STEP)


def _hessian(f: Callable[[Array], float], p: Array) -> Array:
    step = 10 * _STEP
    rows = [(_gradient(f, p + h) - _gradient(f, p - h)) / (2 * step) for h in step * np.eye(len(p))]
    return (np.array(rows) + np.array(rows).T) / 2


@dataclass(frozen=True, slots=True)
class _Data:
    """Levels as codes, and columns with mean zero and standard deviation one.

    The parameters are the first threshold, logs of the steps to the next ones, coefficients (and, with
    groups, the standard deviation of their intercept).
    """

    level: Index
    count: int
    X: Array

    def start(self) -> Array:
        shares = np.bincount(self.level, minlength=self.count) / len(self.level)
        threshold = special.logit(np.cumsum(shares)[:-1])
        return np.concatenate([threshold[:1], np.log(np.diff(threshold)), np.zeros(self.X.shape[1])])

    def thresholds(self, p: Array) -> Array:
        return np.cumsum(np.concatenate([p[:1], np.exp(p[1 : self.count - 1])]))

    def bounds(self, p: Array) -> tuple[Array, Array]:
        """Return the lower and upper bound of each row's level, less ``X b``."""
        t = np.concatenate([[-np.inf], self.thresholds(p), [np.inf]])
        eta = self.X @ p[self.count - 1 : self.count - 1 + self.X.shape[1]]
        return t[self.level] - eta, t[self.level + 1] - eta

    def fixed(self, p: Array) -> float:
        """Return the log-likelihood without random intercept."""
        return float(_log_share(*self.bounds(p)).sum())


def _log_share(low: Array, high: Array) -> Array:
    """Return ``log(F(high) - F(low))``, F logistic."""
    return special.log_expit(high) + special.log_expit(-low) + np.log1p(-np.exp(low - high))


@dataclass(frozen=True, slots=True)
class _Mixed:
    """The likelihood with a random intercept, integrated out group by group."""

    data: _Data
    group: Index
    count: int
    points: int

    def loglik(self, p: Array) -> float:
        low, high = self.data.bounds(p)
        sd = p[-1]
        mode, scale = self.modes(low, high, sd)
        node, weight = np.polynomial.hermite.hermgauss(self.points)
        terms = np.empty((self.points, self.count))
        for k in range(self.points):
            u = mode + np.sqrt(2) * scale * node[k]
            shift = sd * u[self.group]
            inside = self._sums(_log_share(low - shift, high - shift)) - u**2 / 2
            terms[k] = np.log(weight[k]) + node[k] ** 2 + inside
        return float(
            (special.logsumexp(terms, axis=0) + np.log(scale)).sum() - self.count * np.log(np.pi) / 2
        )

    def modes(self, low: Array, high: Array, sd: float) -> tuple[Array, Array]:
        """Return the mode of each group's standardised intercept, and its scale there."""
        u = np.zeros(self.count)
        for _ in range(50):
            shift = sd * u[self.group]
            a, b = special.expit(low - shift), special.expit(high - shift)
            slope = sd * self._sums(a + b - 1) - u
            curve = 1 + sd**2 * self._sums(a * (1 - a) + b * (1 - b))
            step = slope / curve
            u = u + np.clip(step, -2, 2)
            if np.abs(step).max() < 1e-10:
                break
        return u, curve**-0.5

    def _sums(self, values: Array) -> Array:
        return np.bincount(self.group, values, self.count)


def _result(data, found, loglik, levels, centre, spread, mixed) -> OrderedFit:
    """Return the fit in the columns' own units."""
    p, k, width = found.x, data.count - 1, data.X.shape[1]
    turn = np.zeros((k + width, len(p)))  # derivative of thresholds and coefficients in the parameters
    turn[:k, 0] = 1
    for j in range(1, k):
        turn[j:k, j] = np.exp(p[j])
    turn[:k, k : k + width] = centre / spread
    turn[k:, k : k + width] = np.diag(1 / spread)
    covariance = turn @ np.linalg.pinv(-_hessian(loglik, p)) @ turn.T
    coef = p[k : k + width] / spread
    modes = modes_se = None
    sd = 0.0
    if mixed is not None:
        sd = abs(float(p[-1]))
        modes, scale = mixed[0].modes(*data.bounds(p), sd)
        modes, modes_se = sd * modes, sd * scale
    error = np.sqrt(np.diag(covariance))
    return OrderedFit(
        levels=levels,
        coef=coef,
        se=error[k:],
        thresholds=data.thresholds(p) + centre @ coef,
        thresholds_se=error[:k],
        sd=sd,
        loglik=float(loglik(p)),
        covariance=covariance[k:, k:],
        groups=None if mixed is None else mixed[1],
        modes=modes,
        modes_se=modes_se,
        n=len(data.level),
        converged=found.slope < 1e-3,
    )
