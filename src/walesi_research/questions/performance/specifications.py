"""Every reasonable model of a study as one list, without those that say what another has said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, product

import numpy as np
import pandas as pd

from walesi_research.questions.performance.estimate import SPARE
from walesi_research.questions.performance.random_intercepts import variances
from walesi_research.questions.performance.specification_data import Choice, Measures
from walesi_research.questions.variables import PREDICTORS
from walesi_research.stats import specification_model as models
from walesi_research.stats.regression import dependent_columns, standardise
from walesi_research.stats.shuffles import within
from walesi_research.stats.specification_curve import Curve, JointTest, curve, joint_test, shuffled_curves
from walesi_research.stats.specification_model import SpecificationModel

__all__ = ["DRAWS", "Specifications", "draws_for", "joint_tests", "specifications"]

DRAWS = 499
"""Shuffles behind the joint test …"""
_CELLS, _FEWEST = 1_000_000, 39
"""… of as many residuals in all at most; where people are very many, 39 shuffles and t serve."""

SAME = 8
"""Models whose estimates are equal to so many decimals are one."""


@dataclass(frozen=True, eq=False)
class Specifications:
    """The models of a study, the joint model first, and the curve of each predictor.

    Parameters
    ----------
    predictors : list of str
        Columns of the models, in the contract's order.
    choices : list of Choice
    models : list of SpecificationModel
    curves : dict of str to Curve
        By predictor, in the order of `choices`.
    idle : dict of str to tuple of str
        Choices by axis that change no estimate of this study, or that too few people are left for.
    units : ndarray, shape (N,)
        The unit of each person that rows of models point to.
    """

    predictors: list[str]
    choices: list[Choice]
    models: list[SpecificationModel]
    curves: dict[str, Curve]
    idle: dict[str, tuple[str, ...]]
    units: np.ndarray


def specifications(measures: Measures, minimum: int, level: float) -> Specifications | None:
    """Return every reasonable model once; None where the joint model itself cannot be fitted.

    Parameters
    ----------
    measures : Measures
    minimum : int
        Fewest people that a model may rest on.
    level : float
    """
    allowed = measures.allowed()
    asked = [Choice(*values) for values in product(*allowed.values())]
    alike = [list(choices) for _, choices in groupby(asked, _frame_of)]
    found = [pair for choices in alike for pair in _fitted(measures, choices, minimum)]
    if not found or found[0][0] != asked[0]:
        return None
    predictors = [name for name in PREDICTORS if name in measures.predictors(asked[0])]
    curves = {name: curve([m for _, m in found], k, level) for k, name in enumerate(predictors)}
    kept = _distinct(np.column_stack([c.estimate for c in curves.values()]))
    choices = [found[i][0] for i in kept]
    seen = {axis: {getattr(choice, axis) for choice in choices} for axis in allowed}
    return Specifications(
        predictors,
        choices,
        [found[i][1] for i in kept],
        {name: Curve(c.estimate[kept], c.clear[kept]) for name, c in curves.items()},
        {axis: tuple(c for c in values if c not in seen[axis]) for axis, values in allowed.items()},
        measures.units.to_numpy(),
    )


def _frame_of(choice: Choice) -> tuple[str, str, str]:
    return choice.outcome, choice.scales, choice.missing


def _distinct(estimates: np.ndarray) -> list[int]:
    """Return the first of all rows that are equal."""
    first: dict[bytes, int] = {}
    for i, row in enumerate(np.round(estimates, SAME) + 0.0):
        first.setdefault(row.tobytes(), i)
    return sorted(first.values())


def _fitted(
    measures: Measures, choices: list[Choice], minimum: int
) -> Iterator[tuple[Choice, SpecificationModel]]:
    """Yield the choices that share a frame with their models, but for those that carry none."""
    frame = _frame(measures, choices[0])
    if frame is None:
        return
    rows = np.flatnonzero(measures.wave.index.isin(frame.index))
    unit, y = measures.units.to_numpy()[rows], frame["performance"].to_numpy()
    X = frame.drop(columns="performance").to_numpy()
    for _, group in groupby(choices, lambda choice: choice.controls):
        group = list(group)
        Z = _completed(measures.controls(group[0]).iloc[rows])
        for choice in group:
            model = _model(choice.estimator, y, X, Z, rows, unit)
            if model is not None and len(model.y) >= minimum and model.df >= SPARE:
                yield choice, model


def _frame(measures: Measures, choice: Choice) -> pd.DataFrame | None:
    """Return performance and predictors, standardised, of those who have all; None where one is constant."""
    frame = pd.concat([measures.outcome(choice).rename("performance"), measures.predictors(choice)], axis=1)
    frame = frame.dropna()
    frame = frame.rank() if choice.scales == "ranks" else frame
    flat = len(frame) < 2 or (frame.std() <= 1e-12 * frame.abs().max()).any()
    return None if flat else pd.DataFrame(standardise(frame), frame.index, frame.columns)


def _completed(controls: pd.DataFrame) -> np.ndarray:
    """Fill gaps in with the mean, told apart by a column, and standardise; constants are left out."""
    gaps = controls.isna().astype(float).add_suffix(" missing")
    frame = pd.concat([controls.fillna(controls.mean()), gaps], axis=1)
    frame = frame.loc[:, frame.nunique() > 1]
    return standardise(frame.to_numpy()) if frame.shape[1] else frame.to_numpy()


def _model(
    estimator: str, y: np.ndarray, X: np.ndarray, Z: np.ndarray, rows: np.ndarray, unit: np.ndarray
) -> SpecificationModel | None:
    """Return one model, predictors first; None where a predictor cannot be told from the rest."""
    fixed = estimator == "fixed"
    W = np.column_stack([X, Z] if fixed else [X, np.ones(len(y)), Z])
    dependent = dependent_columns(models.centred(W, unit) if fixed else W)
    if any(column < X.shape[1] for column in dependent):
        return None
    W = np.delete(W, dependent, axis=1)
    if len(y) - W.shape[1] < SPARE:
        return None
    if estimator == "random":
        return models.random_intercepts(y, W, rows, unit, *variances(y, W, unit))
    if fixed:
        return models.fixed_effects(y, W, rows, unit)
    return {"least_squares": models.least_squares, "huber": models.huber}[estimator](y, W, rows)


def draws_for(people: int, draws: int) -> int:
    """Return how many shuffles `people` are shuffled by when `draws` are asked for."""
    return min(draws, max(_CELLS // max(people, 1), _FEWEST))


def joint_tests(
    found: Specifications, rng: np.random.Generator, draws: int, level: float
) -> dict[str, JointTest]:
    """Return the joint test of each predictor's curve, people shuffled within units."""
    unit = np.unique(found.units, return_inverse=True)[1]
    shuffles = within(rng, unit, draws_for(len(unit), draws))
    return {
        name: joint_test(found.curves[name], shuffled_curves(found.models, k, shuffles, unit, level))
        for k, name in enumerate(found.predictors)
    }
