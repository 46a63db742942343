"""Estimates in standard deviations of the variables they connect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .defined import _evaluated
from .parameters import Table
from .structure import Implied, cell

__all__ = ["r_squared", "standardized"]

Array = NDArray[np.float64]


def standardized(table: Table, implied: Sequence[Implied]) -> Array:
    """Return all parameters with all variables, latent ones too, scaled to variance one.

    Parameters
    ----------
    table : Table
    implied : sequence of Implied
        One a group.

    Returns
    -------
    ndarray, shape (parameters + definitions,)
        Paths times the predictor's standard deviation over the outcome's; variances over the variable's;
        covariances of disturbances over both disturbances' standard deviations; intercepts over the
        variable's standard deviation. Defined parameters follow from the standardised ones. NaN where a
        variance is not positive.
    """
    where = {name: i for i, name in enumerate((*table.observed, *table.latent))}
    out = np.array([_one(p.op, *cell(p, where), implied[p.group]) for p in table.parameters])
    labels = {p.label: value for p, value in zip(table.parameters, out, strict=True) if p.label}
    return np.concatenate([out, _evaluated(table.defined, labels, ())])


def r_squared(table: Table, implied: Implied) -> dict[str, float]:
    """Return the share of each explained variable's variance that the model explains, in one group."""
    names = (*table.observed, *table.latent)
    explained = (implied.paths != 0).any(axis=1)
    left = np.diag(implied.disturbances) / np.diag(implied.covariance)
    return {name: float(1 - left[i]) for i, name in enumerate(names) if explained[i]}


def _one(op: str, i: int, j: int, at: Implied) -> float:
    variance, own = np.diag(at.covariance), np.diag(at.disturbances)
    with np.errstate(invalid="ignore", divide="ignore"):
        if op == "~1":
            return float(at.intercepts[i] / np.sqrt(variance[i]))
        if op != "~~":
            return float(at.paths[i, j] * np.sqrt(variance[j] / variance[i]))
        if i == j:
            return float(own[i] / variance[i])
        return float(at.disturbances[i, j] / np.sqrt(own[i] * own[j]))
