"""Mediation by linear models in which exposure and mediator interact: counterfactual effects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..resampling import moments, percentile_interval
from .data import rows_of

__all__ = ["EFFECTS", "Counterfactual", "counterfactual"]

Array = NDArray[np.float64]

EFFECTS = (
    "acme_control",
    "acme_treated",
    "ade_control",
    "ade_treated",
    "total",
    "acme",
    "ade",
    "proportion_control",
    "proportion_treated",
    "proportion",
)


@dataclass(frozen=True, eq=False, slots=True)
class Counterfactual:
    """Average causal mediation effects (acme), average direct effects (ade) and their total.

    Attributes
    ----------
    estimates : ndarray, shape (10,)
        In the order of `EFFECTS`; those without an ending are means of the two exposures.
    draws : ndarray, shape (B, 10)
        Of a bootstrap or of the coefficients' normal distribution; empty where none were asked for.
    """

    estimates: Array
    draws: Array

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return effects (rows `EFFECTS`): ``estimate``; of draws ``mean median se low high p_value``.

        `p_value` is twice the smaller share of draws on one side of zero. A proportion has no mean to speak
        of where the total may be zero: read its median.
        """
        found = pd.DataFrame({"estimate": self.estimates}, index=list(EFFECTS))
        if not len(self.draws):
            return found
        low, high = percentile_interval(self.draws, level)
        above, below = (self.draws > 0).mean(axis=0), (self.draws < 0).mean(axis=0)
        return found.assign(
            mean=self.draws.mean(axis=0),
            median=np.median(self.draws, axis=0),
            se=self.draws.std(axis=0, ddof=1),
            low=low,
            high=high,
            p_value=2 * np.minimum(above, below),
        )


def counterfactual(
    y: ArrayLike,
    m: ArrayLike,
    x: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    interacts: bool = True,
    contrast: tuple[float, float] = (0.0, 1.0),
    counts: Iterable[ArrayLike] | None = None,
    rng: np.random.Generator | None = None,
    draws: int = 5000,
) -> Counterfactual:
    """Return the effects of moving `x` from control to treated, through `m` and past it.

    Parameters
    ----------
    y, m, x : array_like, shape (n,)
        Outcome, one mediator, exposure.
    covariates : array_like, shape (n, q), optional
        Held fixed in both equations; effects are at their means.
    interacts : bool
        The outcome's equation has the product of exposure and mediator.
    contrast : tuple of float
        Control and treated values of `x`.
    counts : iterable of array_like, each of shape (b, n), optional
        Bootstrap samples, as `resampling.bootstrap_counts` yields them.
    rng : numpy.random.Generator, optional
        Instead of samples, draw the coefficients of both equations from their normal sampling distribution
        (quasi-Bayesian), `draws` times.

    Raises
    ------
    ValueError
        If a value is not finite, lengths differ, there are too few rows, variables are exactly collinear,
        the contrast is empty, there are several mediators, or both `counts` and `rng` are given.

    Notes
    -----
    With ``m = i + a x + g'w`` and ``y = j + c x + b m + h x m + k'w``, x being 0 (control) or 1 (treated):
    ``acme(t) = a (b + h t)``, ``ade(t) = c + h E[m | x = t]``, ``total = acme(1) + ade(0)``, and proportions
    are acme over total: Imai, Keele and Tingley (2010), Psychological Methods 15, 309-334. Causal only under
    sequential ignorability. The R package mediation also draws the mediator's errors, which moves a draw of
    ade(t) by ``h sigma / sqrt(n)`` and nothing else.
    """
    control, treated = contrast
    if control == treated:
        raise ValueError("control and treated are the same value")
    if counts is not None and rng is not None:
        raise ValueError("draws come from samples (counts) or from a normal distribution (rng), not both")
    rows = rows_of(y, m, x, covariates, None)
    if rows.m.shape[1] != 1:
        raise ValueError("one mediator is needed")
    z = _design((rows.x - control) / (treated - control), rows.m[:, 0], rows.y, rows.covariates, interacts)
    whole, q = z.T @ z, rows.covariates.shape[1]
    drawn = np.empty((0, len(EFFECTS)))
    if counts is not None:
        raw = moments(z, counts)
        drawn = _effects(*_coefficients(raw, q), _means(raw, q))
    elif rng is not None:
        drawn = _effects(*_normal(whole, q, rng, draws), _means(whole, q))
    return Counterfactual(_effects(*_coefficients(whole, q), _means(whole, q)), drawn)


def _design(x: Array, m: Array, y: Array, covariates: Array, interacts: bool) -> Array:
    """Return columns y, m, 1, x, covariates, mediator and its product, shape (n, q + 5 or q + 6).

    Shifts of y, m and covariates change no effect, so they are centred. The mediator stands twice: as an
    outcome and as a predictor.
    """
    m, y, w = m - m.mean(), y - y.mean(), covariates - covariates.mean(axis=0)
    return np.column_stack([y, m, np.ones(len(y)), x, w, m, *([x * m] if interacts else [])])


def _coefficients(raw: Array, q: int) -> tuple[Array, Array]:
    """Return coefficients of mediator (..., q + 2) and outcome (..., q + 3 or q + 4)."""
    first, second = slice(2, 4 + q), slice(2, raw.shape[-1])
    mediator = np.linalg.solve(raw[..., first, first], raw[..., first, 1, None])[..., 0]
    outcome = np.linalg.solve(raw[..., second, second], raw[..., second, 0, None])[..., 0]
    return mediator, outcome


def _means(raw: Array, q: int) -> Array:
    """Return the covariates' means, shape (..., q)."""
    return raw[..., 2, 4 : 4 + q] / raw[..., 2, 2, None]


def _normal(raw: Array, q: int, rng: np.random.Generator, draws: int) -> tuple[Array, Array]:
    """Return draws of the coefficients about their estimates."""
    n, found = raw[2, 2], []
    for target, coef in zip((1, 0), _coefficients(raw, q), strict=True):
        on = slice(2, 2 + len(coef))
        residual = (raw[target, target] - coef @ raw[on, target]) / (n - len(coef))
        root = np.linalg.cholesky(residual * np.linalg.inv(raw[on, on]))
        found.append(coef + rng.standard_normal((draws, len(coef))) @ root.T)
    return found[0], found[1]


def _effects(mediator: Array, outcome: Array, means: Array) -> Array:
    """Return the effects in the order of `EFFECTS`, shape (..., 10)."""
    q = means.shape[-1]
    a, c, b = mediator[..., 1], outcome[..., 1], outcome[..., 2 + q]
    h = outcome[..., 3 + q] if outcome.shape[-1] > 3 + q else np.zeros_like(b)
    at_control = mediator[..., 0] + (mediator[..., 2:] * means).sum(axis=-1)
    acme = a * b, a * (b + h)
    ade = c + h * at_control, c + h * (at_control + a)
    total = acme[1] + ade[0]
    shares = acme[0] / total, acme[1] / total
    return np.stack(
        [*acme, *ade, total, sum(acme) / 2, sum(ade) / 2, *shares, sum(shares) / 2],
        axis=-1,
    )
