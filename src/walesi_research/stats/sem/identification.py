"""Whether a model's parameters can be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .parameters import Table
from .structure import Structure

__all__ = ["check_identified", "free_names"]

Array = NDArray[np.float64]
_RANK = 1e-5
"""Directions in which the moments change by a smaller part than this do not change them."""


def check_identified(
    table: Table, structures: Sequence[Structure], start: Array, *, variances: bool = True
) -> None:
    """Refuse a model that is not identified.

    Parameters
    ----------
    table : Table
    structures : sequence of Structure
    start : ndarray, shape (size,)
        Starting values; the test is made at a point somewhere about them.
    variances : bool
        Whether variances of the observed variables are among the moments.

    Raises
    ------
    ValueError
        If there are more parameters than moments, or some parameters can change together without changing
        any moment (local identification: the rank of the moments' derivatives).
    """
    moments = sum(_count(s, table.means, variances) for s in structures)
    if table.size > moments:
        raise ValueError(
            f"the model is not identified: {table.size} free parameters for {moments} moments of the data"
        )
    slopes = _slopes(structures, _somewhere(structures, start), variances)
    size = np.sqrt((slopes**2).sum(axis=0))
    scaled = slopes / np.where(size > 0, size, 1)
    value, vector = np.linalg.eigh(scaled.T @ scaled)
    null = value < _RANK**2
    if null.any():
        involved = np.flatnonzero((np.abs(vector[:, null]) > 0.05).any(axis=1))
        names = free_names(table)
        told = ", ".join(names[i] for i in involved[:6]) + (" …" if len(involved) > 6 else "")
        raise ValueError(
            f"the model is not identified: {told} can change without changing any moment of the data"
        )


def free_names(table: Table) -> list[str]:
    """Return the free parameters' names, ``lhs op rhs``, with the group where there are several."""
    names = [""] * table.size
    for p, f in zip(table.parameters, table.free, strict=True):
        if f >= 0 and not names[f]:
            names[f] = f"{p.lhs} {p.op} {p.rhs}".strip() + (f" [{p.group + 1}]" if table.groups > 1 else "")
    return names


def _count(s: Structure, means: bool, variances: bool) -> int:
    x, shift = len(s.exogenous), 1 if variances else -1
    return s.p * (s.p + shift) // 2 - x * (x + shift) // 2 + (s.p - x if means else 0)


def _somewhere(structures: Sequence[Structure], start: Array) -> Array:
    """Return a point about the starting values, where no accident makes derivatives vanish."""
    rng = np.random.default_rng(0)
    theta = start.copy()
    for s in structures:
        spread = np.sqrt(np.abs(np.diag(s.implied(start).covariance))) + 1e-12
        scale = np.concatenate(
            [
                spread[s.a_row] / spread[s.a_column],
                spread[s.s_row] * spread[s.s_column],
                spread[s.m_row],
            ]
        )
        theta[s.free] = start[s.free] + scale * rng.uniform(0.05, 0.15, len(scale))
    return theta


def _slopes(structures: Sequence[Structure], theta: Array, variances: bool) -> Array:
    """Return derivatives of the observed moments, in standard deviations, shape (moments, size)."""
    out = []
    for s in structures:
        at = s.implied(theta)
        u, v, d = s.directions(at)
        sd = np.sqrt(np.abs(np.diag(at.sigma)))[:, None] + 1e-12
        u, v = u / sd, v / sd
        row, column = np.tril_indices(s.p, 0 if variances else -1)
        sigma = u[row] * v[column] + v[row] * u[column]
        out.append(s.by_parameter(np.vstack([sigma, d / sd])))
    return np.vstack(out)
