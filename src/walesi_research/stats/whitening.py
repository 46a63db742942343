"""Rows made independent: a random-intercept model as least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["whitened_by_group"]


def whitened_by_group(
    y: ArrayLike, X: ArrayLike, groups: ArrayLike, between: float, residual: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform a linear model with random intercepts of groups so that its errors are uncorrelated.

    Parameters
    ----------
    y : array_like, shape (n,)
    X : array_like, shape (n, p)
        The constant included if there is to be one.
    groups : array_like, shape (n,)
        Labels of the groups.
    between, residual : float
        Variance of the intercepts, and of the errors (positive).

    Returns
    -------
    y, X : ndarray, shapes (n,) and (n, p)
        Least squares on them are generalised least squares on the data given.

    Notes
    -----
    Each variable loses the part ``1 - sqrt(residual / (residual + n_g between))`` of its group mean, which is
    multiplication by ``V_g^(-1/2)`` up to a constant: Fuller and Battese (1973), Journal of the American
    Statistical Association 68, 626–632.
    """
    code, size = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)[1:]
    part = (1 - np.sqrt(residual / (residual + size * between))) / size

    def transform(z: NDArray[np.float64]) -> NDArray[np.float64]:
        return z - (part * np.bincount(code, z))[code]

    columns = [transform(x) for x in np.asarray(X, float).T]
    return transform(np.asarray(y, float)), np.column_stack(columns)
