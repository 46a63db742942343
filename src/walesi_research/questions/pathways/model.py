"""The chain as one latent path model: whose answers enter, what is estimated, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from walesi_research.language import Message
from walesi_research.questions.pathways.chain import Chain, keyed
from walesi_research.stats.latent_paths import Effects, PathFit, Refits, fit_paths
from walesi_research.stats.resampling import bca_interval, percentile_interval
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Estimate", "PathModel", "path_model"]

FEWEST = 40
"""People with both answers and performance from whom on the model is fitted; see tests/calibration."""
MOST_FAILED = 0.1
"""Share of bootstrap samples without effects above which there is no answer."""
Kind = Literal["direct", "indirect", "total"]


@dataclass(frozen=True)
class Estimate:
    """A standardised effect, with its intervals by percentiles, BCa, and Sobel's standard error."""

    estimate: float
    se: float
    low: float
    high: float
    p: float
    bca: tuple[float, float]
    sobel: float


@dataclass(frozen=True, eq=False)
class PathModel:
    """A chain fitted, with its bootstrap.

    Parameters
    ----------
    chain : Chain
    fit : PathFit
    draws : Refits
        In samples of employees within units.
    jackknife : Effects
        Without one employee each.
    level : float
    pooled : int
        Units with too few people for a level of their own, that share one.
    """

    chain: Chain
    fit: PathFit
    draws: Refits
    jackknife: Effects
    level: float
    pooled: int

    @property
    def n(self) -> int:
        """Employees."""
        return self.fit.n

    @property
    def units(self) -> int:
        """Units, those that share a level counted as one."""
        return self.fit.likelihood.sample.units

    @cached_property
    def _sobel(self) -> Effects:
        return self.fit.delta_errors()

    def effect(self, role: str, kind: Kind) -> Estimate:
        """Return the effect of one end of the chain on the other."""
        x = self.chain.exogenous.index(role)
        parts = [getattr(e, kind) for e in (self.fit.effects, self.draws.effects, self._sobel)]
        left_out = getattr(self.jackknife, kind)[:, x]
        return _estimate(parts[0][x], parts[1][:, x], left_out, parts[2][x], self.level)

    def correlation(self, first: str, second: str) -> Estimate:
        """Return the correlation of two beginnings of the chain."""
        i, j = (self.chain.exogenous.index(role) for role in (first, second))
        parts = [e.correlations[..., i, j] for e in (self.fit.effects, self.draws.effects, self._sobel)]
        return _estimate(parts[0], parts[1], self.jackknife.correlations[:, i, j], parts[2], self.level)

    def path(self, outcome: str, role: str) -> Estimate:
        """Return one standardised coefficient of the model."""
        names = [*self.chain.scales, *(["performance"] if self.chain.measured else [])]
        i, j = names.index(outcome), names.index(role)
        parts = [e.paths[..., i, j] for e in (self.fit.effects, self.draws.effects, self._sobel)]
        return _estimate(parts[0], parts[1], self.jackknife.paths[:, i, j], parts[2], self.level)


def _estimate(value: float, draws: np.ndarray, left_out: np.ndarray, sobel: float, level: float) -> Estimate:
    """Return an estimate with its intervals.

    The standard error is the draws' interquartile range over that of the standard normal distribution: where
    two latent variables are nearly one a few draws can lie anywhere, and rule a standard deviation.
    """
    drawn = draws[np.isfinite(draws)]
    low, high = percentile_interval(drawn, level)
    below = min(np.sum(drawn <= 0), np.sum(drawn >= 0))
    p = min(1.0, float(2 * (below + 1) / (len(drawn) + 1)))
    try:
        bca = bca_interval(value, drawn, left_out, level)
    except ValueError:
        bca = (float(low), float(high))
    first, third = np.quantile(drawn, [0.25, 0.75])
    se = float((third - first) / (2 * ndtri(0.75)))
    return Estimate(float(value), se, float(low), float(high), p, bca, float(sobel))


def path_model(study: Study, chain: Chain, *, level: float, draws: int) -> PathModel | Message:
    """Fit a chain, or say why it cannot be.

    All employees enter who answered a question of the chain or have performance; what is missing is left to
    the likelihood (FIML). Units have levels of their own on every latent variable and on performance, those
    with fewer than `minimum_cell` people who answered, or who have performance, together.
    """
    data = _data(study, chain)
    least = study.settings.privacy.minimum_cell
    if data["both"].sum() < max(FEWEST, least):
        return Message.of("pathways.too_few", n=max(FEWEST, least))
    unit, pooled = _pooled(data, least)
    items = data[[i for items in chain.scales.values() for i in items]].to_numpy(float)
    factor = np.repeat(np.arange(len(chain.scales)), [len(items) for items in chain.scales.values()])
    places = [list(chain.scales).index(role) for role in chain.mediators]
    outcome = data["outcome"].to_numpy(float) if chain.measured else None
    try:
        fit = fit_paths(items, factor, unit, mediators=places, outcome=outcome)
    except (ValueError, np.linalg.LinAlgError):
        return Message.of("pathways.no_solution")
    if not fit.proper:
        return Message.of("pathways.no_solution")
    plan = Resampling.within(study.employees["unit"], study.seed)
    drawn = fit.refit(plan.counts(draws, rows=data["place"].to_numpy()))
    if not np.isfinite(drawn.effects.total).all(axis=1).mean() >= 1 - MOST_FAILED:
        return Message.of("pathways.unstable")
    return PathModel(chain, fit, drawn, fit.jackknife(), level, pooled)


def _data(study: Study, chain: Chain) -> pd.DataFrame:
    """Return answers, outcome, unit and place in the study's table of those who have any of them."""
    employees = study.employees
    people = employees["employee_id"].to_numpy()
    parts = [keyed(study, role)[list(items)].reindex(people) for role, items in chain.scales.items()]
    answers = pd.concat(parts, axis=1)
    answered = answers.notna().any(axis=1).to_numpy()
    outcome = chain.outcome.values.reindex(people).to_numpy(float)
    rated = np.isfinite(outcome) if chain.measured else answered
    data = answers.assign(
        outcome=outcome,
        unit=employees["unit"].astype(str).to_numpy(),
        place=np.arange(len(people)),
        answered=answered,
        rated=rated,
        both=answered & rated,
    )
    return data[answered | rated]


def _pooled(data: pd.DataFrame, least: int) -> tuple[np.ndarray, int]:
    """Return each row's unit, units with too few people as one, and how many these are."""
    counts = data.groupby("unit", sort=True)[["answered", "rated"]].sum().min(axis=1)
    small = list(counts.index[counts < least])
    others = counts[counts >= least].sort_values(kind="stable")
    while small and counts[small].sum() < least and len(others):
        small.append(others.index[0])
        others = others.iloc[1:]
    unit = data["unit"].where(~data["unit"].isin(small), "")
    return unit.to_numpy(), len(small)
