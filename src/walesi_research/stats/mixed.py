"""Linear mixed models with crossed random intercepts, by exact (restricted) maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize, stats

from .crossed_likelihood import (
    Factorised,
    System,
    factorise,
    gradient,
    inverse,
    reduce,
    residual_sums,
    spread,
)
from .regression import check_design

__all__ = ["Effects", "MixedFit", "crossed"]

Array = NDArray[np.float64]

_NEAR_ZERO = 1e-3
"""A theta below it is tried at zero: there the factor would add a millionth of the residual variance."""
_FLOOR = 1e-4
"""The least theta that the search on log theta looks at."""
_FLAT = 0.01
"""The search has converged when the deviance has at most this slope in the log of each theta²."""
_STEP = 1e-3
"""Step in log variance ratio of the central differences behind the degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Conditional modes (best linear unbiased predictions) of one factor.

    Attributes
    ----------
    levels : ndarray, shape (q,)
        Labels, sorted.
    estimate, se : ndarray, shape (q,)
        Predicted intercepts and the standard errors of ``prediction - truth``, given the variances; those of
        the fixed effects are accounted for.
    """

    levels: NDArray
    estimate: Array
    se: Array


@dataclass(frozen=True, slots=True)
class MixedFit:
    """A fitted model with crossed random intercepts.

    Attributes
    ----------
    variances : mapping of str to float
        Variance of each factor's intercepts.
    residual : float
        Residual variance.
    loglik : float
        Log-likelihood, restricted if `reml`.
    coef, se, df : ndarray, shape (p,)
        Fixed effects, standard errors, and Satterthwaite degrees of freedom.
    covariance : ndarray, shape (p, p)
        Of the fixed effects.
    effects : mapping of str to Effects
    boundary : tuple of str
        Factors whose variance is estimated as exactly zero.
    n : int
        Rows.
    groups : mapping of str to int
        Levels of each factor.
    reml, converged : bool
    """

    variances: Mapping[str, float]
    residual: float
    loglik: float
    coef: Array
    se: Array
    df: Array
    covariance: Array = field(repr=False)
    effects: Mapping[str, Effects] = field(repr=False)
    boundary: tuple[str, ...]
    n: int
    groups: Mapping[str, int]
    reml: bool
    converged: bool

    @property
    def shares(self) -> Mapping[str, float]:
        """Share of each factor in the sum of all variances (intraclass correlations)."""
        total = sum(self.variances.values()) + self.residual
        return MappingProxyType({name: v / total for name, v in self.variances.items()})

    @property
    def pvalue(self) -> Array:
        """Two-sided p-values of the fixed effects, shape (p,), from t with `df`."""
        return 2 * stats.t.sf(np.abs(self.coef / self.se), self.df)

    def interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return the ends of the confidence intervals of the fixed effects, each of shape (p,)."""
        half = stats.t.ppf((1 + level) / 2, self.df) * self.se
        return self.coef - half, self.coef + half


def crossed(
    y: ArrayLike,
    X: ArrayLike,
    factors: Mapping[str, ArrayLike] | Sequence[ArrayLike],
    *,
    reml: bool = True,
) -> MixedFit:
    """Fit a linear model with any number of crossed (or nested) random intercepts.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        Fixed effects, the constant included if there is to be one.
    factors : mapping of str to array_like, or sequence of array_like, each of shape (n,)
        Labels of the groups that each row belongs to; members of a sequence are named ``"0"``, ``"1"`` …
    reml : bool
        Restricted (default) or full maximum likelihood.

    Returns
    -------
    MixedFit

    Raises
    ------
    ValueError
        If `X` is collinear (its columns are named), a value is missing, there is no factor, a factor has one
        level or as many levels as rows, or `X` fits `y` exactly.

    Notes
    -----
    The likelihood is that of `crossed_likelihood`. L-BFGS-B on log theta with the analytic gradient; an
    estimate that runs towards zero is compared with zero itself. Degrees of freedom: Satterthwaite (1946) as
    in Fai and Cornelius (1996), Journal of Statistical Computation and Simulation 54, 363–378, that is
    ``2 f² / (g' A g)`` with f a coefficient's variance, g its gradient in the variance parameters, and A
    their covariance, twice the inverse Hessian of the deviance.
    """
    y, X = check_design(y, X)
    named = _named(factors)
    system = reduce(y, X, named, reml)
    theta = _minimise(system)
    curvature = _curvature(system, theta)
    return _result(system, tuple(named), _polished(system, theta, curvature.hessian), curvature)


