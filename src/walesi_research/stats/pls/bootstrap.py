"""Bootstrap of a path model: all draws at once, on moment matrices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from walesi_research.stats.moment_bootstrap import bootstrap_covariances, correlation_of
from walesi_research.stats.resampling import percentile_interval

from .fit import PlsFit
from .solution import solved
from .structure import total_effects

__all__ = ["Draws", "bootstrap"]

Array = NDArray[np.float64]

_ROUND = 250
"""Draws solved at a time: enough to be fast, few enough to stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Draws:
    """Estimates in b bootstrap samples, NaN in those that could not be fitted.

    Attributes
    ----------
    fit : PlsFit
    weights, loadings : ndarray, shape (b, p, k)
    paths, totals : ndarray, shape (b, k, k)
    usable : ndarray of bool, shape (b,)
        False where an item did not vary, the weights did not stand still, or a reliability was not positive.
    proper : ndarray of bool, shape (b,)
        Whether the correlations of the constructs were positive definite.
    """

    fit: PlsFit
    weights: Array = field(repr=False)
    loadings: Array = field(repr=False)
    paths: Array = field(repr=False)
    totals: Array = field(repr=False)
    usable: NDArray[np.bool_] = field(repr=False)
    proper: NDArray[np.bool_] = field(repr=False)

    def path_table(self, level: float = 0.95) -> pd.DataFrame:
        """Return the paths: ``estimate, mean, se, t, low, high`` by source and target."""
        return self._between(self.fit.paths, self.paths, self.fit.model.paths, level)

    def total_table(self, level: float = 0.95) -> pd.DataFrame:
        """Return total effects, as `path_table`."""
        return self._between(self.fit.total_effects, self.totals, self._ways > 0, level)

    def indirect_table(self, level: float = 0.95) -> pd.DataFrame:
        """Return indirect effects, as `path_table`, where a construct leads to another by a third."""
        by_a_third = self._ways > self.fit.model.paths
        return self._between(self.fit.indirect_effects, self.totals - self.paths, by_a_third, level)

    def loading_table(self, level: float = 0.95) -> pd.DataFrame:
        """Return loadings: ``estimate, mean, se, t, low, high`` by item."""
        return self._of_items(self.fit.loadings, self.loadings, level)

    def weight_table(self, level: float = 0.95) -> pd.DataFrame:
        """Return outer weights, as `loading_table`."""
        return self._of_items(self.fit.weights, self.weights, level)

    @property
    def _ways(self) -> NDArray[np.int64]:
        """In how many ways the construct of the row leads to that of the column."""
        return np.rint(total_effects(self.fit.model.paths.astype(float))).astype(int)

    def _between(
        self, estimate: pd.DataFrame, drawn: Array, where: NDArray[np.bool_], level: float
    ) -> pd.DataFrame:
        names = np.array(self.fit.model.names)
        row, column = np.nonzero(where)
        index = pd.MultiIndex.from_arrays([names[row], names[column]], names=["source", "target"])
        return self._described(estimate.to_numpy()[where], drawn[:, where], index, level)

    def _of_items(self, estimate: pd.DataFrame, drawn: Array, level: float) -> pd.DataFrame:
        own, index = self.fit.model.member, pd.Index(self.fit.model.items, name="item")
        return self._described(estimate.to_numpy()[own], drawn[:, own], index, level)

    def _described(self, estimate: Array, drawn: Array, index: pd.Index, level: float) -> pd.DataFrame:
        drawn = drawn[self.usable]
        low, high = percentile_interval(drawn, level)
        se = drawn.std(axis=0, ddof=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(se > 1e-12, estimate / se, np.nan)  # the loading of a single item does not vary
        parts = {"estimate": estimate, "mean": drawn.mean(axis=0), "se": se, "t": t, "low": low, "high": high}
        return pd.DataFrame(parts, index=index)


def bootstrap(fit: PlsFit, counts: Iterable[ArrayLike]) -> Draws:
    """Return the estimates of a fitted model in bootstrap samples of its rows.

    Parameters
    ----------
    fit : PlsFit
        Its model, scheme and consistency are those of the draws.
    counts : iterable of array_like, each of shape (b, n)
        How often each complete case is drawn, as `resampling.bootstrap_counts` yields them.

    Returns
    -------
    Draws

    Notes
    -----
    Signs are left as they come ('no sign changes'), as seminr does. Weights start from one in each sample, so
    a composite turns round only where its items hardly agree.
    """
    covariance = bootstrap_covariances(fit.data, counts=counts)
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    usable = (variance > 1e-10 * variance.max(axis=0, initial=0)).all(axis=1)
    p, k = fit.model.member.shape
    shapes = ((p, k), (p, k), (k, k), (k, k))
    weights, loadings, paths, totals = (np.full((len(usable), *shape), np.nan) for shape in shapes)
    proper = np.zeros(len(usable), dtype=bool)
    varied = np.flatnonzero(usable)
    for first in range(0, len(varied), _ROUND):
        own = varied[first : first + _ROUND]
        found = solved(correlation_of(covariance[own]), fit.model, fit.scheme, fit.consistent)
        good = found.converged & np.isfinite(found.totals).all(axis=(1, 2))
        usable[own], proper[own] = good, found.proper & good
        own = own[good]
        weights[own], loadings[own] = found.weights[good], found.loadings[good]
        paths[own], totals[own] = found.paths[good], found.totals[good]
    return Draws(fit, weights, loadings, paths, totals, usable, proper)
