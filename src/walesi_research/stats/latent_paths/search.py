"""Many smooth functions minimised side by side, by quasi-Newton steps from a shared first Hessian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Minima", "minimise_all"]

Array = NDArray[np.float64]
Slope = Callable[[Array, NDArray[np.int64]], tuple[Array, Array]]
_SHORTEST = 1 / 64
_LONGEST = 2.0
"""No parameter moves further in a step: standardised ones have no business there."""


@dataclass(frozen=True, slots=True)
class Minima:
    """Where B searches ended.

    Attributes
    ----------
    theta : ndarray, shape (B, size)
    converged : ndarray of bool, shape (B,)
    steps : ndarray of int, shape (B,)
    """

    theta: Array
    converged: NDArray[np.bool_]
    steps: NDArray[np.int64]


def minimise_all(slope: Slope, start: Array, inverse: Array, *, steps: int, last: float) -> Minima:
    """Minimise B functions, all steps of BFGS remembered.

    Parameters
    ----------
    slope : callable
        Values (b,) and gradients (b, size) of the functions numbered (b,) at points (b, size).
    start : ndarray, shape (B, size)
    inverse : ndarray, shape (size, size)
        Inverse of a Hessian that is near those of all; positive definite.
    steps : int
        The most to take.
    last : float
        A search ends with the step that promises to lower the function by less.

    Returns
    -------
    Minima

    Notes
    -----
    The two-loop recursion of Nocedal (1980, Mathematics of Computation 35, 773–782).
    """
    theta, number = start.copy(), np.arange(len(start))
    converged, taken = np.zeros(len(start), bool), np.zeros(len(start), int)
    value, gradient = slope(theta, number)
    moves = np.empty((0, *theta.shape))
    turns = np.empty((0, *theta.shape))
    for _ in range(steps):
        step = -_directions(gradient, moves, turns, inverse)
        promise = -np.einsum("bi,bi->b", gradient, step)
        taken[number] += 1
        there = promise < last
        theta[number[there]] += np.where((promise >= 0)[there, None], step[there], 0.0)
        converged[number[there]] = promise[there] >= 0
        on = ~there & np.isfinite(promise)
        if not on.any():
            break
        at, moved, value, after = _moved(
            slope, theta[number[on]], number[on], step[on], value[on], promise[on], gradient[on]
        )
        kept = np.flatnonzero(on)[at]
        theta[number[kept]] += moved
        moves = np.concatenate([moves[:, kept], moved[None]])
        turns = np.concatenate([turns[:, kept], (after - gradient[kept])[None]])
        number, gradient = number[kept], after
        if not len(number):
            break
    return Minima(theta, converged, taken)


def _directions(gradient: Array, moves: Array, turns: Array, inverse: Array) -> Array:
    """Return the BFGS inverse Hessians times the gradients; updates without curvature are left out."""
    along = np.einsum("mbi,mbi->mb", moves, turns)
    rho = np.where(along > 0, 1 / np.where(along > 0, along, 1.0), 0.0)
    q, alpha = gradient.copy(), np.zeros(rho.shape)
    for m in reversed(range(len(moves))):
        alpha[m] = rho[m] * np.einsum("bi,bi->b", moves[m], q)
        q -= alpha[m][:, None] * turns[m]
    q = q @ inverse
    for m in range(len(moves)):
        beta = rho[m] * np.einsum("bi,bi->b", turns[m], q)
        q += (alpha[m] - beta)[:, None] * moves[m]
    return q


def _moved(
    slope: Slope,
    theta: Array,
    number: NDArray[np.int64],
    step: Array,
    before: Array,
    promise: Array,
    gradient: Array,
) -> tuple[NDArray[np.int64], Array, Array, Array]:
    """Return which of the searches went on, their moves, values and gradients; others found no way down."""
    length = np.minimum(1.0, _LONGEST / np.abs(step).max(axis=1))
    out_value, out_slope = np.empty(len(step)), np.empty_like(step)
    todo, stuck = np.arange(len(step)), np.zeros(len(step), bool)
    while len(todo):
        values, slopes = slope(theta[todo] + length[todo, None] * step[todo], number[todo])
        down = values <= before[todo] - 1e-4 * length[todo] * promise[todo]
        out_value[todo[down]], out_slope[todo[down]] = values[down], slopes[down]
        todo = todo[~down]
        length[todo] /= 2
        stuck[todo[length[todo] < _SHORTEST]] = True
        todo = todo[length[todo] >= _SHORTEST]
    at = np.flatnonzero(~stuck)
    return at, length[at, None] * step[at], out_value[at], out_slope[at]
