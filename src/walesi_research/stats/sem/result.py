"""What a fitted structural equation model is handed back as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .defined import evaluate, jacobian
from .identification import free_names
from .measures import Measures
from .modification import modification_indices
from .parameters import Parameter, Table
from .refits import Refits, refit, refit_moments
from .search import Search
from .standardized import r_squared, standardized
from .state import State
from .structure import Implied
from .trouble import troubles

__all__ = ["SemFit", "assembled", "with_tests"]

Array = NDArray[np.float64]
_COLUMNS = ["lhs", "op", "rhs", "label", "group"]
_COLUMNS += ["estimate", "std_error", "z", "pvalue", "low", "high", "std_all"]


@dataclass(frozen=True)
class SemFit(Measures):
    """A fitted structural equation model; its fit measures are those of `Measures`.

    Attributes
    ----------
    estimator : str
    n : int
        Rows used, of all groups.
    groups : tuple
        Labels of the groups; empty if there is one only.
    size : int
        Free parameters.
    parameters : DataFrame
        ``lhs, op, rhs, label, group, estimate, std_error, z, pvalue, low, high, std_all``, in the order of
        the model, then of lavaan's defaults, then the defined ones; `group` counts from 1. Fixed parameters
        have standard error zero.
    theta : ndarray, shape (size,)
        Free parameters, named by `names`.
    covariance : ndarray, shape (size, size)
        Of their estimates.
    converged : bool
    warnings : tuple of str
        What makes the solution doubtful: no convergence, negative variances, correlations beyond one.
    steps : int
        That the search took.
    """

    estimator: str
    n: int
    groups: tuple
    size: int
    parameters: pd.DataFrame = field(repr=False)
    theta: Array = field(repr=False)
    covariance: Array = field(repr=False)
    converged: bool
    warnings: tuple[str, ...]
    steps: int
    _state: State = field(repr=False)

    @property
    def names(self) -> list[str]:
        """Names of the free parameters."""
        return free_names(self._state.table)

    @property
    def r_squared(self) -> pd.DataFrame:
        """Share of the variance of each explained variable that is explained: ``variable, group, r2``."""
        rows = [
            (name, group + 1, value)
            for group, at in enumerate(self._state.implied(self.theta))
            for name, value in r_squared(self._state.table, at).items()
        ]
        return pd.DataFrame(rows, columns=["variable", "group", "r2"])

    def implied(self, group: int = 1) -> tuple[pd.Series, pd.DataFrame]:
        """Return the means and covariances that the model implies for all variables, latent ones last."""
        at, table = self._state.implied(self.theta)[group - 1], self._state.table
        names = [*table.observed, *table.latent]
        return pd.Series(at.mean, names), pd.DataFrame(at.covariance, names, names)

    def residuals(self) -> pd.DataFrame:
        """Return observed and implied moments.

        Columns are ``lhs, op, rhs, group, observed, implied, residual, correlation``. The last is the
        residual over the observed standard deviations; the SRMR is the root of its mean square. Observed
        moments of incomplete data are their maximum-likelihood estimates.
        """
        table, rows = self._state.table, []
        for group, (at, (mean, covariance)) in enumerate(
            zip(self._state.implied(self.theta), self._state.saturated, strict=True), start=1
        ):
            sd = np.sqrt(np.diag(covariance))
            for i, a in enumerate(table.observed):
                for j, b in enumerate(table.observed[: i + 1]):
                    rows.append((b, "~~", a, group, covariance[i, j], at.sigma[i, j], sd[i] * sd[j]))
            if table.means:
                for i, a in enumerate(table.observed):
                    rows.append((a, "~1", "", group, mean[i], at.mu[i], sd[i]))
        frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "group", "observed", "implied", "scale"])
        frame["residual"] = frame.observed - frame.implied
        frame["correlation"] = frame.residual / frame.scale
        return frame.drop(columns="scale")

    def modification_indices(self) -> pd.DataFrame:
        """Return how much chi-square would fall with one more parameter; see `modification`.

        Raises
        ------
        ValueError
            For ``dwls``, or if the information matrix is singular.
        """
        self._need_likelihood("modification indices are")
        state = self._state
        return modification_indices(
            state.table,
            state.likelihood,
            self.theta,
            state.implied(self.theta),
        )

    def bootstrap(self, counts: Iterable[ArrayLike]) -> Refits:
        """Refit the model to bootstrap samples, from where the first search ended.

        Parameters
        ----------
        counts : iterable of array_like, each of shape (b, n)
            How often each of the rows used (see `rows`) is drawn, as `resampling.bootstrap_counts` yields.

        Returns
        -------
        Refits

        Raises
        ------
        ValueError
            For ``dwls``, if the information matrix is singular, the model was fitted to moments, or counts
            are of another number of rows.
        """
        self._need_likelihood("bootstrap refits are")
        return refit(self._state, self.theta, counts)

    def refit_moments(self, covariances: ArrayLike, means: ArrayLike | None = None) -> Refits:
        """Refit the model of one group to other moments, from where the first search ended.

        Parameters
        ----------
        covariances : array_like, shape (B, p, p)
            Of the observed variables in the order of `observed`, divisor n.
        means : array_like, shape (B, p), optional
            Needed where means are modelled.

        Returns
        -------
        Refits

        Raises
        ------
        ValueError
            For ``dwls``, if the information matrix is singular, there are several groups, or means are
            needed and not given.
        """
        self._need_likelihood("refitting to moments is")
        return refit_moments(self._state, self.theta, covariances, means)

    @property
    def observed(self) -> tuple[str, ...]:
        """The observed variables, in the order of moments."""
        return self._state.table.observed

    @property
    def rows(self) -> NDArray[np.int64]:
        """Positions in the data of the rows used, rising, shape (n,)."""
        return np.sort(np.concatenate([np.empty(0, int), *(r.position for r in self._state.rows)]))

    def _need_likelihood(self, what: str) -> None:
        if np.isnan(self.covariance).any():
            raise ValueError(f"{what} not to be had: the information matrix is singular")
        if self.estimator == "dwls":
            raise ValueError(f"{what} by maximum likelihood, not for 'dwls'")


def assembled(
    state: State,
    search: Search,
    known: Measures,
    covariance: Array,
    *,
    estimator: str,
    n: int,
    level: float,
    thresholds: pd.DataFrame | None = None,
) -> SemFit:
    """Return a fit from its parts; thresholds follow the other parameters."""
    table, implied = state.table, state.implied(search.theta)
    frame = parameter_frame(table, search.theta, covariance, implied, level)
    if thresholds is not None:
        frame = pd.concat([frame, thresholds], ignore_index=True)
    return SemFit(
        **asdict(known),
        estimator=estimator,
        n=n,
        groups=tuple(r.label for r in state.rows) if table.groups > 1 else (),
        size=table.size,
        parameters=frame,
        theta=search.theta,
        covariance=covariance,
        converged=search.converged,
        warnings=troubles(table, search, implied, covariance),
        steps=search.steps,
        _state=state,
    )


def parameter_frame(
    table: Table, theta: Array, covariance: Array, implied: Sequence[Implied], level: float
) -> pd.DataFrame:
    """Return the table of parameters; see `SemFit.parameters`."""
    error = np.sqrt(np.where(np.diag(covariance) >= 0, np.diag(covariance), np.nan))
    values = [
        _estimate(p, f, theta, implied[p.group], table)
        for p, f in zip(table.parameters, table.free, strict=True)
    ]
    errors = [error[f] if f >= 0 else 0.0 for f in table.free]
    slopes = jacobian(table, theta)
    own = np.einsum("dq,qr,dr->d", slopes, covariance, slopes)
    rows = [(p.lhs, p.op, p.rhs, p.label, p.group + 1) for p in table.parameters]
    rows += [(s.lhs, s.op, s.rhs, s.lhs, 0) for s in table.defined]
    frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "label", "group"])
    frame["estimate"] = np.concatenate([values, evaluate(table, theta)])
    frame["std_error"] = np.concatenate([errors, np.sqrt(np.where(own >= 0, own, np.nan))])
    frame["std_all"] = standardized(table, implied)
    return with_tests(frame, level)


def with_tests(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add ``z, pvalue, low, high`` from estimates and standard errors; NaN where nothing was estimated."""
    frame["z"] = frame.estimate / frame.std_error.where(frame.std_error != 0)
    frame["pvalue"] = 2 * stats.norm.sf(frame.z.abs())
    half = stats.norm.ppf((1 + level) / 2) * frame.std_error
    frame["low"], frame["high"] = frame.estimate - half, frame.estimate + half
    return frame[_COLUMNS]


def _estimate(p: Parameter, f: int, theta: Array, at: Implied, table: Table) -> float:
    if f >= 0:
        return float(theta[f])
    if not np.isnan(p.fixed):
        return float(p.fixed)
    i = table.observed.index(p.lhs)
    return float(at.intercepts[i] if p.op == "~1" else at.disturbances[i, table.observed.index(p.rhs)])
