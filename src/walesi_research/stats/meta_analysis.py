"""Random-effects meta-analysis: estimates of several places taken together, each drawn towards the mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2, t

__all__ = ["RandomEffects", "random_effects"]

GRID = 400
"""Values of tau at which the restricted likelihood is looked at before its highest is refined."""


@dataclass(frozen=True, kw_only=True)
class RandomEffects:
    """Estimates of ``k`` places taken together.

    Parameters
    ----------
    k : int
        Places.
    mean, se, low, high : float
        Mean over places like these, with its Hartung-Knapp-Sidik-Jonkman error and interval.
    tau2, tau2_low, tau2_high : float
        Variance between places, REML, with its Q-profile interval.
    i2 : float
        Share of the estimates' variance that lies between places, 0 to 1.
    q, p : float
        Cochran's Q, and how often places that are all the same give one as large.
    predicted_low, predicted_high : float
        Prediction interval: where the true value of a further place like these lies.
    level : float
        Confidence level.
    estimates, ses, lows, highs : array of float, shape (k,)
        Each place's shrunken estimate (empirical best linear unbiased predictor) with its interval.
    """

    k: int
    mean: float
    se: float
    low: float
    high: float
    tau2: float
    tau2_low: float
    tau2_high: float
    i2: float
    q: float
    p: float
    predicted_low: float
    predicted_high: float
    level: float
    estimates: np.ndarray
    ses: np.ndarray
    lows: np.ndarray
    highs: np.ndarray


def random_effects(
    estimates: np.ndarray, ses: np.ndarray, level: float = 0.95, *, floor: bool = True
) -> RandomEffects:
    """Pool the estimates of several places in the normal random-effects model.

    Parameters
    ----------
    estimates, ses : array of float, shape (k,)
        Estimates and their standard errors, taken as known.
    level : float
        Confidence level of every interval.
    floor : bool
        Let the Hartung-Knapp-Sidik-Jonkman error be no smaller than the usual one: where places happen to
        agree more than chance lets them, it would be too small.

    Returns
    -------
    RandomEffects

    Raises
    ------
    ValueError
        With fewer than two places, an estimate that is not finite, or a standard error that is not positive.

    Notes
    -----
    ``y_i ~ N(theta_i, s_i^2)``, ``theta_i ~ N(mu, tau^2)``. tau^2 maximises the restricted likelihood; with
    ``w_i = 1 / (s_i^2 + tau^2)``, ``mu = sum w y / sum w`` and ``se^2 = q / sum w``,
    ``q = sum w (y - mu)^2 / (k - 1)`` (no less than 1 with `floor`; Knapp and Hartung, *Statistics in
    Medicine* 22, 2003; Roever, Knapp and Friede, *BMC Medical Research Methodology* 15:99, 2015), t with
    k - 1 degrees of freedom. Prediction interval: ``mu +- t sqrt(tau^2 + se^2)`` (Higgins, Thompson and
    Spiegelhalter, *JRSS A* 172, 2009; short with few places: of 8, it holds nine in ten). Shrunken:
    ``b y + (1 - b) mu``, ``b = tau^2 / (tau^2 + s^2)``, variance ``b s^2 + (1 - b)^2 se^2``; that tau^2 is
    estimated is not in it. Interval of tau^2: Viechtbauer, *Statistics in Medicine* 26, 2007.
    ``I^2 = tau^2 / (tau^2 + s0^2)`` with the typical variance of Higgins and Thompson, *Statistics in
    Medicine* 21, 2002. Numbers are those of R's metafor (``rma``, ``predict``, ``blup``, ``confint``).
    """
    y, v = _checked(estimates, ses)
    k = len(y)
    tau2 = _reml(y, v)
    mean, q, w = _pooled(y, v, tau2)
    quality = q / (k - 1)
    se = float(np.sqrt((max(quality, 1.0) if floor else quality) / w.sum()))
    half = float(t.ppf(0.5 + level / 2, k - 1))
    b = tau2 / (tau2 + v)
    shrunken, errors = b * y + (1 - b) * mean, np.sqrt(b * v + (1 - b) ** 2 * se**2)
    spread = half * np.sqrt(tau2 + se**2)
    heterogeneity = _pooled(y, v, 0.0)[1]
    tau2_low, tau2_high = _q_profile(y, v, level)
    return RandomEffects(
        k=k, mean=mean, se=se, low=mean - half * se, high=mean + half * se,
        tau2=tau2, tau2_low=tau2_low, tau2_high=tau2_high, i2=tau2 / (tau2 + _typical(v)),
        q=heterogeneity, p=float(chi2.sf(heterogeneity, k - 1)),
        predicted_low=float(mean - spread), predicted_high=float(mean + spread), level=level,
        estimates=shrunken, ses=errors, lows=shrunken - half * errors, highs=shrunken + half * errors,
    )  # fmt: skip


def _checked(estimates: np.ndarray, ses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y, s = np.asarray(estimates, dtype=float), np.asarray(ses, dtype=float)
    if y.ndim != 1 or y.shape != s.shape or len(y) < 2:
        raise ValueError("a meta-analysis needs two places or more, each with an estimate and its error")
    if not np.isfinite(y).all() or not (np.isfinite(s) & (s > 0)).all():
        raise ValueError("estimates must be finite and standard errors positive")
    return y, s**2


def _pooled(y: np.ndarray, v: np.ndarray, tau2: float) -> tuple[float, float, np.ndarray]:
    """Return the weighted mean, the weighted sum of squares around it, and the weights."""
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    return mean, float(w @ (y - mean) ** 2), w


def _reml(y: np.ndarray, v: np.ndarray) -> float:
    """Return the tau^2 of the highest restricted likelihood: a grid first, for it may have two peaks."""

    def minus(tau: float) -> float:
        _, squares, w = _pooled(y, v, tau**2)
        return 0.5 * float(squares - np.log(w).sum() + np.log(w.sum()))

    top = 3 * float(np.ptp(y)) + float(np.sqrt(v.max()))
    taus = np.linspace(0.0, top, GRID)
    best = int(np.argmin([minus(tau) for tau in taus]))
    ends = float(taus[max(best - 1, 0)]), float(taus[min(best + 1, GRID - 1)])
    tau = float(minimize_scalar(minus, bounds=ends, method="bounded", options={"xatol": 1e-9 * top}).x)
    return tau**2 if minus(tau) < minus(0.0) else 0.0


def _q_profile(y: np.ndarray, v: np.ndarray, level: float) -> tuple[float, float]:
    """Return the tau^2 at which Q is an unlikely large and an unlikely small draw of chi-squared."""

    def q(tau2: float) -> float:
        return _pooled(y, v, tau2)[1]

    high, low = chi2.ppf([(1 - level) / 2, (1 + level) / 2], len(y) - 1)
    return _where(q, float(low)), _where(q, float(high))


def _where(q: Callable[[float], float], value: float) -> float:
    """Return the tau^2 at which a falling function has a value; 0 where it starts below it."""
    if q(0.0) <= value:
        return 0.0
    top = 1.0
    while q(top) > value:
        top *= 4
    return float(brentq(lambda tau2: q(tau2) - value, 0.0, top, xtol=1e-14, rtol=1e-12))


def _typical(v: np.ndarray) -> float:
    w = 1 / v
    return float((len(v) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum()))
