"""The standard bivariate normal distribution, elementwise and fast."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, owens_t

__all__ = ["FAR", "bivariate_cdf", "bivariate_density", "rectangles"]

Array = NDArray[np.float64]

FAR = 40.0
"""Does for an infinite bound: nothing is left beyond it in double precision."""


def bivariate_cdf(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> Array:
    """Return ``P(X <= h, Y <= k)`` of standard normal X and Y with correlation `rho`.

    Parameters
    ----------
    h, k, rho : array_like
        Finite (`FAR` for infinity); -1 < rho < 1. They broadcast.

    Returns
    -------
    ndarray
        To about 1e-15 absolutely.

    Notes
    -----
    By Owen's T: ``(Phi(h) + Phi(k))/2 - T(h, a) - T(k, b) - d`` with ``a = (k/h - rho)/sqrt(1 - rho²)``,
    ``b = (h/k - rho)/sqrt(1 - rho²)``, and d a half where h and k lie on either side of zero (Owen 1956,
    Annals of Mathematical Statistics 27, 1075–1090, eq. 2.1).
    """
    h, k, rho = np.broadcast_arrays(*(np.asarray(x, float) for x in (h, k, rho)))
    root = np.sqrt((1 - rho) * (1 + rho))
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (k / h - rho) / root, (h / k - rho) / root
    apart = (h * k < 0) | ((h * k == 0) & (h + k < 0))
    value = (ndtr(h) + ndtr(k)) / 2 - owens_t(h, first) - owens_t(k, second) - apart / 2
    return np.where((h == 0) & (k == 0), 0.25 + np.arcsin(rho) / (2 * np.pi), value).clip(0, 1)


def bivariate_density(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> Array:
    """Return the density at (h, k), which is also the derivative of `bivariate_cdf` in `rho`."""
    h, k, rho = (np.asarray(x, float) for x in (h, k, rho))
    free = (1 - rho) * (1 + rho)
    return np.exp(-(h**2 - 2 * rho * h * k + k**2) / (2 * free)) / (2 * np.pi * np.sqrt(free))


def rectangles(upper: Array) -> Array:
    """Return what lies in each cell of a table.

    Parameters
    ----------
    upper : ndarray, shape (p, a, b)
        A function such as `bivariate_cdf` at the upper bounds of the cells of p tables; it is zero far below.

    Returns
    -------
    ndarray, shape (p, a, b)
    """
    return np.diff(np.diff(upper, axis=1, prepend=0), axis=2, prepend=0)
