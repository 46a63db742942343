"""A large population of the same world, for the truths that are defined over one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from walesi_research.study.synthetic.process import Draw, draw, mean_residuals
from walesi_research.study.synthetic.projection import UnitMoments
from walesi_research.study.synthetic.questionnaire import CONSTRUCTS, SCALE
from walesi_research.study.synthetic.world import World

__all__ = ["POPULATION", "Population", "gather"]

POPULATION = 1_000_000
CHUNK = 100_000

FACTS = (
    "constant", "performance", "before", "training", "culture", "recognition", "fairness",
    "culture_latent", "recognition_latent", "fairness_latent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Population:
    """Moments of a population.

    Parameters
    ----------
    facts : UnitMoments
        Of performance, its value the year before (left out in worlds of one year), hours, scale means and
        latent variables; respondents with all of them.
    items : dict of str to ndarray
        Covariance matrix of each construct's keyed items, complete cases.
    perception : ndarray, shape (2, 2)
        Cross products, unit means removed, of the fairness scale and the own mean appraisal residual.
    """

    facts: UnitMoments
    items: dict[str, np.ndarray]
    perception: np.ndarray


def gather(world: World, size: int) -> Population:
    """Simulate about `size` employees of `world`, in units and with raters as many in proportion."""
    columns = [name for name in FACTS if name != "before" or world.quarters >= 8]
    facts = UnitMoments(columns)
    sums = {c.name: np.zeros((len(c.items) + 1, len(c.items) + 1)) for c in CONSTRUCTS}
    perception = np.zeros((2, 2))
    for drawn in _draws(world, size):
        keyed = _keyed_items(drawn)
        scales = {c.role: _scale_means(keyed[c.name]) for c in CONSTRUCTS}
        _add_facts(facts, drawn, scales)
        for name, rows in keyed.items():
            complete = rows[~np.isnan(rows).any(1)]
            ones = np.column_stack([np.ones(len(complete)), complete])
            sums[name] += ones.T @ ones
        perception += _perception_products(drawn, scales["fairness"])
    return Population(facts, {name: _covariance(s) for name, s in sums.items()}, perception)


def _draws(world: World, size: int) -> Iterator[Draw]:
    """Draw chunks of employees, all of whom answer; chunk 0 is the study itself and is not used here.

    Who does not answer is a fault of a study, not of the estimand, which is of all employees.
    """
    each = min(CHUNK, max(size, 20))
    factor = each / world.employees
    raters = None if world.raters is None else max(3, round(world.raters * factor))
    units = max(2, round(world.units * factor))
    wide = replace(world, employees=each, units=units, raters=raters, nonresponse=0.0)
    for chunk in range(max(1, round(size / each))):
        yield draw(wide, chunk + 1)


def _keyed_items(drawn: Draw) -> dict[str, np.ndarray]:
    """Return the items of each construct, reversed where keyed, NaN where missing."""
    answers = drawn.survey.answers.astype(float)
    answers[answers == 0] = np.nan
    keyed, at = {}, 0
    for construct in CONSTRUCTS:
        rows = answers[:, at : at + len(construct.items)]
        reverse = np.array([item.reverse for item in construct.items])
        rows[:, reverse] = sum(SCALE) - rows[:, reverse]
        keyed[construct.name] = rows
        at += len(construct.items)
    return keyed


def _scale_means(rows: np.ndarray) -> np.ndarray:
    """Return means of the answered items where at least half are answered."""
    seen = ~np.isnan(rows)
    count = seen.sum(1)
    mean = np.where(seen, rows, 0).sum(1) / np.maximum(count, 1)
    return np.where(2 * count >= rows.shape[1], mean, np.nan)


def _add_facts(facts: UnitMoments, drawn: Draw, scales: dict[str, np.ndarray]) -> None:
    who = drawn.survey.employee
    year = drawn.performance.recorded[who, -4:]
    window = np.where(np.isnan(year), np.nan, drawn.training.window[who, -4:])
    seen = np.maximum((~np.isnan(window)).sum(1), 1)
    values = {
        "constant": np.ones(len(who)),
        "performance": drawn.performance.yearly()[who],
        "before": drawn.performance.yearly(1)[who],
        "training": np.nansum(window, axis=1) / seen,
    }
    for role in ("culture", "recognition", "fairness"):
        values |= {role: scales[role], f"{role}_latent": drawn.latent[role][who]}
    rows = np.column_stack([values[name] for name in facts.columns])
    kept = ~np.isnan(rows).any(1)
    facts.add(rows[kept], drawn.people.unit[who][kept])


def _perception_products(drawn: Draw, fairness: np.ndarray) -> np.ndarray:
    who = drawn.survey.employee
    residual = own_residuals(drawn)[who]
    kept = ~np.isnan(fairness) & ~np.isnan(residual)
    pair, unit = np.column_stack([fairness, residual])[kept], drawn.people.unit[who][kept]
    size = np.maximum(np.bincount(unit), 1)
    for j in range(2):
        pair[:, j] -= (np.bincount(unit, pair[:, j]) / size)[unit]
    return pair.T @ pair


def own_residuals(drawn: Draw) -> np.ndarray:
    """Return each employee's mean score net of recorded achievement and period, shape (employees,).

    The slope is the pooled one of score on recorded achievement, period means removed.
    """
    rows = drawn.appraisals
    achievement = drawn.performance.recorded[rows.employee, rows.quarter]
    kept = ~np.isnan(achievement)
    quarter = rows.quarter[kept]
    x, y = _without_means(achievement[kept], quarter), _without_means(rows.score[kept], quarter)
    residual = y - (x @ y) / (x @ x) * x
    return mean_residuals(residual, rows.employee[kept], drawn.world.employees)


def _without_means(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    count = np.maximum(np.bincount(group), 1)
    return values - (np.bincount(group, values) / count)[group]


def _covariance(sums: np.ndarray) -> np.ndarray:
    n = sums[0, 0]
    mean = sums[0, 1:] / n
    return sums[1:, 1:] / n - np.outer(mean, mean)
