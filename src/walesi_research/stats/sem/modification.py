"""How much chi-square would fall if a parameter that is fixed were free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .likelihood import Likelihood
from .parameters import Parameter, Table
from .structure import Implied, Structure, cell

__all__ = ["modification_indices"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Candidate:
    parameter: Parameter
    row: int
    column: int


def modification_indices(
    table: Table, likelihood: Likelihood, theta: Array, implied: Sequence[Implied]
) -> pd.DataFrame:
    """Return score tests of parameters that are not in the model, the largest first.

    Parameters
    ----------
    table : Table
    likelihood : Likelihood
    theta : ndarray, shape (size,)
    implied : sequence of Implied
        One a group.

    Returns
    -------
    DataFrame
        ``lhs, op, rhs, group, mi, epc, epc_std``: the fall of chi-square that is expected (1 degree of
        freedom), and the parameter's expected value, in its own units and in standard deviations. Loadings
        and covariances that are not in the model, and regressions if it has any.

    Notes
    -----
    Sörbom (1989), Psychometrika 54, 371–384: ``mi = s² / (I_cc - I_cf I_ff^-1 I_fc)`` with s the slope of the
    log-likelihood and I the expected information. Each is about freeing one parameter alone. Parameters whose
    freeing would leave the model unidentified are left out.
    """
    found = [_tested(table, likelihood, theta, implied, group) for group in range(table.groups)]
    frame = pd.concat(found, ignore_index=True)
    return frame.sort_values("mi", ascending=False, kind="stable", ignore_index=True)


def _tested(
    table: Table,
    likelihood: Likelihood,
    theta: Array,
    implied: Sequence[Implied],
    group: int,
) -> pd.DataFrame:
    candidates = _candidates(table, group)
    columns = ["lhs", "op", "rhs", "group", "mi", "epc", "epc_std"]
    if not candidates:
        return pd.DataFrame(columns=columns)
    size, more = len(theta), len(candidates)
    structures = [replace(s, size=size + more) for s in likelihood.structures]
    structures[group] = _extended(structures[group], candidates, size)
    wide = Likelihood(structures, likelihood.moments)
    order = np.concatenate([theta, np.zeros(more)])
    _, gradient, hessian = wide.derivatives(order, expected=True)
    score, information = -gradient[size:] * wide.n / 2, hessian * wide.n / 2
    within, across = information[:size, :size], information[:size, size:]
    own = np.diag(information)[size:]
    rest = own - np.einsum("fc,fc->c", across, np.linalg.solve(within, across))
    estimable = rest > 1e-8 * np.abs(own)
    rows = []
    for c, s, v, good in zip(candidates, score, rest, estimable, strict=True):
        if good:
            p, epc = c.parameter, s / v
            rows.append((p.lhs, p.op, p.rhs, group + 1, s**2 / v, epc, epc * _scale(p, c, implied[group])))
    return pd.DataFrame(rows, columns=columns)


def _scale(p: Parameter, c: _Candidate, at: Implied) -> float:
    with np.errstate(invalid="ignore"):
        if p.op == "~~":
            own = np.diag(at.disturbances)
            return float(1 / np.sqrt(own[c.row] * own[c.column]))
        variance = np.diag(at.covariance)
        return float(np.sqrt(variance[c.column] / variance[c.row]))


def _candidates(table: Table, group: int) -> list[_Candidate]:
    """Return loadings, covariances and regressions that are absent from the model or fixed at zero."""
    names = (*table.observed, *table.latent)
    where = {name: i for i, name in enumerate(names)}
    taken = {
        (p.op == "~~", *(sorted if p.op == "~~" else tuple)(cell(p, where)))
        for p, f in zip(table.parameters, table.free, strict=True)
        if p.group == group and p.op != "~1" and (f >= 0 or p.fixed != 0)
    }
    out = []
    for p in _absent(table, group):
        row, column = cell(p, where)
        key = (p.op == "~~", *(sorted((row, column)) if p.op == "~~" else (row, column)))
        if row == column or key in taken:
            continue
        taken.add(key)
        out.append(_Candidate(p, row, column))
    return out


def _absent(table: Table, group: int) -> list[Parameter]:
    indicators = dict.fromkeys(p.rhs for p in table.parameters if p.op == "=~")
    items = [v for v in indicators if v in table.observed]
    free = [v for v in table.observed if v not in table.exogenous]
    regressed = dict.fromkeys(v for p in table.parameters if p.op == "~" for v in (p.lhs, p.rhs))
    dependent = [v for v in regressed if v not in table.exogenous]
    pairs = [*combinations(free, 2), *combinations(table.latent, 2)]
    return [
        *(Parameter(f, "=~", v, group) for f in table.latent for v in items),
        *(Parameter(a, "~~", b, group) for a, b in pairs),
        *(Parameter(a, "~", b, group) for a in dependent for b in regressed),
    ]


def _extended(s: Structure, candidates: list[_Candidate], first: int) -> Structure:
    """Return the structure with the candidates among its free entries, in their order from `first` on."""
    is_path = np.array([c.parameter.op != "~~" for c in candidates])
    row, column = (np.array([getattr(c, name) for c in candidates], int) for name in ("row", "column"))
    number = first + np.arange(len(candidates))
    a, m = len(s.a_row), len(s.a_row) + len(s.s_row)
    return replace(
        s,
        a_row=np.concatenate([s.a_row, row[is_path]]),
        a_column=np.concatenate([s.a_column, column[is_path]]),
        s_row=np.concatenate([s.s_row, row[~is_path]]),
        s_column=np.concatenate([s.s_column, column[~is_path]]),
        free=np.concatenate([s.free[:a], number[is_path], s.free[a:m], number[~is_path], s.free[m:]]),
    )