def _named(factors: Mapping[str, ArrayLike] | Sequence[ArrayLike]) -> dict[str, ArrayLike]:
    pairs = factors.items() if isinstance(factors, Mapping) else ((str(i), f) for i, f in enumerate(factors))
    named = dict(pairs)
    if not named:
        raise ValueError("a mixed model needs at least one factor")
    return named


# ── the minimum ──────────────────────────────────────────────────────────────────────────────────────────


def _minimise(system: System) -> Array:
    """Return theta at the minimum, in the system's order of factors."""
    theta = _search(system, np.full(len(system.order), 0.5))
    stranded = (theta < _NEAR_ZERO) & (gradient(system, factorise(system, theta.clip(_NEAR_ZERO))) < 0)
    if stranded.any():  # a long step onto the plateau near zero, though the minimum lies away from it
        theta = _search(system, np.where(stranded, 0.05, theta.clip(_NEAR_ZERO)))
    return _settle_at_zero(system, theta)


def _search(system: System, start: Array) -> Array:
    def target(log_theta: Array) -> tuple[float, Array]:
        f = factorise(system, np.exp(log_theta))
        return f.deviance(system), 2 * _log_gradient(system, f)

    found = optimize.minimize(
        target,
        np.log(start),
        jac=True,
        method="L-BFGS-B",
        bounds=[(np.log(_FLOOR), None)] * len(start),
        options={"ftol": 1e-15, "gtol": 1e-5, "maxiter": 500},
    )
    return np.exp(found.x)


def _settle_at_zero(system: System, theta: Array) -> Array:
    """Set to zero each theta near it that is no worse there."""
    for k in np.flatnonzero(theta < _NEAR_ZERO):
        zero = np.where(np.arange(len(theta)) == k, 0.0, theta)
        if factorise(system, zero).deviance(system) <= factorise(system, theta).deviance(system) + 1e-8:
            theta = zero
    return theta


def _polished(system: System, theta: Array, hessian: Array) -> Array:
    """Take one Newton step in the logs, which brings an estimate good to five digits to ten."""
    free = np.flatnonzero(theta > 0)
    step = np.zeros_like(theta)
    step[free] = -np.linalg.pinv(hessian) @ _log_gradient(system, factorise(system, theta))[free]
    return theta * np.exp(step / 2) if np.abs(step).max() < 0.01 else theta


def _log_gradient(system: System, f: Factorised) -> Array:
    """Return the derivative of the deviance in the log of each theta²."""
    return f.theta**2 * gradient(system, f)


# ── the result ───────────────────────────────────────────────────────────────────────────────────────────


def _result(system: System, names: Sequence[str], theta: Array, curvature: _Curvature) -> MixedFit:
    f = factorise(system, theta)
    sigma2 = f.rss / system.dof
    covariance = sigma2 * _unscaled_covariance(system, f)
    variance = dict(zip(system.order, (sigma2 * theta**2).tolist(), strict=True))
    return MixedFit(
        variances=MappingProxyType({name: variance[name] for name in names}),
        residual=sigma2,
        loglik=-f.deviance(system) / 2,
        coef=system.start + system.whiten @ f.solution[system.q :],
        se=np.sqrt(np.diag(covariance)),
        df=_satterthwaite(system, f, curvature),
        covariance=covariance,
        effects=_effects(system, f, names),
        boundary=tuple(name for name in names if variance[name] == 0),
        n=system.n,
        groups=MappingProxyType({name: len(system.levels[name]) for name in names}),
        reml=system.reml,
        converged=bool(np.abs(_log_gradient(system, f)).max() < _FLAT),
    )


