"""The parts that scenarios are made of: what one unit of an exposure goes with, in points of achievement.

Every part is the study's own finding, and the same again in each of its bootstrap replicates. All replicates
are of the one plan, so that parts vary together as they do in the data. With few people replicates lie closer
together than the findings' own intervals (CR2, Student's t) allow: they are drawn apart until they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions import variables
from walesi_research.questions.onset import lacking_achievement
from walesi_research.questions.pathways.latent import Pathways, pathways
from walesi_research.questions.policy.exposures import Already, Levels
from walesi_research.stats.resampling import percentile_interval
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Part", "Sample", "parts_of"]

_ROUNDING = 1e-9
_CELLS, _FEWEST = 20_000_000, 199
"""Counts held at once: replicates times people, and the fewest replicates however many people there are."""
MOST_LOST = 0.1
"""Share of replicates without an effect above which there is no answer."""


@dataclass(frozen=True, eq=False)
class Part:
    """One exposure.

    Parameters
    ----------
    name : str
        The finding whose exposure it is.
    effect : ndarray, shape (B + 1,)
        Points of mean achievement for one unit of exposure: the study's, then each replicate's.
    exposure : Levels or Already
    claim : {"effect_if", "association"}
    people : int
        Employees whom the effect rests on; not for publication as it is.
    own : tuple of float
        Ends of the finding's own interval, for one unit of exposure.
    doubtful : bool
        A check that the data can make speaks against the assumption.
    """

    name: str
    effect: np.ndarray = field(repr=False)
    exposure: Levels | Already
    claim: Literal["effect_if", "association"]
    people: int
    own: tuple[float, float]
    doubtful: bool = False

    def frozen(self, level: float) -> bool:
        """Tell whether replicates are all alike although the finding itself is uncertain.

        So they are where nobody shares a unit: drawing employees within units then draws the study again.
        """
        known = self.effect[1:][np.isfinite(self.effect[1:])]
        low, high = percentile_interval(known, level)
        return self._still(high - low, np.median(known)) and self.own[1] > self.own[0]

    @staticmethod
    def _still(width: float, middle: float) -> bool:
        return bool(width <= _ROUNDING * abs(middle))

    def no_surer(self, level: float) -> Part:
        """Return the part with replicates drawn apart, about their median, as far as `own` is wide."""
        drawn = self.effect[1:]
        known = drawn[np.isfinite(drawn)]
        low, high = percentile_interval(known, level)
        middle, width = np.median(known), high - low
        factor = 1.0 if self._still(width, middle) else max(1.0, (self.own[1] - self.own[0]) / width)
        return replace(self, effect=np.append(self.effect[:1], middle + factor * (drawn - middle)))


@dataclass(frozen=True, eq=False)
class Sample:
    """The study and its replicates, and what several parts need of them.

    Parameters
    ----------
    study : Study
    level : float
        Level of the findings' own intervals.
    draws : int
        Bootstrap replicates.
    """

    study: Study
    level: float
    draws: int

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """Return how often employees at `rows` are drawn, shape (draws + 1, n); ones first: the study."""
        plan = Resampling.within(self.study.employees["unit"], self.study.seed)
        return np.concatenate([np.ones((1, len(rows))), *plan.counts(self.replicates, rows=rows)])

    @property
    def replicates(self) -> int:
        """How many replicates are drawn: fewer where people are so many that all would not fit in memory."""
        return min(self.draws, max(_CELLS // max(len(self.study.employees), 1), _FEWEST))

    def rows(self, employees: Iterable[str]) -> np.ndarray:
        """Return where employees stand in the study's table."""
        index = self.study.employees.set_index("employee_id").index
        return index.get_indexer(list(employees))

    @cached_property
    def last_period(self) -> int:
        """The last period in which an achievement stands."""
        return int(variables.achievement(self.study).columns.max())

    @property
    def last_day(self) -> pd.Timestamp:
        """The last day of it."""
        return pd.Timestamp(self.study.calendar.last_day(self.last_period))

    @cached_property
    def serving(self) -> np.ndarray:
        """Rows of the employees in service to the end of the last period."""
        employees, year = self.study.employees, self.last_day.year
        here = np.ones(len(employees), bool)
        if "left_on" in employees:
            here &= ~(employees["left_on"] <= self.last_day).to_numpy()
        if "start_year" in employees:
            here &= ~(employees["start_year"] > year).to_numpy(bool, na_value=False)
        return np.flatnonzero(here)

    @cached_property
    def chain(self) -> Pathways:
        """The latent path model of notebook 05."""
        return pathways(self.study, self.level, self.replicates)

    def already(self, days: pd.Series) -> Already:
        """Return who in service has had something by the end of the last period, from its day by employee."""
        ids = self.study.employees["employee_id"].to_numpy()[self.serving]
        had = (days.reindex(ids) <= self.last_day).to_numpy()
        return Already(had, self.counts(self.serving), self.study.settings.privacy.minimum_cell)


Maker = Callable[[Sample, str], "Part | Message"]


def parts_of(study: Study, names: Iterable[str], level: float, draws: int) -> dict[str, Part | Message]:
    """Return the parts of these names, or why one cannot be had.

    Parameters
    ----------
    study : Study
    names : iterable of str
        Of `makers.MAKERS`; an unknown one gets a message.
    level : float
    draws : int

    Returns
    -------
    dict of str to (Part or Message)
        In the order of `names`, each once.
    """
    from walesi_research.questions.policy.makers import MAKERS

    sample = Sample(study, level, draws)
    found: dict[str, Part | Message] = {}
    for name in dict.fromkeys(names):
        if name not in MAKERS:
            found[name] = Message.of("policy.unknown", exposure=name)
        elif lacking := lacking_achievement(study):
            found[name] = Message.of(f"training.{lacking}")
        else:
            found[name] = _sound(sample, MAKERS[name](sample, name))
    return found


def _sound(sample: Sample, part: Part | Message) -> Part | Message:
    """Return a part no surer than its finding, or why not: too few people, or replicates."""
    if isinstance(part, Message):
        return part
    least = sample.study.settings.privacy.minimum_cell
    if part.exposure.size < least:
        return Message.of("policy.few", n=least)
    steady = np.isfinite(part.effect[1:]).mean() >= 1 - MOST_LOST
    if not steady or part.frozen(sample.level):
        return Message.of("policy.unsteady")
    return part.no_surer(sample.level)


def serving_people(study: Study) -> int:
    """Return how many people are in service at the end of the last period with an achievement; 0 without."""
    return 0 if lacking_achievement(study) else len(Sample(study, 0.95, 0).serving)
