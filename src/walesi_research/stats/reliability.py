"""How reliable a sum of items is: alpha, omega, and what each item contributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import expit, logit

from .moment_bootstrap import Spread, bootstrap_covariances, correlation_of, definite, spread, where_definite
from .one_factor import OneFactor, information_matrix, one_factor

__all__ = ["Alpha", "ItemStatistics", "Omega", "alpha", "omega", "spearman_brown"]

Array = NDArray[np.float64]
Missing = Literal["listwise", "pairwise"]
Variance = Literal["model", "observed"]

_BLOCK = 8_192
"""Rows whose cross-products are summed at a time."""


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """What each of k items contributes; arrays of shape (k,).

    Attributes
    ----------
    mean, sd : ndarray
        Standard deviation with divisor n - 1.
    rest_correlation : ndarray
        Correlation with the sum of the other items.
    alpha_if_dropped : ndarray
        Alpha of the other items; NaN for a scale of two.
    total_correlation : ndarray
        Correlation with the sum of all items, itself among them: never near zero in a short scale, even where
        items have nothing in common.
    """

    mean: Array
    sd: Array
    rest_correlation: Array
    alpha_if_dropped: Array
    total_correlation: Array


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha.

    Attributes
    ----------
    estimate, low, high : float
        Alpha and its interval at `level`.
    level : float
    n : int
        Complete cases; with pairwise covariances, rows with at least one answer.
    items : ItemStatistics
    se : float
        Standard error for normal items.
    standardised : float
        Alpha of the standardised items.
    lambda6 : float
        Guttman's sixth coefficient of the standardised items, a lower bound of their reliability too.
    mean_correlation : float
        Of different items.
    """

    estimate: float
    low: float
    high: float
    level: float
    n: int
    items: ItemStatistics = field(repr=False)
    se: float = field(repr=False)
    standardised: float = field(repr=False)
    lambda6: float = field(repr=False)
    mean_correlation: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class Omega:
    """McDonald's omega total of a one-factor model.

    Attributes
    ----------
    estimate, se, low, high : float
        Omega, its standard error, and its interval at `level`.
    level : float
    n : int
        Complete cases.
    loadings, uniquenesses : ndarray, shape (k,)
        On the scale of the items.
    heywood : tuple of int
        Items whose unique variance ran into zero: the one-factor model does not fit them.
    converged : bool
    failed_draws : int
        Bootstrap draws left out because the model did not converge in them.
    """

    estimate: float
    se: float
    low: float
    high: float
    level: float
    n: int
    loadings: Array = field(repr=False)
    uniquenesses: Array = field(repr=False)
    heywood: tuple[int, ...]
    converged: bool
    failed_draws: int


def alpha(x: ArrayLike, *, level: float = 0.95, missing: Missing = "listwise") -> Alpha:
    """Return Cronbach's alpha, with Feldt's interval.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Items, already keyed in one direction.
    level : float
    missing : {"listwise", "pairwise"}
        Leave out rows with NaN (default), or take each covariance from the rows that have both items, as
        psych does; the interval then counts all rows and is too narrow where many answers are missing.

    Returns
    -------
    Alpha

    Raises
    ------
    ValueError
        If there are fewer than two items or two complete rows, or the sum of the items does not vary.

    Notes
    -----
    ``alpha = k/(k-1) (1 - tr(S) / 1'S1)`` (Cronbach 1951, Psychometrika 16, 297–334). Interval: one less
    ``(1 - alpha) F``, with quantiles of F on (n - 1) and (n - 1)(k - 1) degrees of freedom (Feldt 1965,
    Psychometrika 30, 357–370), exact for normal items of equal covariance. Standard error: Duhachek and
    Iacobucci (2004), Journal of Applied Psychology 89, 792–808. Lambda 6: Guttman (1945), Psychometrika 10,
    255–282. One pass over the data by blocks.
    """
    items = _items(x, 2)
    n, mean, covariance = _moments(items) if missing == "listwise" else _pairwise_moments(items)
    k = len(mean)
    total = covariance.sum()
    if not total > 0:
        raise ValueError("the sum of the items does not vary")
    estimate = k / (k - 1) * (1 - np.trace(covariance) / total)
    upper, lower = stats.f.ppf([(1 + level) / 2, (1 - level) / 2], n - 1, (n - 1) * (k - 1))
    low, high = 1 - (1 - estimate) * upper, 1 - (1 - estimate) * lower
    r = correlation_of(covariance)
    return Alpha(
        estimate=float(estimate),
        low=float(low),
        high=float(high),
        level=level,
        n=n,
        items=_item_statistics(mean, covariance),
        se=_alpha_error(covariance, n),
        standardised=float(k / (k - 1) * (1 - k / r.sum())),
        lambda6=_lambda6(r),
        mean_correlation=float((r.sum() - k) / (k * (k - 1))),
    )


