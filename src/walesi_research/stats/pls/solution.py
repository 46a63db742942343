"""A path model solved from correlations, of one sample or a thousand: one algebra for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .consistent import composite_reliabilities, consistent_loadings, disattenuated
from .model import PathModel
from .structure import coefficients, explained, total_effects
from .weights import Scheme, composite_correlations, outer_weights

__all__ = ["Solution", "solved"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Solution:
    """All estimates of b samples.

    Attributes
    ----------
    weights, loadings : ndarray, shape (b, p, k)
    composites, constructs : ndarray, shape (b, k, k)
        Correlations of composites, and those that the paths rest on: the same, or disattenuated.
    reliability : ndarray, shape (b, k)
        rho_A of each composite.
    paths, totals : ndarray, shape (b, k, k)
        Direct and total effects of row on column.
    r2 : ndarray, shape (b, k)
    iterations : ndarray of int, shape (b,)
    converged, proper : ndarray of bool, shape (b,)
        A proper solution has correlations of constructs that are positive definite; paths are given of
        others too, NaN only where a reliability is not positive.
    """

    weights: Array
    loadings: Array
    composites: Array
    constructs: Array
    reliability: Array
    paths: Array
    totals: Array
    r2: Array
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]
    proper: NDArray[np.bool_]


def solved(r: Array, model: PathModel, scheme: Scheme, consistent: bool) -> Solution:
    """Return the estimates of all samples.

    Parameters
    ----------
    r : ndarray, shape (b, p, p)
        Correlations of the items.
    model : PathModel
    scheme : {"path", "factor", "centroid"}
    consistent : bool
        Disattenuate the correlations of composites and their loadings (PLSc).

    Returns
    -------
    Solution
    """
    found = outer_weights(r, model, scheme)
    w, member = found.values, model.member
    composites, plain = composite_correlations(w, r), r @ w * member
    reliability = composite_reliabilities(w, r, model)
    constructs, loadings = composites, plain
    if consistent:
        constructs = disattenuated(composites, reliability)
        loadings = consistent_loadings(w, plain, reliability, model)
    known = np.isfinite(constructs).all(axis=(1, 2))
    paths = coefficients(np.where(known[:, None, None], constructs, composites), model)
    paths[~known] = np.nan
    return Solution(
        weights=w,
        loadings=loadings,
        composites=composites,
        constructs=constructs,
        reliability=reliability,
        paths=paths,
        totals=total_effects(paths),
        r2=explained(paths, constructs),
        iterations=found.iterations,
        converged=found.converged,
        proper=_definite(constructs),
    )


def _definite(c: Array) -> NDArray[np.bool_]:
    known = np.isfinite(c).all(axis=(1, 2))
    out = np.zeros(len(c), dtype=bool)
    out[known] = np.linalg.eigvalsh(c[known])[:, 0] > 0
    return out
