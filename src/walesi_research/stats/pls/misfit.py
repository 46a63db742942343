"""How far the correlations of items that a path model implies are from those observed."""

from __future__ import annotations

import numpy as np

from .fit import PlsFit
from .structure import implied

__all__ = ["srmr"]


def srmr(fit: PlsFit, *, saturated: bool = False) -> float:
    """Return the standardised root mean square residual.

    Parameters
    ----------
    fit : PlsFit
        PLSc where items are taken for reflections of latent variables; the loadings of plain PLS are too
        high for that, and its SRMR large in consequence.
    saturated : bool
        Take the constructs' correlations as they are, in place of those that the paths imply.

    Returns
    -------
    float

    Notes
    -----
    ``sqrt(mean squared residual correlation)`` over the lower triangle of p items with its diagonal (Henseler
    et al. 2014, Organizational Research Methods 17, 182–209). Items of two constructs correlate by both
    loadings times the constructs' correlation; items of one construct by both loadings (mode A) or as they do
    (mode B).
    """
    model, r, c = fit.model, fit.correlations, fit.solution.constructs
    c = c[0] if saturated else implied(fit.solution.paths, c, model)[0]
    loadings = fit.solution.loadings[0]
    expected = loadings @ c @ loadings.T
    for k, block in enumerate(model.blocks):
        if model.modes[k] == "B":
            expected[block, block] = r[block, block]
    np.fill_diagonal(expected, 1)
    residual = (r - expected)[np.tril_indices(len(r))]
    return float(np.sqrt((residual**2).mean()))
