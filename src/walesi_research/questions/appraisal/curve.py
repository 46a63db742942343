"""Defensible models of what a tie adds: every combination of choices that another might have made."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.questions.appraisal.estimable import SPARE
from walesi_research.questions.appraisal.estimate import fitted, means_of
from walesi_research.questions.appraisal.frame import POINTS, Rows, labelled
from walesi_research.questions.effect import UNFIT, Effect
from walesi_research.stats.ordinal import ordered
from walesi_research.stats.regression import independent_columns

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = [
    "CHOICES",
    "Curve",
    "Model",
    "Ordered",
    "curve",
]

CHOICES = {
    "people": ("random_means", "random", "fixed", "rater_means", "rater"),
    "time": ("period", "unit_period"),
    "sample": ("all", "trimmed", "throughout"),
    "achievement": ("line", "steps", "recorded"),
}
"""What may be chosen, the headline's choice first."""
TRIM = 0.025
"""Share of scores left out at each end where extreme scores are trimmed."""
STEPS = 5
"""Groups of equal size that achievement is cut into where its line is not trusted."""
CELLS = 1.5e7
"""Rows times columns of all models together; what would go beyond it is left out, whatever the machine."""
ORDERED_ROWS = 5000
"""Appraisals up to which the ordered logit is fitted."""


@dataclass(frozen=True)
class Model:
    """One combination of choices, and what it finds.

    Parameters
    ----------
    choices : dict of str to str
        By the names of `CHOICES`.
    effect : Effect
    """

    choices: dict[str, str]
    effect: Effect


@dataclass(frozen=True)
class Ordered:
    """What an ordered logit of the results rating says: log odds of a better rating, and its interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """All models that could be fitted.

    Parameters
    ----------
    models : tuple of Model
    choices : dict of str to tuple of str
        The choices that change the data or the model.
    idle : tuple of (str, str)
        Choices that change nothing in this study.
    large : int
        Models left out because the study is too large for them.
    thin : int
        Models left out because they have too few appraisals or cannot be told from their effects.
    ordered : Ordered or None
    """

    models: tuple[Model, ...]
    choices: dict[str, tuple[str, ...]]
    idle: tuple[tuple[str, str], ...]
    large: int
    thin: int
    ordered: Ordered | None = None

    @property
    def estimates(self) -> np.ndarray:
        """All estimates, shape (models,)."""
        return np.array([m.effect.estimate for m in self.models])

    def agreeing(self, sign: float) -> float:
        """Return the share of models whose estimate has this sign."""
        return float(np.mean(np.sign(self.estimates) == np.sign(sign)))

    def clear(self, sign: float) -> float:
        """Return the share of models whose whole interval has this sign."""
        return float(np.mean([min(sign * m.effect.low, sign * m.effect.high) > 0 for m in self.models]))


def curve(rows: Rows, study: Study, level: float) -> Curve:
    """Fit every combination of the choices that change something in this study.

    Parameters
    ----------
    rows : Rows
    study : Study
    level : float
        Level of the intervals.
    """
    frame = _with_records(rows, study)
    samples = {name: _sample(frame, name) for name in CHOICES["sample"]}
    choices, idle = _that_matter(frame, samples)
    models, left, large, thin = [], CELLS, 0, 0
    for chosen in _combined(choices):
        part = samples[chosen["sample"]]
        width = _width(part, chosen)
        if len(part) * width > left:
            large += 1
            continue
        left -= len(part) * width
        effect = _effect(part, chosen, study.settings.privacy.minimum_cell, level)
        thin += effect is None
        models += [] if effect is None else [Model(chosen, effect)]
    return Curve(tuple(models), choices, idle, large, thin, _ordered(frame, study, level))


def _combined(choices: dict[str, tuple[str, ...]]) -> list[dict[str, str]]:
    """Return all combinations, those nearest to the headline's choices first."""
    every = [dict(zip(choices, names, strict=True)) for names in product(*choices.values())]
    return sorted(every, key=lambda chosen: sum(chosen[k] != CHOICES[k][0] for k in chosen))


def _with_records(rows: Rows, study: Study) -> pd.DataFrame:
    """Return the rows with each one's own achievement (``recorded``) and results rating, where they stand."""
    table = study.appraisals
    keys = ["employee", "rater", "period"]
    own = labelled(study)[keys]
    for name, column in (("recorded", "achievement"), ("work_result", "work_result")):
        if column in table:
            own[name] = table[column]
    frame = rows.frame.merge(own, on=keys, how="left", validate="many_to_one")
    return frame.assign(recorded=frame["recorded"] / POINTS)


