"""The data of a latent path model: rows by unit, and their patterns of missing answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Sample", "read_sample"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Items and outcome, standardised, in rows sorted by unit.

    Attributes
    ----------
    factor : ndarray of int, shape (p,)
        Which of the k latent variables each item measures.
    y : ndarray, shape (n, p)
        Items in standard deviations from their means; zero where missing.
    seen : ndarray, shape (n, p)
        One where answered, else zero.
    z, z_seen : ndarray, shape (n,), or None
        The same of a measured outcome, None where there is none.
    unit : ndarray of int, shape (n,)
        Rising from 0.
    order : ndarray of int, shape (n,)
        Position of each row in the data given.
    pattern : ndarray of int, shape (n,)
    seen_of, z_seen_of : ndarray, shape (J, p) and (J,)
        What is seen in each pattern.
    """

    factor: Index
    y: Array
    seen: Array
    z: Array | None
    z_seen: Array | None
    unit: Index
    order: Index
    pattern: Index
    seen_of: Array
    z_seen_of: Array

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.y)

    @property
    def units(self) -> int:
        """Units."""
        return int(self.unit[-1]) + 1

    @property
    def starts(self) -> Index:
        """First row of each unit."""
        return np.searchsorted(self.unit, np.arange(self.units))


def read_sample(items: ArrayLike, factor: ArrayLike, unit: ArrayLike, outcome: ArrayLike | None) -> Sample:
    """Read a sample; see `fit.fit_paths` for the arguments.

    Raises
    ------
    ValueError
        If shapes do not agree, a column does not vary, or a row has nothing.
    """
    y, factor = np.asarray(items, float), np.asarray(factor, int)
    codes = np.unique(np.asarray(unit), return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    if y.ndim != 2 or y.shape != (len(codes), len(factor)):
        raise ValueError(f"items of shape {y.shape} for {len(codes)} units and {len(factor)} factors")
    if not np.array_equal(np.unique(factor), np.arange(factor.max() + 1)):
        raise ValueError("a latent variable has no item")
    every = y if outcome is None else np.column_stack([y, np.asarray(outcome, float)])
    if np.isnan(every).all(axis=1).any():
        raise ValueError("a row has neither an answer nor an outcome")
    filled, seen = _standardised(every[order])
    seen_of, pattern = np.unique(seen, axis=0, return_inverse=True)
    p = len(factor)
    sample = Sample(
        factor=factor,
        y=filled[:, :p],
        seen=seen[:, :p],
        z=None,
        z_seen=None,
        unit=codes[order],
        order=order,
        pattern=pattern.ravel(),
        seen_of=seen_of[:, :p],
        z_seen_of=np.zeros(len(seen_of)),
    )
    if outcome is None:
        return sample
    return replace(sample, z=filled[:, p], z_seen=seen[:, p], z_seen_of=seen_of[:, p])


def _standardised(y: Array) -> tuple[Array, Array]:
    """Return columns in standard deviations, zero where missing, and what is seen."""
    seen = ~np.isnan(y)
    size = seen.sum(axis=0)
    mean = np.where(seen, y, 0.0).sum(axis=0) / np.maximum(size, 1)
    off = np.where(seen, y - mean, 0.0)
    sd = np.sqrt((off**2).sum(axis=0) / np.maximum(size, 1))
    if not (sd > 1e-12 * (1 + np.abs(mean))).all():
        raise ValueError(f"column {int(np.argmin(sd))} does not vary")
    return off / sd, seen.astype(float)
