"""Who answered the survey?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Bar, Figure, Heading, Sentence, bars
from walesi_research.findings import Finding
from walesi_research.language import Message, month, say, share
from walesi_research.questions.data.answers import respondents
from walesi_research.questions.data.histogram import histogram
from walesi_research.questions.result import few, hidden_shares, in_both, not_estimable, people, suppressed
from walesi_research.questions.variables import listed_at_survey, survey_day
from walesi_research.study.privacy import round_share

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Response", "response"]

NOTEBOOK = "01_data"
MANY_UNITS = 25
"""Above it a distribution is drawn instead of a bar a unit."""
GOOD, HALF = 0.7, 0.5


def response(study: Study) -> Response:
    """Ask what share of the listed employees answered, in all and by unit.

    Listed is who had not left by the day of the survey; an employee answered who gave at least one answer in
    the latest wave. Units whose share would tell of few people, those who kept silent included, are shown
    together.

    Returns
    -------
    Response
        Finding ``data.response_rate``.
    """
    if not study.has("survey"):
        return Response(study, 0, 0, pd.DataFrame())
    listed = listed_at_survey(study)
    answered = listed["employee_id"].isin(respondents(study))
    return Response(study, len(listed), int(answered.sum()), by_unit(study, listed["unit"], answered))


def by_unit(study: Study, unit: pd.Series, answered: pd.Series) -> pd.DataFrame:
    """Return one row a unit or, last, for all units that may only be shown together.

    Columns: ``unit`` (None for those together), ``units`` (how many), ``share``.
    """
    grouped = answered.groupby(unit, observed=True)
    size, gave = grouped.size(), grouped.sum()
    hidden = hidden_shares(size.to_numpy(), gave.to_numpy(), study.settings.privacy.minimum_cell)
    alone = pd.DataFrame({"unit": size.index.astype(str), "units": 1, "share": round_share(gave / size)})[
        ~hidden
    ]
    alone = alone.sort_values("share", ascending=False, kind="stable")
    if not hidden.any() or hidden.all():
        return alone
    share = round_share(gave[hidden].sum() / size[hidden].sum())
    return pd.concat([alone, pd.DataFrame([{"unit": None, "units": int(hidden.sum()), "share": share}])])


@dataclass(frozen=True, eq=False)
class Response:
    """Answer: the response rate and its spread over units.

    Parameters
    ----------
    study : Study
    listed, answered : int
        Employees listed on the day of the survey, and those of them who answered (not for publication).
    units : DataFrame
        See `by_unit`.
    """

    study: Study
    listed: int
    answered: int
    units: pd.DataFrame

    @property
    def _least(self) -> int:
        return self.study.settings.privacy.minimum_cell

    @property
    def _rate(self) -> float:
        return float(round_share(self.answered / self.listed))

    @property
    def _hidden(self) -> bool:
        """Whether the share would tell of few people: those listed, those who answered, or the others."""
        silent = self.listed - self.answered
        return bool(self.listed < self._least or few(self.answered, self._least) or few(silent, self._least))

    @property
    def findings(self) -> list[Finding]:
        """The response rate: a census of the list, hence without error."""
        parts = {
            "id": "data.response_rate",
            "unit": "share",
            "claim": "description",
            "method": "share of employees listed on the day of the survey with at least one answer in the "
            "latest wave",
            "question": in_both("data.response_question"),
            "notebook": NOTEBOOK,
        }
        if not self.study.has("survey"):
            return [not_estimable(Message.of("data.no_survey"), **parts)]
        if self._hidden:
            return [suppressed(self.study, **parts)]
        n = people(self.study, self.listed)
        return [Finding(estimate=self._rate, se=0.0, low=self._rate, high=self._rate, n=n, **parts)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many answered, and what that means."""
        if not self.study.has("survey"):
            return [Sentence(say(language, "data.no_survey"), "note")]
        lead = say(
            language,
            f"data.response_{self._level}",
            hundred=round(100 * self._rate) if self.listed else 0,
            minimum=self._least,
            when=self._when(language),
        )
        return [Sentence(lead, "lead"), Sentence(self._meaning(language), "range")]

    @property
    def _level(self) -> str:
        if self.listed and self.answered == self.listed >= self._least:
            return "all"
        if self.listed < self._least or few(self.answered, self._least):
            return "too_few"
        if self._hidden:
            return "nearly"
        return "most" if self._rate >= GOOD else "half" if self._rate >= HALF else "few"

    def _when(self, language: str) -> str:
        day = survey_day(self.study)
        return "" if day is None else say(language, "data.response_when", month=month(day.date(), language))

    def _meaning(self, language: str) -> str:
        if self._level == "all":
            return say(language, "data.response_list")
        if self.units.empty or self.units["share"].nunique() < 2:
            return say(language, "data.response_silent")
        return say(language, "data.response_spread", spread=self._spread(language))

    def _spread(self, language: str, tail: float = 0.0) -> str:
        low, high = (share(x, language) for x in np.quantile(self.units["share"], [tail, 1 - tail]))
        return say(language, "data.spread", low=low, high=high)

    def heading(self, language: str) -> list[Heading]:
        """Return in how many of the units shown most employees answered."""
        if not self._drawn:
            return []
        alone = self.units.loc[self.units["units"] == 1, "share"]
        high, units = int((alone >= GOOD).sum()), len(alone)
        key = "none" if high == 0 else "all" if high == units else "some"
        return [Heading(say(language, f"data.response_heading_{key}", high=high, units=units))]

    @property
    def _drawn(self) -> bool:
        """Whether there is a unit of its own to draw, and anything to see."""
        return self._level not in ("all", "too_few") and (self.units["units"] == 1).any()

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return response by unit: a bar each, or their distribution where there are many."""
        if not self._drawn:
            return []
        return self._bars(language) if len(self.units) <= MANY_UNITS else self._histogram(language)

    def _caption(self, key: str, language: str) -> str:
        n, units = people(self.study, self.listed), int(self.units["units"].sum())
        caption = say(language, key, when=self._when(language), people=n, units=units)
        together = self.units["unit"].isna().any()
        return f"{caption} {say(language, 'data.response_hidden')}" if together else caption

    def _bars(self, language: str) -> Figure:
        rows = [
            Bar(u.unit if u.unit is not None else say(language, "data.other_units", n=u.units), u.share)
            for u in self.units.itertuples()
        ]
        return bars(
            rows,
            language=language,
            alt=say(language, "data.response_alt"),
            caption=self._caption("data.response_caption", language),
            axis_label=say(language, "data.response_axis"),
            synthetic=self.study.synthetic,
        )

    def _histogram(self, language: str) -> Figure:
        alone = self.units.loc[self.units["units"] == 1, "share"]
        alt = say(language, "data.response_many_alt", units=len(alone), middle=self._spread(language, 0.25))
        caption = self._caption("data.response_many_caption", language)
        axis = say(language, "data.response_axis"), say(language, "data.units")
        return histogram(alone, language, axis, alt, caption, self.study.synthetic)
