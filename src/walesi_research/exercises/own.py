"""A question of one's own: what goes with what, within units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from walesi_research.exercises.reply import Reply
from walesi_research.exercises.tables import columns_of, people_of
from walesi_research.exercises.target import Target, graded, not_yet, number_of
from walesi_research.language import Message
from walesi_research.problems import nearest
from walesi_research.questions.result import people
from walesi_research.stats.regression import independent_columns
from walesi_research.stats.robust import cr2

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["no_people", "own"]

SPARE = 10
"""Employees that must be left after one is counted for each unit."""
SAME = 0.01
"""Share of the larger of the slope and its error by which an answer may be off."""


def no_people(study: Study) -> Message | None:
    """Say why the study has no table of people to ask a question of, or None where it has one."""
    table = people_of(study)
    return table if isinstance(table, Message) else None


def own(study: Study, answer: Any, language: str) -> Reply:
    """Judge ``(outcome, exposure, slope)``: names of two columns, and the slope within units."""
    table = people_of(study)
    if fault := _fault(answer, columns_of(table)):
        return not_yet("own", language, fault)
    outcome, exposure, slope = answer
    rows = table[["unit", outcome, exposure]].dropna()
    least = max(study.settings.privacy.minimum_cell, rows["unit"].nunique() + SPARE)
    if len(rows) < least:
        return not_yet("own", language, Message.of("exercises.own_few", n=least))
    if rows[outcome].nunique() < 2 or rows[exposure].nunique() < 2:
        return not_yet("own", language, Message.of("exercises.own_still"))
    return graded("own", slope, _target(study, rows, outcome, exposure), language)


def _fault(answer: Any, columns: list[str]) -> Message | None:
    if not isinstance(answer, (tuple, list)) or len(answer) != 3 or number_of(answer[2]) is None:
        return Message.of("exercises.own_shape")
    for name in answer[:2]:
        if name not in columns:
            guess = nearest(str(name), columns) or columns[0]
            return Message.of("exercises.own_column", name=str(name), guess=guess)
    return Message.of("exercises.own_same") if answer[0] == answer[1] else None


def _target(study: Study, rows: pd.DataFrame, outcome: str, exposure: str) -> Target:
    y, x = rows[outcome].to_numpy(), rows[exposure].to_numpy()
    units = pd.get_dummies(rows["unit"], drop_first=True, dtype=float).to_numpy()
    X = independent_columns(np.ones(len(y)), units)
    groups = rows["unit"] if rows["unit"].nunique() > 1 else np.arange(len(y))
    fit = cr2(y, np.column_stack([x, X]), groups, columns=[0])
    slope, error = float(fit.coef[0]), float(fit.se[0])
    cov = np.cov(x, y)
    inside = rows[[outcome, exposure]] - rows.groupby("unit")[[outcome, exposure]].transform("mean")
    mistakes = {
        "units": cov[0, 1] / cov[0, 0],
        "correlation": (np.corrcoef(x, y)[0, 1], inside.corr().iloc[0, 1]),
        "swapped": float((inside[outcome] @ inside[exposure]) / (inside[outcome] ** 2).sum()),
    }
    low, high = float(fit.low[0]), float(fit.high[0])
    state = "up" if low > 0 else "down" if high < 0 else "open"
    meaning = Message.of(f"exercises.own_{state}", outcome=outcome, exposure=exposure)
    told = {"low": low, "high": high, "people": people(study, len(rows)), "meaning": meaning}
    return Target(slope, SAME * max(abs(slope), error), mistakes, told)
