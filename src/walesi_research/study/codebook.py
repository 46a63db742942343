"""The questionnaire: constructs, their items, and how items become scale means."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from walesi_research.study.strict import Fault, Strict, Words

__all__ = ["Codebook", "Construct", "Role"]

Role = Literal[
    "culture",
    "recognition",
    "training",
    "skill",
    "fairness",
    "transparency",
    "favouritism",
    "motivation",
    "commitment",
    "performance",
    "service",
    "other",
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Item = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_ListAsTuple = BeforeValidator(lambda x: tuple(x) if isinstance(x, list) else x)
Point = Annotated[int, Field(ge=-1000, le=1000)]
Scale = Annotated[tuple[Point, Point], _ListAsTuple]
Items = Annotated[dict[Item, Words], Field(min_length=1)]

RESERVED = ("employee_id", "date", "wave", "weight", "comment", "items")
"""Names that no item may have: the survey's other columns, and the word for all items."""


class Construct(Strict):
    """What several items measure together: its role, scale, wording, source and items."""

    role: Role
    scale: Scale
    label: Words
    source: str = ""
    reverse: Annotated[tuple[str, ...], _ListAsTuple] = ()
    items: Items

    @model_validator(mode="after")
    def _consistent(self) -> Construct:
        low, high = self.scale
        if low >= high:
            raise Fault("check.scale_order", key="scale", value=f"[{low}, {high}]", allowed="[1, 5]")
        for item in self.reverse:
            if item not in self.items:
                raise Fault("check.reverse_unknown", key="reverse", value=item, choices=tuple(self.items))
        return self


class Codebook(Strict):
    """The constructs of a questionnaire by name, in the order of the codebook."""

    constructs: dict[Name, Construct] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _items_are_unique(self) -> Codebook:
        times = Counter(item.casefold() for item in self.items)  # as names of columns are matched
        for item in self.items:
            if times[item.casefold()] > 1:
                homes = [name for name, construct in self.constructs.items() if _has(construct, item)]
                raise Fault("check.item_twice", key=f"constructs.{homes[-1]}.items", value=item, homes=homes)
            if item.casefold() in RESERVED:
                raise Fault("check.item_reserved", key="constructs", value=item)
        return self

    @property
    def items(self) -> tuple[str, ...]:
        """All items, in the order of the codebook."""
        return tuple(item for construct in self.constructs.values() for item in construct.items)

    def with_role(self, role: Role) -> tuple[str, ...]:
        """Return the names of the constructs that play `role`."""
        return tuple(name for name, construct in self.constructs.items() if construct.role == role)

    def keyed(self, survey: pd.DataFrame, construct: str) -> pd.DataFrame:
        """Return a construct's items turned the same way: ``low + high - x`` where reverse-keyed.

        Parameters
        ----------
        survey : DataFrame
            Answers as given, one row a respondent.
        construct : str
            Name of the construct.

        Returns
        -------
        DataFrame
            Shape (respondents, items of the construct), in points of its scale.
        """
        about = self.constructs[construct]
        answers = survey[list(about.items)].astype(float)
        reverse = list(about.reverse)
        answers[reverse] = sum(about.scale) - answers[reverse]
        return answers

    def scores(self, survey: pd.DataFrame) -> pd.DataFrame:
        """Return the scale means: the mean of the answered items, of which there must be at least half.

        Parameters
        ----------
        survey : DataFrame
            Answers as given (not yet reversed), one row a respondent.

        Returns
        -------
        DataFrame
            One column a construct, in points of its scale, NaN where fewer than half of its items
            were answered; rows as in `survey`.
        """
        return pd.DataFrame(
            {name: _scale_mean(self.keyed(survey, name)) for name in self.constructs}, index=survey.index
        )


def _has(construct: Construct, item: str) -> bool:
    return item.casefold() in map(str.casefold, construct.items)


def _scale_mean(answers: pd.DataFrame) -> pd.Series:
    answered = answers.notna().sum(axis=1)
    return answers.mean(axis=1).where(2 * answered >= answers.shape[1], np.nan)
