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
    errors,
    factorise,
    gradient,
    reduce,
    residual_sums,
    spread,
)
from .regression import check_design
from .variance_pivots import Pivot, joined, log_scale

__all__ = ["Effects", "MixedFit", "crossed"]

Array = NDArray[np.float64]

_NEAR_ZERO = 1e-3
"""A theta below it is tried at zero: there the factor would add a millionth of the residual variance."""
_FLOOR = 1e-4
"""The least theta that the search on log theta looks at …"""
_CEILING = 1e4
"""… and the greatest: beyond it the residuals are lost in rounding. A long step must not end there."""
_LOST = "the residuals are nothing beside the effects of the factors"
_FLAT = 0.01
"""The search has converged when the deviance has at most this slope in the log of each theta²."""
_FEW = 300
"""A factor of no more levels gets the exact test of its variance ratio …"""
_MANY = 3000
"""… and one whose variance is zero, where nothing else gives an interval, with no more than these."""
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
    log_covariance : ndarray, shape (factors + 1, factors + 1)
        Of the logs of the factors' variance ratios to the residual's, in the order of `variances`, and of the
        log residual variance; NaN for a variance at zero.
    pivots : mapping of str to Pivot
        Of the factors with few levels.
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
    log_covariance: Array = field(repr=False)
    pivots: Mapping[str, Pivot] = field(repr=False)

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

    def share_interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Return the ends of the confidence interval of a factor's share in the sum of all variances.

        See `variance_pivots`; the odds of the share are the factor's ratio over one plus the other ratios.
        """
        others = [k for k in self.variances if k != name]
        ratios = np.array([self.variances[k] / self.residual for k in others])
        rest = 1 + ratios.sum()
        slope = ratios / rest
        at = [list(self.variances).index(k) for k in others]
        covariance = np.nan_to_num(self.log_covariance)[np.ix_(at, at)]
        spread = float(np.sqrt(slope @ covariance @ slope))
        ratio = self.variances[name] / self.residual
        low, high = joined(ratio / rest, self._ratio_ends(name, level, rest), spread, level)
        return low / (1 + low), high / (1 + high) if np.isfinite(high) else 1.0

    def variance_interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Return the ends of the confidence interval of a factor's variance."""
        spread = float(np.sqrt(self.log_covariance[-1, -1]))
        return joined(self.variances[name], self._ratio_ends(name, level, 1 / self.residual), spread, level)

    def residual_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the ends of the confidence interval of the residual variance."""
        low, high = log_scale(float(self.log_covariance[-1, -1]), level)
        return self.residual * low, self.residual * high

    def variance_df(self, name: str) -> float:
        """Return Satterthwaite degrees of freedom of a factor's variance, NaN at zero."""
        k = list(self.variances).index(name)
        return float(2 / self.log_covariance[[k, -1]][:, [k, -1]].sum())

    def _ratio_ends(self, name: str, level: float, divisor: float) -> tuple[float, float]:
        """Return the ends of the interval of a variance over the residual's, over `divisor`."""
        if name in self.pivots:
            low, high = self.pivots[name].interval(level)
            return low / divisor, high / divisor
        k = list(self.variances).index(name)
        if np.isnan(self.log_covariance[k, k]):
            raise ValueError(
                f"the variance of {name!r} is zero and its levels are too many for an exact interval"
            )
        low, high = log_scale(float(self.log_covariance[k, k]), level)
        ratio = self.variances[name] / self.residual / divisor
        return ratio * low, ratio * high


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
        level or as many levels as rows, or `X` and the factors fit `y` (almost) exactly.

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
    try:
        system = reduce(y, X, named, reml)
        theta = _minimise(system)
        if theta.max() > _CEILING / 2:
            raise ValueError(_LOST)
        curvature = _curvature(system, theta)
        return _result(system, tuple(named), _polished(system, theta, curvature.hessian), curvature)
    except np.linalg.LinAlgError:
        raise ValueError(_LOST) from None


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
        bounds=[(np.log(_FLOOR), np.log(_CEILING))] * len(start),
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
        coef=system.start + system.whiten @ f.fixed,
        se=np.sqrt(np.diag(covariance)),
        df=_satterthwaite(system, f, curvature),
        covariance=covariance,
        effects=_effects(system, f, names),
        boundary=tuple(name for name in names if variance[name] == 0),
        n=system.n,
        groups=MappingProxyType({name: len(system.levels[name]) for name in names}),
        reml=system.reml,
        converged=bool(np.abs(_log_gradient(system, f)).max() < _FLAT),
        log_covariance=_log_covariance(system, f, curvature, names),
        pivots=_pivots(system, theta),
    )


