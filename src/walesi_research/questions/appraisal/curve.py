"""Defensible models of what a tie adds: every combination of choices that another might have made."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.appraisal.estimate import Effect
from walesi_research.questions.appraisal.frame import POINTS, Rows
from walesi_research.stats.mixed import crossed
from walesi_research.stats.ordinal import ordered
from walesi_research.stats.regression import dependent_columns
from walesi_research.stats.robust import RobustFit, cr2
from walesi_research.stats.robust_mixed import cr2_mixed
from walesi_research.stats.two_way import TwoWayFit, two_way
from walesi_research.stats.whitening import whitened_by_group

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = [
    "CHOICES",
    "UNFIT",
    "Curve",
    "Model",
    "Ordered",
    "curve",
    "effects_of",
    "exposed",
    "fitted",
    "independent",
    "why_no_tie",
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
SPARE = 20
"""Appraisals that must be left after one is counted for each coefficient."""
CELLS = 6e7
"""Rows times columns of all models together; what would go beyond it is left out, whatever the machine."""
UNFIT = (ValueError, np.linalg.LinAlgError)
"""What estimators raise where nothing is left of an exposure, or of the residuals."""
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


def why_no_tie(rows: Rows, study: Study) -> Message | None:
    """Return why what a tie adds cannot be estimated, or None where it can."""
    frame, least = rows.frame, study.settings.privacy.minimum_cell
    needed = frame["period"].nunique() + 6 + SPARE
    if len(frame) < needed or frame["employee"].nunique() < least or _single(frame["employee"]):
        return Message.of("appraisal.too_few", n=needed)
    if frame["rater"].nunique() < 3 or _single(frame["rater"]):
        return Message.of("appraisal.few_raters")
    if rows.vary_in_tie() < least:
        return Message.of("appraisal.tie_does_not_vary", n=least)
    if frame["score"].std() == 0:
        return Message.of("appraisal_robust.no_spread")
    return None


def _single(labels: pd.Series) -> bool:
    """Tell whether no label occurs twice."""
    return labels.nunique() == len(labels)


def independent(*blocks: np.ndarray) -> np.ndarray:
    """Return the blocks side by side, columns left out that those before them give."""
    X = np.column_stack(blocks)
    return np.delete(X, dependent_columns(X), axis=1)


def exposed(frame: pd.DataFrame, name: str) -> int:
    """Return the number of employees with appraisals both with and without `name` (a column of 0 and 1)."""
    return int((frame.groupby("employee")[name].nunique() > 1).sum())


def effects_of(fit: RobustFit | TwoWayFit) -> list[Effect]:
    """Return the coefficients that a fit reports."""
    columns = zip(fit.coef, fit.se, fit.df, fit.low, fit.high, fit.pvalue, strict=True)
    return [Effect(*map(float, column)) for column in columns]


def fitted(
    frame: pd.DataFrame, exposures: np.ndarray, nuisance: np.ndarray, people: str, level: float
) -> list[Effect]:
    """Return what each exposure goes with, in score points, errors CR2 by employee.

    Parameters
    ----------
    frame : DataFrame
        As `Rows` holds it.
    exposures : ndarray, shape (n, k)
        To report; their means by employee and rater enter where `people` says so.
    nuisance : ndarray, shape (n, p)
        Held fixed only.
    people : {"random_means", "random", "fixed", "rater_means", "rater"}
        How employees and raters enter.
    level : float
        Level of the intervals.

    Raises
    ------
    ValueError
        If the effects leave nothing of an exposure, or the model follows the scores exactly.
    """
    y = frame["score"].to_numpy(dtype=float)
    employee, rater = frame["employee"].to_numpy(), frame["rater"].to_numpy()
    if people == "fixed":
        X = np.column_stack([nuisance, exposures])
        columns = range(nuisance.shape[1], X.shape[1])
        return effects_of(two_way(y, X, employee, rater, columns=columns, level=level))
    held = independent(np.ones(len(y)), nuisance)
    columns = [held.shape[1] + k for k in range(exposures.shape[1])]
    X = np.column_stack([held, exposures])
    if dependent_columns(X):
        raise ValueError("periods or other exposures give an exposure")
    X = independent(X, *_means(frame, exposures)) if people.endswith("means") else X
    factors = {"employee": employee, "rater": rater} if people.startswith("random") else {"rater": rater}
    fit = crossed(y, X, factors)
    if len(factors) > 1:
        return effects_of(cr2_mixed(fit, y, X, factors, by="employee", columns=columns, level=level))
    y, X = whitened_by_group(y, X, rater, fit.variances["rater"], fit.residual)
    return effects_of(cr2(y, X, employee, columns=columns, level=level))


def _means(frame: pd.DataFrame, exposures: np.ndarray) -> list[np.ndarray]:
    columns = pd.DataFrame(exposures)
    return [
        columns.groupby(frame[by].to_numpy()).transform("mean").to_numpy() for by in ("employee", "rater")
    ]


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
    wanted = [c for c in ("achievement", "work_result") if c in table]
    names = {"employee_id": "employee", "rater_id": "rater", "achievement": "recorded"}
    own = table[["employee_id", "rater_id", "period", *wanted]].rename(columns=names)
    frame = rows.frame.merge(own, on=["employee", "rater", "period"], how="left", validate="many_to_one")
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
    if exposed(frame, "tie") < least or len(frame) < _width(frame, chosen) + SPARE:
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
    if not SPARE < len(frame) <= ORDERED_ROWS or exposed(frame, "tie") < least:
        return None
    exposures, _ = _exposures(frame, "line")
    constant = np.ones((len(frame), 1))
    X = independent(constant, exposures, *_means(frame, exposures), frame["period"] - frame["period"].min())
    try:
        fit = ordered(frame["work_result"], X[:, 1:], frame["rater"].to_numpy(), points=1)
    except UNFIT:
        return None
    low, high = (float(end[0]) for end in fit.interval(level))
    found = Ordered(float(fit.coef[0]), low, high)
    return found if fit.converged and np.isfinite([low, high]).all() else None