def omega(
    x: ArrayLike,
    *,
    level: float = 0.95,
    rng: np.random.Generator | None = None,
    draws: int = 1_000,
    counts: Iterable[ArrayLike] | None = None,
    variance: Variance = "model",
) -> Omega:
    """Return omega total of the one-factor maximum-likelihood model, complete cases.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Items, already keyed in one direction; rows with NaN are left out.
    level : float
    rng : numpy.random.Generator, optional
        With it the interval is the percentiles of a bootstrap of rows. Without it and `counts`, the delta
        method on the logit, with a sandwich covariance that does not take the items for normal.
    draws : int
        Bootstrap draws from `rng`.
    counts : iterable of array_like, each of shape (b, n), optional
        Bootstrap draws made elsewhere, as `resampling.bootstrap_counts` yields them, in place of `rng`; rows
        with NaN count for nothing.
    variance : {"model", "observed"}
        Variance of the sum that the factor's part is divided by: the model's, ``(1'l)² + 1'u`` (default), or
        the one observed, ``1'S1``.

    Returns
    -------
    Omega

    Raises
    ------
    ValueError
        If there are fewer than three items, too few complete rows, or an item does not vary.

    Notes
    -----
    ``omega = (1'l)² / Var(sum)`` (McDonald 1999, Test Theory, ch. 6); with either variance: Kelley and
    Pornprasertmanit (2016), Psychological Methods 21, 69–92. When more than a tenth of the draws cannot be
    fitted there is no interval: it is NaN, and `failed_draws` says why.
    """
    items = _items(x, 3)
    n, mean, covariance = _moments(items)
    if n <= len(covariance) + 1:
        raise ValueError(f"{n} complete rows are too few for {len(covariance)} items")
    if not definite(covariance):
        raise ValueError("an item does not vary, or is a sum of others")
    fit = one_factor(covariance)
    estimate = float(_omega_of(fit, covariance, variance))
    if counts is None and rng is None:
        interval = _delta_interval(items, mean, covariance, fit, variance, level)
    else:
        fitted = partial(_omega_or_nothing, variance=variance)
        drawn = bootstrap_covariances(items, rng, draws, counts)
        interval = spread(lambda c: where_definite(fitted, c), drawn, (), level)
    return Omega(
        estimate=estimate,
        se=interval.se,
        low=interval.low,
        high=interval.high,
        level=level,
        n=n,
        loadings=fit.loadings,
        uniquenesses=fit.uniquenesses,
        heywood=tuple(np.flatnonzero(fit.heywood).tolist()),
        converged=bool(fit.converged),
        failed_draws=interval.failed,
    )


def spearman_brown(reliability: ArrayLike, length: float = 2.0) -> Array:
    """Return the reliability of a scale made longer (or shorter) by parallel items.

    Parameters
    ----------
    reliability : array_like
        Of the scale as it is; the correlation of its halves for split-half reliability.
    length : float
        Times as long; twice by default.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If `length` is not positive.

    Notes
    -----
    ``m r / (1 + (m - 1) r)`` (Spearman 1910 and Brown 1910, British Journal of Psychology 3, 271–295 and
    296–322).
    """
    if not length > 0:
        raise ValueError(f"a scale cannot be {length} times as long")
    r = np.asarray(reliability, float)
    return length * r / (1 + (length - 1) * r)


# ── moments ──────────────────────────────────────────────────────────────────────────────────────────────


def _items(x: ArrayLike, least: int) -> NDArray:
    items = np.asarray(x)
    if items.ndim != 2 or items.shape[1] < least:
        raise ValueError(f"a matrix of at least {least} items is needed, not shape {items.shape}")
    return items


def _moments(items: NDArray) -> tuple[int, Array, Array]:
    """Return complete cases, means and covariances, summed by blocks about the mean of the first."""
    n, centre, sums, products = 0, 0.0, 0.0, 0.0
    for block in _complete_blocks(items):
        centre = centre if n else block.mean(axis=0)
        deviations = block - centre
        n += len(block)
        sums = sums + deviations.sum(axis=0)
        products = products + deviations.T @ deviations
    if n < 2:
        raise ValueError(f"{n} complete rows are too few")
    return n, centre + sums / n, (products - np.outer(sums, sums) / n) / (n - 1)


