"""Fitting by diagonally weighted least squares: from ordered answers to a fitted model."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from .defined import check_defined
from .identification import check_identified
from .least_squares import Correlations, LeastSquares, with_unit_variances
from .measures import measures, srmr
from .parameters import Table, build
from .result import SemFit, assembled, with_tests
from .sample import Rows, read_rows
from .search import Search, minimise
from .starts import starting_values
from .state import State
from .structure import structures

__all__ = ["least_squares"]

_BARRED = {"intercepts", "means", "residuals"}


def least_squares(
    model: str,
    data: pd.DataFrame,
    *,
    group: str | None,
    equal: Collection[str],
    ordered: Collection[str],
    missing: str,
    std_lv: bool,
    level: float,
) -> SemFit:
    """Fit a model of ordered items; see `estimate.fit`.

    Items are taken for cut normal variables of variance one; each group has thresholds of its own.

    Raises
    ------
    ValueError
        See `estimate.fit`; also if a variable of the model is not ordered or acts on others, or if what
        depends on thresholds is to be equal.
    """
    if barred := _BARRED & set(equal):
        raise ValueError(f"with 'dwls' {', '.join(sorted(barred))} cannot be held equal")
    table = build(model, std_lv=std_lv, ordered=True)
    _check_ordered(table, ordered)
    rows = read_rows(data, table.observed, missing=missing, group=group)
    table = build(model, groups=len(rows), equal=equal, std_lv=std_lv, ordered=True)
    check_defined(table)
    return _fitted(table, rows, [Correlations.of(r.y) for r in rows], level)


def _fitted(table: Table, rows: Sequence[Rows], correlations: Sequence[Correlations], level: float) -> SemFit:
    objective = LeastSquares(structures(table), correlations)
    search = _searched(table, objective)
    own = [with_unit_variances(s, search.theta) for s in objective.structures]
    observed = [(np.zeros(len(c.matrix)), c.matrix) for c in correlations]
    state = State(table, own, None, observed, rows)
    covariance, test = objective.robust(search.theta)
    residual = srmr(
        observed,
        [(at.mu, at.sigma) for at in state.implied(search.theta)],
        [c.n / objective.n for c in correlations],
        means=False,
    )
    known = measures(
        test,
        objective.baseline(),
        n=objective.n - table.groups,
        groups=table.groups,
        residual=residual,
        loglik=np.nan,
        size=table.size,
        shifted=True,
    )
    return assembled(
        state,
        search,
        known,
        covariance,
        estimator="dwls",
        n=objective.n,
        level=level,
        thresholds=_threshold_frame(table, objective, level),
    )


def _searched(table: Table, objective: LeastSquares) -> Search:
    moments = [(np.zeros(len(c.matrix)), c.matrix) for c in objective.correlations]
    start = starting_values(table, objective.structures, moments)
    check_identified(table, objective.structures, start, variances=False)
    search = minimise(objective, start)
    if search.converged:
        return search
    again = minimise(objective, starting_values(table, objective.structures, moments, cautious=True))
    return again if again.converged or again.value < search.value else search


def _check_ordered(table: Table, ordered: Collection[str]) -> None:
    """Refuse what least squares on polychoric correlations cannot do."""
    if unknown := [v for v in ordered if v not in table.observed]:
        raise ValueError(f"in ordered, but not in the model: {', '.join(unknown)}")
    if other := [v for v in table.observed if ordered and v not in ordered]:
        raise ValueError(f"'dwls' is for models whose variables are all ordered; not so: {', '.join(other)}")
    acting = {p.rhs for p in table.parameters if p.op == "~"}
    if causes := [v for v in table.observed if v in acting]:
        raise ValueError(f"with 'dwls' ordered items cannot be predictors: {', '.join(causes)}")
    if table.means:
        raise ValueError("with 'dwls' the model has thresholds and no means: leave out '~ 1'")


def _threshold_frame(table: Table, objective: LeastSquares, level: float) -> pd.DataFrame:
    """Return the thresholds as rows of the table of parameters, ``item | t1`` and so on."""
    rows = [
        (item, "|", f"t{k}", "", group, value)
        for group, c in enumerate(objective.correlations, start=1)
        for item, values in zip(table.observed, c.thresholds, strict=True)
        for k, value in enumerate(values, start=1)
    ]
    frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "label", "group", "estimate"])
    frame["std_error"] = np.concatenate([objective.threshold_errors(c) for c in objective.correlations])
    frame["std_all"] = frame.estimate
    return with_tests(frame, level)
