"""Who answered the survey?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Bar, Figure, Sentence, bars
from walesi_research.findings import Finding
from walesi_research.language import Message, month, say, share
from walesi_research.questions.data.answers import respondents
from walesi_research.questions.data.histogram import histogram
from walesi_research.questions.result import in_both, not_estimable, people, weakest
from walesi_research.questions.variables import latest_wave
from walesi_research.study.privacy import round_share, suppress

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Response", "response"]

NOTEBOOK = "01_data"
MANY_UNITS = 25
"""Above it a distribution is drawn instead of a bar a unit."""
GOOD, HALF = 0.7, 0.5


def response(study: Study) -> Response:
    """Ask what share of the listed employees answered, in all and by unit.

    An employee answered who gave at least one answer in the latest wave. A unit is shown where its
    employees, and those of them who answered, are as many as the disclosure rule asks for.

    Returns
    -------
    Response
        Finding ``data.response_rate``.
    """
    if not study.has("survey"):
        return Response(study, None, pd.DataFrame())
    answered = study.employees["employee_id"].isin(respondents(study))
    return Response(study, float(answered.mean()), by_unit(study, answered))


def by_unit(study: Study, answered: pd.Series) -> pd.DataFrame:
    """Return the units that may be shown or must be hidden: columns ``unit``, ``share``, ``shown``."""
    grouped = answered.groupby(study.employees["unit"], observed=True)
    size, gave = grouped.size(), grouped.sum()
    least = study.settings.privacy.minimum_cell
    hidden = suppress(weakest(size, gave, least), least)
    rate = round_share(gave / size)
    return pd.DataFrame({"unit": size.index.astype(str), "share": rate, "shown": ~hidden})


@dataclass(frozen=True, eq=False)
class Response:
    """Answer: the response rate and its spread over units.

    Parameters
    ----------
    study : Study
    rate : float or None
        Share of the listed employees who answered; None without a survey.
    units : DataFrame
        See `by_unit`.
    """

    study: Study
    rate: float | None
    units: pd.DataFrame

    @property
    def findings(self) -> list[Finding]:
        """The response rate: a census of the list, hence without error."""
        parts = {
            "id": "data.response_rate",
            "unit": "share",
            "claim": "description",
            "method": "share of listed employees with at least one answer in the latest wave",
            "question": in_both("data.response_question"),
            "notebook": NOTEBOOK,
        }
        if self.rate is None:
            return [not_estimable(Message.of("data.no_survey"), **parts)]
        rate = float(round_share(self.rate))
        n = people(self.study, len(self.study.employees))
        return [Finding(estimate=rate, se=0.0, low=rate, high=rate, n=n, **parts)]

    @property
    def _shown(self) -> pd.Series:
        return self.units.loc[self.units["shown"], "share"]

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many answered, and what that means."""
        if self.rate is None:
            return [Sentence(say(language, "data.no_survey"), "note")]
        rate = float(round_share(self.rate))
        levels = [(self.rate == 1, "all"), (rate >= GOOD, "most"), (rate >= HALF, "half"), (True, "few")]
        key = next(name for holds, name in levels if holds)
        lead = say(language, f"data.response_{key}", hundred=round(100 * rate), when=self._when(language))
        return [Sentence(lead, "lead"), Sentence(self._meaning(language), "range")]

    def _when(self, language: str) -> str:
        wave = latest_wave(self.study)
        dates = wave["date"].dropna() if "date" in wave else pd.Series(dtype="datetime64[ns]")
        if dates.empty:
            return ""
        return say(language, "data.response_when", month=month(dates.median().date(), language))

    def _meaning(self, language: str) -> str:
        if self.rate == 1:
            return say(language, "data.response_list")
        if self._shown.nunique() < 2:
            return say(language, "data.response_silent")
        return say(language, "data.response_spread", spread=self._spread(language))

    def _spread(self, language: str, tail: float = 0.0) -> str:
        low, high = (share(x, language) for x in np.quantile(self._shown, [tail, 1 - tail]))
        return say(language, "data.spread", low=low, high=high)

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return response by unit: a bar each, or their distribution where there are many."""
        if self.rate is None or self.rate == 1 or self._shown.empty:
            return []
        return self._bars(language) if len(self.units) <= MANY_UNITS else self._histogram(language)

    def _bars(self, language: str) -> Figure:
        hidden = say(language, "data.too_few")
        ordered = self.units.sort_values(["shown", "share"], ascending=False, kind="stable")
        rows = [Bar(u.unit, u.share) if u.shown else Bar(u.unit, note=hidden) for u in ordered.itertuples()]
        return bars(
            rows,
            language=language,
            alt=say(language, "data.response_caption"),
            caption=say(language, "data.response_caption"),
            axis_label=say(language, "data.response_axis"),
            synthetic=self.study.synthetic,
        )

    def _histogram(self, language: str) -> Figure:
        shown, hidden = self._shown, int((~self.units["shown"]).sum())
        alt = say(language, "data.response_many_alt", units=len(shown), middle=self._spread(language, 0.25))
        caption = say(language, "data.response_many_caption", hidden=hidden)
        axis = say(language, "data.response_axis"), say(language, "data.units")
        return histogram(shown, language, axis, alt, caption, self.study.synthetic)
