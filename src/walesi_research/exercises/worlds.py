"""Small simulated worlds whose truth is known, each with one assumption broken.

Read them: ``worlds.attenuation??`` in a notebook shows how a world is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Simulated", "attenuation", "clusters", "common_method", "selection"]


@dataclass(frozen=True, eq=False)
class Simulated:
    """A simulated study: what a researcher sees, and the truth, which no researcher sees."""

    data: pd.DataFrame
    truth: float


def attenuation(rng: np.random.Generator, people: int = 1000, slope: float = 0.5) -> Simulated:
    """Draw motivation that depends on culture, and culture measured twice, each time with error.

    Columns ``culture_1 culture_2 motivation``; both measurements have a reliability of 0.6.
    """
    culture = rng.normal(size=people)
    motivation = slope * culture + rng.normal(scale=0.8, size=people)
    error = np.sqrt(1 / 0.6 - 1)
    first, second = culture + rng.normal(scale=error, size=(2, people))
    return Simulated(pd.DataFrame({"culture_1": first, "culture_2": second, "motivation": motivation}), slope)


def selection(rng: np.random.Generator, people: int = 1000, effect: float = 3.5) -> Simulated:
    """Draw achievement before and after a leadership programme that the abler join more often.

    Columns ``joined before after``; everybody gains 2 points between the two years, with or without it.
    """
    ability = rng.normal(scale=4.0, size=people)
    joined = (rng.random(people) < 1 / (1 + np.exp(-1.35 * ability / 4.0))).astype(int)
    before = 95 + ability + rng.normal(scale=3.0, size=people)
    after = 97 + ability + effect * joined + rng.normal(scale=3.0, size=people)
    return Simulated(pd.DataFrame({"joined": joined, "before": before, "after": after}), effect)


def clusters(rng: np.random.Generator, units: int = 6, people: int = 20, effect: float = 1.0) -> Simulated:
    """Draw a programme that half of six units hold, and achievement that differs between units anyway.

    Columns ``unit programme achievement``; as many employees in every unit.
    """
    unit = np.repeat(np.arange(units), people)
    programme = (unit % 2).astype(float)
    level = rng.normal(scale=2.0, size=units)[unit]
    achievement = 95 + level + effect * programme + rng.normal(scale=3.0, size=len(unit))
    return Simulated(pd.DataFrame({"unit": unit, "programme": programme, "achievement": achievement}), effect)


def common_method(rng: np.random.Generator, people: int = 1000) -> Simulated:
    """Draw answers to one questionnaire that share the mood of the day, and nothing else.

    Columns ``culture performance marker`` (all three answered in the same mood; the marker has nothing to do
    with the others) and ``achievement`` (from the record). The truth: no correlation.
    """
    mood = rng.normal(scale=0.7, size=people)
    names = ("culture", "performance", "marker")
    answers = {name: mood + rng.normal(size=people) for name in names}
    return Simulated(pd.DataFrame(answers | {"achievement": 95 + 4 * rng.normal(size=people)}), 0.0)