def _unscaled_covariance(system: System, f: Factorised) -> Array:
    """Return the covariance of the fixed effects over s, ``(X'V^-1 X)^-1``, for the columns as given."""
    block = f.upper[system.q : -1, system.q : -1]
    root = system.whiten @ linalg.solve_triangular(block, np.eye(system.p))
    return root @ root.T


def _effects(system: System, f: Factorised, names: Sequence[str]) -> Mapping[str, Effects]:
    """Return the conditional modes; those of factor 0 from what the other effects leave it."""
    sigma2, covariance = f.rss / system.dof, inverse(system, f, fixed=True)
    shrink = f.theta[0] ** 2 / f.diagonal
    estimates = [shrink * residual_sums(system, f)]
    variances = [shrink + shrink**2 * spread(system, covariance)]
    for k in range(1, len(system.order)):
        member = np.flatnonzero(system.owner == k)
        estimates.append(f.solution[member])
        variances.append(np.diag(covariance)[member])
    made = {
        name: Effects(system.levels[name], estimate, np.sqrt(sigma2 * variance))
        for name, estimate, variance in zip(system.order, estimates, variances, strict=True)
    }
    return MappingProxyType({name: made[name] for name in names})


# ── degrees of freedom ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Curvature:
    """How things change in the logs of those ratios theta² that are not zero, by central differences.

    Attributes
    ----------
    hessian : ndarray, shape (free, free)
        Of the profiled deviance.
    slopes : ndarray, shape (free, p)
        Of the log of each fixed effect's variance over s.
    """

    hessian: Array
    slopes: Array


def _curvature(system: System, theta: Array) -> _Curvature:
    free = np.flatnonzero(theta > 0)
    hessian, slopes = np.empty((len(free), len(free))), np.empty((len(free), system.p))
    for row, k in enumerate(free):
        factor = np.where(np.arange(len(theta)) == k, np.exp(_STEP / 2), 1)
        up, down = factorise(system, theta * factor), factorise(system, theta / factor)
        hessian[row] = (_log_gradient(system, up) - _log_gradient(system, down))[free] / (2 * _STEP)
        slopes[row] = (_log_variances(system, up) - _log_variances(system, down)) / (2 * _STEP)
    return _Curvature((hessian + hessian.T) / 2, slopes)


def _satterthwaite(system: System, f: Factorised, curvature: _Curvature) -> Array:
    """Return degrees of freedom of the fixed effects, shape (p,); a variance at zero is taken as known.

    The variance parameters are the log ratios theta² and log s, in which the log of a coefficient's variance
    has the gradient g and the degrees of freedom are ``2 / (g' A g)``.
    """
    slope = _rss_slope(system, f)[f.theta > 0]
    covariance = _covariance_of_variances(curvature.hessian, slope, system.dof)
    g = np.vstack([curvature.slopes, np.ones(system.p)])  # the last row: in log s
    return 2 / np.einsum("ij,ik,kj->j", g, covariance, g)


def _log_variances(system: System, f: Factorised) -> Array:
    return np.log(np.diag(_unscaled_covariance(system, f)))


def _rss_slope(system: System, f: Factorised) -> Array:
    """Return the derivative of log rss in each log theta², ``-|b|² / theta² / rss``."""
    own = np.sum((f.theta[0] * residual_sums(system, f) / f.diagonal) ** 2)
    ratio = np.where(f.theta[1:] > 0, f.theta[1:] ** 2, 1)
    others = system.by_factor(f.solution[: system.q] ** 2) / ratio
    return -np.concatenate([[own], others]) / f.rss


def _covariance_of_variances(hessian: Array, slope: Array, dof: int) -> Array:
    """Return A, the covariance of (log ratios, log s), from the Hessian of the profiled deviance.

    The deviance is ``D(r, s) = a(r) + dof log s + rss(r) / s``. So the block of the ratios is twice the
    inverse of the profiled Hessian, and log s is ``log rss(r)`` plus an independent part of variance 2 / dof.
    """
    ratios = 2 * np.linalg.pinv(hessian)
    with_s = ratios @ slope
    return np.block([[ratios, with_s[:, None]], [with_s[None], np.atleast_2d(2 / dof + slope @ with_s)]])
