"""Means and covariances of incomplete normal data, by expectation and maximisation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .sample import Moments

__all__ = ["saturated_moments"]

Array = NDArray[np.float64]
_STEPS = 2_000
_TOLERANCE = 1e-10


def saturated_moments(moments: Moments) -> tuple[Array, Array]:
    """Return the maximum-likelihood mean, shape (p,), and covariance matrix, shape (p, p).

    Parameters
    ----------
    moments : Moments
        By pattern of missing answers.

    Returns
    -------
    mean, covariance : ndarray

    Raises
    ------
    ValueError
        If the search does not converge, or two variables are never seen together.

    Notes
    -----
    Dempster, Laird and Rubin (1977), Journal of the Royal Statistical Society B 39, 1–38; each step is
    extrapolated (Varadhan and Roland 2008, Scandinavian Journal of Statistics 35, 335–353, scheme SqS3) where
    the likelihood agrees.
    """
    if moments.complete and len(moments.weight) == 1:
        return moments.mean[0], moments.covariance[0]
    together = np.einsum("j,jp,jq->pq", moments.weight, moments.seen, moments.seen)
    if not (together > 0).all():
        raise ValueError("two variables are never seen together: their covariance cannot be estimated")
    state = _start(moments)
    for _ in range(_STEPS):
        once, _ = _step(moments, state)
        twice, before = _step(moments, once)
        size = np.sqrt(np.maximum(np.diag(twice[1]), 1e-300))
        if _distance(once, twice, size) < _TOLERANCE:
            return twice
        state = _extrapolated(moments, state, once, twice, before)
    raise ValueError("the moments of the incomplete data did not converge: too much is missing")


_State = tuple[Array, Array]


def _start(moments: Moments) -> _State:
    w = moments.weight[:, None] * moments.seen
    n = w.sum(axis=0)
    mean = (w * moments.mean).sum(axis=0) / n
    off = np.where(moments.seen, moments.mean - mean, 0)
    spread = (w * (np.einsum("jpp->jp", moments.covariance) + off**2)).sum(axis=0) / n
    return mean, np.diag(spread)


def _step(moments: Moments, state: _State) -> tuple[_State, float]:
    """Return the next state, and the deviance of this one."""
    mean, covariance = state
    n, p = moments.n, len(mean)
    both = moments.seen[:, :, None] & moments.seen[:, None, :]
    filled = np.where(both, covariance, np.eye(p))
    inverse = np.where(both, np.linalg.inv(filled), 0)
    slope = covariance @ inverse  # expected deviations of all variables from those seen
    off = np.where(moments.seen, moments.mean - mean, 0)
    shift = np.einsum("jpq,jq->jp", slope, off)
    moved = moments.weight @ shift / n
    residual = covariance - slope @ covariance
    second = slope @ moments.covariance @ slope.swapaxes(1, 2) + shift[:, :, None] * shift[:, None, :]
    total = np.tensordot(moments.weight, second + residual, 1) / n - np.outer(moved, moved)
    distance = np.einsum("jpq,jqp->j", inverse, moments.covariance + off[:, :, None] * off[:, None, :])
    deviance = float(moments.weight @ (np.linalg.slogdet(filled)[1] + distance))
    return (mean + moved, (total + total.T) / 2), deviance


def _distance(a: _State, b: _State, size: Array) -> float:
    apart = np.abs(a[1] - b[1]) / size / size[:, None]
    return max(float(np.max(np.abs(a[0] - b[0]) / size)), float(apart.max()))


def _extrapolated(moments: Moments, a: _State, b: _State, c: _State, before: float) -> _State:
    """Return the state further along, or the last one where that would be no better."""
    first = [y - x for x, y in zip(a, b, strict=True)]
    bend = [z - y - d for y, z, d in zip(b, c, first, strict=True)]
    size = np.sqrt(np.diag(c[1]))
    length = [
        np.sqrt(np.sum((m / size) ** 2) + np.sum((s / size / size[:, None]) ** 2)) for m, s in (first, bend)
    ]
    if not length[1] > 0:
        return c
    alpha = -max(length[0] / length[1], 1.0)
    far = tuple(x - 2 * alpha * d + alpha**2 * e for x, d, e in zip(a, first, bend, strict=True))
    try:
        np.linalg.cholesky(far[1])
        next_state, deviance = _step(moments, far)
    except np.linalg.LinAlgError:
        return c
    return next_state if deviance <= before else c
