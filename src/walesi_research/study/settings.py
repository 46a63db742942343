"""``study.toml``, typed: what a study is, where its tables are, and how it is to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from walesi_research.study.calendar import Rhythm
from walesi_research.study.strict import Fault, Strict, Words
from walesi_research.study.texts import as_text

__all__ = ["PLACEHOLDERS", "Appraisal", "Claim", "Privacy", "Scenario", "Settings"]

FINDING = r"^[a-z_]+(\.[a-z0-9_]+)+$"


def _as_texts(value: object) -> object:
    """Turn the value(s) of a file, written as text or number, into a tuple of texts."""
    values = value if isinstance(value, list) else [value]
    if all(isinstance(x, (str, int, float)) for x in values):
        return tuple(map(as_text, values))
    return value


FileValues = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
ValueMap = dict[str, dict[str, FileValues]]
FileColumn = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ColumnMap = dict[str, FileColumn]


class About(Strict):
    """``[study]``: name, seed and rhythm."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    title: Words
    seed: Annotated[int, Field(ge=0)]
    period: Rhythm
    synthetic: bool = False
    survey_date: Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2100, 12, 31))] | None = None
    language: Literal["id", "en"] = "id"


class TableFiles(Strict):
    """``[tables]``: the file of each table, within the folder."""

    employees: str | None = None
    survey: str | None = None
    appraisals: str | None = None
    training: str | None = None
    service: str | None = None
    events: str | None = None


class ColumnMaps(Strict):
    """``[columns.<table>]``: canonical name = the name in the file."""

    employees: ColumnMap = Field(default_factory=dict)
    survey: ColumnMap = Field(default_factory=dict)
    appraisals: ColumnMap = Field(default_factory=dict)
    training: ColumnMap = Field(default_factory=dict)
    service: ColumnMap = Field(default_factory=dict)
    events: ColumnMap = Field(default_factory=dict)


class ValueMaps(Strict):
    """``[values.<table>.<column>]``: canonical value = the value(s) in the file.

    The canonical value ``missing`` names the values that mean 'no answer', and the survey's column
    ``items`` stands for every item of the codebook.
    """

    employees: ValueMap = Field(default_factory=dict)
    survey: ValueMap = Field(default_factory=dict)
    appraisals: ValueMap = Field(default_factory=dict)
    training: ValueMap = Field(default_factory=dict)
    service: ValueMap = Field(default_factory=dict)
    events: ValueMap = Field(default_factory=dict)


class Privacy(Strict):
    """``[privacy]``: the fewest people a figure may rest on, and the base that counts are rounded to."""

    minimum_cell: Annotated[int, Field(ge=3, le=1000)] = 5
    round_counts: Annotated[int, Field(ge=1, le=1000)] = 5


class Appraisal(Strict):
    """``[appraisal]``: achievement (% of target) under, or over, which a result deserves 1, or 3."""

    below: float = 90.0
    above: float = 110.0

    @model_validator(mode="after")
    def _ordered(self) -> Appraisal:
        if self.below >= self.above:
            raise Fault("check.below_above", key="below", value=self.below, allowed=f"< {self.above:g}")
        return self


Exposure = Annotated[str, Field(pattern=FINDING)]
ScenarioName = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


class Scenario(Strict):
    """``[policy.scenarios.<name>]``: what happens to exposures, each in its finding's own unit, and the cost.

    `changes` add to an exposure, `targets` raise everyone below to it; `coverage` is the share of people
    reached, `cost` rupiah a unit of exposure a person.
    """

    label: Words
    changes: dict[Exposure, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    targets: dict[Exposure, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    coverage: Annotated[float, Field(gt=0, le=1)] = 1.0
    cost: dict[Exposure, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)

    @property
    def exposures(self) -> tuple[str, ...]:
        """The findings whose exposure it moves."""
        return (*self.changes, *self.targets)

    @model_validator(mode="after")
    def _something_moves(self) -> Scenario:
        if not self.exposures:
            raise Fault("check.nothing_moves", key="changes")
        for finding in self.targets:
            if finding in self.changes:
                raise Fault("check.change_and_target", key="targets", value=finding)
        return self

    @model_validator(mode="after")
    def _cost_of_a_change(self) -> Scenario:
        for finding in self.cost:
            if finding not in self.exposures:
                raise Fault("check.cost_without_change", key="cost", value=finding, choices=self.exposures)
        return self


class Policy(Strict):
    """``[policy]``: the scenarios of the policy notebook, and the rupiah that there are for them."""

    scenarios: dict[ScenarioName, Scenario] = Field(default_factory=dict)
    budget: Annotated[float, Field(gt=0)] | None = None


class Claim(Strict):
    """``[claims.<name>]``: the finding a claim rests on, the side that supports it, and the limit."""

    finding: Annotated[str, Field(pattern=FINDING)]
    supports: Literal["above", "below"]
    limit: float


class Snapshot(Strict):
    """``[snapshot]``: written by `Study.save`; the ids of the tables are pseudonyms already."""

    pseudonymised: Literal[True]
    unread: Mapping[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)


class Settings(Strict):
    """The whole of ``study.toml``."""

    study: About
    tables: TableFiles = Field(default_factory=TableFiles)
    columns: ColumnMaps = Field(default_factory=ColumnMaps)
    values: ValueMaps = Field(default_factory=ValueMaps)
    privacy: Privacy = Field(default_factory=Privacy)
    appraisal: Appraisal = Field(default_factory=Appraisal)
    policy: Policy = Field(default_factory=Policy)
    claims: dict[str, Claim] = Field(default_factory=dict)
    snapshot: Snapshot | None = None


PLACEHOLDERS = {"study": {"id": "x", "title": {"id": "x", "en": "x"}, "seed": 0, "period": "quarter"}}
"""What stands in for required keys that are missing, while the rest of a study is looked at."""