def _pivots(system: System, theta: Array) -> Mapping[str, Pivot]:
    """Return the pivot of each factor with few levels, at the other factors' ratios as estimated."""
    found = {}
    for k, name in enumerate(system.order):
        if len(system.levels[name]) <= (_FEW if theta[k] > 0 else _MANY):
            raised = np.where(np.arange(len(theta)) == k, max(theta[k], 0.1), theta)
            f = factorise(system, raised)
            covariance, modes = _mode_covariance(system, f, k)
            found[name] = Pivot.of(covariance, modes, raised[k] ** 2, f.rss, system.n - system.p)
    return MappingProxyType(found)


def _mode_covariance(system: System, f: Factorised, k: int) -> tuple[Array, Array]:
    """Return the covariance over s of the errors of one factor's modes, and the modes."""
    among = errors(system, f, fixed=True)
    if k > 0:
        member = np.flatnonzero(system.owner == k)
        unit = np.zeros((system.q, len(member)))
        unit[member, np.arange(len(member))] = f.scale[member]
        half = f.factor.forward(unit)
        return half.T @ half + among.gain[member] @ among.gain[member].T, f.modes[member]
    shrink = f.theta[0] ** 2 / f.diagonal
    through = system.sums[:, :-1] @ among.root - system.cross @ among.gain
    half = f.factor.forward(f.scale[:, None] * system.cross.T.toarray())
    spread_ = half.T @ half + through @ through.T
    return np.diag(shrink) + shrink[:, None] * spread_ * shrink, shrink * residual_sums(system, f)


def _log_covariance(system: System, f: Factorised, curvature: _Curvature, names: Sequence[str]) -> Array:
    """Return the covariance of log ratios and log s in the order of `names`, NaN where a ratio is zero."""
    free = np.flatnonzero(f.theta > 0)
    known = _covariance_of_variances(curvature.hessian, _rss_slope(system, f)[free], system.dof)
    out = np.full((len(names) + 1, len(names) + 1), np.nan)
    at = [*(list(names).index(system.order[k]) for k in free), len(names)]
    out[np.ix_(at, at)] = known
    return out


def _unscaled_covariance(system: System, f: Factorised) -> Array:
    """Return the covariance of the fixed effects over s, ``(X'V^-1 X)^-1``, for the columns as given."""
    root = system.whiten @ linalg.solve_triangular(f.upper[:-1, :-1], np.eye(system.p))
    return root @ root.T


def _effects(system: System, f: Factorised, names: Sequence[str]) -> Mapping[str, Effects]:
    """Return the conditional modes; those of factor 0 from what the other effects leave it."""
    sigma2, covariance = f.rss / system.dof, errors(system, f, fixed=True)
    shrink = f.theta[0] ** 2 / f.diagonal
    estimates = [shrink * residual_sums(system, f)]
    variances = [shrink + shrink**2 * spread(system, covariance)]
    variance = covariance.variance(system)
    for k in range(1, len(system.order)):
        member = np.flatnonzero(system.owner == k)
        estimates.append(f.modes[member])
        variances.append(variance[member])
    made = {
        name: Effects(system.levels[name], estimate, np.sqrt(sigma2 * spread_))
        for name, estimate, spread_ in zip(system.order, estimates, variances, strict=True)
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
    others = system.by_factor(f.modes**2) / ratio
    return -np.concatenate([[own], others]) / f.rss


def _covariance_of_variances(hessian: Array, slope: Array, dof: int) -> Array:
    """Return A, the covariance of (log ratios, log s), from the Hessian of the profiled deviance.

    The deviance is ``D(r, s) = a(r) + dof log s + rss(r) / s``. So the block of the ratios is twice the
    inverse of the profiled Hessian, and log s is ``log rss(r)`` plus an independent part of variance 2 / dof.
    """
    ratios = 2 * np.linalg.pinv(hessian)
    with_s = ratios @ slope
    return np.block([[ratios, with_s[:, None]], [with_s[None], np.atleast_2d(2 / dof + slope @ with_s)]])
