"""The rows of a mediation as arrays: complete, finite, and of one length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Rows", "rows_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Variables of a mediation.

    Attributes
    ----------
    x, y : ndarray, shape (n,)
    m : ndarray, shape (n, k)
    covariates : ndarray, shape (n, q)
    groups : ndarray of int, shape (n,)
        Codes 0 … G - 1; each group has an intercept of its own.
    """

    x: Array
    m: Array
    y: Array
    covariates: Array
    groups: NDArray[np.int64]

    @property
    def all(self) -> Array:
        """The variables side by side as `paths` wants them, shape (n, k + q + 2)."""
        return np.column_stack([self.x, self.m, self.y, self.covariates])


def rows_of(
    y: ArrayLike, m: ArrayLike, x: ArrayLike, covariates: ArrayLike | None, groups: ArrayLike | None
) -> Rows:
    """Return the variables, checked.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, or there are too few rows for the coefficients.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    m = np.asarray(m, float).reshape(len(y), -1)
    c = np.empty((len(y), 0)) if covariates is None else np.asarray(covariates, float).reshape(len(y), -1)
    codes = np.zeros(len(y), int) if groups is None else np.unique(groups, return_inverse=True)[1]
    if x.shape != y.shape or x.ndim != 1 or codes.shape != y.shape or not m.shape[1]:
        raise ValueError(
            f"x, y and groups want one value a row, not shapes {x.shape}, {y.shape}, {codes.shape}"
        )
    rows = Rows(x, m, y, c, codes)
    if not np.isfinite(rows.all).all():
        raise ValueError("a value is missing or not finite")
    if len(y) <= m.shape[1] + c.shape[1] + codes.max(initial=0) + 2:
        raise ValueError(f"{len(y)} rows are too few for the coefficients of the outcome")
    return rows
