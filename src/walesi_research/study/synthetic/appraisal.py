"""Appraisals: crossed raters, ties, scores and ratings, and the predicate as recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.study.synthetic.people import People
from walesi_research.study.synthetic.performance import Performance
from walesi_research.study.synthetic.world import World, stream

__all__ = ["MATRIX", "PREDICATES", "TIES", "Appraisals", "draw_appraisals"]

TIES = ("none", "family", "clan", "political", "other")
TIE_KINDS = np.array([0.2, 0.4, 0.24, 0.16])
POLITICAL = 3
UNKNOWN_TIE = -1

PREDICATES = ("sangat_baik", "baik", "butuh_perbaikan", "kurang", "sangat_kurang")
MATRIX = np.array([[4, 2, 2], [3, 1, 1], [3, 1, 0]])
"""Position in `PREDICATES` by work result (rows) and behaviour (columns), each below, meets, above
(PermenPANRB 6/2022)."""

NEIGHBOURS = 12
WORK_RESULT_CUTS = (-7.0, 5.0)
WORK_RESULT_NOISE_SD = 2.0
BEHAVIOUR_CUTS = (-1.45, 0.95)


@dataclass(frozen=True, slots=True)
class Appraisals:
    """Appraisals in arrays of shape (appraisals,), one row an employee, quarter and rater.

    Parameters
    ----------
    employee, quarter, rater : ndarray of int
    tie : ndarray of int
        Position in `TIES`.
    tie_recorded : ndarray of int
        Likewise as recorded; `UNKNOWN_TIE` where it is not.
    score : ndarray of float
        0–120, two decimals.
    work_result, behaviour : ndarray of int
        1 below, 2 meets, 3 above expectation.
    predicate : ndarray of int
        Position in `PREDICATES`, as recorded.
    rater_employee : ndarray of int, shape (raters,)
        Position of the rater among the employees, -1 for raters from elsewhere.
    """

    employee: np.ndarray
    quarter: np.ndarray
    rater: np.ndarray
    tie: np.ndarray
    tie_recorded: np.ndarray
    score: np.ndarray
    work_result: np.ndarray
    behaviour: np.ndarray
    predicate: np.ndarray
    rater_employee: np.ndarray


def draw_appraisals(
    world: World, people: People, commitment: np.ndarray, performance: Performance, chunk: int = 0
) -> Appraisals:
    """Draw the appraisals of every employee-quarter in service.

    ``score = level + slope (achievement - 100) / 10 + tie + rater + employee + residual``
    """
    rng = stream(world, "appraisal", chunk)
    rater_employee = _rater_employees(world, rng, people)
    employee, quarter, rater = _assign(world, rng, people, rater_employee)
    tie = _draw_ties(world, rng, people, employee, quarter, rater)
    severity = rng.normal(0, world.rater_sd, world.raters_count)
    own = rng.normal(0, world.employee_score_sd, world.employees)
    score = world.score_level + world.achievement_slope / 10 * (
        performance.achievement[employee, quarter] - 100
    )
    score += world.tie_effect * (tie > 0) + severity[rater] + own[employee]
    score += rng.normal(0, world.score_noise_sd, len(score))
    score = np.round(np.clip(score, 0, 120), 2)
    work_result, behaviour = _ratings(world, rng, score, commitment[employee])
    unknown = rng.random(len(tie)) < world.missing_tie
    return Appraisals(
        employee, quarter, rater, tie, np.where(unknown, UNKNOWN_TIE, tie), score, work_result, behaviour,
        _recorded_predicates(world, rng, work_result, behaviour), rater_employee,
    )  # fmt: skip


def _rater_employees(world: World, rng: np.random.Generator, people: People) -> np.ndarray:
    """Return which managerial employee each rater is; rater r belongs to unit r modulo the units."""
    raters = world.raters_count
    heads = np.flatnonzero(people.head)
    heads = heads[np.argsort(people.unit[heads], kind="stable")]
    first = np.searchsorted(people.unit[heads], np.arange(world.units))
    at = np.arange(raters)
    candidate = heads[np.minimum(first[at % world.units] + at // world.units, len(heads) - 1)]
    candidate = np.where(people.unit[candidate] == at % world.units, candidate, -1)
    outside = rng.random(raters) < world.external_rater_share
    if world.one_rater_a_unit:
        outside[:] = True
    return np.where(outside, -1, candidate)


def _assign(
    world: World, rng: np.random.Generator, people: People, rater_employee: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Assign one or two raters to each employee-quarter in service; nobody appraises themself.

    The home rater is of the employee's own unit; others come from the next units round the ring.
    """
    employee, quarter = np.nonzero(people.present)
    raters, units = world.raters_count, world.units
    of_unit = np.maximum(1, (raters - 1 - np.arange(units)) // units + 1)[people.unit]
    home = (people.unit + units * (rng.random(world.employees) * of_unit).astype(int)) % raters
    if world.one_rater_a_unit:
        return employee, quarter, people.unit[employee]
    reach = min(raters - 1, NEIGHBOURS)
    away = rng.random(len(employee)) >= world.home_rater_share
    step = np.where(away, rng.integers(1, reach + 1, len(employee)), 0)
    first = _not_oneself((home[employee] + step) % raters, employee, rater_employee)
    twice = rng.random(len(employee)) < world.second_rater_share
    second = (first + rng.integers(1, reach + 1, len(employee))) % raters
    second = _not_oneself(second, employee, rater_employee)
    second = np.where(second == first, (second + 1) % raters, second)
    second = _not_oneself(second, employee, rater_employee)
    twice &= second != first
    order = np.argsort(np.r_[np.arange(len(employee)), np.flatnonzero(twice)], kind="stable")
    rows = np.r_[np.arange(len(employee)), np.flatnonzero(twice)][order]
    return employee[rows], quarter[rows], np.r_[first, second[twice]][order]


def _not_oneself(rater: np.ndarray, employee: np.ndarray, rater_employee: np.ndarray) -> np.ndarray:
    return np.where(rater_employee[rater] == employee, (rater + 1) % len(rater_employee), rater)


def _draw_ties(
    world: World, rng: np.random.Generator, people: People, employee: np.ndarray, quarter: np.ndarray,
    rater: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Draw ties of pairs; family, clan and other ties last, political ones come and go by year."""
    pair, at = np.unique(employee * world.raters_count + rater, return_inverse=True)
    ability = people.ability / world.ability_sd if world.ability_sd > 0 else np.zeros(world.employees)
    share = np.clip(world.tie_share, 1e-12, 1 - 1e-12)
    odds = np.log(share / (1 - share)) + world.ties_follow_ability * ability[pair // world.raters_count]
    tied = rng.random(len(pair)) < 1 / (1 + np.exp(-odds))
    if world.tie_share in (0, 1):
        tied = np.full(len(pair), world.tie_share == 1)
    kind = 1 + rng.choice(len(TIE_KINDS), len(pair), p=TIE_KINDS)
    tie = np.where(tied, kind, 0)[at]
    years = world.quarters // 4 + 2
    in_year = rng.random((len(pair), years)) < 0.6
    dormant = (tie == POLITICAL) & ~in_year[at, (quarter + (-world.quarters) % 4) // 4]
    return np.where(dormant, 0, tie)


def _ratings(
    world: World, rng: np.random.Generator, score: np.ndarray, commitment: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw ratings of work result, which follow the score with its ties and severity, and of behaviour."""
    distance = score - world.score_level
    result = distance + rng.normal(0, WORK_RESULT_NOISE_SD, len(score))
    conduct = 0.06 * distance + 0.25 * commitment + 0.9 * rng.standard_normal(len(score))
    return 1 + np.digitize(result, WORK_RESULT_CUTS), 1 + np.digitize(conduct, BEHAVIOUR_CUTS)


def _recorded_predicates(
    world: World, rng: np.random.Generator, work_result: np.ndarray, behaviour: np.ndarray
) -> np.ndarray:
    """Return the matrix's predicates; some offices' application takes the worse of two unequal ratings.

    Seen in a government application: in BKN's codes (1 above, 2 meets, 3 below) the predicate is
    ``max(work result, behaviour)``, so that good work with bad behaviour becomes *butuh perbaikan*.
    """
    right = MATRIX[work_result - 1, behaviour - 1]
    worse = np.maximum(4 - work_result, 4 - behaviour) - 1
    faulty = (rng.random(len(right)) < world.faulty_predicate_share) & (work_result != behaviour)
    return np.where(faulty, worse, right)
