"""Stone and Geisser's Q²: what the model says of answers that are hidden from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walesi_research.stats.moment_bootstrap import correlation_of

from .fit import PlsFit
from .solution import solved

__all__ = ["blindfold"]

Array = NDArray[np.float64]


def blindfold(fit: PlsFit, distance: int = 7) -> pd.Series:
    """Return the cross-validated redundancy of each endogenous construct.

    Parameters
    ----------
    fit : PlsFit
        The pattern of hidden answers follows the order of its rows.
    distance : int
        Every so many-th answer of a construct's items is hidden in a round; so many rounds hide each once.

    Returns
    -------
    Series
        ``1 - SSE / SSO`` by endogenous construct; above zero where the paths to it predict better than the
        mean of the answers that are seen.

    Raises
    ------
    ValueError
        If the number of complete rows is a multiple of the omission distance, which would hide whole people.

    Notes
    -----
    Geisser (1974), Biometrika 61, 101–107; Stone (1974), Journal of the Royal Statistical Society B 36,
    111–147; as in Tenenhaus et al. (2005), Computational Statistics and Data Analysis 48, 159–205. Answers
    count down a construct's items one after another. Hidden ones are given the mean of the others, the model
    is fitted again, and predicted from the sources' scores, their paths and the item's loading.
    """
    if fit.n % distance == 0:
        raise ValueError(f"{fit.n} rows are a multiple of the omission distance {distance}")
    return pd.Series({fit.model.names[k]: _redundancy(fit, k, distance) for k in fit.model.sources})


def _redundancy(fit: PlsFit, k: int, distance: int) -> float:
    z, block = fit.data, fit.model.blocks[k]
    hidden = _patterns(z[:, block].shape, distance)
    seen = np.where(hidden, np.nan, z[:, block])
    mean = np.nanmean(seen, axis=1, keepdims=True)
    filled = np.repeat(z[None], distance, axis=0)
    filled[:, :, block] = np.where(hidden, mean, z[:, block])
    predicted = _predicted(filled, fit, k)
    sse = ((z[:, block] - predicted)[hidden] ** 2).sum()
    return float(1 - sse / ((z[:, block] - mean)[hidden] ** 2).sum())


def _patterns(shape: tuple[int, int], distance: int) -> NDArray[np.bool_]:
    """Return which answers each round hides, shape (distance, n, items)."""
    turn = (np.arange(shape[0] * shape[1]) % distance).reshape(shape, order="F")
    return turn == np.arange(distance)[:, None, None]


def _predicted(filled: Array, fit: PlsFit, k: int) -> Array:
    """Return the answers to the items of construct k that each round's model expects, shape (d, n, items)."""
    mean, sd = filled.mean(axis=1, keepdims=True), filled.std(axis=1, ddof=1, keepdims=True)
    standard = (filled - mean) / sd
    r = correlation_of(standard.swapaxes(1, 2) @ standard)
    found, block = solved(r, fit.model, fit.scheme, fit.consistent), fit.model.blocks[k]
    expected = (standard @ found.weights) @ found.paths[:, :, k, None]
    return mean[:, :, block] + expected * found.loadings[:, block, k][:, None, :] * sd[:, :, block]
