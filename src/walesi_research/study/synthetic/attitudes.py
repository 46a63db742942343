"""Latent attitudes: culture and recognition, motivation, commitment; the others after the appraisals.

The equations are those of the contract's pathway model, with unit components on every latent variable::

    motivation = a1 culture + a2 recognition + unit + residual
    commitment = b1 motivation + b2 culture + b3 recognition + unit + residual

Residual variances are set so that every latent variable has a variance of one in the population.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.study.synthetic.world import World, stream

__all__ = ["Attitudes", "draw_attitudes", "draw_perceptions"]

LEAST_RESIDUAL_VARIANCE = 0.1
FAIRNESS_OF_CULTURE, FAIRNESS_OF_RECOGNITION, FAIRNESS_RESIDUAL_SD = 0.35, 0.25, 0.78


@dataclass(frozen=True, slots=True)
class Attitudes:
    """Latent variables that performance depends on, each of shape (employees,), variance about one."""

    culture: np.ndarray
    recognition: np.ndarray
    motivation: np.ndarray
    commitment: np.ndarray


def draw_attitudes(world: World, unit: np.ndarray, chunk: int = 0) -> Attitudes:
    """Draw culture, recognition, motivation and commitment of the employees of `unit`."""
    rng = stream(world, "attitudes", chunk)
    r = world.culture_recognition_correlation
    first, second = _with_units(world, rng, unit), _with_units(world, rng, unit)
    culture, recognition = first, r * first + np.sqrt(1 - r * r) * second
    a1, a2 = world.culture_to_motivation, world.recognition_to_motivation
    motivation = a1 * culture + a2 * recognition
    motivation += _remainder(1 - (a1**2 + a2**2 + 2 * a1 * a2 * r)) * _with_units(world, rng, unit)
    b1, b2, b3 = world.motivation_to_commitment, world.culture_to_commitment, world.recognition_to_commitment
    weights = np.array([b1, b2, b3])
    known = np.array([[1, a1 + a2 * r, a2 + a1 * r], [a1 + a2 * r, 1, r], [a2 + a1 * r, r, 1]])
    commitment = b1 * motivation + b2 * culture + b3 * recognition
    commitment += _remainder(1 - weights @ known @ weights) * _with_units(world, rng, unit)
    return Attitudes(culture, recognition, motivation, commitment)


def draw_perceptions(
    world: World,
    attitudes: Attitudes,
    unit: np.ndarray,
    residual: np.ndarray,
    hours: np.ndarray,
    performance: np.ndarray,
    chunk: int = 0,
) -> dict[str, np.ndarray]:
    """Draw the latent variables that nothing else depends on, and return all ten by role.

    Parameters
    ----------
    residual : ndarray, shape (employees,)
        Own mean appraisal residual before the survey, score points.
    hours : ndarray, shape (employees,)
        JP of ordinary courses in the year before the survey's quarter.
    performance : ndarray, shape (employees,)
        Mean achievement of the survey's year, points.
    """
    rng = stream(world, "perceptions", chunk)

    def noise(sd: float) -> np.ndarray:
        return sd * _with_units(world, rng, unit)

    culture, recognition = attitudes.culture, attitudes.recognition
    fairness = FAIRNESS_OF_CULTURE * culture + FAIRNESS_OF_RECOGNITION * recognition
    fairness = fairness + world.fairness_of_residual * residual + noise(FAIRNESS_RESIDUAL_SD)
    hours = np.clip((hours - world.hours_per_year) / 16, -2, 3)
    training = 0.3 * culture + 0.3 * hours + noise(0.9)
    doing_well = np.clip((performance - np.nanmean(performance)) / 7, -3, 3)
    return {
        "culture": culture,
        "recognition": recognition,
        "training": training,
        "skill": 0.45 * training + noise(0.88),
        "fairness": fairness,
        "transparency": 0.5 * fairness + 0.2 * culture + noise(0.78),
        "favouritism": -0.5 * fairness + noise(0.86),
        "motivation": attitudes.motivation,
        "commitment": attitudes.commitment,
        "performance": 0.4 * np.nan_to_num(doing_well) + 0.3 * attitudes.commitment + noise(0.82),
    }


def _with_units(world: World, rng: np.random.Generator, unit: np.ndarray) -> np.ndarray:
    """Draw a standard normal variable of which `latent_icc` lies between units."""
    between = rng.standard_normal(world.units)[unit]
    within = rng.standard_normal(len(unit))
    return np.sqrt(world.latent_icc) * between + np.sqrt(1 - world.latent_icc) * within


def _remainder(variance: float) -> float:
    return float(np.sqrt(max(variance, LEAST_RESIDUAL_VARIANCE)))
