"""The two models that any model is compared with: all moments free, and all variables uncorrelated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .sample import Moments
from .saturated import saturated_moments
from .structure import Structure

__all__ = ["independent", "saturated"]

Array = NDArray[np.float64]
_Moments = tuple[Array, Array]


def saturated(
    structures: Sequence[Structure], moments: Sequence[_Moments], *, means: bool
) -> tuple[list[Structure], Array]:
    """Return the saturated model's structures and parameters; exogenous blocks stay fixed.

    Parameters
    ----------
    structures : sequence of Structure
        Of the model, one a group, with the sample's exogenous moments.
    moments : sequence of (mean, covariance)
        Maximum-likelihood estimates without a model.
    means : bool
    """
    p = structures[0].p
    return _models(structures, moments, np.ones((p, p), bool), means=means)


def independent(
    structures: Sequence[Structure], moments: Sequence[Moments], inputs: NDArray[np.int64], *, means: bool
) -> tuple[list[Structure], Array]:
    """Return the baseline model's structures and parameters.

    Observed predictors correlate freely, as in lavaan; all others are uncorrelated, with the means and
    variances of those who answered.

    Parameters
    ----------
    structures : sequence of Structure
    moments : sequence of Moments
        By pattern.
    inputs : ndarray of int
        Which observed variables are predictors that the model does not explain.
    means : bool
    """
    correlated = np.eye(structures[0].p, dtype=bool)
    correlated[np.ix_(inputs, inputs)] = True
    return _models(structures, [_margins(m, inputs) for m in moments], correlated, means=means)


def _margins(m: Moments, inputs: NDArray[np.int64]) -> _Moments:
    """Return means and variances of single variables, and the moments of the inputs together."""
    w = m.weight[:, None] * m.seen
    mean = (w * m.mean).sum(axis=0) / w.sum(axis=0)
    off = np.where(m.seen, m.mean - mean, 0)
    variance = (w * (np.einsum("jpp->jp", m.covariance) + off**2)).sum(axis=0) / w.sum(axis=0)
    covariance = np.diag(variance)
    if len(inputs) > 1:
        mean[inputs], covariance[np.ix_(inputs, inputs)] = saturated_moments(m.of_variables(inputs))
    return mean, covariance


def _models(
    structures: Sequence[Structure],
    moments: Sequence[_Moments],
    correlated: NDArray[np.bool_],
    *,
    means: bool,
) -> tuple[list[Structure], Array]:
    out, theta, first = [], [], 0
    for s in structures:
        out.append(_model(s, first, correlated, means=means))
        first += len(out[-1].free)
    for own, (mean, covariance) in zip(out, moments, strict=True):
        theta += [covariance[own.s_row, own.s_column], mean[own.m_row]]
    return [replace(s, size=first) for s in out], np.concatenate(theta)


def _model(s: Structure, first: int, correlated: NDArray[np.bool_], *, means: bool) -> Structure:
    p = s.p
    inside = np.zeros(p, bool)
    inside[s.exogenous] = True
    row, column = np.nonzero(np.tril(correlated))
    kept = ~(inside[row] & inside[column])
    none = np.empty(0, int)
    disturbances, intercepts = np.zeros((p, p)), np.zeros(p)
    block = np.ix_(s.exogenous, s.exogenous)
    disturbances[block] = s.disturbances[block]
    intercepts[s.exogenous] = s.intercepts[s.exogenous]
    m_row = np.flatnonzero(~inside) if means else none
    size = int(kept.sum()) + len(m_row)
    return Structure(
        names=s.names[:p],
        p=p,
        paths=np.zeros((p, p)),
        disturbances=disturbances,
        intercepts=intercepts,
        a_row=none,
        a_column=none,
        s_row=row[kept],
        s_column=column[kept],
        m_row=m_row,
        free=first + np.arange(size),
        size=size,
        exogenous=s.exogenous,
    )
