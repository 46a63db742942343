"""Few clusters: an interval that holds the truth as often as it says."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from walesi_research.exercises import worlds
from walesi_research.exercises.reply import Reply
from walesi_research.exercises.target import not_yet
from walesi_research.language import Message

if TYPE_CHECKING:
    import pandas as pd

    from walesi_research.exercises.worlds import Simulated
    from walesi_research.study import Study

__all__ = ["cluster_worlds", "clusters", "coverage"]

Interval = Callable[["pd.DataFrame"], Any]
REPEATS = 500
"""Worlds that an interval is tried on; the share has an error of one percentage point at 95%."""
ENOUGH = 0.92
"""Three of those errors below 95%."""
TOO_WIDE = 1.25
"""An interval this many times as wide as need be says too little."""
ALIKE = 1e-3
"""Difference, of widths relative, at which two intervals are made in the same way."""


@lru_cache(maxsize=1)
def cluster_worlds(study: Study) -> tuple[Simulated, ...]:
    """Return the worlds that an interval is tried on, drawn by the study's seed."""
    rng = study.rng("exercises", "clusters")
    return tuple(worlds.clusters(rng, effect=rng.normal(scale=3.0)) for _ in range(REPEATS))


def coverage(study: Study, interval: Interval) -> float:
    """Return the share of the worlds in which a 95% interval holds the truth.

    Raises
    ------
    ValueError
        If `interval` does not return a low and a high end.
    """
    low, high = _tried(study, interval).T
    truth = np.array([world.truth for world in cluster_worlds(study)])
    return float(np.mean((low <= truth) & (truth <= high)))


def _tried(study: Study, interval: Interval) -> np.ndarray:
    return np.array([_ends(interval(world.data.copy())) for world in cluster_worlds(study)])


def _ends(given: Any) -> tuple[float, float]:
    ends = np.asarray(given, dtype=float).ravel()
    if ends.size != 2 or np.isnan(ends).any():
        raise ValueError("an interval has a low and a high end")
    return float(ends.min()), float(ends.max())


def clusters(study: Study, answer: Any, language: str) -> Reply:
    """Judge a function that takes a world's data and returns a 95% interval of the programme's effect."""
    if not callable(answer):
        return not_yet("clusters", language, Message.of("exercises.not_a_function"))
    first = cluster_worlds(study)[0].data
    try:
        given = answer(first.copy())
        if given is ... or given is None:
            return Reply("unanswered", language, (Message.of("exercises.try"),))
        ends = _tried(study, answer)
    except Exception as error:  # the student's own code, whatever it raises
        raised = Message.of("exercises.raised", kind=type(error).__name__, text=str(error)[:200])
        return not_yet("clusters", language, raised)
    return _judged(study, ends, language)


def _judged(study: Study, ends: np.ndarray, language: str) -> Reply:
    truth = np.array([world.truth for world in cluster_worlds(study)])
    width = ends[:, 1] - ends[:, 0]
    usual = {name: half * 2 for name, half in _half_widths(study).items()}
    held = float(np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])))
    told = {"share": held, "worlds": REPEATS}
    for mistake in ("plain", "normal", "nearly"):
        if np.allclose(width, usual[mistake], rtol=ALIKE):
            return not_yet("clusters", language, Message.of(f"exercises.clusters_{mistake}", **told), mistake)
    if held < ENOUGH:
        if np.allclose(ends, _right_ends(study, usual["right"]), rtol=ALIKE, atol=ALIKE):
            return Reply("right", language, (Message.of("exercises.clusters_unlucky", **told),))
        return not_yet("clusters", language, Message.of("exercises.clusters_short", **told), "short")
    if np.median(width) > TOO_WIDE * np.median(usual["right"]):
        return not_yet("clusters", language, Message.of("exercises.clusters_wide", **told), "wide")
    return Reply("right", language, (Message.of("exercises.clusters_right", **told),))


def _right_ends(study: Study, width: np.ndarray) -> np.ndarray:
    """Return the ends about the difference of the two groups' means, shape (worlds, 2)."""
    means = [world.data.groupby("programme")["achievement"].mean() for world in cluster_worlds(study)]
    middle = np.array([mean.loc[1] - mean.loc[0] for mean in means])
    return np.column_stack([middle - width / 2, middle + width / 2])


def _half_widths(study: Study) -> dict[str, np.ndarray]:
    """Return half the width of intervals, by how they are made, in each world.

    Of means of units with t and G - 2 degrees of freedom; of rows as if independent; of rows clustered (CR1)
    with the normal quantile, and with t and G - 1 degrees of freedom, as statsmodels has them.
    """
    data = [world.data for world in cluster_worlds(study)]
    y = np.array([frame["achievement"] for frame in data])
    unit, row = data[0]["unit"].to_numpy(), data[0]["programme"].to_numpy() == 1
    n, G = len(unit), int(unit.max()) + 1
    means, held = y.reshape(len(y), G, -1).mean(axis=2), row.reshape(G, -1)[:, 0]
    between, within = _residuals(means, held), _residuals(y, row)
    raw = np.sqrt((between**2 / np.where(held, held.sum(), (~held).sum()) ** 2).sum(axis=1))
    robust = raw * np.sqrt(G / (G - 1) * (n - 1) / (n - 2))
    t = stats.t.ppf(0.975, [G - 2, n - 2, G - 1])
    return {
        "right": _pooled_error(between, held) * t[0],
        "plain": _pooled_error(within, row) * t[1],
        "normal": robust * stats.norm.ppf(0.975),
        "nearly": robust * t[2],
    }


def _residuals(y: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return what the means of the two groups leave, shape (worlds, n)."""
    with_it, without = y[:, held].mean(axis=1), y[:, ~held].mean(axis=1)
    return y - np.where(held, with_it[:, None], without[:, None])


def _pooled_error(residuals: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return the standard error of a difference of two means whose variance is one, shape (worlds,)."""
    variance = (residuals**2).sum(axis=1) / (len(held) - 2)
    return np.sqrt(variance * (1 / held.sum() + 1 / (~held).sum()))
