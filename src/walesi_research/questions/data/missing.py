"""Which answers are blank?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from walesi_research.exhibits import Column, Gap, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, count, say, share
from walesi_research.questions.data.answers import answers, respondents
from walesi_research.questions.result import few, in_both, not_estimable, people, suppressed
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
            "incomplete": int(blank[items].any(axis=1).sum()),
        }
        for name, items in _items(study, given).items()
    ]
    overall = float(blank.to_numpy().mean()) if blank.size else None
    return Missing(study, overall, _guarded(pd.DataFrame(rows), study), len(given))


def _guarded(scales: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Mark the scales that few left blanks in, and one more where a single one could be found out."""
    if scales.empty:
        return scales
    hidden = few(scales["incomplete"], study.settings.privacy.minimum_cell)
    others = scales.loc[~hidden & (scales["incomplete"] > 0), "incomplete"]
    if hidden.sum() == 1 and len(others):
        hidden[others.idxmin()] = True
    return scales.assign(hidden=hidden)


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
        By construct: number of items, share of blanks, respondents with a blank, and whether it is hidden.
    n : int
        Respondents.
    """

    study: Study
    share: float | None
    scales: pd.DataFrame
    n: int

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
        if self._few:
            return [suppressed(self.study, **parts)]
        value = float(round_share(self.share))
        n = people(self.study, self.n)
        return [Finding(estimate=value, se=0.0, low=value, high=value, n=n, **parts)]

    @property
    def _few(self) -> bool:
        return self.n < self.study.settings.privacy.minimum_cell

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many answers are blank, and where most of them are."""
        if self.share is None or self._few:
            return []
        if self.share == 0:
            return [Sentence(say(language, "data.missing_none"))]
        text = say(language, "data.missing_some", share=float(round_share(self.share)))
        shown = self.scales[~self.scales["hidden"]]
        worst = shown.loc[shown["blank"].idxmax()] if len(shown) else None
        if worst is not None and worst["blank"] == self.scales["blank"].max():
            scale = self._label(worst["construct"], language)
            most = say(language, "data.missing_most", scale=scale, worst=float(round_share(worst["blank"])))
            text = f"{text} {most}"
        return [Sentence(text)]

    def _label(self, construct: str, language: str) -> str:
        return self.study.codebook.constructs[construct].label[language]

    def table(self, language: str) -> Table | list[Table]:
        """Return blanks by scale."""
        if self.scales.empty or self._few:
            return []
        keys = ("scale", "items", "blank", "complete")
        columns = [Column(say(language, f"data.{key}"), key != "scale") for key in keys]
        rows = [self._row(row, language) for row in self.scales.itertuples()]
        caption = say(language, "data.missing_caption", people=people(self.study, self.n))
        return Table(columns, rows, caption, language)

    def _row(self, row: Any, language: str) -> list[str] | Gap:
        label = self._label(row.construct, language)
        if row.hidden:
            return Gap(label, say(language, "data.not_shown"), say(language, "data.few_blanks"))
        blank, complete = round_share(row.blank), round_share(1 - row.incomplete / self.n)
        return [label, count(row.items, language), share(blank, language), share(complete, language)]
