"""Consistent partial least squares: reliability of composites, and correlations and loadings made of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from walesi_research.stats.validity import rho_a

from .model import PathModel

__all__ = ["composite_reliabilities", "consistent_loadings", "disattenuated"]

Array = NDArray[np.float64]


def composite_reliabilities(w: Array, r: Array, model: PathModel) -> Array:
    """Return rho_A of the composites of mode A.

    Parameters
    ----------
    w : ndarray, shape (b, p, k)
        Outer weights.
    r : ndarray, shape (b, p, p)
        Correlations of the items.
    model : PathModel

    Returns
    -------
    ndarray, shape (b, k)
        One for single items and for composites of mode B, which are what they measure.

    See Also
    --------
    walesi_research.stats.validity.rho_a
    """
    out = np.ones((len(r), len(model.names)))
    for k, block in enumerate(model.blocks):
        if model.modes[k] == "A":
            out[:, k] = rho_a(w[:, block, k], r[:, block, block])
    return out


def disattenuated(c: Array, reliability: Array) -> Array:
    """Return correlations of constructs from those of composites, ``c_ij / sqrt(rho_i rho_j)``.

    Parameters
    ----------
    c : ndarray, shape (b, k, k)
    reliability : ndarray, shape (b, k)

    Returns
    -------
    ndarray, shape (b, k, k)
        NaN where a reliability is not positive.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.where(reliability > 0, reliability, np.nan))
        out = c / (root[:, :, None] * root[:, None, :])
    out[:, np.arange(c.shape[1]), np.arange(c.shape[1])] = 1
    return out


def consistent_loadings(w: Array, plain: Array, reliability: Array, model: PathModel) -> Array:
    """Return loadings, ``w sqrt(rho_A) / w'w`` for composites of mode A with several items.

    Parameters
    ----------
    w : ndarray, shape (b, p, k)
        Outer weights.
    plain : ndarray, shape (b, p, k)
        Correlations of items with their composites, which are the loadings of the others.
    reliability : ndarray, shape (b, k)
    model : PathModel

    Returns
    -------
    ndarray, shape (b, p, k)
    """
    out = plain.copy()
    for k, block in enumerate(model.blocks):
        own = w[:, block, k]
        if model.modes[k] == "A" and own.shape[1] > 1:
            root = np.sqrt(np.maximum(reliability[:, k], 0))
            out[:, block, k] = own * (root / (own**2).sum(axis=1))[:, None]
    return out
