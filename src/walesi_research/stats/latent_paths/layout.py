"""The parameters of a latent path model and their places in a vector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .sample import Sample

__all__ = ["Layout", "Parameters"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters by name, each with leading axes (B, ...) for B vectors at once.

    Attributes
    ----------
    loading, intercept, log_unique : ndarray, shape (B, p)
        Of the items; unique variances as logarithms.
    paths : ndarray, shape (B, k, k)
        A, below the diagonal: latent variable i on those before it. Disturbances have variance one.
    level : ndarray, shape (B, G, k)
        Mean of each latent variable in each unit, zero in the first.
    on : ndarray, shape (B, k) or None
        Coefficients of the measured outcome on the latent variables.
    log_residual : ndarray, shape (B,) or None
    outcome_level : ndarray, shape (B, G) or None
        Intercept of the outcome in each unit.
    """

    loading: Array
    intercept: Array
    log_unique: Array
    paths: Array
    level: Array
    on: Array | None = None
    log_residual: Array | None = None
    outcome_level: Array | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parameters stand: what units share comes first, then the units' own.

    Attributes
    ----------
    p, k, units : int
        Items, latent variables, units.
    measured : bool
        Whether the outcome is measured; else it is the last latent variable.
    """

    p: int
    k: int
    units: int
    measured: bool

    @classmethod
    def of(cls, sample: Sample) -> Layout:
        """Return the layout of the model for a sample."""
        p, k = len(sample.factor), int(sample.factor.max()) + 1
        return cls(p, k, sample.units, sample.z is not None)

    @property
    def below(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns of the free paths."""
        return np.tril_indices(self.k, -1)

    @property
    def common(self) -> int:
        """Parameters that units share."""
        return 3 * self.p + self.k * (self.k - 1) // 2 + (self.k + 1 if self.measured else 0)

    @property
    def sizes(self) -> list[int]:
        """Lengths of the parts, in the order of `Parameters`, levels last."""
        shared = [self.p, self.p, self.p, self.k * (self.k - 1) // 2]
        if self.measured:
            return [*shared, self.k, 1, (self.units - 1) * self.k, self.units]
        return [*shared, (self.units - 1) * self.k]

    @property
    def size(self) -> int:
        """Free parameters."""
        return sum(self.sizes)

    def owner(self) -> NDArray[np.int64]:
        """Return the unit that each parameter belongs to, -1 where units share it, shape (size,)."""
        own = [np.full(self.common, -1), np.repeat(np.arange(1, self.units), self.k)]
        return np.concatenate([*own, np.arange(self.units)] if self.measured else own)

    def colour(self) -> NDArray[np.int64]:
        """Return numbers such that parameters with the same one belong to different units."""
        level = np.tile(self.common + np.arange(self.k), self.units - 1)
        own = [np.arange(self.common), level]
        if self.measured:
            own.append(np.full(self.units, self.common + (self.k if self.units > 1 else 0)))
        return np.concatenate(own)

    def unpacked(self, theta: Array) -> Parameters:
        """Return parameters by name from vectors, shape (B, size)."""
        parts = np.split(theta, np.cumsum(self.sizes)[:-1], axis=1)
        loading, intercept, log_unique, paths = parts[:4]
        b = len(theta)
        whole = np.zeros((b, self.k, self.k))
        whole[:, *self.below] = paths
        level = np.zeros((b, self.units, self.k))
        level[:, 1:] = parts[6 if self.measured else 4].reshape(b, self.units - 1, self.k)
        if not self.measured:
            return Parameters(loading, intercept, log_unique, whole, level)
        return Parameters(loading, intercept, log_unique, whole, level, parts[4], parts[5][:, 0], parts[7])

    def packed(self, q: Parameters) -> Array:
        """Return vectors, shape (B, size), from parameters by name."""
        b = len(q.loading)
        parts = [q.loading, q.intercept, q.log_unique, q.paths[:, *self.below]]
        level = q.level[:, 1:].reshape(b, -1)
        if self.measured:
            parts += [q.on, q.log_residual[:, None], level, q.outcome_level]
        else:
            parts.append(level)
        return np.concatenate(parts, axis=1)
