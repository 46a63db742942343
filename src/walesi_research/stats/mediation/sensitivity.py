"""How a hidden common cause of mediator and outcome would change the indirect effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .paths import Paths

__all__ = ["adjusted_indirect", "vanishing_rho"]

Array = NDArray[np.float64]


def adjusted_indirect(found: Paths, rho: ArrayLike) -> Array:
    """Return the indirect effect were the errors of mediator and outcome correlated by `rho`.

    Parameters
    ----------
    found : Paths
        Of one mediator, not a batch.
    rho : array_like, shape (r,)
        Between -1 and 1, both excluded.

    Raises
    ------
    ValueError
        If there are several mediators or a `rho` is not inside (-1, 1).

    Notes
    -----
    ``a (b - s / sigma · rho / sqrt(1 - rho²))``, sigma and s being the residual deviations of mediator and
    outcome: Imai, Keele and Yamamoto (2010), Statistical Science 25, 51-71, theorem 4, in the terms of the
    outcome's equation. A cause that explains shares R_m² and R_y² of the two residuals makes
    ``rho² = R_m² R_y²``.
    """
    rho = np.asarray(rho, float)
    if found.b.shape != (1,) or not (np.abs(rho) < 1).all():
        raise ValueError("one mediator and correlations inside (-1, 1) are needed")
    ratio = np.sqrt(found.outcome_residual / found.mediator_residual[0, 0])
    return found.a[0] * (found.b[0] - ratio * rho / np.sqrt(1 - rho**2))


def vanishing_rho(found: Paths) -> Array:
    """Return the correlation of errors at which the indirect effect is zero, of a model or a batch of them.

    Returns
    -------
    ndarray, shape (...)
        For one mediator its partial correlation with the outcome; for several the smallest multiple
        correlation of the outcome's error with theirs that suffices, with the sign of the indirect effect.

    Notes
    -----
    ``t / sqrt(1 + t²)`` with ``t = b sigma / s`` or ``t = a'b / (s sqrt(a' Sigma⁻¹ a))``: the least
    ``d' Sigma d`` such that ``a'd = a'b``, d being the bias of b.
    """
    s = np.sqrt(found.outcome_residual)
    if found.b.shape[-1] == 1:
        t = found.b[..., 0] * np.sqrt(found.mediator_residual[..., 0, 0]) / s
    else:
        a = found.reached
        weight = np.linalg.solve(found.mediator_residual, a[..., None])[..., 0]
        t = found.indirect / (s * np.sqrt((a * weight).sum(axis=-1)))
    return t / np.sqrt(1 + t**2)
