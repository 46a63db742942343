"""The joint model with what is missing filled in many times over."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions import variables
from walesi_research.questions.effect import Effect
from walesi_research.questions.performance.cases import Cases, with_prior
from walesi_research.questions.performance.estimate import design, named
from walesi_research.questions.performance.random_intercepts import random_intercepts
from walesi_research.stats.imputation import Imputed, impute
from walesi_research.stats.mcar import McarTest, little
from walesi_research.stats.pooling import Pooled, pool

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["ImputedModel", "imputed_model", "incomplete_cases", "pooled", "tables_needed"]

BESIDE = ("motivation", "commitment")
"""Scales that help to guess what is missing, though the joint model does not hold them."""
GROUPS = ("unit", "gender", "status")
LEAST_TABLES, MOST_TABLES = 10, 50
MOST_UNITS = 100
"""Units with a column each in the imputation; of more, the means of their people stand for them."""


@dataclass(frozen=True)
class ImputedModel:
    """The joint model over imputed tables.

    Parameters
    ----------
    coefficients : dict of str to Effect
        By predictor, pooled by Rubin's rules.
    n, tables : int
        Employees and imputed tables.
    missing_information : float
        The largest share of a coefficient's information that is missing.
    little : McarTest or None
        Whether those with and without some values differ in the others.
    """

    coefficients: dict[str, Effect]
    n: int
    tables: int
    missing_information: float
    little: McarTest | None


def imputed_model(study: Study, cases: Cases, level: float) -> ImputedModel | Message:
    """Fit the joint model to imputed tables of all listed employees of whom anything is known.

    Returns
    -------
    ImputedModel or Message
        The message says that there is nothing to impute.
    """
    frame = incomplete_cases(study, cases)
    holes = int(frame[["performance", *cases.predictors]].isna().any(axis=1).sum())
    if holes < study.settings.privacy.minimum_cell:
        return Message.of("performance_alternatives.nothing_missing")
    m = tables_needed(holes / len(frame))
    completed = impute(_of_units(frame), study.rng("joint", "imputed"), m=m)
    found = pooled(completed, frame["unit"], cases, level)
    return ImputedModel(
        named(cases, found), len(frame), m,
        float(found.missing_information.max()), _little(frame),
    )  # fmt: skip


def tables_needed(share: float) -> int:
    """Return as many tables as per cent of the cases are incomplete.

    White, Royston and Wood (2011), Statistics in Medicine 30, 377–399, section 7.
    """
    return int(np.clip(math.ceil(100 * share), LEAST_TABLES, MOST_TABLES))


def incomplete_cases(study: Study, cases: Cases) -> pd.DataFrame:
    """Return what is known of employees listed at the survey, in canonical order.

    Those of whom neither performance nor any answer is known are left out. Performance, the predictors, the
    controls (as the complete cases have them), motivation and commitment, unit, gender and status.
    """
    outcome = variables.performance(study)
    everyone = study.employees.set_index("employee_id")
    there = set(variables.listed_at_survey(study)["employee_id"]) | set(cases.frame.index)
    everyone = everyone[everyone.index.isin(there)]
    scales = _scales(study, cases).reindex(everyone.index)
    frame = scales.assign(performance=outcome.values.reindex(everyone.index))
    known = frame.notna().any(axis=1)
    if "training" in cases.predictors and cases.trained_by == "hours":
        frame["training"] = variables.training_hours(study, outcome.periods).reindex(frame.index)
    frame = with_prior(
        frame[known], variables.prior_achievement(study) if "prior" in cases.controls else None
    )
    groups = everyone.loc[frame.index, [name for name in GROUPS if name in everyone]]
    frame = frame.join(groups.apply(lambda column: column.astype("category").cat.remove_unused_categories()))
    return frame.loc[:, frame.nunique() > 1].assign(unit=groups["unit"])


def _of_units(frame: pd.DataFrame) -> pd.DataFrame:
    """Give very many units by the means of what their people have, in place of a column for each of them."""
    if frame["unit"].nunique() <= MOST_UNITS:
        return frame
    numbers = frame.select_dtypes("number")
    means = numbers.groupby(frame["unit"], observed=True).transform("mean").fillna(numbers.mean())
    return frame.drop(columns="unit").join(means.add_suffix(" of the unit"))


def _scales(study: Study, cases: Cases) -> pd.DataFrame:
    """Return the scale means of the predictors that are scales, and of those beside them."""
    scores = variables.scores(study)
    roles = [role for role in cases.predictors if role != "training" or cases.trained_by == "scale"]
    names = {role: variables.construct_of_role(study, role) for role in (*roles, *BESIDE)}
    return pd.DataFrame({role: scores[name] for role, name in names.items() if name is not None})


def pooled(completed: Imputed, units: pd.Series, cases: Cases, level: float) -> Pooled:
    """Return the predictors' coefficients over imputed tables.

    In each table the model as the complete cases are fitted (units as random intercepts, CR2 errors); pooled
    with Barnard and Rubin's degrees of freedom, those of complete data the mean of Satterthwaite's.
    """
    fits = []
    for table in completed:
        y, X, unit = design(replace(cases, frame=table.assign(unit=units.to_numpy())))
        fits.append(random_intercepts(y, X, unit, level, columns=range(len(cases.predictors))))
    degrees = np.mean([fit.df for fit in fits], axis=0)
    return pool([fit.coef for fit in fits], [fit.se**2 for fit in fits], degrees, level=level)


def _little(frame: pd.DataFrame) -> McarTest | None:
    numbers = frame.select_dtypes("number")
    try:
        return little(numbers)
    except (ValueError, np.linalg.LinAlgError):  # columns never seen together, or one that others give
        return None
