"""Whether items of a construct belong together and apart from others: AVE, composite reliability, HTMT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .moment_bootstrap import (
    bootstrap_covariances,
    complete_covariance,
    correlation_of,
    definite,
    refuse_singular,
    spread,
    where_definite,
)
from .one_factor import OneFactor, one_factor

__all__ = [
    "Convergent",
    "Discriminant",
    "FornellLarcker",
    "average_variance_extracted",
    "composite_reliability",
    "fornell_larcker",
    "htmt",
    "rho_a",
    "rho_c",
]

Array = NDArray[np.float64]
Mean = Literal["arithmetic", "geometric"]


@dataclass(frozen=True, slots=True)
class Convergent:
    """A coefficient of one construct.

    Attributes
    ----------
    estimate, se, low, high : float
        With bootstrap standard error and percentile interval at `level`; these are NaN without draws.
    level : float
    n : int
        Complete cases.
    loadings : ndarray, shape (k,)
        Standardised.
    heywood : tuple of int
        Items whose unique variance ran into zero: the one-factor model does not fit them.
    converged : bool
    failed_draws : int
    """

    estimate: float
    se: float
    low: float
    high: float
    level: float
    n: int
    loadings: Array = field(repr=False)
    heywood: tuple[int, ...]
    converged: bool
    failed_draws: int


@dataclass(frozen=True, slots=True)
class Discriminant:
    """A coefficient of each pair of q constructs, shape (q, q), ones on the diagonal.

    Attributes
    ----------
    estimate, se, low, high : ndarray, shape (q, q)
        With bootstrap standard errors and percentile intervals at `level`; these are NaN without draws.
    level : float
    n : int
        Complete cases.
    failed_draws : int
    """

    estimate: Array
    se: Array = field(repr=False)
    low: Array = field(repr=False)
    high: Array = field(repr=False)
    level: float
    n: int
    failed_draws: int


@dataclass(frozen=True, slots=True)
class FornellLarcker:
    """Average variance extracted of q constructs beside what they share.

    Attributes
    ----------
    average_variance : ndarray, shape (q,)
    correlations : ndarray, shape (q, q)
        Of the constructs.
    estimate, se, low, high : ndarray, shape (q, q)
        ``sqrt(AVE_i) - |r_ij|``, positive where construct i meets the criterion beside construct j, with
        bootstrap standard errors and percentile intervals at `level`; NaN on the diagonal and, but for the
        estimate, without draws.
    level : float
    n : int
        Complete cases.
    failed_draws : int
    """

    average_variance: Array
    correlations: Array
    estimate: Array
    se: Array = field(repr=False)
    low: Array = field(repr=False)
    high: Array = field(repr=False)
    level: float
    n: int
    failed_draws: int


# ── one construct ────────────────────────────────────────────────────────────────────────────────────────


def average_variance_extracted(
    x: ArrayLike,
    *,
    standardised: bool = True,
    level: float = 0.95,
    rng: np.random.Generator | None = None,
    draws: int = 1_000,
    counts: Iterable[ArrayLike] | None = None,
) -> Convergent:
    """Return the average variance extracted by one maximum-likelihood factor, complete cases.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Three items or more; rows with NaN are left out.
    standardised : bool
        The mean of squared standardised loadings (default), as in Fornell and Larcker and in partial least
        squares; or the share of the items' variances as they are, which weighs items by their variance, as
        semTools has it.
    level : float
    rng : numpy.random.Generator, optional
        For a bootstrap of rows; without it and `counts` there is no interval.
    draws : int
    counts : iterable of array_like, each of shape (b, n), optional
        Draws made elsewhere, as `resampling.bootstrap_counts` yields them.

    Returns
    -------
    Convergent

    Raises
    ------
    ValueError
        If there are fewer than three items, too few complete rows, an item does not vary, or one is a sum of
        others.

    Notes
    -----
    ``sum l² / (sum l² + sum u)`` (Fornell and Larcker 1981, Journal of Marketing Research 18, 39–50, eq. 9).
    """
    return _convergent(_average_variance, x, standardised, level, rng, draws, counts)


def composite_reliability(
    x: ArrayLike,
    *,
    standardised: bool = True,
    level: float = 0.95,
    rng: np.random.Generator | None = None,
    draws: int = 1_000,
    counts: Iterable[ArrayLike] | None = None,
) -> Convergent:
    """Return the composite reliability of one maximum-likelihood factor, complete cases.

    Parameters
    ----------
    x, level, rng, draws, counts
        As of `average_variance_extracted`.
    standardised : bool
        Of the sum of standardised items (default), the rho_c of structural equation models; or of the items
        as they are, which is omega (`reliability.omega`).

    Returns
    -------
    Convergent

    Raises
    ------
    ValueError
        As `average_variance_extracted`.

    Notes
    -----
    ``(sum l)² / ((sum l)² + sum u)`` (Fornell and Larcker 1981, Journal of Marketing Research 18, 39–50,
    eq. 8).
    """
    return _convergent(_composite_reliability, x, standardised, level, rng, draws, counts)


def rho_c(loadings: ArrayLike) -> float:
    """Return the composite reliability of given standardised loadings.

    Parameters
    ----------
    loadings : array_like, shape (k,)
        Of a factor, or of a composite as partial least squares has it.

    Returns
    -------
    float
        ``(sum l)² / ((sum l)² + sum (1 - l²))``.
    """
    loadings = np.asarray(loadings, float)
    common = loadings.sum() ** 2
    return float(common / (common + (1 - loadings**2).sum()))


def rho_a(weights: ArrayLike, correlation: ArrayLike) -> Array:
    """Return the reliability of composites in partial least squares.

    Parameters
    ----------
    weights : array_like, shape (..., k)
        On any scale.
    correlation : array_like, shape (..., k, k)
        Of each composite's items.

    Returns
    -------
    ndarray, shape (...)
        One for a single item.

    Notes
    -----
    ``(w'w)² w'(S - diag S)w / w'(ww' - diag ww')w`` with ``w'Sw = 1`` (Dijkstra and Henseler 2015, MIS
    Quarterly 39, 297–316, eq. 3).
    """
    w, s = np.asarray(weights, float), np.asarray(correlation, float)
    if w.shape[-1] == 1:
        return np.ones(w.shape[:-1])
    square, fourth = (w**2).sum(axis=-1), (w**4).sum(axis=-1)
    whole = np.einsum("...i,...ij,...j->...", w, s, w)
    shared = whole - np.einsum("...i,...ii->...", w**2, s)
    return square**2 * shared / (whole * (square**2 - fourth))


def _convergent(
    coefficient: Callable[[OneFactor], Array],
    x: ArrayLike,
    standardised: bool,
    level: float,
    rng: np.random.Generator | None,
    draws: int,
    counts: Iterable[ArrayLike] | None,
) -> Convergent:
    n, covariance = complete_covariance(x, 3)
    refuse_singular(covariance, n)

    def fitted(covariances: Array) -> OneFactor:
        return one_factor(correlation_of(covariances) if standardised else covariances)

    def values(covariances: Array) -> Array:
        fit = fitted(covariances)
        return np.where(fit.converged, coefficient(fit), np.nan)

    fit = fitted(covariance)
    drawn = bootstrap_covariances(x, rng, draws, counts)
    interval = spread(lambda c: where_definite(values, c), drawn, (), level)
    return Convergent(
        estimate=float(coefficient(fit)),
        se=interval.se,
        low=interval.low,
        high=interval.high,
        level=level,
        n=n,
        loadings=fit.loadings if standardised else fit.loadings / np.sqrt(np.diag(covariance)),
        heywood=tuple(np.flatnonzero(fit.heywood).tolist()),
        converged=bool(fit.converged),
        failed_draws=interval.failed,
    )


def _average_variance(fit: OneFactor) -> Array:
    common = (fit.loadings**2).sum(axis=-1)
    return common / (common + fit.uniquenesses.sum(axis=-1))


def _composite_reliability(fit: OneFactor) -> Array:
    common = fit.loadings.sum(axis=-1) ** 2
    return common / (common + fit.uniquenesses.sum(axis=-1))


# ── pairs of constructs ──────────────────────────────────────────────────────────────────────────────────


def htmt(
    x: ArrayLike,
    blocks: Sequence[Sequence[int]],
    *,
    mean: Mean = "arithmetic",
    absolute: bool = True,
    level: float = 0.95,
    rng: np.random.Generator | None = None,
    draws: int = 1_000,
    counts: Iterable[ArrayLike] | None = None,
) -> Discriminant:
    """Return the heterotrait–monotrait ratio of correlations of each pair of constructs, complete cases.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Items of all constructs, each keyed in the direction of its construct; rows with NaN are left out.
    blocks : sequence of sequence of int
        Columns of the items of each construct, two or more constructs.
    mean : {"arithmetic", "geometric"}
        HTMT (default), which takes loadings for equal, or HTMT2, which does not.
    absolute : bool
        Take the absolute values of correlations, as seminr, SmartPLS and semTools do (default).
    level : float
    rng : numpy.random.Generator, optional
        For a bootstrap of rows; without it and `counts` there is no interval.
    draws : int
    counts : iterable of array_like, each of shape (b, n), optional
        Draws made elsewhere, as `resampling.bootstrap_counts` yields them.

    Returns
    -------
    Discriminant
        NaN where negative correlations leave no root or no geometric mean.

    Raises
    ------
    ValueError
        If there are fewer than two constructs, an empty one, too few complete rows, or an item does not vary.

    Notes
    -----
    The mean correlation of items of different constructs over the geometric mean of the two mean correlations
    of items within one (Henseler, Ringle and Sarstedt 2015, Journal of the Academy of Marketing Science 43,
    115–135); with geometric means throughout: Roemer, Schuberth and Henseler (2021), Industrial Management
    and Data Systems 121, 2637–2650. Within a construct of one item the mean is one.
    """
    blocks = _blocks(blocks, 1)
    n, covariance = complete_covariance(x, 2)

    def ratio(covariances: Array) -> Array:
        return _ratios(correlation_of(covariances), blocks, mean, absolute)

    drawn = bootstrap_covariances(x, rng, draws, counts)
    interval = spread(ratio, drawn, (len(blocks), len(blocks)), level)
    return Discriminant(
        ratio(covariance), interval.se, interval.low, interval.high, level, n, interval.failed
    )


def fornell_larcker(
    x: ArrayLike,
    blocks: Sequence[Sequence[int]],
    *,
    level: float = 0.95,
    rng: np.random.Generator | None = None,
    draws: int = 1_000,
    counts: Iterable[ArrayLike] | None = None,
) -> FornellLarcker:
    """Compare the average variance extracted by each construct with what it shares with others.

    Parameters
    ----------
    x, level, rng, draws, counts
        As of `htmt`.
    blocks : sequence of sequence of int
        Columns of the items of each construct: two or more constructs of three items or more.

    Returns
    -------
    FornellLarcker

    Raises
    ------
    ValueError
        As `htmt`, or if a construct has fewer than three items, or there are too few complete rows for its
        model.

    Notes
    -----
    Fornell and Larcker (1981), Journal of Marketing Research 18, 39–50. Loadings are those of one
    maximum-likelihood factor of each construct's standardised items, ``sqrt(AVE)`` the root of their mean
    square. The correlation of two constructs is that of their factors, the sum of the correlations between
    their items over the product of the sums of their loadings; partial least squares puts the (lower)
    correlation of composites in its place.
    """
    blocks = _blocks(blocks, 3)
    n, covariance = complete_covariance(x, 6)
    for block in blocks:
        refuse_singular(covariance[np.ix_(block, block)], n)
    average, r = _constructs(correlation_of(covariance), blocks)
    off = np.where(np.eye(len(blocks)), np.nan, 1)

    def margins(covariances: Array) -> Array:
        average, r = _constructs(correlation_of(covariances), blocks)
        return _margins(average, r)

    drawn = bootstrap_covariances(x, rng, draws, counts)
    interval = spread(margins, drawn, (len(blocks), len(blocks)), level)
    return FornellLarcker(
        average_variance=average,
        correlations=r,
        estimate=_margins(average, r) * off,
        se=interval.se * off,
        low=interval.low * off,
        high=interval.high * off,
        level=level,
        n=n,
        failed_draws=interval.failed,
    )


def _blocks(blocks: Sequence[Sequence[int]], least: int) -> list[NDArray[np.int64]]:
    blocks = [np.asarray(block, int) for block in blocks]
    if len(blocks) < 2 or min(map(len, blocks)) < least:
        raise ValueError(f"two constructs or more are needed, each of {least} items or more")
    return blocks


def _ratios(r: Array, blocks: list[NDArray[np.int64]], mean: Mean, absolute: bool) -> Array:
    """Return the ratios of batches of correlations (..., k, k), shape (..., q, q)."""
    if absolute:
        r = np.abs(r)
    with np.errstate(invalid="ignore", divide="ignore"):
        within = [_mean(_pairs_within(r, block), mean) for block in blocks]
        out = np.ones((*r.shape[:-2], len(blocks), len(blocks)))
        for i, first in enumerate(blocks):
            for j, second in enumerate(blocks[:i]):
                between = r[..., first[:, None], second].reshape(*r.shape[:-2], -1)
                out[..., i, j] = out[..., j, i] = _mean(between, mean) / np.sqrt(within[i] * within[j])
    return out


def _pairs_within(r: Array, block: NDArray[np.int64]) -> Array:
    if len(block) == 1:
        return np.ones((*r.shape[:-2], 1))
    first, second = np.triu_indices(len(block), 1)
    return r[..., block[first], block[second]]


def _mean(r: Array, mean: Mean) -> Array:
    return r.mean(axis=-1) if mean == "arithmetic" else np.exp(np.log(r).mean(axis=-1))


def _constructs(r: Array, blocks: list[NDArray[np.int64]]) -> tuple[Array, Array]:
    """Return average variances (..., q) and correlations of factors (..., q, q), NaN where a fit failed."""
    member = np.zeros((r.shape[-1], len(blocks)))
    average, sums = [], []
    for j, block in enumerate(blocks):
        member[block, j] = 1
        loadings = _loadings(r[..., block[:, None], block])
        average.append((loadings**2).mean(axis=-1))
        sums.append(loadings.sum(axis=-1))
    total = np.stack(sums, axis=-1)
    correlations = member.T @ r @ member / (total[..., :, None] * total[..., None, :])
    correlations[..., np.arange(len(blocks)), np.arange(len(blocks))] = 1
    return np.stack(average, axis=-1), correlations


def _loadings(r: Array) -> Array:
    """Return the loadings on one factor of correlations (..., k, k), NaN where it cannot be fitted."""
    usable = definite(r)
    out = np.full(r.shape[:-1], np.nan)
    if usable.any():
        fit = one_factor(r[usable])
        out[usable] = np.where(fit.converged[..., None], fit.loadings, np.nan)
    return out


def _margins(average: Array, r: Array) -> Array:
    return np.sqrt(average)[..., :, None] - np.abs(r)
