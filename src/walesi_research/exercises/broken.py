"""What mends each broken assumption: error of measurement, selection, a shared method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exercises import worlds
from walesi_research.exercises.target import Target

if TYPE_CHECKING:
    from walesi_research.exercises.worlds import Simulated
    from walesi_research.study import Study

__all__ = ["WORLDS", "attenuation", "common_method", "selection", "world_of"]

WORLDS = ("attenuation", "selection", "clusters", "common_method")
HUNDREDTH = 0.01


def world_of(study: Study, name: str) -> Simulated:
    """Return the simulated world `name`, drawn by the study's seed."""
    return getattr(worlds, name)(study.rng("exercises", name))


def attenuation(study: Study) -> Target:
    """Return the slope on culture without error: over the reliability, the correlation of measurements.

    Either measurement or their mean may be used, or the one as instrument for the other.
    """
    world = world_of(study, "attenuation")
    first, second, y = world.data[["culture_1", "culture_2", "motivation"]].to_numpy().T
    r = float(np.corrcoef(first, second)[0, 1])
    slopes = [_slope(x, y) for x in (first, second)]
    mean = _slope((first + second) / 2, y)
    naive = slopes[0]
    corrected = [s / r for s in (*slopes, float(np.mean(slopes)))]
    right = (*corrected, mean / (2 * r / (1 + r)), *_instrumented(first, second, y))
    mistakes = {
        "naive": (*slopes, float(np.mean(slopes))),
        "mean": mean,
        "multiplied": tuple(s * r for s in slopes),
        "root": tuple(s / np.sqrt(r) for s in slopes),
        "squared": tuple(s / r**2 for s in slopes),
        "truth": world.truth,
    }
    return Target(right, HUNDREDTH, mistakes, {"naive": naive, "truth": world.truth, "reliability": r})


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))


def _instrumented(first: np.ndarray, second: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return the slopes on either measurement with the other as instrument."""
    shared = np.cov(first, second)[0, 1]
    return float(np.cov(second, y)[0, 1] / shared), float(np.cov(first, y)[0, 1] / shared)


def selection(study: Study) -> Target:
    """Return the difference in differences: participants' gain less that of the others."""
    world = world_of(study, "selection")
    data = world.data
    joined = data["joined"] == 1
    gain = data["after"] - data["before"]
    naive = data["after"][joined].mean() - data["after"][~joined].mean()
    X = np.column_stack([np.ones(len(data)), data[["joined", "before"]]])
    held = float(np.linalg.lstsq(X, data["after"].to_numpy(), rcond=None)[0][1])
    mistakes = {
        "naive": naive,
        "gain": gain[joined].mean(),
        "before": data["before"][joined].mean() - data["before"][~joined].mean(),
        "held": held,
        "truth": world.truth,
    }
    told = {"naive": float(naive), "truth": world.truth}
    return Target(float(gain[joined].mean() - gain[~joined].mean()), HUNDREDTH, mistakes, told)


def common_method(study: Study) -> Target:
    """Return the correlation of culture and self-rated performance net of the marker's.

    ``(r - r_M) / (1 - r_M)``: Lindell and Whitney (2001), Journal of Applied Psychology 86, 114–121; r_M
    the marker's correlation with either, their mean or the smaller.
    """
    data = world_of(study, "common_method").data
    R = data.corr()
    r = float(R.loc["culture", "performance"])
    markers = [float(R.loc["marker", name]) for name in ("culture", "performance")]
    net = tuple((r - m) / (1 - m) for m in (*markers, float(np.mean(markers))))
    partial = (r - markers[0] * markers[1]) / np.sqrt((1 - markers[0] ** 2) * (1 - markers[1] ** 2))
    mistakes = {
        "naive": r,
        "undivided": tuple(r - m for m in markers),
        "partial": float(partial),
        "record": float(R.loc["culture", "achievement"]),
    }
    told = {"naive": r, "record": float(R.loc["culture", "achievement"])}
    return Target(net, HUNDREDTH, mistakes, told)
