"""How much of a sum of items is one general factor: omega hierarchical."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .factor import extract
from .factor_rotation import oblimin
from .moment_bootstrap import (
    bootstrap_covariances,
    complete_covariance,
    correlation_of,
    refuse_singular,
    spread,
    where_definite,
)

__all__ = ["OmegaHierarchical", "SchmidLeiman", "omega_hierarchical", "schmid_leiman"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SchmidLeiman:
    """A general factor and q group factors, all orthogonal; the batch shape ... is that of the correlations.

    Attributes
    ----------
    general : ndarray, shape (..., k)
        Loadings on the general factor, their sum positive.
    group : ndarray, shape (..., k, q)
        Loadings on the group factors, each in the direction in which it goes with the general factor.
    uniquenesses : ndarray, shape (..., k)
    converged : ndarray of bool, shape (...)
    """

    general: Array
    group: Array
    uniquenesses: Array
    converged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OmegaHierarchical:
    """The share of a general factor in the variance of the sum of standardised items.

    Attributes
    ----------
    estimate, se, low, high : float
        Omega hierarchical, its bootstrap standard error and percentile interval at `level`; NaN without
        draws.
    total : float
        Omega total: the share of the general and the group factors together.
    level : float
    n : int
        Complete cases.
    solution : SchmidLeiman
        Loadings of the items as given.
    turned : tuple of int
        Items with a negative loading on the general factor, which enter the sum turned round.
    failed_draws : int
        Bootstrap draws left out because extraction or rotation did not converge in them.
    """

    estimate: float
    se: float
    low: float
    high: float
    total: float
    level: float
    n: int
    solution: SchmidLeiman = field(repr=False)
    turned: tuple[int, ...]
    failed_draws: int


def schmid_leiman(correlation: ArrayLike, factors: int) -> SchmidLeiman:
    """Return the Schmid–Leiman solution of minres factors rotated by oblimin.

    Parameters
    ----------
    correlation : array_like, shape (..., k, k)
    factors : int
        Group factors, two or more.

    Returns
    -------
    SchmidLeiman

    Raises
    ------
    ValueError
        If there are fewer than two factors, or too many for the items.

    Notes
    -----
    With pattern P, factor correlations Phi and the loadings c of one minres factor of Phi, the general factor
    has loadings ``P c`` and the group factors ``P diag(sqrt(1 - c²))`` (Schmid and Leiman 1957, Psychometrika
    22, 53–61). Two factors do not identify c; both loadings are then the root of their correlation, as psych
    does by default.
    """
    if factors < 2:
        raise ValueError(f"a general factor needs two group factors or more, not {factors}")
    extraction = extract(correlation, factors)
    rotated = oblimin(extraction.loadings)
    second, ended = _second_order(rotated.phi)
    general = (rotated.pattern @ second[..., None])[..., 0]
    sign = np.where(general.sum(axis=-1, keepdims=True) < 0, -1, 1)
    specific = np.where(second < 0, -1, 1) * np.sqrt((1 - second**2).clip(0)) * sign
    return SchmidLeiman(
        general=general * sign,
        group=rotated.pattern * specific[..., None, :],
        uniquenesses=extraction.uniquenesses,
        converged=extraction.converged & rotated.converged & ended,
    )


def omega_hierarchical(
    x: ArrayLike,
    factors: int,
    *,
    level: float = 0.95,
    rng: np.random.Generator | None = None,
    draws: int = 1_000,
    counts: Iterable[ArrayLike] | None = None,
) -> OmegaHierarchical:
    """Return omega hierarchical from a Schmid–Leiman solution, complete cases.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Items; rows with NaN are left out.
    factors : int
        Group factors, two or more (three to be identified).
    level : float
    rng : numpy.random.Generator, optional
        For a bootstrap of rows; without it and `counts` there is no interval.
    draws : int
    counts : iterable of array_like, each of shape (b, n), optional
        Draws made elsewhere, as `resampling.bootstrap_counts` yields them.

    Returns
    -------
    OmegaHierarchical

    Raises
    ------
    ValueError
        As `schmid_leiman`, or if there are too few complete rows, an item does not vary, or one is a sum of
        others.

    Notes
    -----
    ``(sum |g|)² / V`` with g the loadings on the general factor and V the sum of the correlations of the
    items turned to the general factor (McDonald 1999, Test Theory, ch. 6; Zinbarg, Revelle, Yovel and Li
    2005, Psychometrika 70, 123–133), as psych's ``omega``. Omega total is ``1 - sum u / V``. Each draw turns
    the items that it finds negative.
    """
    n, covariance = complete_covariance(x, 3)
    refuse_singular(covariance, n)
    correlation = correlation_of(covariance)
    solution = schmid_leiman(correlation, factors)
    estimate, total = _omegas(solution, correlation)

    def hierarchical(drawn: Array) -> Array:
        correlation = correlation_of(drawn)
        solution = schmid_leiman(correlation, factors)
        return np.where(solution.converged, _omegas(solution, correlation)[0], np.nan)

    drawn = bootstrap_covariances(x, rng, draws, counts)
    interval = spread(lambda c: where_definite(hierarchical, c), drawn, (), level)
    return OmegaHierarchical(
        estimate=float(estimate),
        se=interval.se,
        low=interval.low,
        high=interval.high,
        total=float(total),
        level=level,
        n=n,
        solution=solution,
        turned=tuple(np.flatnonzero(solution.general < 0).tolist()),
        failed_draws=interval.failed,
    )


def _second_order(phi: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the loadings of the factors on the general one, shape (..., q), and where they were found."""
    if phi.shape[-1] > 2:
        extraction = extract(phi, 1)
        return extraction.loadings[..., 0], extraction.converged
    r = phi[..., 0, 1]
    return np.sqrt(np.abs(r))[..., None] * np.stack([np.ones_like(r), np.sign(r)], axis=-1), np.ones_like(
        r, bool
    )


def _omegas(solution: SchmidLeiman, correlation: Array) -> tuple[Array, Array]:
    sign = np.where(solution.general < 0, -1, 1)
    variance = np.einsum("...i,...ij,...j->...", sign, correlation, sign)
    hierarchical = np.abs(solution.general).sum(axis=-1) ** 2 / variance
    return hierarchical, 1 - solution.uniquenesses.sum(axis=-1) / variance
