"""Importance–performance map: what moves a target most, and where there is room to improve."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .fit import PlsFit

__all__ = ["importance"]


def importance(fit: PlsFit, target: str, low: ArrayLike, high: ArrayLike) -> pd.DataFrame:
    """Return the importance–performance map of a target.

    Parameters
    ----------
    fit : PlsFit
    target : str
        A construct that others lead to.
    low, high : array_like, shape () or (p,)
        Lowest and highest possible answer to the items.

    Returns
    -------
    DataFrame
        By construct that leads to the target, over others too: ``importance``, the unstandardised total
        effect in points of the target for a point of the construct, both on 0–100, and ``performance``, the
        construct's mean on 0–100.

    Raises
    ------
    ValueError
        If nothing leads to the target, or an outer weight is negative: its composite is then no mean.

    Notes
    -----
    Ringle and Sarstedt (2016), Industrial Management and Data Systems 116, 1865–1886. Items are rescaled to
    0–100; a composite is their mean, weighted by its outer weights per unit of the item.
    """
    scores = _rescaled(fit, np.asarray(low, float), np.asarray(high, float))
    k = fit.model.names.index(target)
    effect = fit.solution.totals[0, :, k] * scores.std(axis=0)[k] / scores.std(axis=0)
    leads = np.flatnonzero(effect)
    if not len(leads):
        raise ValueError(f"nothing leads to {target}")
    parts = {"importance": effect[leads], "performance": scores.mean(axis=0)[leads]}
    return pd.DataFrame(parts, index=[fit.model.names[j] for j in leads])


def _rescaled(fit: PlsFit, low: NDArray, high: NDArray) -> NDArray[np.float64]:
    """Return the composites on 0–100, shape (n, k)."""
    points = 100 * (fit.data - low) / (high - low)
    weights = fit.solution.weights[0] / points.std(axis=0)[:, None]
    if (weights < 0).any():
        raise ValueError("an outer weight is negative")
    return points @ (weights / weights.sum(axis=0))
