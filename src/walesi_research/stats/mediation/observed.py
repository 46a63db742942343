"""Direct, indirect and total effects of linear models, with delta-method and bootstrap uncertainty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from ..resampling import bca_interval, percentile_interval
from .data import rows_of
from .paths import Paths, Route, paths, routes
from .within import left_out, resampled, within

__all__ = ["Mediation", "mediation"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Mediation:
    """Effects of an exposure through mediators.

    Attributes
    ----------
    paths : Paths
    routes : list of tuple of int
        The mediators passed, in order, by each route.
    estimates, se : ndarray, shape (e,)
        Each route's product of coefficients, then the indirect, direct and total effect; `se` by the delta
        method (Sobel's for a product of two).
    draws : ndarray, shape (B, e)
        Bootstrap estimates.
    jackknife : ndarray, shape (n, e)
        Estimates with one row left out each; empty without draws.
    """

    paths: Paths
    routes: list[Route]
    estimates: Array
    se: Array
    draws: Array
    jackknife: Array

    @property
    def z(self) -> Array:
        """Estimates over their delta-method errors: Sobel's z for a single mediator."""
        return self.estimates / self.se

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return the effects (rows) with delta-method and, where there are draws, bootstrap intervals.

        Returns
        -------
        DataFrame
            Index: ``via 0``, ``via 0 1`` … (routes), ``indirect``, ``direct``, ``total``. Columns:
            ``estimate se z low high`` and ``boot_se percentile_low percentile_high bca_low bca_high``.
        """
        index = ["via " + " ".join(map(str, route)) for route in self.routes] + [
            "indirect",
            "direct",
            "total",
        ]
        reach = ndtri((1 + level) / 2) * self.se
        columns = {"estimate": self.estimates, "se": self.se, "z": self.z}
        columns |= {"low": self.estimates - reach, "high": self.estimates + reach}
        return pd.DataFrame(columns | self._bootstrap(level), index=index)

    def _bootstrap(self, level: float) -> dict[str, Array]:
        if not len(self.draws):
            return {}
        low, high = percentile_interval(self.draws, level)
        one = zip(self.estimates, self.draws.T, self.jackknife.T, strict=True)
        bca = np.array([bca_interval(e, d, j, level) for e, d, j in one])
        return {
            "boot_se": self.draws.std(axis=0, ddof=1),
            "percentile_low": low,
            "percentile_high": high,
            "bca_low": bca[:, 0],
            "bca_high": bca[:, 1],
        }


def mediation(
    y: ArrayLike,
    m: ArrayLike,
    x: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    serial: bool = False,
    divisor: Literal["df", "n"] = "df",
    counts: Iterable[ArrayLike] | None = None,
) -> Mediation:
    """Return the effects of `x` on `y` through `m`, all models being linear.

    Parameters
    ----------
    y, x : array_like, shape (n,)
        Outcome and exposure.
    m : array_like, shape (n,) or (n, k)
        Mediators.
    covariates : array_like, shape (n, q), optional
        Held fixed in every equation.
    groups : array_like, shape (n,), optional
        Every equation has an intercept for each group: effects are within groups.
    serial : bool
        The mediators stand in series, each acting on those after it; else side by side, their residuals free
        to correlate.
    divisor : {"df", "n"}
        Residual variances on degrees of freedom (least squares) or on n (maximum likelihood, as lavaan).
    counts : iterable of array_like, each of shape (b, n), optional
        Bootstrap samples, as `resampling.bootstrap_counts` yields them.

    Returns
    -------
    Mediation

    Raises
    ------
    ValueError
        If a value is not finite, lengths differ, there are too few rows, or variables are exactly collinear.

    Notes
    -----
    With ``m = a x + e_m`` and ``y = c' x + b m + e_y`` the indirect effect is ``a b``, or the sum of such
    products over all routes, and its error by the delta method ``sqrt(b² var(a) + a² var(b))``: Sobel (1982),
    Sociological Methodology 13, 290–312; several mediators as in Preacher and Hayes (2008), Behavior Research
    Methods 40, 879–891. They are causal effects only under sequential ignorability (`sensitivity`).
    """
    rows = rows_of(y, m, x, covariates, groups)
    z, k, n = rows.all, rows.m.shape[1], len(rows.y)
    covariance = within(z, rows.groups) / n
    ways = routes(k, serial)
    found = paths(covariance, k, serial)
    lost = (rows.groups.max() + 1) if divisor == "df" else None
    draws = jackknife = np.empty((0, len(ways) + 3))
    if counts is not None:
        draws = _effects(paths(resampled(z, rows.groups, counts), k, serial), ways)
        jackknife = _effects(paths(left_out(z, rows.groups), k, serial), ways)
    return Mediation(
        paths=found,
        routes=ways,
        estimates=_effects(found, ways),
        se=_errors(covariance, found, ways, n, lost),
        draws=draws,
        jackknife=jackknife,
    )


def _effects(found: Paths, ways: list[Route]) -> Array:
    """Return each route's product, and the indirect, direct and total effect, shape (..., e)."""
    products = [found.factors(route).prod(axis=-1) for route in ways]
    return np.stack([*products, found.indirect, found.direct, found.total], axis=-1)


def _errors(covariance: Array, found: Paths, ways: list[Route], n: int, lost: int | None) -> Array:
    """Return delta-method errors; equations lose `lost` and their slopes as degrees of freedom, if any."""
    k, q = len(found.b), len(covariance) - len(found.b) - 2
    serial = len(ways) > k
    equations = [_equation(covariance, j, k, serial, n, lost) for j in range(k + 1)]
    single = [np.sqrt(_product_variance(found.factors(route), route, equations, serial)) for route in ways]
    outcome = equations[k][: k + 1, : k + 1]
    of_a = _error_of_reached(covariance, found, n, None if lost is None else lost + 1 + q)
    weight, reached = np.eye(k + 1)[0], np.concatenate([[0.0], found.reached])
    through = found.b @ of_a @ found.b
    whole = [through * u + w @ outcome @ w for u, w in ((1, reached), (0, weight), (1, reached + weight))]
    return np.array([*single, *np.sqrt(whole)])


def _equation(covariance: Array, j: int, k: int, serial: bool, n: int, lost: int | None) -> Array:
    """Return the covariance of the slopes of mediator j (y for j = k): x, mediators, covariates."""
    q = len(covariance) - k - 2
    before = range(1, j + 1) if serial or j == k else range(0)
    on = [0, *before, *range(k + 2, k + 2 + q)]
    inside = covariance[np.ix_(on, on)]
    cross = covariance[on, j + 1]
    residual = covariance[j + 1, j + 1] - cross @ np.linalg.solve(inside, cross)
    return residual / (n if lost is None else n - lost - len(on)) * np.linalg.inv(inside)


def _product_variance(factors: Array, route: Route, equations: list[Array], serial: bool) -> float:
    """Return the variance of a product of coefficients, each of another equation and so independent.

    Coefficient i of a route comes from the equation of its i-th mediator, the last from that of y.
    """
    k = len(equations) - 1
    sources = [0, *(earlier + 1 for earlier in route)]
    targets = [*route, k]
    total = 0.0
    for i, (target, source) in enumerate(zip(targets, sources, strict=True)):
        others = np.delete(factors, i).prod()
        total += others**2 * equations[target][source, source]
    return total


def _error_of_reached(covariance: Array, found: Paths, n: int, lost: int | None) -> Array:
    """Return the covariance of what x moves the mediators by in all, shape (k, k)."""
    k = len(found.b)
    on = [0, *range(k + 2, len(covariance))]
    inverse = np.linalg.inv(covariance[np.ix_(on, on)])[0, 0]
    return found.mediator_residual * inverse / (n if lost is None else n - lost)
