"""Maximum likelihood: from moments to a fitted model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .defined import check_defined
from .identification import check_identified
from .likelihood import Likelihood
from .measures import Test, measures, srmr
from .parameters import Table
from .reference_models import independent, saturated
from .result import SemFit, assembled
from .robust import score_products, trace
from .sample import Moments, Rows
from .saturated import saturated_moments
from .search import Search, minimise
from .starts import starting_values
from .state import State
from .structure import structures

__all__ = ["maximum_likelihood"]

Array = NDArray[np.float64]


def maximum_likelihood(
    table: Table, moments: Sequence[Moments], rows: Sequence[Rows], *, robust: bool, level: float
) -> SemFit:
    """Fit a model by maximum likelihood.

    Parameters
    ----------
    table : Table
    moments : sequence of Moments
        One a group.
    rows : sequence of Rows
        Those behind the moments; empty if there are none, which bars `robust`.
    robust : bool
        Sandwich standard errors and the scaled chi-square.
    level : float
        Of the intervals.

    Returns
    -------
    SemFit

    Raises
    ------
    ValueError
        See `estimate.fit`.
    """
    check_defined(table)
    state = _state(table, moments, rows)
    search = _searched(state)
    test, baseline = _tests(state, search, robust=robust)
    implied, n = state.implied(search.theta), state.likelihood.n
    residual = srmr(
        state.saturated,
        [(at.mu, at.sigma) for at in implied],
        [m.n / n for m in moments],
        means=table.means,
    )
    known = measures(
        test,
        baseline,
        n=n,
        groups=table.groups,
        residual=residual,
        loglik=_conditional(state, search),
        size=table.size,
        robust=all(m.complete for m in moments),
    )
    return assembled(
        state,
        search,
        known,
        _covariance(state, search, robust=robust),
        estimator="mlr" if robust else "ml",
        n=sum(len(r.y) for r in rows) or round(n),
        level=level,
    )


def _state(table: Table, moments: Sequence[Moments], rows: Sequence[Rows]) -> State:
    observed = [saturated_moments(m) for m in moments]
    _check_definite(table, observed)
    own = [
        s.at_sample(mean if table.means else None, covariance)
        for s, (mean, covariance) in zip(structures(table), observed, strict=True)
    ]
    likelihood = Likelihood(own, moments if table.means else [m.centred() for m in moments])
    return State(table, own, likelihood, observed, rows)


def _check_definite(table: Table, moments: Sequence[tuple[Array, Array]]) -> None:
    for k, (_, covariance) in enumerate(moments):
        sd = np.sqrt(np.diag(covariance))
        if not (sd > 0).all():
            raise ValueError(f"{table.observed[int(np.argmin(sd))]!r} does not vary")
        value, vector = np.linalg.eigh(covariance / sd / sd[:, None])
        if value[0] < 1e-10:
            bound = [v for v, w in zip(table.observed, vector[:, 0], strict=True) if abs(w) > 0.1]
            where = f" in group {k + 1}" if len(moments) > 1 else ""
            raise ValueError(f"{', '.join(bound)} determine one another{where}, or the rows are too few")


def _searched(state: State) -> Search:
    """Search for the maximum; with incomplete data first for that of the saturated moments."""
    table, observed = state.table, state.saturated
    start = starting_values(table, state.structures, observed)
    check_identified(table, state.structures, start)
    if all(m.complete for m in state.likelihood.moments):
        return _from_anywhere(state, state.likelihood, start)
    whole = [Moments.of(*o, m.n) for o, m in zip(observed, state.likelihood.moments, strict=True)]
    near = _from_anywhere(state, Likelihood(state.structures, whole), start)
    return minimise(state.likelihood, near.theta)


def _from_anywhere(state: State, likelihood: Likelihood, start: Array) -> Search:
    """Search from the composites, and if need be once more, cautiously."""
    search = minimise(likelihood, start)
    if search.converged:
        return search
    again = minimise(
        likelihood, starting_values(state.table, state.structures, state.saturated, cautious=True)
    )
    return again if again.converged or again.value < search.value else search


def _covariance(state: State, search: Search, *, robust: bool) -> Array:
    """Return the covariance of the estimates, NaN where the information is singular."""
    table, likelihood = state.table, state.likelihood
    unknown = np.full((table.size, table.size), np.nan)
    expected = not robust and all(m.complete for m in likelihood.moments)
    try:
        information = likelihood.derivatives(search.theta, expected=expected)[2] * likelihood.n / 2
        size = np.sqrt(np.diag(information))
        np.linalg.cholesky(information / size / size[:, None])
        inverse = np.linalg.inv(information / size / size[:, None]) / size / size[:, None]
    except np.linalg.LinAlgError:
        return unknown
    if not robust:
        return inverse
    return inverse @ score_products(state.structures, search.theta, state.rows, means=table.means) @ inverse


def _tests(state: State, search: Search, *, robust: bool) -> tuple[Test, Test]:
    """Return the tests of the model and of the baseline."""
    table, likelihood = state.table, state.likelihood
    full, full_theta = saturated(state.structures, state.saturated, means=table.means)
    inputs = np.array([table.observed.index(name) for name in table.inputs], int)
    base, base_theta = independent(state.structures, likelihood.moments, inputs, means=table.means)
    models = (
        (likelihood, search.theta),
        (Likelihood(base, likelihood.moments), base_theta),
    )
    top = Likelihood(full, likelihood.moments)
    least = top.value(full_theta)
    most = trace(top, full_theta, state.rows, means=table.means) if robust else np.nan
    out = []
    for model, theta in models:
        chi2 = max(likelihood.n * (model.value(theta) - least), 0.0)
        df = len(full_theta) - len(theta)
        factor = np.nan
        if robust and df and np.isfinite(chi2):
            factor = (most - trace(model, theta, state.rows, means=table.means)) / df
        out.append(Test(chi2, df, factor if np.isfinite(factor) else 1.0, factor))
    return out[0], out[1]


def _conditional(state: State, search: Search) -> float:
    """Return the log-likelihood of the outcomes given exogenous variables."""
    value = state.likelihood.log_likelihood(search.theta)
    x = state.structures[0].exogenous
    if len(x):
        for (_, covariance), m in zip(state.saturated, state.likelihood.moments, strict=True):
            logdet = np.linalg.slogdet(covariance[np.ix_(x, x)])[1]
            value += m.n * (logdet + len(x) * (1 + np.log(2 * np.pi))) / 2
    return value
