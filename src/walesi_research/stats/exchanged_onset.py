"""The effect of something that starts for whole groups, where groups are few: randomisation inference.

With nine offices no theory of large numbers holds. What remains exact is the question whether the estimate
stands out among those that other ways of handing the same dates to the same offices would have given.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .exchanged_sums import effects_of_assignments
from .regression import codes
from .staggered import mean_effect

__all__ = ["ExchangedOnset", "assignments", "exchanged_onset"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_ENUMERATED = 6
"""Groups up to which every assignment is looked at; more are drawn from."""
_CHUNK = 2_000_000
"""Comparisons held at a time (16 MB)."""


@dataclass(frozen=True, slots=True)
class ExchangedOnset:
    """An effect with the test and interval that exchanging onsets among groups gives.

    Attributes
    ----------
    estimate : float
        Mean over treated cells that can be imputed, in units of y.
    se : float
        Standard deviation of the estimate over assignments, had the effect been `estimate`.
    low, high : float
        The constant effects not rejected at `level`; infinite where none on that side is.
    pvalue : float
        Two-sided, of no effect: share of assignments whose estimate is at least as far from zero.
    drawn, possible : int
        Assignments looked at that can be estimated, the one observed among them, and how many there are.
    cells, people, groups, treated : int
        Cells averaged, rows they are of, groups, and those of them with such cells.
    level : float
    """

    estimate: float
    se: float
    low: float
    high: float
    pvalue: float
    drawn: int
    possible: int
    cells: int
    people: int
    groups: int
    treated: int
    level: float


def assignments(onset: ArrayLike) -> int:
    """Return in how many ways the groups could share out their onsets, ``G! / prod(m_k!)``."""
    alike = np.unique(np.asarray(onset), return_counts=True)[1]
    ways = factorial(int(alike.sum()))
    for m in alike:
        ways //= factorial(int(m))
    return ways


def exchanged_onset(
    y: ArrayLike,
    onset: ArrayLike,
    groups: ArrayLike,
    rng: np.random.Generator,
    *,
    draws: int = 1_999,
    level: float = 0.95,
) -> ExchangedOnset:
    """Estimate the effect of what starts for whole groups, by imputation, and test it by exchanging onsets.

    Parameters
    ----------
    y : array_like, shape (n, T)
        NaN where there is none.
    onset : array_like of int, shape (n,)
        Column from which a row counts as treated, the same within a group; T or more for never.
    groups : array_like, shape (n,)
    rng : numpy.random.Generator
        Not used with at most six groups, whose assignments are enumerated.
    draws : int
        Assignments drawn with more.
    level : float
        Level of the interval.

    Returns
    -------
    ExchangedOnset

    Raises
    ------
    ValueError
        If onsets differ within a group, or no treated cell can be imputed.

    Notes
    -----
    With a constant effect e, ``y - e D`` is what would have been without treatment, whoever is treated; if
    which group got which onset could as well have fallen otherwise, the estimate from ``y - e D`` and the
    onsets observed is one among equals of those from all assignments. Exact in any number of groups, with
    any dependence within them and any shocks common to a group's rows: Fisher (1935); Rosenbaum (2002),
    Observational Studies, chapter 2. The estimate is linear in y, so that two numbers an assignment serve
    every e. Assignments from which nothing can be estimated are left out on both sides.
    """
    y, onset = np.asarray(y, float), np.asarray(onset, np.int64)
    columns = y.shape[1]
    group, labels = codes(groups, len(y))
    own = _onset_of_groups(onset.clip(0, columns), group, len(labels))
    treated = (np.arange(columns) >= own[group][:, None]).astype(float)
    estimate = mean_effect(y, own[group])
    if np.isnan(estimate):
        raise ValueError("no treated cell can be imputed")
    shown = np.where(np.isnan(y), np.nan, treated)
    each = np.vstack([own[None], *_assigned(own, rng, draws)])
    pairs = effects_of_assignments([y, shown], group, each)
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    low, high = _not_rejected(pairs, estimate, 1 - level)
    used = _used(y, own[group])
    return ExchangedOnset(
        estimate=estimate,
        se=float(np.std(pairs[:, 0] - estimate * pairs[:, 1])),
        low=low,
        high=high,
        pvalue=float(_pvalue(pairs, estimate, np.zeros(1))[0]),
        drawn=len(pairs),
        possible=assignments(own),
        cells=int(used.sum()),
        people=int(used.any(axis=1).sum()),
        groups=len(labels),
        treated=len(np.unique(group[used.any(axis=1)])),
        level=level,
    )


def _onset_of_groups(onset: Index, group: Index, count: int) -> Index:
    own = np.full(count, -1)
    own[group] = onset
    if (own[group] != onset).any():
        raise ValueError("onsets differ within a group")
    return own


def _assigned(own: Index, rng: np.random.Generator, draws: int) -> list[NDArray[np.int64]]:
    """Return assignments besides the one observed: all of them, or as many as are drawn."""
    if len(own) <= _ENUMERATED:
        others = sorted(set(permutations(own.tolist())) - {tuple(own.tolist())})
        return [np.array(others, np.int64).reshape(-1, len(own))]
    return [np.array([rng.permutation(own) for _ in range(draws)], np.int64)]


def _used(y: Array, onset: Index) -> NDArray[np.bool_]:
    """Return treated cells of rows with an untreated one, in columns where some row is untreated."""
    before = np.arange(y.shape[1]) < onset[:, None]
    untreated = ~np.isnan(y) & before
    return ~np.isnan(y) & ~before & untreated.any(axis=1, keepdims=True) & untreated.any(axis=0)


def _pvalue(pairs: Array, estimate: float, effects: Array) -> Array:
    """Return the p-value of each of several constant effects, shape (k,)."""
    size = np.abs(pairs[:, :1] - pairs[:, 1:] * effects)
    observed = np.abs(estimate - effects)
    return np.mean(size >= observed * (1 - 1e-9) - 1e-12, axis=0)


def _not_rejected(pairs: Array, estimate: float, alpha: float) -> tuple[float, float]:
    """Return the ends of the effects whose p-value is above `alpha`; it is constant between the cuts."""
    t, s = pairs.T
    with np.errstate(divide="ignore", invalid="ignore"):
        cuts = np.concatenate([(t - estimate) / (s - 1), (t + estimate) / (s + 1)])
    cuts = np.unique(cuts[np.isfinite(cuts)])
    if not len(cuts):
        return -np.inf, np.inf
    inner = (cuts[1:] + cuts[:-1]) / 2
    places = np.concatenate([[cuts[0] - 1.0], inner, [cuts[-1] + 1.0]])
    step = max(1, _CHUNK // len(pairs))
    p = np.concatenate([_pvalue(pairs, estimate, places[i : i + step]) for i in range(0, len(places), step)])
    kept = np.flatnonzero(p > alpha)
    ends = np.concatenate([[-np.inf], cuts, [np.inf]])
    return (float(ends[kept[0]]), float(ends[kept[-1] + 1])) if len(kept) else (estimate, estimate)
