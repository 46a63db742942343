"""The criteria by which users of partial least squares judge a model: reliability, validity, overlap."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walesi_research.stats.reliability import alpha
from walesi_research.stats.validity import htmt, rho_c

from .fit import PlsFit

__all__ = ["collinearity", "discriminant", "effect_sizes", "reliability"]

Array = NDArray[np.float64]


def reliability(fit: PlsFit) -> pd.DataFrame:
    """Return the reliability and average variance extracted of each construct.

    Parameters
    ----------
    fit : PlsFit

    Returns
    -------
    DataFrame
        ``alpha, rho_a, rho_c, ave`` by construct. Alpha of the standardised items, for the model knows no
        other; rho_c (composite reliability) and AVE (mean squared loading) from the fit's loadings. All one
        for single items.
    """
    rows = {}
    for k, (name, block) in enumerate(zip(fit.model.names, fit.model.blocks, strict=True)):
        loadings, single = fit.solution.loadings[0, block, k], block.stop - block.start == 1
        rows[name] = {
            "alpha": 1.0 if single else alpha(fit.data[:, block]).standardised,
            "rho_a": float(fit.solution.reliability[0, k]),
            "rho_c": rho_c(loadings),
            "ave": float((loadings**2).mean()),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def discriminant(fit: PlsFit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return HTMT, and the table of Fornell and Larcker.

    Parameters
    ----------
    fit : PlsFit

    Returns
    -------
    htmt : DataFrame, shape (k, k)
        Heterotrait–monotrait ratios of absolute correlations, arithmetic means (`validity.htmt`), below the
        diagonal; NaN elsewhere.
    fornell_larcker : DataFrame, shape (k, k)
        Roots of AVE on the diagonal, the fit's correlations of constructs below; NaN above.
    """
    names = list(fit.model.names)
    below = np.tril(np.ones((len(names), len(names)), dtype=bool), -1)
    ratio = htmt(fit.data, [range(b.start, b.stop) for b in fit.model.blocks]).estimate
    table = np.where(below, fit.solution.constructs[0], np.nan)
    np.fill_diagonal(table, np.sqrt(reliability(fit).ave))
    return pd.DataFrame(np.where(below, ratio, np.nan), names, names), pd.DataFrame(table, names, names)


def collinearity(fit: PlsFit) -> tuple[pd.Series, pd.DataFrame]:
    """Return variance inflation factors, ``1 / (1 - R²)`` of each predictor on the others.

    Parameters
    ----------
    fit : PlsFit

    Returns
    -------
    outer : Series
        Of each item beside the others of its construct; one for single items.
    inner : DataFrame, shape (k, k)
        Of the source (row) beside the other sources of the target (column), as composites, consistent or not;
        NaN where there is no path or no other source.
    """
    names = list(fit.model.names)
    outer = np.concatenate([_inflation(fit.correlations[b, b]) for b in fit.model.blocks])
    inner, c = np.full((len(names), len(names)), np.nan), fit.solution.composites[0]
    for k, own in fit.model.sources.items():
        if len(own) > 1:
            inner[own, k] = _inflation(c[np.ix_(own, own)])
    return pd.Series(outer, list(fit.model.items)), pd.DataFrame(inner, names, names)


def effect_sizes(fit: PlsFit) -> pd.DataFrame:
    """Return f² of each path: ``(R² - R² without it) / (1 - R²)``, the constructs being as they are.

    Parameters
    ----------
    fit : PlsFit

    Returns
    -------
    DataFrame, shape (k, k)
        Of source (row) on target (column), NaN where there is no path. Cohen (1988), Statistical Power
        Analysis, ch. 9, takes .02, .15 and .35 for small, medium and large.
    """
    names, c = list(fit.model.names), fit.solution.constructs[0]
    out = np.full(c.shape, np.nan)
    for k, own in fit.model.sources.items():
        whole = _explained(c, own, k)
        for j in own:
            out[j, k] = (whole - _explained(c, own[own != j], k)) / (1 - whole)
    return pd.DataFrame(out, names, names)


def _explained(c: Array, own: NDArray[np.int64], k: int) -> float:
    return float(c[own, k] @ np.linalg.solve(c[np.ix_(own, own)], c[own, k]))


def _inflation(r: Array) -> Array:
    return np.diag(np.linalg.inv(r))
