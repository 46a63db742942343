"""The inner model: coefficients, R² and effects from correlations of constructs, in batches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .model import PathModel

__all__ = ["coefficients", "explained", "implied", "total_effects"]

Array = NDArray[np.float64]


def coefficients(c: Array, model: PathModel) -> Array:
    """Return the standardised coefficients of the paths.

    Parameters
    ----------
    c : ndarray, shape (b, k, k)
        Correlations of constructs.
    model : PathModel

    Returns
    -------
    ndarray, shape (b, k, k)
        Of the path from row to column; zero where there is none.
    """
    out = np.zeros_like(c)
    for k, own in model.sources.items():
        out[:, own, k] = np.linalg.solve(c[:, own[:, None], own], c[:, own, k, None])[:, :, 0]
    return out


def explained(b: Array, c: Array) -> Array:
    """Return R² by construct, shape (b, k): ``sum over sources of coefficient times correlation``."""
    return (b * c).sum(axis=1)


def total_effects(b: Array) -> Array:
    """Return total effects of a recursive model, ``(I - B)^-1 - I``, shape (b, k, k)."""
    one = np.eye(b.shape[-1])
    return np.linalg.inv(one - b) - one


def implied(b: Array, c: Array, model: PathModel) -> Array:
    """Return the correlations that the paths imply.

    Parameters
    ----------
    b, c : ndarray, shape (b, k, k)
        Coefficients, and correlations of constructs; of the latter only those of exogenous constructs count.
    model : PathModel

    Returns
    -------
    ndarray, shape (b, k, k)

    Notes
    -----
    Disturbances of endogenous constructs are uncorrelated, and scaled so that each has variance one.
    """
    out, known = np.zeros_like(c), model.exogenous
    out[:, known[:, None], known] = c[:, known[:, None], known]
    for k in model.order:
        out[:, known, k] = (out[:, known[:, None], known] @ b[:, known, k, None])[:, :, 0]
        out[:, k, known], out[:, k, k] = out[:, known, k], 1
        known = np.append(known, k)
    return out
