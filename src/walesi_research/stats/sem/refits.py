"""The same model fitted again and again to bootstrap samples, from where the first search ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .defined import evaluate
from .likelihood import Likelihood
from .sample import Moments
from .search import follow, minimise
from .state import State

__all__ = ["Refits", "refit", "refit_moments"]

Array = NDArray[np.float64]
_STEPS = 50
"""A bootstrap sample that takes more has no proper solution."""
_LAST = 1e-8
"""What the last step promises: what is left after it is far below a thousandth of a standard error."""


@dataclass(frozen=True, slots=True)
class Refits:
    """Estimates in B bootstrap samples.

    Attributes
    ----------
    estimates : ndarray, shape (B, size)
        Free parameters, in the order of `SemFit.names`; NaN where the search did not converge.
    defined : ndarray, shape (B, definitions)
        Parameters defined with ``:=``, in the order of the model.
    converged : ndarray of bool, shape (B,)
    """

    estimates: Array
    defined: Array
    converged: NDArray[np.bool_]


def refit(state: State, theta: Array, counts: Iterable[ArrayLike]) -> Refits:
    """Fit to samples given by how often each row is drawn.

    Parameters
    ----------
    state : State
    theta : ndarray, shape (size,)
        Where each search starts.
    counts : iterable of array_like, each of shape (b, n)
        Columns are the rows used, in the order of the data.

    Raises
    ------
    ValueError
        If there are no rows, or another number of them.
    """
    if not state.rows:
        raise ValueError("a model fitted to moments has no rows to draw: give moments of the samples")
    position = np.concatenate([r.position for r in state.rows])
    column = np.argsort(np.argsort(position))
    ends = np.cumsum([len(r.y) for r in state.rows])
    return _refits(state, theta, _drawn(state, counts, np.split(column, ends[:-1])))


def refit_moments(
    state: State, theta: Array, covariances: ArrayLike, means: ArrayLike | None = None
) -> Refits:
    """Fit to samples given by their moments; see `SemFit.refit_moments`."""
    if state.table.groups > 1:
        raise ValueError("the model has several groups: refit it to rows")
    if state.table.means and means is None:
        raise ValueError("the model has means: give those of the samples")
    covariances = np.asarray(covariances, float)
    centres = np.zeros(covariances.shape[:2]) if means is None else np.asarray(means, float)
    n = state.likelihood.n
    return _refits(state, theta, ([Moments.of(m, c, n)] for m, c in zip(centres, covariances, strict=True)))


def _drawn(
    state: State, counts: Iterable[ArrayLike], columns: list[NDArray[np.int64]]
) -> Iterator[list[Moments]]:
    n = sum(len(r.y) for r in state.rows)
    for chunk in counts:
        for count in np.asarray(chunk, float):
            if len(count) != n:
                raise ValueError(f"counts of {len(count)} rows for a model fitted to {n}")
            yield [r.moments(count[c] * r.weight) for r, c in zip(state.rows, columns, strict=True)]


def _refits(state: State, theta: Array, samples: Iterator[list[Moments]]) -> Refits:
    inverse = np.linalg.inv(state.likelihood.derivatives(theta, expected=True)[2])
    estimates, converged = [], []
    for sample in samples:
        objective = _objective(state, sample)
        search = follow(objective.slope, theta, inverse, steps=_STEPS, last=_LAST)
        if not search.converged:
            search = minimise(objective, theta, steps=_STEPS)
        converged.append(search.converged)
        estimates.append(search.theta if search.converged else np.full(len(theta), np.nan))
    found = np.array(estimates).reshape(-1, len(theta))
    return Refits(found, evaluate(state.table, found), np.array(converged, bool))


def _objective(state: State, sample: list[Moments]) -> Likelihood:
    structures = [
        s.at_sample(m.mean[0] if state.table.means else None, m.covariance[0]) if m.complete else s
        for s, m in zip(state.structures, sample, strict=True)
    ]
    return Likelihood(structures, sample if state.table.means else [m.centred() for m in sample])
