"""The scales of the questionnaire as the latest wave answered them: keyed items, and who answered them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.language import Message
from walesi_research.questions.variables import latest_wave
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["NOTEBOOK", "Scale", "counts_of", "fewest", "scales_in", "scales_of", "thin"]

NOTEBOOK = "02_measurement"


@dataclass(frozen=True, eq=False)
class Scale:
    """One construct of the codebook in the latest wave.

    Parameters
    ----------
    name : str
    label : dict of str to str
        The construct's name in words, by language.
    items : DataFrame, shape (respondents, items)
        Answers turned the same way, NaN where there is none; index as in the survey. Items that nobody
        answered are left out.
    ends : tuple of int
        Lowest and highest answer.
    texts : dict of item to dict
        Wording by language.
    reverse : frozenset of str
        Items whose answers were turned.
    """

    name: str
    label: dict[str, str]
    items: pd.DataFrame
    ends: tuple[int, int]
    texts: dict[str, dict[str, str]]
    reverse: frozenset[str] = frozenset()

    @property
    def complete(self) -> pd.DataFrame:
        """Rows of those who answered every item."""
        return self.items.dropna()

    @property
    def answered(self) -> pd.DataFrame:
        """Rows of those who answered any item."""
        return self.items.dropna(how="all")

    @property
    def categories(self) -> int:
        """Number of possible answers."""
        return self.ends[1] - self.ends[0] + 1

    def text(self, item: str, language: str) -> str:
        """Return the wording of an item, marked where its answers were turned."""
        return self.texts[item][language] + (" (R)" if item in self.reverse else "")


def scales_of(study: Study) -> list[Scale] | Message:
    """Return the codebook's scales in the latest wave, or why there are none.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Scale or Message
        In the order of the codebook.
    """
    if not study.has("survey"):
        return Message.of("measurement.no_survey")
    return scales_in(study, latest_wave(study))


def scales_in(study: Study, rows: pd.DataFrame) -> list[Scale]:
    """Return the codebook's scales as survey `rows` answered them, in the order of the codebook."""
    return [_scale(study, rows, name) for name in study.codebook.constructs]


def _scale(study: Study, rows: pd.DataFrame, name: str) -> Scale:
    about = study.codebook.constructs[name]
    items = study.codebook.keyed(rows, name).dropna(axis=1, how="all")
    label = {language: about.label[language] for language in ("id", "en")}
    texts = {i: {language: about.items[i][language] for language in ("id", "en")} for i in items}
    return Scale(name, label, items, about.scale, texts, frozenset(about.reverse))


def fewest(study: Study, items: int) -> int:
    """Return the fewest complete cases that a model of so many items may rest on."""
    return max(study.settings.privacy.minimum_cell, items + 2)


def thin(study: Study, scale: Scale, items: int) -> Message | None:
    """Say why a scale has no estimate from at least so many items, or None where it has one."""
    complete = scale.complete.to_numpy()
    k = scale.items.shape[1]
    if k < items:
        return Message.of("measurement.too_few_items", items=k, needed=items)
    if len(complete) < fewest(study, k):
        return Message.of("measurement.too_few_people")
    if (complete == complete[0]).all(axis=0).any():
        return Message.of("measurement.constant_item")
    return None


def counts_of(study: Study, draws: int) -> Iterator[np.ndarray]:
    """Yield how often each respondent of the latest wave is drawn in the study's one resampling plan.

    Yields
    ------
    ndarray, shape (b, respondents)
        A block of draws at a time.
    """
    place = pd.Index(study.employees["employee_id"]).get_indexer(latest_wave(study)["employee_id"])
    return Resampling.within(study.employees["unit"], study.seed).counts(draws, rows=place)
