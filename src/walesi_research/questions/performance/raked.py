"""The joint model with those who answered standing for all listed employees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.effect import Effect
from walesi_research.questions.performance.cases import Cases
from walesi_research.questions.performance.estimate import design, named
from walesi_research.questions.performance.random_intercepts import variances
from walesi_research.questions.variables import listed_at_survey
from walesi_research.stats.raked_mixed import raked_mixed
from walesi_research.stats.raking import Raked, rake, trimmed

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["RakedModel", "groupings", "raked_model", "raked_weights"]

GROUPS = ("gender", "status")
MOST = 3.0
"""No weight exceeds so many medians."""


@dataclass(frozen=True)
class RakedModel:
    """The joint model on raked cases.

    Parameters
    ----------
    coefficients : dict of str to Effect
        By predictor, standardised by the standard deviations of the raked cases.
    n, listed : int
        Cases, and the listed employees they stand for.
    groups : tuple of str
        What the cases were raked to besides the unit.
    design_effect : float
        Kish's: by how much unequal weights multiply the variance of a mean.
    """

    coefficients: dict[str, Effect]
    n: int
    listed: int
    groups: tuple[str, ...]
    design_effect: float


def raked_model(study: Study, cases: Cases, level: float) -> RakedModel | Message:
    """Fit the joint model to cases raked to the unit, gender and status of all listed employees.

    Returns
    -------
    RakedModel or Message
        The message says why there is nothing to rake.
    """
    listed = _listed(study, cases)
    least = study.settings.privacy.minimum_cell
    if len(listed) - len(cases.frame) < least:
        return Message.of("performance_alternatives.all_answered")
    raked = raked_weights(listed, cases.frame, least)
    if raked is None:
        return Message.of("performance_alternatives.no_groups")
    fit = _fit(cases, raked, level)
    groups = tuple(name for name in GROUPS if name in listed)
    return RakedModel(fit, len(cases.frame), len(listed), groups, 1 / raked.efficiency)


def _listed(study: Study, cases: Cases) -> pd.DataFrame:
    """Return the listed employees by id, those who answered among them although they had left."""
    everyone = study.employees.set_index("employee_id")
    there = set(listed_at_survey(study)["employee_id"]) | set(cases.frame.index)
    return everyone[everyone.index.isin(there)]


def raked_weights(listed: pd.DataFrame, frame: pd.DataFrame, least: int) -> Raked | None:
    """Return the weights of cases, or None where no known group tells them from the others.

    Parameters
    ----------
    listed : DataFrame
        ``unit``, and ``gender`` and ``status`` where they are known, by employee.
    frame : DataFrame
        The cases, a part of `listed`; ``weight`` is where raking starts if there is one.
    least : int
        Cases that a group must have; smaller ones are put together.
    """
    labels = groupings(listed, listed.index.isin(frame.index), least)
    if not labels:
        return None
    margins = [(each.reindex(frame.index), each.value_counts().to_dict()) for each in labels]
    raked = rake(frame["weight"] if "weight" in frame else np.ones(len(frame)), margins)
    if not raked.converged:
        return None
    weights = trimmed(raked.weights, MOST)
    factors = raked.factors * weights / raked.weights
    return Raked(weights, factors, raked.auxiliary, raked.cycles, raked.error, converged=True)


def groupings(listed: pd.DataFrame, answered: np.ndarray, least: int) -> list[pd.Series]:
    """Return the finest groupings all of whose groups have `least` who answered; empty without any.

    Cells of unit, gender and status; else units, and cells of gender and status; else each by itself, small
    groups put together. A unit alone is no reason to rake: the model knows of units.

    Parameters
    ----------
    listed : DataFrame
    answered : ndarray of bool, shape (len(listed),)
    least : int
    """
    known = [name for name in GROUPS if name in listed and listed[name].nunique(dropna=False) > 1]
    if not known:
        return []
    for attempt in ([["unit", *known]], [["unit"], known]):
        labels = [_labels(listed, names) for names in attempt]
        if all((_size(each, answered) >= least).all() for each in labels):
            return [each for each in labels if each.nunique() > 1]
    labels = [_merged(_labels(listed, [name]), answered, least) for name in ("unit", *known)]
    return [each for each in labels if each.nunique() > 1] if any(x.nunique() > 1 for x in labels[1:]) else []


def _labels(listed: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Return one label an employee for some columns, unknown values a label of their own."""
    parts = [listed[name].astype("string").fillna("") for name in names]
    return pd.Series(["|".join(row) for row in zip(*parts, strict=True)], listed.index)


def _size(labels: pd.Series, answered: np.ndarray) -> pd.Series:
    """Return how many answered of each group."""
    return pd.Series(answered, labels.index).groupby(labels).sum()


def _merged(labels: pd.Series, answered: np.ndarray, least: int) -> pd.Series:
    """Put groups together, the smallest first, until none has fewer than `least` who answered."""
    size = _size(labels, answered).sort_values(kind="stable")
    while len(size) > 1 and size.iloc[0] < least:
        first, second = size.index[:2]
        labels = labels.replace(first, second)
        size = _size(labels, answered).sort_values(kind="stable")
    return labels


def _fit(cases: Cases, raked: Raked, level: float) -> dict[str, Effect]:
    y, X, unit = design(cases, raked.weights)
    fit = raked_mixed(y, X, unit, raked, *variances(y, X, unit), level=level)
    return named(cases, fit)
