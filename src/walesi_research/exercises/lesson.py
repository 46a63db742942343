"""A lesson: one study, one language, the exercises and how far the student has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from walesi_research.exercises import tables
from walesi_research.exercises.broken import WORLDS, attenuation, common_method, selection, world_of
from walesi_research.exercises.clusters import Interval, clusters, coverage
from walesi_research.exercises.hours import hours_slope
from walesi_research.exercises.own import no_people, own
from walesi_research.exercises.reliability import alpha, reversed_items
from walesi_research.exercises.reply import MARKS, Reply
from walesi_research.exercises.target import Target, graded, unanswered
from walesi_research.exercises.tie import (
    claims_table,
    no_claims,
    tie_difference,
    tie_effect,
    tie_error,
    verdicts,
)
from walesi_research.exhibits import Sentence, Table
from walesi_research.language import LANGUAGES, Message, say
from walesi_research.problems import nearest

if TYPE_CHECKING:
    from walesi_research.exercises.worlds import Simulated
    from walesi_research.study import Study

__all__ = ["EXERCISES", "Lesson"]

NUMBERS: dict[str, Callable[[Study], Target | Message]] = {
    "tie_difference": tie_difference,
    "tie_error": tie_error,
    "tie_effect": tie_effect,
    "hours_slope": hours_slope,
    "alpha": alpha,
    "attenuation": attenuation,
    "selection": selection,
    "common_method": common_method,
}
"""Exercises whose answer is a number."""
JUDGES: dict[str, Callable[[Study, Any, str], Reply]] = {
    "verdicts": verdicts,
    "clusters": clusters,
    "own": own,
}
"""Exercises whose answer is something else."""
LACKING: dict[str, Callable[[Study], Message | None]] = {"verdicts": no_claims, "own": no_people}
"""What says why a study cannot be asked one of those."""
EXERCISES = (
    "tie_difference",
    "tie_error",
    "tie_effect",
    "verdicts",
    "hours_slope",
    "alpha",
    "attenuation",
    "selection",
    "clusters",
    "common_method",
    "own",
)
"""In the notebook's order."""


class Lesson:
    """The exercises, asked of one study and answered in one language.

    Parameters
    ----------
    study : Study
    language : {"id", "en"}
        Of all that is told.

    Raises
    ------
    KeyError
        If there is no such language.
    """

    def __init__(self, study: Study, language: str = LANGUAGES[0]) -> None:
        if language not in LANGUAGES:
            raise KeyError(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
        self.study, self.language = study, language
        self._replies: dict[str, Reply] = {}

    @property
    def appraisals(self) -> pd.DataFrame:
        """Complete appraisals, see `tables.appraisals_of`; empty where the study has none."""
        return _table(tables.appraisals_of(self.study))

    @property
    def panel(self) -> pd.DataFrame:
        """Employee-periods with achievement and hours, see `tables.panel_of_hours`."""
        return _table(tables.panel_of_hours(self.study))

    @property
    def items(self) -> pd.DataFrame:
        """Answers to the items of one scale as they were given, not reversed."""
        return _table(tables.items_of(self.study))

    @property
    def reversed_items(self) -> list[str]:
        """Names of those items that are worded the other way round."""
        return reversed_items(self.study)[0]

    @property
    def scale(self) -> tuple[int, int]:
        """Lowest and highest answer to those items."""
        return reversed_items(self.study)[1]

    @property
    def people(self) -> pd.DataFrame:
        """One row an employee: unit, scale means, performance, hours."""
        return _table(tables.people_of(self.study))

    @property
    def claims(self) -> pd.DataFrame:
        """Estimate, interval, limit and supporting side of two claims."""
        return claims_table(self.study)

    def world(self, name: str) -> Simulated:
        """Return a simulated world, its ``data`` and its ``truth``, drawn by the study's seed.

        Parameters
        ----------
        name : {"attenuation", "selection", "clusters", "common_method"}
        """
        if name not in WORLDS:
            raise KeyError(f"no world {name!r}; there are {', '.join(WORLDS)}")
        return world_of(self.study, name)

    def coverage(self, interval: Interval) -> float:
        """Return the share of 500 worlds with six units in which a function's interval holds the truth."""
        return coverage(self.study, interval)

    def check(self, name: str, answer: Any) -> Reply:
        """Say whether an answer is right, and why.

        Parameters
        ----------
        name : str
            One of `EXERCISES`.
        answer : object
            A number; for ``verdicts`` two words, for ``clusters`` a function, for ``own`` two names and a
            number. ``...`` stands for no answer.

        Raises
        ------
        KeyError
            If there is no such exercise.
        """
        reply = self._reply(_known(name), answer)
        self._replies[name] = reply
        return reply

    def hint(self, name: str) -> Sentence:
        """Return the hint of an exercise, for who has not yet an answer to be checked."""
        return Sentence(say(self.language, f"exercises.{_known(name)}_hint"))

    def _reply(self, name: str, answer: Any) -> Reply:
        asked = (NUMBERS | LACKING).get(name, _nothing)(self.study)
        if isinstance(asked, Message):
            return Reply("unavailable", self.language, (asked,))
        if unanswered(answer):
            return Reply("unanswered", self.language, (Message.of("exercises.try"),))
        if isinstance(asked, Target):
            return graded(name, answer, asked, self.language)
        return JUDGES[name](self.study, answer, self.language)

    def progress(self) -> Table:
        """Return a table of the exercises and how each stands."""
        columns = [say(self.language, f"exercises.{key}") for key in ("exercise", "stands")]
        rows = [[say(self.language, f"exercises.{name}_title"), self._stand(name)] for name in EXERCISES]
        right = sum(reply.right for reply in self._replies.values())
        caption = say(self.language, "exercises.progress", n=right, all=len(EXERCISES))
        return Table(columns, rows, caption, self.language)

    def _stand(self, name: str) -> str:
        reply = self._replies.get(name)
        state = reply.state if reply else "unanswered"
        return f"{MARKS[state]} {say(self.language, f'exercises.{state}').removesuffix('.')}"


def _nothing(study: Study) -> None:
    """Say that nothing is lacking."""


def _known(name: str) -> str:
    if name not in EXERCISES:
        raise KeyError(f"no exercise {name!r}; nearest: {nearest(name, EXERCISES) or EXERCISES[0]!r}")
    return name


def _table(found: pd.DataFrame | Message) -> pd.DataFrame:
    return pd.DataFrame() if isinstance(found, Message) else found