def _pairwise_moments(items: NDArray) -> tuple[int, Array, Array]:
    """Return rows with any answer, means, and covariances of the rows that have both items."""
    items = np.asarray(items, float)
    given = ~np.isnan(items)
    if not given.any(axis=0).all():
        raise ValueError(f"nobody answered item {int(np.argmin(given.any(axis=0))) + 1}")
    mean = np.nanmean(items, axis=0)
    deviations, counts = np.where(given, items - mean, 0), given.T.astype(float) @ given
    if counts.min() < 2:
        raise ValueError("two items have fewer than 2 rows in common")
    sums = deviations.T @ given  # of the row's item, over the rows that have the column's
    covariance = (deviations.T @ deviations - sums * sums.T / counts) / (counts - 1)
    return int(given.any(axis=1).sum()), mean, covariance


def _complete_blocks(items: NDArray) -> Iterator[Array]:
    for first in range(0, len(items), _BLOCK):
        block = np.asarray(items[first : first + _BLOCK], float)
        complete = ~np.isnan(block @ np.ones(block.shape[1]))
        if complete.any():
            yield block if complete.all() else block[complete]


def _item_statistics(mean: Array, covariance: Array) -> ItemStatistics:
    k, variance = len(mean), np.diag(covariance)
    with_others = covariance.sum(axis=0) - variance
    others = covariance.sum() - variance - 2 * with_others
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = with_others / np.sqrt(variance * others)
        total = (with_others + variance) / np.sqrt(variance * covariance.sum())
        dropped = (
            (k - 1) / (k - 2) * (1 - (variance.sum() - variance) / others) if k > 2 else np.full(k, np.nan)
        )
    return ItemStatistics(mean, np.sqrt(variance), rest, dropped, total)


def _alpha_error(covariance: Array, n: int) -> float:
    """Return the standard error of alpha for normal items."""
    k, trace, total, square = len(covariance), np.trace(covariance), covariance.sum(), covariance @ covariance
    inner = total * (np.trace(square) + trace**2) - 2 * trace * square.sum()
    return float(np.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * inner / n))


def _lambda6(r: Array) -> float:
    """Return ``1 - sum(1 - smc) / 1'R1``, NaN where squared multiple correlations do not exist."""
    if not definite(r):
        return np.nan
    return float(1 - (1 / np.diag(np.linalg.inv(r))).sum() / r.sum())


# ── omega and its uncertainty ────────────────────────────────────────────────────────────────────────────


def _omega_of(fit: OneFactor, covariance: Array, variance: Variance) -> Array:
    common = fit.loadings.sum(axis=-1) ** 2
    if variance == "observed":
        return common / covariance.sum(axis=(-2, -1))
    return common / (common + fit.uniquenesses.sum(axis=-1))


def _omega_or_nothing(covariance: Array, variance: Variance) -> Array:
    """Return omega of a batch of covariances, NaN where the model could not be fitted."""
    fit = one_factor(covariance)
    return np.where(fit.converged, _omega_of(fit, covariance, variance), np.nan)


def _delta_interval(
    items: NDArray, mean: Array, covariance: Array, fit: OneFactor, variance: Variance, level: float
) -> Spread:
    """Return standard error and interval from the influence of each row on omega."""
    estimate = float(_omega_of(fit, covariance, variance))
    p = np.linalg.inv(np.outer(fit.loadings, fit.loadings) + np.diag(fit.uniquenesses))
    information = information_matrix(p, fit.loadings)
    direction = np.linalg.lstsq(information, _slope(fit, covariance, variance), rcond=None)[0]
    n, square = 0, 0.0
    for block in _complete_blocks(items):
        z = block - mean
        influence = _scores(z, p, fit.loadings) @ direction
        if variance == "observed":
            influence -= estimate * (z.sum(axis=1) ** 2 / covariance.sum() - 1)
        n += len(z)
        square += influence @ influence
    se = np.sqrt(square) / n
    half = stats.norm.ppf((1 + level) / 2) * se / (estimate * (1 - estimate))
    low, high = expit(logit(estimate) - half), expit(logit(estimate) + half)
    return Spread(float(se), float(low), float(high), failed=0)


def _slope(fit: OneFactor, covariance: Array, variance: Variance) -> Array:
    """Return the derivative of omega in (loadings, uniquenesses), shape (2k,)."""
    k, common, unique = len(fit.loadings), fit.loadings.sum(), fit.uniquenesses.sum()
    if variance == "observed":
        return np.repeat([2 * common / covariance.sum(), 0.0], k)
    return np.repeat([2 * common * unique, -(common**2)], k) / (common**2 + unique) ** 2


def _scores(z: Array, p: Array, loadings: Array) -> Array:
    """Return the derivative of each row's log-likelihood in (loadings, uniquenesses), shape (n, 2k)."""
    u = z @ p
    return np.hstack([u * (u @ loadings)[:, None] - p @ loadings, (u**2 - np.diag(p)) / 2])
