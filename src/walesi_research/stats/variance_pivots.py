"""Intervals for variances and their shares that hold with a dozen levels, zero included.

For one factor, given the ratios of the others' variances to the residual's, ``u = Z'P y`` with ``C = Z'P Z``
(P without the factor) has the variance ``s (C + g C²)``, g being the factor's own ratio. With
``C = E diag(d) E'`` and ``z = E'u`` ::

    F(g) = [ sum z² / (d (1 + g d)) / k ] / [ rest / m ],   rest = y'P y - sum z² / d,

is F with (k, m) degrees of freedom whatever g is, and falls in g: the ratios that it does not reject are an
interval, exact for two-component models (Wald 1947; Seely and El-Bassiouni 1983, Annals of Statistics 11,
197–201; Harville and Fenech 1985, Biometrics 41, 137–152). Four fifths of the error lie above the interval,
for a variance on few degrees of freedom close to the shortest (Tate and Klett 1959, Journal of the American
Statistical Association 54, 674–682). What the other ratios and the residual add is little where they rest
on many degrees of freedom; it is added on the log scale by squares (Zou and Donner 2008, Statistics in
Medicine 27, 1693–1702). With more than a few hundred levels a variance is taken as a multiple of
chi-square.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

__all__ = ["Pivot", "joined", "log_scale"]

Array = NDArray[np.float64]

_ABOVE = 0.8
"""Share of the error that lies above the interval of a ratio."""
_HUGE = 1e9
"""A ratio of variances above it is none."""
_BOUNDLESS = 100.0
"""A half-width in logs as good as infinite."""


@dataclass(frozen=True, slots=True)
class Pivot:
    """What the exact test of one variance ratio needs.

    Attributes
    ----------
    weight : ndarray, shape (k,)
        d: the nonzero eigenvalues of ``Z'P Z``.
    square : ndarray, shape (k,)
        z² over d.
    rest : float
        Residual sum of squares with the factor's levels held fixed.
    df : float
        Degrees of freedom of `rest`.
    """

    weight: Array
    square: Array
    rest: float
    df: float

    @classmethod
    def of(cls, covariance: Array, modes: Array, ratio: float, total: float, df: float) -> Pivot:
        """Return the pivot from a fit at any positive ratio of the factor's variance to the residual's.

        Parameters
        ----------
        covariance : ndarray, shape (levels, levels)
            ``T = (C + I / ratio)^-1``, of the errors of the modes over s.
        modes : ndarray, shape (levels,)
            ``T u``.
        ratio : float
        total : float
            Penalised residual sum of squares of the fit, ``y'P y - u'T u``.
        df : float
            Rows less fixed effects.
        """
        value, vector = np.linalg.eigh(covariance)
        weight = 1 / value - 1 / ratio
        kept = weight > 1e-9 * max(weight.max(), 1 / ratio)
        z, t, d = (vector.T @ modes / value)[kept], value[kept], weight[kept]
        rest = total + np.sum(z**2 * t) - np.sum(z**2 / d)
        return cls(d, z**2 / d, float(rest), df - int(kept.sum()))

    def statistic(self, ratio: float) -> float:
        """Return F at a ratio."""
        return float(np.mean(self.square / (1 + ratio * self.weight)) / (self.rest / self.df))

    def interval(self, level: float) -> tuple[float, float]:
        """Return the ends of the interval for the ratio; the lower is zero where zero is not rejected.

        Where the fixed effects follow the factor wholly, or no residual is left, it is all from zero up.
        """
        if len(self.weight) == 0 or self.df <= 0:
            return 0.0, float("inf")
        law = stats.f(len(self.weight), self.df)
        error = 1 - level
        return self._where(law.isf(error * (1 - _ABOVE))), self._where(law.ppf(error * _ABOVE))

    def _where(self, quantile: float) -> float:
        if self.statistic(0) <= quantile:
            return 0.0
        if self.statistic(_HUGE) >= quantile:
            return float("inf")
        lower, upper = np.log(1e-12), np.log(_HUGE)
        if self.statistic(1e-12) <= quantile:
            return 0.0
        root = optimize.brentq(
            lambda g: np.log(self.statistic(np.exp(g)) / quantile), lower, upper, xtol=1e-10
        )
        return float(np.exp(root))


def log_scale(variance_of_log: float, level: float) -> tuple[float, float]:
    """Return the factors that turn an estimate into its interval, from a chi-square with 2 / variance df."""
    df = 2 / variance_of_log
    low, high = stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], df)
    return float(df / low), float(df / high)


def joined(estimate: float, ends: tuple[float, float], spread: float, level: float) -> tuple[float, float]:
    """Widen the interval of one log-scale part by another, independent part with standard deviation `spread`.

    `estimate` and `ends` are positive numbers, or zero where there is nothing to widen; the other part's
    estimate is contained in both.
    """
    other = min(float(stats.norm.ppf((1 + level) / 2)) * spread, _BOUNDLESS)
    if estimate <= 0:
        return ends[0], ends[1] * float(np.exp(other)) if np.isfinite(ends[1]) else ends[1]
    low, high = (np.log(end / estimate) if end > 0 else -np.inf for end in ends)
    low, high = min(low, 0.0), max(high, 0.0)
    return estimate * float(np.exp(-np.hypot(low, other))), estimate * float(np.exp(np.hypot(high, other)))
