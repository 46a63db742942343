"""Cross-products within groups, of the rows as they are, of bootstrap samples and with one row left out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["centred", "left_out", "resampled", "within"]

Array = NDArray[np.float64]


def centred(z: Array, groups: NDArray[np.int64]) -> Array:
    """Return rows less their group's mean, shape (n, p); `groups` are codes 0 … G - 1, shape (n,)."""
    sums = np.stack([np.bincount(groups, column) for column in z.T], axis=1)
    return z - (sums / np.bincount(groups)[:, None])[groups]


def within(z: Array, groups: NDArray[np.int64]) -> Array:
    """Return the pooled cross-products of deviations from the groups' means, shape (p, p)."""
    deviations = centred(z, groups)
    return deviations.T @ deviations


def resampled(z: Array, groups: NDArray[np.int64], counts: Iterable[ArrayLike]) -> Array:
    """Return `within` of bootstrap samples.

    Parameters
    ----------
    z : ndarray, shape (n, p)
    groups : ndarray of int, shape (n,)
    counts : iterable of array_like, each of shape (b, n)
        How often each row is drawn.

    Returns
    -------
    ndarray, shape (B, p, p)

    Notes
    -----
    ``sum_g [Z_g' C Z_g - (Z_g' c)(Z_g' c)' / sum(c)]``. Rows are centred beforehand, which changes nothing
    but rounding.
    """
    z = centred(z, groups)
    row, column = np.triu_indices(z.shape[1])
    products = z[:, row] * z[:, column]
    members = [np.flatnonzero(groups == g) for g in range(groups.max() + 1)]
    sums = np.concatenate([_sums(np.asarray(c, float), z, products, members) for c in counts])
    out = np.empty((len(sums), z.shape[1], z.shape[1]))
    out[:, row, column] = sums
    out[:, column, row] = sums
    return out


def _sums(c: Array, z: Array, products: Array, members: list[NDArray[np.int64]]) -> Array:
    """Return the upper triangle of the cross-products of a chunk of samples, shape (b, p (p + 1) / 2)."""
    row, column = np.triu_indices(z.shape[1])
    if len(members) == 1:  # counts are read but once
        both = c @ np.column_stack([products, z])
        out, total = both[:, : len(row)], both[:, len(row) :]
        return out - total[:, row] * total[:, column] / c.sum(axis=1, keepdims=True)
    out = c @ products
    for own in members:
        part = c[:, own]
        total = part @ z[own]
        size = np.maximum(part.sum(axis=1, keepdims=True), 1)
        out -= total[:, row] * total[:, column] / size
    return out


def left_out(z: Array, groups: NDArray[np.int64]) -> Array:
    """Return `within` with each row left out in turn, shape (n, p, p).

    Notes
    -----
    Leaving out row i of a group of m takes ``m / (m - 1) d d'`` away, d its deviation from the mean of all m.
    """
    d = centred(z, groups)
    m = np.bincount(groups)[groups].astype(float)
    factor = m / np.maximum(m - 1, 1)
    return d.T @ d - factor[:, None, None] * d[:, :, None] * d[:, None, :]
