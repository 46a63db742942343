"""Where the search starts: composites in place of latent variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .parameters import Table
from .structure import Structure, cell

__all__ = ["starting_values"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
_Moments = tuple[Array, Array]
_Matrices = tuple[Array, Array, Array]


def starting_values(
    table: Table,
    structures: Sequence[Structure],
    moments: Sequence[_Moments],
    *,
    cautious: bool = False,
) -> Array:
    """Return starting values of the free parameters, shape (size,).

    Parameters
    ----------
    table : Table
    structures : sequence of Structure
    moments : sequence of (mean, covariance)
        Of the observed variables, shapes (p,) and (p, p), one pair a group.
    cautious : bool
        Start from weaker factors that are unrelated to all but their indicators: for a second search where
        the first failed.

    Notes
    -----
    Each latent variable is stood in for by the first principal component of its indicators (factors of
    factors by that of the composites), on the scale that its fixed loading or variance gives it. Loadings are
    those of the component, regressions and covariances those of the composites, unique variances half of the
    variance. A parameter shared by several places starts from their mean; starts that the model states go
    first.
    """
    matrices = [
        _start(s, *_roles(table, group), *m, cautious)
        for group, (s, m) in enumerate(zip(structures, moments, strict=True))
    ]
    return _gathered(table, matrices)


def _gathered(table: Table, matrices: Sequence[_Matrices]) -> Array:
    """Return the free parameters from the matrices A, S and m of each group."""
    where = {name: i for i, name in enumerate((*table.observed, *table.latent))}
    total, count, stated = np.zeros(table.size), np.zeros(table.size), np.full(table.size, np.nan)
    for p, f in zip(table.parameters, table.free, strict=True):
        if f < 0:
            continue
        paths, disturbances, intercepts = matrices[p.group]
        i, j = cell(p, where)
        total[f] += intercepts[i] if p.op == "~1" else (disturbances if p.op == "~~" else paths)[i, j]
        count[f] += 1
        if p.start is not None:
            stated[f] = p.start
    return np.where(np.isnan(stated), total / count, stated)


def _roles(table: Table, group: int) -> tuple[Mask, Mask]:
    """Return which entries of A are loadings, and which are free regressions, each of shape (v, v)."""
    names = (*table.observed, *table.latent)
    where = {name: i for i, name in enumerate(names)}
    loads, regressed = np.zeros((2, len(names), len(names)), bool)
    for p, f in zip(table.parameters, table.free, strict=True):
        if p.group == group and p.op == "=~":
            loads[cell(p, where)] = True
        elif p.group == group and p.op == "~" and f >= 0:
            regressed[cell(p, where)] = True
    return loads, regressed


def _start(
    s: Structure, loads: Mask, regressed: Mask, mean: Array, covariance: Array, cautious: bool
) -> _Matrices:
    weights = np.eye(len(s.names), s.p)
    paths = s.paths.copy()
    for f in _upwards(loads, s.p):
        _component(s, f, np.flatnonzero(loads[:, f]), weights, paths, covariance)
    composites = weights @ covariance @ weights.T
    if not cautious:
        _regressions(regressed, paths, composites)
    intercepts = s.intercepts.copy()
    observed = s.m_row[s.m_row < s.p]
    intercepts[observed] = mean[observed]
    return paths, _disturbances(s, paths, composites, cautious), intercepts


def _upwards(loads: Mask, p: int) -> list[int]:
    """Return latent variables, those first whose indicators have a composite already."""
    waiting, order = list(range(p, len(loads))), []
    while waiting:
        ready = [f for f in waiting if not loads[waiting, f].any()] or waiting[:1]
        order += ready
        waiting = [f for f in waiting if f not in ready]
    return order


def _component(
    s: Structure, f: int, items: NDArray[np.int64], weights: Array, paths: Array, covariance: Array
) -> None:
    """Set the loadings of a factor and the weights of its composite, in place."""
    own = weights[items] @ covariance @ weights[items].T
    size = np.sqrt(np.diag(own))
    if not len(items) or not (size > 0).all():
        return
    value, vector = np.linalg.eigh(own / size / size[:, None])
    first = vector[:, -1] * (1 if vector[0, -1] >= 0 else -1)  # as in lavaan the first indicator points up
    shared = np.clip((value[-1] - 1) / max(len(items) - 1, 1), 0.2, 0.9)
    loading = first * np.sqrt(len(items) * shared) * size
    scale = _scale(s.paths[items, f], loading, size, s.disturbances[f, f])
    fixed = s.paths[items, f]
    paths[items, f] = np.where(fixed != 0, fixed, loading * scale)
    composite = (first / size) @ weights[items]
    weights[f] = composite / np.sqrt(composite @ covariance @ composite) / scale


def _scale(fixed: Array, loading: Array, size: Array, variance: float) -> float:
    """Return what the loadings are to be multiplied by: by a fixed loading, else by a fixed variance."""
    if (fixed != 0).any():
        marker = int(np.argmax(fixed != 0))
        weak = abs(loading[marker]) < 0.3 * size[marker]
        return float(fixed[marker] / (0.3 * size[marker] if weak else loading[marker]))
    return float(1 / np.sqrt(variance)) if variance > 0 else 1.0


def _regressions(regressed: Mask, paths: Array, composites: Array) -> None:
    """Set free regressions to least squares between composites, in place."""
    for i in np.flatnonzero(regressed.any(axis=1)):
        on = np.flatnonzero(regressed[i])
        own = composites[np.ix_(on, on)]
        ridge = 1e-3 * np.diag(np.diag(own)) + 1e-12 * np.eye(len(on))
        paths[i, on] = np.linalg.solve(own + ridge, composites[on, i])


def _disturbances(s: Structure, paths: Array, composites: Array, cautious: bool) -> Array:
    """Return variances, half of it for what is explained, and half of the covariances of what is not."""
    out = s.disturbances.copy()
    explained = (paths != 0).any(axis=1)
    spread = np.maximum(np.diag(composites), 1e-8)
    left = np.where(explained, 0.75 if cautious else 0.5, 1.0)
    for i, j in zip(s.s_row, s.s_column, strict=True):
        if i == j:
            out[i, i] = spread[i] * left[i]
        elif not cautious and not explained[i] and not explained[j]:
            out[i, j] = out[j, i] = composites[i, j] / 2
    return out
