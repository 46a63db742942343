"""Newton's method with exact derivatives, falling back on the expected information."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

__all__ = ["Objective", "Search", "follow", "minimise"]

Array = NDArray[np.float64]
STEPS = 150
LAST = 1e-9
"""The search ends with the step that promises less; being Newton's, it leaves about the square of that."""
_HALVINGS = 40


class Objective(Protocol):
    """What is minimised."""

    def value(self, theta: Array) -> float:
        """Return the objective, infinite where it is not defined."""

    def derivatives(self, theta: Array, *, expected: bool = False) -> tuple[float, Array, Array]:
        """Return objective, gradient, and Hessian, or a positive semi-definite stand-in for it."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where a search ended.

    Attributes
    ----------
    theta : ndarray
    value : float
    converged : bool
    steps : int
    """

    theta: Array
    value: float
    converged: bool
    steps: int


def minimise(objective: Objective, start: Array, *, steps: int = STEPS, last: float = LAST) -> Search:
    """Minimise an objective.

    Parameters
    ----------
    objective : Objective
        Its ``derivatives`` give value, gradient, and Hessian, or with ``expected=True`` a positive
        semi-definite matrix in place of the Hessian.
    start : ndarray, shape (q,)
    steps : int
        The most steps to take.
    last : float
        The search ends with the step that promises to lower the objective by less.

    Returns
    -------
    Search
    """
    theta = start
    here = _derivatives(objective, theta)
    if here is None:
        return Search(theta, np.inf, False, 0)
    for taken in range(1, steps + 1):
        value, gradient, hessian = here
        step = _solved(hessian, gradient)
        if step is None:
            step = _solved(objective.derivatives(theta, expected=True)[2], gradient, ridge=True)
        promise = -float(gradient @ step) if step is not None else np.nan
        if not promise >= 0:
            return Search(theta, value, False, taken)
        if promise < last:
            return Search(theta + step, value - promise / 2, True, taken)
        moved = _moved(objective, theta, step, value, promise)
        if moved is None:
            return Search(theta, value, False, taken)
        theta, here = moved
    return Search(theta, value, False, steps)


def follow(
    slope: Callable[[Array], tuple[float, Array]], start: Array, inverse: Array, *, steps: int, last: float
) -> Search:
    """Minimise a function close to one whose minimum is known, by quasi-Newton steps (BFGS).

    Parameters
    ----------
    slope : callable
        Gives value and gradient.
    start : ndarray, shape (q,)
        Where the known function is least.
    inverse : ndarray, shape (q, q)
        Inverse of its Hessian there.
    steps, last
        As in `minimise`.

    Returns
    -------
    Search
    """
    theta, inverse = start, inverse.copy()
    value, gradient = slope(theta)
    for taken in range(1, steps + 1):
        step = -inverse @ gradient
        promise = -float(gradient @ step)
        if not promise >= 0:
            break
        if promise < last:
            return Search(theta + step, value - promise / 2, True, taken)
        for length in (1.0, 0.5, 0.25, 0.125):
            after, turned = slope(theta + length * step)
            if after <= value - 1e-4 * length * promise:
                break
        else:
            break
        theta = theta + length * step
        _update(inverse, length * step, turned - gradient)
        value, gradient = after, turned
    return Search(theta, value, False, taken)


def _update(inverse: Array, step: Array, turn: Array) -> None:
    """Correct the inverse Hessian, in place, for how the gradient turned over a step."""
    along = float(step @ turn)
    if along <= 0:
        return
    bent = inverse @ turn
    inverse += np.outer(step, step) * ((along + turn @ bent) / along**2)
    inverse -= (np.outer(bent, step) + np.outer(step, bent)) / along


def _derivatives(objective: Objective, theta: Array) -> tuple[float, Array, Array] | None:
    try:
        return objective.derivatives(theta)
    except np.linalg.LinAlgError:
        return None


def _solved(matrix: Array, gradient: Array, *, ridge: bool = False) -> Array | None:
    """Return the step, or None where the matrix is not positive definite."""
    size = np.sqrt(np.abs(np.diag(matrix)))
    if not (size > 0).all() or not np.isfinite(matrix).all():
        return None
    scaled = matrix / size / size[:, None]
    try:
        factor = linalg.cho_factor(scaled + (1e-6 * np.eye(len(size)) if ridge else 0), check_finite=False)
    except linalg.LinAlgError:
        return None
    return -linalg.cho_solve(factor, gradient / size, check_finite=False) / size


def _moved(
    objective: Objective, theta: Array, step: Array, before: float, promise: float
) -> tuple[Array, tuple[float, Array, Array]] | None:
    """Take the step, halved until the objective falls by a part of what was promised."""
    length, slack = 1.0, 1e-13 * max(1.0, abs(before))
    for halving in range(_HALVINGS):
        moved = theta + length * step
        # the whole step is mostly right, and then its derivatives are needed anyway
        there = _derivatives(objective, moved) if halving == 0 else None
        after = there[0] if there is not None else objective.value(moved)
        if after <= before - 1e-4 * length * promise + slack:
            there = _derivatives(objective, moved) if there is None else there
            return None if there is None else (moved, there)
        length /= 2
    return None
