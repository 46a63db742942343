"""Achievement by employee and quarter, its record, and the awards and team buildings that bear on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.study.synthetic.attitudes import Attitudes
from walesi_research.study.synthetic.people import People
from walesi_research.study.synthetic.training import NEVER, Training
from walesi_research.study.synthetic.world import World, stream

__all__ = ["Performance", "draw_performance", "leadership_effects"]

LEVEL = 95.0
SEASON = np.array([-0.6, 0.2, 0.5, -0.1])


@dataclass(frozen=True, slots=True)
class Performance:
    """Achievement (% of target) by employee and quarter, NaN where not in service.

    Parameters
    ----------
    achievement : ndarray, shape (employees, quarters)
        What was achieved.
    recorded : ndarray, shape (employees, quarters)
        What the appraisals record of it: one decimal, gaps, and error and ceiling where the world has them.
    error : ndarray, shape (employees, quarters)
        Error of the record before the ceiling.
    awarded : ndarray of bool, shape (employees, quarters)
        An award was given in the quarter.
    award_onset : ndarray of int, shape (employees,)
        First quarter that starts after the first award; `NEVER` without one.
    team_quarter : ndarray of int, shape (units,)
        Quarter of the unit's first team building; `NEVER` without one.
    team_onset : ndarray of int, shape (employees,)
        First quarter that starts after it.
    """

    achievement: np.ndarray
    recorded: np.ndarray
    error: np.ndarray
    awarded: np.ndarray
    award_onset: np.ndarray
    team_quarter: np.ndarray
    team_onset: np.ndarray

    def yearly(self, years_before: int = 0) -> np.ndarray:
        """Return the mean recorded achievement of the survey's year, or of one before; shape (employees,)."""
        end = self.recorded.shape[1] - 4 * years_before
        return _row_means(self.recorded[:, max(end - 4, 0) : max(end, 0)])


def leadership_effects(world: World, training: Training) -> np.ndarray:
    """Return the points that leadership training adds in each quarter, shape (employees, quarters).

    ``leadership_effect + growth x (quarters since the first exposed one) + cohort x (quarters by which
    completion is earlier than the middle of the panel)`` from the first exposed quarter on.
    """
    quarter = np.arange(world.quarters)
    exposure = quarter - training.onset[:, None]
    earlier = (world.quarters - 1) / 2 - training.completed_in
    effect = world.leadership_effect + world.leadership_growth * exposure
    effect = effect + world.leadership_cohort * earlier[:, None]
    return np.where(exposure >= 0, effect, 0.0)


def draw_performance(
    world: World, people: People, attitudes: Attitudes, training: Training, chunk: int = 0
) -> Performance:
    """Draw achievements, quarter by quarter because awards follow good quarters."""
    rng = stream(world, "performance", chunk)
    n, quarters = world.employees, world.quarters
    expected = _expected(world, people, attitudes, training)
    deviation = _deviations(world, rng)
    awarded, award_onset = _draw_awards(world, rng, deviation, people.present)
    team_quarter = _draw_team_buildings(world, rng)
    team_onset = np.where(team_quarter < NEVER, team_quarter + 1, NEVER)[people.unit]
    quarter = np.arange(quarters)
    achievement = expected + world.noise_sd * deviation
    achievement += world.award_effect * (quarter >= award_onset[:, None])
    achievement += world.team_building_effect * (quarter >= team_onset[:, None])
    achievement[~people.present] = np.nan
    error = world.record_error * rng.standard_normal((n, quarters))
    gaps = rng.random((n, quarters)) < world.missing_achievement
    recorded = np.where(gaps, np.nan, record(world, achievement, error))
    return Performance(achievement, recorded, error, awarded, award_onset, team_quarter, team_onset)


def record(world: World, achievement: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return what is recorded of `achievement`: with error, up to the ceiling, to one decimal."""
    seen = achievement + error
    if world.record_ceiling is not None:
        seen = np.minimum(seen, world.record_ceiling)
    return np.round(seen, 1)


def _expected(world: World, people: People, attitudes: Attitudes, training: Training) -> np.ndarray:
    person = people.ability + people.unit_level
    person = person + world.commitment_to_achievement * attitudes.commitment
    person += world.motivation_to_achievement * attitudes.motivation
    person += world.culture_to_achievement * attitudes.culture
    person += world.recognition_to_achievement * attitudes.recognition
    quarter = np.arange(world.quarters)
    expected = LEVEL + world.trend * quarter + SEASON[quarter % 4] + person[:, None]
    expected += world.hours_slope / 10 * training.window
    expected += leadership_effects(world, training)
    expected -= world.leadership_dip * (training.completed_in[:, None] == quarter)
    return expected


def _deviations(world: World, rng: np.random.Generator) -> np.ndarray:
    """Draw standard normal deviations, stationary with first-order correlation within employee."""
    draws = rng.standard_normal((world.employees, world.quarters))
    rho = world.serial_correlation
    if rho:
        for t in range(1, world.quarters):
            draws[:, t] = rho * draws[:, t - 1] + np.sqrt(1 - rho * rho) * draws[:, t]
    return draws


def _draw_awards(
    world: World, rng: np.random.Generator, deviation: np.ndarray, present: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw awards of good quarters, handed over in the quarter's last month.

    The log odds are linear in the quarter's own deviation, not in the person: an award follows a quarter
    that was good for that employee.
    """
    if world.award_rate == 0:
        return np.zeros_like(present), np.full(len(present), NEVER)
    middle = np.log(world.award_rate / (1 - world.award_rate)) - world.award_selection**2 / 2
    chance = 1 / (1 + np.exp(-(middle + world.award_selection * deviation)))
    awarded = (rng.random(deviation.shape) < chance) & present
    onset = np.where(awarded.any(1), awarded.argmax(1) + 1, NEVER)
    return awarded, onset


def _draw_team_buildings(world: World, rng: np.random.Generator) -> np.ndarray:
    """Draw the quarter of each unit's first team building, from the second to the last but two."""
    quarter = rng.integers(1, max(2, world.quarters - 2), world.units)
    return np.where(rng.random(world.units) < world.team_building_share, quarter, NEVER)


def _row_means(values: np.ndarray) -> np.ndarray:
    seen = ~np.isnan(values)
    count = seen.sum(1)
    total = np.where(seen, values, 0.0).sum(1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
