"""Turning factors so that each item loads on few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Rotated", "oblimin", "promax", "varimax"]

Array = NDArray[np.float64]

_STEPS = 2_000
_TOLERANCE = 1e-7
"""A rotation has ended when the projected gradient is shorter."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """Rotated factors; the batch shape ... is that of the loadings given.

    Attributes
    ----------
    pattern : ndarray, shape (..., k, q)
        ``loadings @ inv(transformation).T``.
    phi : ndarray, shape (..., q, q)
        Correlations of the factors, ``transformation.T @ transformation``.
    transformation : ndarray, shape (..., q, q)
        Columns of length one; orthogonal if the rotation is.
    converged : ndarray of bool, shape (...)
    """

    pattern: Array
    phi: Array
    transformation: Array
    converged: NDArray[np.bool_]


def varimax(loadings: ArrayLike, *, kaiser: bool = True) -> Rotated:
    """Rotate orthogonally so that squared loadings vary most within factors.

    Parameters
    ----------
    loadings : array_like, shape (k, q)
    kaiser : bool
        Give items equal weight: their loadings are divided by the root of the communality and multiplied back
        afterwards (Kaiser's normalisation, as in R and SPSS).

    Returns
    -------
    Rotated

    Notes
    -----
    Kaiser (1958), Psychometrika 23, 187–200, by singular values as in R's ``varimax``, to convergence.
    """
    loadings = np.asarray(loadings, float)
    a = loadings / _size(loadings, kaiser)
    rotation, before, converged = np.eye(a.shape[1]), -np.inf, False
    for _ in range(_STEPS):
        z = a @ rotation
        left, value, right = np.linalg.svd(a.T @ (z**3 - z * (z**2).mean(axis=0)))
        rotation = left @ right
        converged = value.sum() <= before * (1 + 1e-14)
        if converged:
            break
        before = value.sum()
    return Rotated(loadings @ rotation, np.eye(a.shape[1]), rotation, np.array(converged))


def oblimin(
    loadings: ArrayLike, *, gamma: float = 0.0, kaiser: bool = False, start: ArrayLike | None = None
) -> Rotated:
    """Rotate obliquely so that few items load on two factors at once.

    Parameters
    ----------
    loadings : array_like, shape (..., k, q)
        A batch is rotated at once.
    gamma : float
        Zero (default) is quartimin, direct oblimin of SPSS with delta 0; more makes the factors more oblique.
    kaiser : bool
        As in `varimax`; without by default as in R's GPArotation and psych, while SPSS does with.
    start : array_like, shape (q, q) or (..., q, q), optional
        Transformation to start from, its columns of length one; by default none.

    Returns
    -------
    Rotated

    Notes
    -----
    The criterion ``sum_(j≠l) sum_i p_ij² (p_il² - gamma mean_h p_hl²) / 4`` (Jennrich and Sampson 1966,
    Psychometrika 31, 313–323) by gradient projection (Jennrich 2002, Psychometrika 67, 7–19). Other starts
    can end in other minima.
    """
    loadings = np.asarray(loadings, float)
    k, q = loadings.shape[-2:]
    batch = loadings.shape[:-2]
    flat = loadings.reshape(-1, k, q)
    turn = np.broadcast_to(np.eye(q) if start is None else np.asarray(start, float), (*batch, q, q))
    turn, converged = _descend(flat / _size(flat, kaiser), turn.reshape(-1, q, q).copy(), gamma)
    return Rotated(
        pattern=(flat @ np.linalg.inv(turn).swapaxes(1, 2)).reshape(loadings.shape),
        phi=(turn.swapaxes(1, 2) @ turn).reshape(*batch, q, q),
        transformation=turn.reshape(*batch, q, q),
        converged=converged.reshape(batch),
    )


def promax(loadings: ArrayLike, *, power: float = 4.0, kaiser: bool = True) -> Rotated:
    """Rotate obliquely towards the powers of a varimax solution.

    Parameters
    ----------
    loadings : array_like, shape (k, q)
    power : float
    kaiser : bool
        As in `varimax`; it holds for the oblique step too, as in psych and SPSS.

    Returns
    -------
    Rotated

    Notes
    -----
    Hendrickson and White (1964), British Journal of Statistical Psychology 17, 65–70.
    """
    loadings = np.asarray(loadings, float)
    near = varimax(loadings / _size(loadings, kaiser), kaiser=False)
    target = near.pattern * np.abs(near.pattern) ** (power - 1)
    u = near.transformation @ np.linalg.lstsq(near.pattern, target, rcond=None)[0]
    u *= np.sqrt(np.diag(np.linalg.inv(u.T @ u)))
    turn = np.linalg.inv(u).T
    return Rotated(loadings @ u, turn.T @ turn, turn, near.converged)


def _size(loadings: Array, kaiser: bool) -> Array:
    """Return what Kaiser's normalisation divides each item by, shape (..., k, 1)."""
    if not kaiser:
        return np.ones((*loadings.shape[:-1], 1))
    size = np.sqrt((loadings**2).sum(axis=-1, keepdims=True))
    return np.where(size > 0, size, 1)


# ── gradient projection ──────────────────────────────────────────────────────────────────────────────────


def _descend(a: Array, turn: Array, gamma: float) -> tuple[Array, NDArray[np.bool_]]:
    """Return the transformations (B, q, q) that minimise the criterion, and which searches ended."""
    stride = np.ones(len(a))
    active = np.arange(len(a))
    for _ in range(_STEPS):
        value, gradient = _criterion(a[active], turn[active], gamma)
        downhill = -_projected(turn[active], gradient)
        length = np.sqrt((downhill**2).sum(axis=(1, 2)))
        going = length > _TOLERANCE
        active, value, downhill, length = active[going], value[going], downhill[going], length[going]
        if not len(active):
            break
        turn[active], stride[active] = _moved(
            a[active], turn[active], downhill, length, value, 2 * stride[active], gamma
        )
    converged = np.ones(len(a), bool)
    converged[active] = False
    return turn, converged


def _criterion(a: Array, turn: Array, gamma: float) -> tuple[Array, Array]:
    """Return oblimin's criterion and its gradient in the transformation."""
    inverse = np.linalg.inv(turn)
    pattern = a @ inverse.swapaxes(1, 2)
    square = pattern**2
    others = square.sum(axis=2, keepdims=True) - square
    others -= gamma * others.mean(axis=1, keepdims=True)
    gradient = -(pattern.swapaxes(1, 2) @ (pattern * others) @ inverse).swapaxes(1, 2)
    return (square * others).sum(axis=(1, 2)) / 4, gradient


def _projected(turn: Array, gradient: Array) -> Array:
    """Return the part of the gradient that leaves the length of columns alone."""
    return gradient - turn * (turn * gradient).sum(axis=1, keepdims=True)


def _moved(
    a: Array, turn: Array, downhill: Array, length: Array, value: Array, stride: Array, gamma: float
) -> tuple[Array, Array]:
    """Take a step downhill, each halved until it brings half of what its slope promises."""
    for _ in range(30):
        moved = turn + stride[:, None, None] * downhill
        moved /= np.sqrt((moved**2).sum(axis=1, keepdims=True))
        short = value - _criterion(a, moved, gamma)[0] <= 0.5 * length**2 * stride
        if not short.any():
            break
        stride = np.where(short, stride / 2, stride)
    return moved, stride