def _sample(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if name == "trimmed":
        low, high = frame["score"].quantile([TRIM, 1 - TRIM])
        return frame[frame["score"].between(low, high)]
    if name == "throughout":
        times = frame.groupby("employee")["period"]
        whole = (times.transform("min") == frame["period"].min()) & (
            times.transform("max") == frame["period"].max()
        )
        return frame[whole]
    return frame


def _that_matter(
    frame: pd.DataFrame, samples: dict[str, pd.DataFrame]
) -> tuple[dict[str, tuple[str, ...]], tuple[tuple[str, str], ...]]:
    """Return the choices that change the data or the model, and those that change nothing."""
    differs = (frame["recorded"] - frame["achievement"]).abs().max() > 1e-9
    idle = [("sample", name) for name, part in samples.items() if name != "all" and len(part) == len(frame)]
    idle += [] if differs or frame["recorded"].isna().any() else [("achievement", "recorded")]
    idle += [("time", "unit_period")] if frame["unit"].nunique() < 2 else []
    kept = {name: tuple(o for o in options if (name, o) not in idle) for name, options in CHOICES.items()}
    return kept, tuple(idle)


def _width(frame: pd.DataFrame, chosen: dict[str, str]) -> int:
    """Return about how many columns a model has."""
    periods = frame["period"].nunique()
    return 10 + periods * (frame["unit"].nunique() if chosen["time"] == "unit_period" else 1)


def _effect(frame: pd.DataFrame, chosen: dict[str, str], least: int, level: float) -> Effect | None:
    """Return what one model finds, or None where it has too few appraisals."""
    if chosen["achievement"] == "recorded":
        frame = frame.dropna(subset="recorded")
    if Rows(frame).varying("tie") < least or len(frame) < _width(frame, chosen) + SPARE:
        return None
    exposures, steps = _exposures(frame, chosen["achievement"])
    nuisance = np.column_stack([steps, _times(frame, chosen["time"])])
    if chosen["people"] == "fixed":  # achievement is held fixed, and may be left out where it does not vary
        exposures, nuisance = exposures[:, :1], np.column_stack([exposures[:, 1:], nuisance])
    try:
        effect = fitted(frame, exposures, nuisance, chosen["people"], level)[0]
    except UNFIT:
        return None
    return effect if np.isfinite([effect.estimate, effect.low, effect.high]).all() else None


def _exposures(frame: pd.DataFrame, achievement: str) -> tuple[np.ndarray, np.ndarray]:
    """Return tie and achievement as columns, and what else stands for achievement."""
    figure = frame["recorded" if achievement == "recorded" else "achievement"]
    columns = np.column_stack([frame["tie"], figure]).astype(float)
    if achievement != "steps":
        return columns, np.empty((len(frame), 0))
    group = pd.qcut(figure, STEPS, labels=False, duplicates="drop")
    return columns, pd.get_dummies(group, drop_first=True, dtype=float).to_numpy()


def _times(frame: pd.DataFrame, time: str) -> np.ndarray:
    label = frame["period"] if time == "period" else frame["period"].astype(str) + " " + frame["unit"]
    return pd.get_dummies(label, drop_first=True, dtype=float).to_numpy()


def _ordered(frame: pd.DataFrame, study: Study, level: float) -> Ordered | None:
    """Return what an ordered logit of the results rating says, raters as random intercepts.

    Means of tie and achievement by employee and rater, and a straight line over the periods, are held fixed.
    """
    if "work_result" not in frame:
        return None
    frame = frame.dropna(subset="work_result")
    least = study.settings.privacy.minimum_cell
    if not SPARE < len(frame) <= ORDERED_ROWS or Rows(frame).varying("tie") < least:
        return None
    exposures, _ = _exposures(frame, "line")
    constant = np.ones((len(frame), 1))
    time = frame["period"] - frame["period"].min()
    X = independent_columns(constant, exposures, *means_of(frame, exposures), time)
    try:
        fit = ordered(frame["work_result"], X[:, 1:], frame["rater"].to_numpy(), points=1)
    except UNFIT:
        return None
    low, high = (float(end[0]) for end in fit.interval(level))
    found = Ordered(float(fit.coef[0]), low, high)
    return found if fit.converged and np.isfinite([low, high]).all() else None
