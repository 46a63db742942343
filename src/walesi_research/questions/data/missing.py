"""Which answers are blank?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from walesi_research.exhibits import Column, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, count, say, share
from walesi_research.questions.data.answers import answers, respondents
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.study.privacy import round_share

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Missing", "missing"]

NOTEBOOK = "01_data"


def missing(study: Study) -> Missing:
    """Ask what share of the respondents' answers to scale questions is blank, in all and by scale.

    Returns
    -------
    Missing
        Finding ``data.missing_share``.
    """
    if not study.has("survey"):
        return Missing(study, None, pd.DataFrame(), 0)
    given = answers(study).loc[respondents(study)]
    blank = given.isna()
    rows = [
        {
            "construct": name,
            "items": len(items),
            "blank": float(blank[items].to_numpy().mean()),
            "complete": float((~blank[items].any(axis=1)).mean()),
        }
        for name, items in _items(study, given).items()
    ]
    overall = float(blank.to_numpy().mean()) if blank.size else None
    return Missing(study, overall, pd.DataFrame(rows), people(study, len(given)))


def _items(study: Study, given: pd.DataFrame) -> dict[str, list[str]]:
    scales = {name: [i for i in c.items if i in given] for name, c in study.codebook.constructs.items()}
    return {name: items for name, items in scales.items() if items}


@dataclass(frozen=True, eq=False)
class Missing:
    """Answer: blank answers in all and by scale.

    Parameters
    ----------
    study : Study
    share : float or None
        Share of blank answers; None where nobody answered.
    scales : DataFrame
        By construct: number of items, share of blanks, share of respondents who answered all.
    people : int
        Respondents, rounded.
    """

    study: Study
    share: float | None
    scales: pd.DataFrame
    people: int

    @property
    def findings(self) -> list[Finding]:
        """The share of blank answers."""
        parts = {
            "id": "data.missing_share",
            "unit": "share",
            "claim": "description",
            "method": "blank answers among all answers that respondents could give to scale questions",
            "question": in_both("data.missing_question"),
            "notebook": NOTEBOOK,
        }
        if self.share is None:
            reason = "data.nobody" if self.study.has("survey") else "data.no_survey"
            return [not_estimable(Message.of(reason), **parts)]
        value = float(round_share(self.share))
        return [Finding(estimate=value, se=0.0, low=value, high=value, n=self.people, **parts)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many answers are blank, and where most of them are."""
        if self.share is None:
            return []
        if self.share == 0:
            return [Sentence(say(language, "data.missing_none"))]
        worst = self.scales.loc[self.scales["blank"].idxmax()]
        values = {
            "share": self.share,
            "scale": self._label(worst["construct"], language),
            "worst": worst["blank"],
        }
        return [Sentence(say(language, "data.missing_some", **values))]

    def _label(self, construct: str, language: str) -> str:
        return self.study.codebook.constructs[construct].label[language]

    def table(self, language: str) -> Table | list[Table]:
        """Return blanks by scale."""
        if self.scales.empty:
            return []
        columns = [
            Column(say(language, f"data.{key}"), key != "scale")
            for key in ("scale", "items", "blank", "complete")
        ]
        rows = [
            [
                self._label(row.construct, language),
                count(row.items, language),
                share(row.blank, language, 1),
                share(row.complete, language),
            ]
            for row in self.scales.itertuples()
        ]
        return Table(columns, rows, say(language, "data.missing_caption"), language)
