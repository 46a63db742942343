"""All stages of one draw, in the order in which one thing depends on another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.study.synthetic.appraisal import Appraisals, draw_appraisals
from walesi_research.study.synthetic.attitudes import Attitudes, draw_attitudes, draw_perceptions
from walesi_research.study.synthetic.people import People, draw_people
from walesi_research.study.synthetic.performance import Performance, draw_performance
from walesi_research.study.synthetic.survey import Survey, draw_survey
from walesi_research.study.synthetic.training import Training, draw_training
from walesi_research.study.synthetic.world import World

__all__ = ["Draw", "draw", "mean_residuals"]


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw of a world, in arrays; the latent variables by role in `latent`."""

    world: World
    people: People
    training: Training
    attitudes: Attitudes
    performance: Performance
    appraisals: Appraisals
    latent: dict[str, np.ndarray]
    survey: Survey


def draw(world: World, chunk: int = 0) -> Draw:
    """Draw `world`; another `chunk` is another draw of the same world."""
    people = draw_people(world, chunk)
    training = draw_training(world, people, chunk)
    attitudes = draw_attitudes(world, people.unit, chunk)
    performance = draw_performance(world, people, attitudes, training, chunk)
    appraisals = draw_appraisals(world, people, attitudes.commitment, performance, chunk)
    latent = draw_perceptions(
        world,
        attitudes,
        people.unit,
        residual=_residual_before_survey(world, performance, appraisals),
        hours=training.window[:, world.survey_quarter],
        performance=performance.yearly(),
        chunk=chunk,
    )
    survey = draw_survey(world, people, latent, chunk)
    return Draw(world, people, training, attitudes, performance, appraisals, latent, survey)


def mean_residuals(residual: np.ndarray, employee: np.ndarray, employees: int) -> np.ndarray:
    """Return means of `residual` by employee, NaN for those without; shape (employees,)."""
    seen = ~np.isnan(residual)
    count = np.bincount(employee[seen], minlength=employees)
    total = np.bincount(employee[seen], residual[seen], employees)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _residual_before_survey(world: World, performance: Performance, appraisals: Appraisals) -> np.ndarray:
    """Return each employee's mean score net of achievement before the survey's quarter, 0 without."""
    before = appraisals.quarter < world.survey_quarter
    employee, quarter = appraisals.employee[before], appraisals.quarter[before]
    achievement = performance.achievement[employee, quarter]
    expected = world.score_level + world.achievement_slope / 10 * (achievement - 100)
    residual = appraisals.score[before] - expected - world.tie_effect * world.tie_share
    return np.nan_to_num(mean_residuals(residual, employee, world.employees))
