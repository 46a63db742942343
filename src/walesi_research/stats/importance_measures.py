"""Other measures of the importance of predictors, to see whether their order depends on the measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .moment_bootstrap import correlation_of, definite

__all__ = ["importance_measures"]

Array = NDArray[np.float64]


def importance_measures(covariance: ArrayLike) -> dict[str, Array]:
    """Return six measures of relative importance that need no orders of entry.

    Parameters
    ----------
    covariance : array_like, shape (..., p + 1, p + 1)
        Covariance or correlation matrices; the **response is the last** row and column.

    Returns
    -------
    dict of str to ndarray, shape (..., p)
        With R the predictors' correlations, r theirs with the response and ``b = R^-1 r``: ``first``
        r², alone; ``last`` b² / (R^-1)_kk, after all others; ``betasq`` b²; ``pratt`` b r; ``genizi``
        ``sum_j (R^½)²_kj (R^-½ r)²_j``; ``car`` (R^-½ r)². Only the last three sum to R², and of
        these ``pratt`` may be negative.

    Raises
    ------
    ValueError
        If a predictor is a sum of others or does not vary.

    Notes
    -----
    Grömping (2015), Wiley Interdisciplinary Reviews: Computational Statistics 7, 137–152; Genizi (1993),
    Statistica Sinica 3, 407–420; Zuber and Strimmer (2011), Statistical Applications in Genetics and
    Molecular Biology 10(1), 34.
    """
    c = np.asarray(covariance, float)
    if not definite(c[..., :-1, :-1]).all():
        raise ValueError("a predictor is a sum of others or does not vary")
    c = correlation_of(c)
    inner, r = c[..., :-1, :-1], c[..., :-1, -1]
    value, vector = np.linalg.eigh(inner)
    root = (vector * np.sqrt(value)[..., None, :]) @ vector.swapaxes(-1, -2)
    inverse = np.linalg.inv(inner)
    b = (inverse @ r[..., None])[..., 0]
    car = np.linalg.solve(root, r[..., None])[..., 0] ** 2
    return {
        "first": r**2,
        "last": b**2 / np.diagonal(inverse, axis1=-2, axis2=-1),
        "betasq": b**2,
        "pratt": b * r,
        "genizi": (root**2 @ car[..., None])[..., 0],
        "car": car,
    }
