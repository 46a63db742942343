"""Direct, indirect and total effects on the outcome, in total standard deviations."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .layout import Layout, Parameters

__all__ = ["Effects", "effects"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effects:
    """Standardised effects for B vectors of parameters at once.

    Attributes
    ----------
    paths : ndarray, shape (B, v, v)
        Coefficient of variable i on variable j: the latent variables in their order, the outcome last.
    direct, indirect, total : ndarray, shape (B, x)
        Of the exogenous variables on the outcome; indirect is the sum of the products of coefficients over
        all ways through mediators.
    correlations : ndarray, shape (B, x, x)
        Of the exogenous variables, over units and within them.
    """

    paths: Array
    direct: Array
    indirect: Array
    total: Array
    correlations: Array

    def at(self, b: int) -> Effects:
        """Return the effects of one vector."""
        return Effects(*(getattr(self, f.name)[b] for f in fields(self)))


def effects(layout: Layout, theta: Array, share: Array, mediators: tuple[int, ...]) -> Effects:
    """Return standardised effects.

    Parameters
    ----------
    layout : Layout
    theta : ndarray, shape (B, size)
    share : ndarray, shape (B, G)
        Share of the rows in each unit.
    mediators : tuple of int

    Notes
    -----
    A total variance is that within units, ``(I - A)^-1 (I - A)^-T``, and the variance of the units' levels
    over the rows; likewise for the outcome.
    """
    q = layout.unpacked(theta)
    paths, spread, covariance = _structure(layout, q, share)
    paths = paths * (spread[:, None, :] / spread[:, :, None])
    y, m = paths.shape[1] - 1, np.array(mediators, int)
    x = np.array([i for i in range(y) if i not in mediators], int)
    direct = paths[:, y, x]
    inner = np.eye(len(m)) - paths[:, m[:, None], m]
    through = np.linalg.solve(inner, paths[:, m[:, None], x])
    indirect = np.einsum("bm,bmx->bx", paths[:, y, m], through)
    own = spread[:, x]
    correlations = covariance[:, x[:, None], x] / (own[:, :, None] * own[:, None, :])
    return Effects(paths, direct, indirect, direct + indirect, correlations)


def _structure(layout: Layout, q: Parameters, share: Array) -> tuple[Array, Array, Array]:
    """Return coefficients (B, v, v), total standard deviations (B, v) and latent covariances (B, k, k)."""
    k = layout.k
    within = np.linalg.inv(np.eye(k) - q.paths)
    within = within @ within.swapaxes(1, 2)
    covariance = within + _between(q.level, share)
    variance = np.einsum("bkk->bk", covariance)
    if not layout.measured:
        return q.paths, np.sqrt(variance), covariance
    paths = np.zeros((len(q.paths), k + 1, k + 1))
    paths[:, :k, :k] = q.paths
    paths[:, k, :k] = q.on
    mean = (q.outcome_level + np.einsum("bgk,bk->bg", q.level, q.on))[..., None]
    own = np.einsum("bk,bkl,bl->b", q.on, within, q.on) + np.exp(q.log_residual)
    spread = np.sqrt(np.column_stack([variance, own + _between(mean, share)[:, 0, 0]]))
    return paths, spread, covariance


def _between(level: Array, share: Array) -> Array:
    """Return the covariances of the levels of units over rows, shape (B, k, k)."""
    off = level - np.einsum("bg,bgk->bk", share, level)[:, None]
    return np.einsum("bg,bgk,bgl->bkl", share, off, off)
