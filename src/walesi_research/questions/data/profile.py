"""Who is listed, and who of them answered?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Column, Gap, Sentence, Table
from walesi_research.language import count, say, share
from walesi_research.questions.data.answers import respondents
from walesi_research.questions.result import hidden_shares, people
from walesi_research.questions.variables import listed_at_survey
from walesi_research.study.privacy import round_share, suppress

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Profile", "profile"]

ATTRIBUTES = ("gender", "status", "position", "education")


def profile(study: Study) -> Profile:
    """Ask who the employees are, and whether some groups answered less than others.

    Returns
    -------
    Profile
        Has no findings: it describes groups under the disclosure rule.
    """
    employees = listed_at_survey(study)
    answered = employees["employee_id"].isin(respondents(study)) if study.has("survey") else None
    groups = {name: _groups(employees[name], answered, study) for name in ATTRIBUTES if name in employees}
    return Profile(study, {name: frame for name, frame in groups.items() if len(frame) > 1})


def _groups(values: pd.Series, answered: pd.Series | None, study: Study) -> pd.DataFrame:
    """Return one row a category: ``employees`` (rounded), ``share`` (who answered), and what is hidden."""
    order = [*map(str, values.cat.categories), "missing"]
    names = values.astype(object).where(values.notna(), "missing")
    least = study.settings.privacy.minimum_cell
    size = names.value_counts().reindex(order).dropna().astype(int)
    hidden = suppress(size.to_numpy(), least)
    frame = pd.DataFrame({"employees": [people(study, n) for n in size], "hidden": hidden}, index=size.index)
    if answered is not None:
        gave = answered.groupby(names).sum().reindex(size.index)
        few = hidden_shares(size.to_numpy(), gave.to_numpy(), least)
        frame["share"] = np.where(few | hidden, np.nan, round_share(gave / size))
    return frame


@dataclass(frozen=True, eq=False)
class Profile:
    """Answer: groups of employees by attribute.

    Parameters
    ----------
    study : Study
    groups : dict of str to DataFrame
        See `_groups`.
    """

    study: Study
    groups: dict[str, pd.DataFrame]
    findings = ()

    def sentence(self, language: str) -> list[Sentence]:
        """Return how the numbers were made safe."""
        privacy = self.study.settings.privacy
        if not self.groups:
            return [Sentence(say(language, "data.profile_none"), "note")]
        values = {"base": privacy.round_counts, "minimum": privacy.minimum_cell}
        return [Sentence(say(language, "data.profile_rounded", **values))]

    def table(self, language: str) -> list[Table]:
        """Return one table an attribute."""
        return [self._table(name, frame, language) for name, frame in self.groups.items()]

    def _table(self, name: str, frame: pd.DataFrame, language: str) -> Table:
        keys = ["employees", *(["answered"] if "share" in frame else [])]
        attribute = say(language, f"data.{name}")
        columns = [attribute, *(Column(say(language, f"data.{key}"), numeric=True) for key in keys)]
        rows = [self._row(name, category, row, language) for category, row in frame.iterrows()]
        key = "data.profile_caption" if "share" in frame else "data.profile_caption_listed"
        return Table(columns, rows, say(language, key, attribute=attribute.lower()), language)

    def _row(self, name: str, category: str, row: pd.Series, language: str) -> list[str] | Gap:
        key = "data.category_missing" if category == "missing" else f"data.{name}_{category}"
        if row["hidden"]:
            return Gap(
                say(language, key), say(language, "data.not_shown"), say(language, "data.too_few_people")
            )
        cells = [say(language, key), count(row["employees"], language)]
        if "share" in row:
            cells.append("–" if pd.isna(row["share"]) else share(row["share"], language))
        return cells
