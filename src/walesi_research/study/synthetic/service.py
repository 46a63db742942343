"""The service survey: what service users answer about each unit in each quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.study.synthetic.people import People
from walesi_research.study.synthetic.performance import Performance
from walesi_research.study.synthetic.world import World, stream

__all__ = ["ELEMENTS", "Service", "draw_service", "unit_means"]

ELEMENTS = tuple(f"u{k}" for k in range(1, 10))
LEVEL, UNIT_SD, TREND = 78.0, 3.0, 0.15
ELEMENT_OFFSETS = np.array([2.0, -1.0, -4.0, 3.0, 1.0, 0.0, 2.5, -3.0, -0.5])
LIKENESS = 0.5
THIN_SHARE, THIN_RESPONDENTS = 0.03, 4
MISSING = 0.01


@dataclass(frozen=True, slots=True)
class Service:
    """Answers of service users.

    Parameters
    ----------
    unit, quarter : ndarray of int, shape (respondents,)
    answers : ndarray of int8, shape (respondents, 9)
        1–4; 0 where missing.
    """

    unit: np.ndarray
    quarter: np.ndarray
    answers: np.ndarray


def unit_means(values: np.ndarray, unit: np.ndarray, units: int) -> np.ndarray:
    """Return means of `values` (employees, quarters) by unit, blanks left out; shape (units, quarters)."""
    seen = ~np.isnan(values)
    filled = np.where(seen, values, 0.0)
    quarters = range(values.shape[1])
    total = np.column_stack([np.bincount(unit, filled[:, t], units) for t in quarters])
    count = np.column_stack([np.bincount(unit, seen[:, t], units) for t in quarters])
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def draw_service(world: World, people: People, performance: Performance, chunk: int = 0) -> Service:
    """Draw answers whose expectation is linear in the unit's mean achievement.

    ``IKM = level + unit + trend + slope (mean achievement - 100) / 10 + noise``. An answer is
    1 + Binomial(3, p) with ``IKM = 25 (1 + 3 p)``, so that the mean of the answers times 25 has exactly
    that expectation; the answers of one person share a normal factor (Gaussian copula).
    """
    from scipy.special import ndtr

    rng = stream(world, "service", chunk)
    seen = np.where(np.isnan(performance.recorded), np.nan, performance.achievement)
    mean = unit_means(seen, people.unit, world.units)
    level = LEVEL + rng.normal(0, UNIT_SD, world.units)[:, None] + TREND * np.arange(world.quarters)
    ikm = level + world.service_slope / 10 * (np.nan_to_num(mean, nan=100.0) - 100)
    ikm += rng.normal(0, world.service_noise_sd, ikm.shape)
    count = rng.poisson(world.respondents, ikm.shape)
    thin = rng.random(ikm.shape) < THIN_SHARE
    count = np.where(thin, np.minimum(count, rng.integers(1, THIN_RESPONDENTS + 1, ikm.shape)), count)
    cell = np.repeat(np.arange(ikm.size), count.ravel())
    shared = rng.standard_normal((len(cell), 1))
    own = rng.standard_normal((len(cell), len(ELEMENTS)))
    uniform = ndtr(np.sqrt(LIKENESS) * shared + np.sqrt(1 - LIKENESS) * own)
    p = np.clip((ikm.ravel()[cell, None] + ELEMENT_OFFSETS) / 75 - 1 / 3, 0.0, 1.0)
    answers = _binomial(uniform, p)
    answers[rng.random(answers.shape) < MISSING] = 0
    return Service(cell // world.quarters, cell % world.quarters, answers)


def _binomial(uniform: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return 1 + Binomial(3, p) by inversion of its distribution function."""
    q = 1 - p
    none, at_most_one = q**3, q**3 + 3 * p * q**2
    return (1 + (uniform > none) + (uniform > at_most_one) + (uniform > 1 - p**3)).astype(np.int8)
