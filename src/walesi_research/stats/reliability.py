"""How reliable a sum of items is: alpha, omega, and what each item contributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import expit, logit

from .one_factor import OneFactor, information_matrix, one_factor
from .resampling import bootstrap_counts, covariances, moments, percentile_interval

__all__ = ["Alpha", "ItemStatistics", "Omega", "alpha", "omega"]

Array = NDArray[np.float64]
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
    """

    mean: Array
    sd: Array
    rest_correlation: Array
    alpha_if_dropped: Array


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha.

    Attributes
    ----------
    estimate, low, high : float
        Alpha and its interval at `level`.
    level : float
    n : int
        Complete cases.
    items : ItemStatistics
    """

    estimate: float
    low: float
    high: float
    level: float
    n: int
    items: ItemStatistics = field(repr=False)


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


def alpha(x: ArrayLike, *, level: float = 0.95) -> Alpha:
    """Return Cronbach's alpha of the complete cases, with Feldt's interval.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Items, already keyed in one direction; rows with NaN are left out.
    level : float

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
    Psychometrika 30, 357–370), exact for normal items of equal covariance. One pass over the data by blocks.
    """
    n, mean, covariance = _moments(_items(x, 2))
    k = len(mean)
    total = covariance.sum()
    if not total > 0:
        raise ValueError("the sum of the items does not vary")
    estimate = k / (k - 1) * (1 - np.trace(covariance) / total)
    upper, lower = stats.f.ppf([(1 + level) / 2, (1 - level) / 2], n - 1, (n - 1) * (k - 1))
    low, high = 1 - (1 - estimate) * upper, 1 - (1 - estimate) * lower
    return Alpha(float(estimate), float(low), float(high), level, n, _item_statistics(mean, covariance))


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
    if not _definite(covariance):
        raise ValueError("an item does not vary, or is a sum of others")
    fit = one_factor(covariance)
    estimate = float(_omega_of(fit, covariance, variance))
    if counts is None and rng is not None:
        counts = bootstrap_counts(rng, len(items), draws)
    if counts is None:
        se, low, high = _delta_interval(items, mean, covariance, fit, variance, level)
        failed = 0
    else:
        se, low, high, failed = _bootstrap_interval(items, mean, counts, variance, level)
    return Omega(
        estimate=estimate,
        se=se,
        low=low,
        high=high,
        level=level,
        n=n,
        loadings=fit.loadings,
        uniquenesses=fit.uniquenesses,
        heywood=tuple(np.flatnonzero(fit.heywood).tolist()),
        converged=bool(fit.converged),
        failed_draws=failed,
    )


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
        dropped = (
            (k - 1) / (k - 2) * (1 - (variance.sum() - variance) / others) if k > 2 else np.full(k, np.nan)
        )
    return ItemStatistics(mean, np.sqrt(variance), rest, dropped)


# ── omega and its uncertainty ────────────────────────────────────────────────────────────────────────────


def _omega_of(fit: OneFactor, covariance: Array, variance: Variance) -> Array:
    common = fit.loadings.sum(axis=-1) ** 2
    if variance == "observed":
        return common / covariance.sum(axis=(-2, -1))
    return common / (common + fit.uniquenesses.sum(axis=-1))


def _definite(covariance: Array) -> NDArray[np.bool_]:
    smallest = np.linalg.eigvalsh(covariance)[..., 0]
    return smallest > 1e-10 * np.trace(covariance, axis1=-2, axis2=-1)


def _bootstrap_interval(
    items: NDArray, mean: Array, counts: Iterable[ArrayLike], variance: Variance, level: float
) -> tuple[float, float, float, int]:
    """Return standard error, interval, and the number of draws in which the model could not be fitted."""
    deviations = np.asarray(items, float) - mean
    complete = ~np.isnan(deviations).any(axis=1)
    rows = np.column_stack([np.ones(complete.sum()), deviations[complete]])
    kept = counts if complete.all() else (np.asarray(c)[:, complete] for c in counts)
    drawn = covariances(moments(rows, kept))
    usable = drawn[_definite(drawn)]
    fit = one_factor(usable)
    values = _omega_of(fit, usable, variance)[fit.converged]
    failed = len(drawn) - len(values)
    if failed > len(drawn) / 10:
        return np.nan, np.nan, np.nan, failed
    low, high = percentile_interval(values, level)
    return float(values.std(ddof=1)), float(low), float(high), failed


def _delta_interval(
    items: NDArray, mean: Array, covariance: Array, fit: OneFactor, variance: Variance, level: float
) -> tuple[float, float, float]:
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
    return float(se), float(expit(logit(estimate) - half)), float(expit(logit(estimate) + half))


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
