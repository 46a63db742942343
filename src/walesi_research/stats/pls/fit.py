"""One fit of a path model, with names on every number."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walesi_research.stats.moment_bootstrap import complete_covariance, correlation_of

from .model import PathModel
from .solution import Solution, solved
from .weights import Scheme

__all__ = ["PlsFit", "pls"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlsFit:
    """A path model fitted by partial least squares.

    Attributes
    ----------
    model : PathModel
    scheme : {"path", "factor", "centroid"}
    consistent : bool
    data : ndarray, shape (n, p)
        Complete cases, items as in `model.items`.
    correlations : ndarray, shape (p, p)
        Of the items.
    solution : Solution
        The estimates as arrays, a batch of one.
    """

    model: PathModel
    scheme: Scheme
    consistent: bool
    data: Array = field(repr=False)
    correlations: Array = field(repr=False)
    solution: Solution = field(repr=False)

    @property
    def n(self) -> int:
        """Complete cases."""
        return len(self.data)

    @property
    def iterations(self) -> int:
        """Changes of the weights until they stood still."""
        return int(self.solution.iterations[0])

    @property
    def converged(self) -> bool:
        """Whether they did."""
        return bool(self.solution.converged[0])

    @property
    def proper(self) -> bool:
        """Whether the correlations of the constructs are positive definite; disattenuated ones may not be."""
        return bool(self.solution.proper[0])

    @property
    def weights(self) -> pd.DataFrame:
        """Outer weights of composites of variance one, items by constructs."""
        return self._of_items(self.solution.weights[0])

    @property
    def loadings(self) -> pd.DataFrame:
        """Outer loadings, items by constructs; zero where an item belongs to another."""
        return self._of_items(self.solution.loadings[0])

    @property
    def cross_loadings(self) -> pd.DataFrame:
        """Correlations of all items with all composites."""
        return self._of_items(self.correlations @ self.solution.weights[0])

    @property
    def paths(self) -> pd.DataFrame:
        """Standardised coefficients of the paths from row to column."""
        return self._of_constructs(self.solution.paths[0])

    @property
    def total_effects(self) -> pd.DataFrame:
        """Standardised effects of row on column by all paths."""
        return self._of_constructs(self.solution.totals[0])

    @property
    def indirect_effects(self) -> pd.DataFrame:
        """Standardised effects of row on column by way of others."""
        return self.total_effects - self.paths

    @property
    def composites(self) -> pd.DataFrame:
        """Correlations of the composites."""
        return self._of_constructs(self.solution.composites[0])

    @property
    def constructs(self) -> pd.DataFrame:
        """Correlations that the paths rest on: those of the composites, or disattenuated."""
        return self._of_constructs(self.solution.constructs[0])

    @property
    def rho_a(self) -> pd.Series:
        """Reliability of each composite; one for single items and for mode B."""
        return pd.Series(self.solution.reliability[0], list(self.model.names))

    @property
    def r2(self) -> pd.DataFrame:
        """``r2`` and ``adjusted`` by endogenous construct.

        Adjusted: ``1 - (1 - R²)(n - 1)/(n - m - 1)`` for m sources.
        """
        rows = {}
        for k, own in self.model.sources.items():
            r2 = float(self.solution.r2[0, k])
            adjusted = 1 - (1 - r2) * (self.n - 1) / (self.n - len(own) - 1)
            rows[self.model.names[k]] = {"r2": r2, "adjusted": adjusted}
        return pd.DataFrame.from_dict(rows, orient="index")

    @property
    def scores(self) -> Array:
        """Standardised scores of the composites, shape (n, k)."""
        standard = (self.data - self.data.mean(axis=0)) / self.data.std(axis=0, ddof=1)
        return standard @ self.solution.weights[0]

    def _of_items(self, values: Array) -> pd.DataFrame:
        return pd.DataFrame(values, list(self.model.items), list(self.model.names))

    def _of_constructs(self, values: Array) -> pd.DataFrame:
        return pd.DataFrame(values, list(self.model.names), list(self.model.names))


def pls(x: pd.DataFrame, model: PathModel, *, scheme: Scheme = "path", consistent: bool = False) -> PlsFit:
    """Fit a path model by partial least squares, complete cases.

    Parameters
    ----------
    x : DataFrame
        A column for each item, all keyed in the direction of their construct.
    model : PathModel
    scheme : {"path", "factor", "centroid"}
        Inner weights.
    consistent : bool
        Consistent PLS: correlations of composites of mode A are divided by the roots of their rho_A, so that
        paths are those of latent variables.

    Returns
    -------
    PlsFit

    Raises
    ------
    ValueError
        If there are no more rows without missing items than constructs, an item does not vary, or items of a
        construct of mode B are sums of others.

    Notes
    -----
    Composites contain the error of their items, so plain paths between latent variables come out too weak
    by the root of both reliabilities; PLSc takes that out (Dijkstra and Henseler 2015, MIS Quarterly 39,
    297–316). Conventions are those of seminr 2.3: standardised items, weights from one, stop at a sum of
    changes under 1e-7, no turning of signs.
    """
    data = x[list(model.items)].astype(float).dropna().to_numpy()
    if len(data) <= len(model.names) + 1:
        raise ValueError(f"{len(data)} rows without a missing item are too few")
    r = correlation_of(complete_covariance(data, 2)[1])
    try:
        found = solved(r[None], model, scheme, consistent)
    except np.linalg.LinAlgError:
        raise ValueError("an item, or a composite, is a sum of others") from None
    return PlsFit(model, scheme, consistent, data, r, found)
