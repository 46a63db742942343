"""Do units judge themselves as the public does: self-rated performance against the service index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from walesi_research.exhibits import Column, Gap, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval_words, number, say
from walesi_research.questions import variables
from walesi_research.questions.performance.names import NOTEBOOK
from walesi_research.questions.performance.service import rated_or_why_not, silence
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.stats.exact_correlation import ExactCorrelation, exact_correlation
from walesi_research.study.privacy import suppress

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Citizens", "citizens", "units_compared"]

ID = "service.self_rating_correlation"
LEAST_UNITS = 6
"""Fewest units between which a correlation can be told from chance."""
METHOD = (
    "correlation over units of the mean self-rated performance of their employees (latest wave) with the "
    "service index of the survey's period; exact interval for normal pairs, permutation test; units count "
    "alike, and both means err by whom was asked; an association"
)
State = Literal["agree", "open", "apart"]


def citizens(study: Study, level: float = 0.95) -> Citizens:
    """Ask whether units that rate their own performance higher are rated higher by the public.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the interval.

    Returns
    -------
    Citizens
        Finding ``service.self_rating_correlation``, an association over units.
    """
    units = units_compared(study)
    if isinstance(units, Message):
        return Citizens(study, level, units)
    if len(units) < LEAST_UNITS:
        return Citizens(study, level, Message.of("performance_service.few_rated", n=LEAST_UNITS), units)
    try:
        found = exact_correlation(units["self"], units["index"], study.rng(ID), level=level)
    except ValueError:
        return Citizens(study, level, Message.of("performance_service.alike"), units)
    return Citizens(study, level, None, units, found)


def units_compared(study: Study) -> pd.DataFrame | Message:
    """Return self-rated performance and service index of the units that have both, or why there is none.

    Returns
    -------
    DataFrame or Message
        By unit (index), in the order of their names: ``self`` (mean of the codebook's performance scale),
        ``employees``, ``index`` (IKM of the survey's period), ``respondents``; units with fewer than
        ``minimum_cell`` of either are left out.
    """
    cells = rated_or_why_not(study)
    if isinstance(cells, Message):
        return cells
    day = variables.survey_day(study)
    name = variables.construct_of_role(study, "performance")
    if not study.has("survey") or name is None:
        return Message.of("performance_service.no_self_rating")
    if day is None:
        return Message.of("performance_service.no_date")
    now = cells[cells["period"] == study.calendar.of(day)].set_index("unit")
    if now.empty:
        return Message.of("performance_service.no_index_then")
    rated = _self_rated(study, name)
    enough = rated[rated["employees"] >= study.settings.privacy.minimum_cell]
    return enough.join(now[["index", "respondents"]], how="inner").sort_index()


def _self_rated(study: Study, construct: str) -> pd.DataFrame:
    """Return the mean of a scale by unit, ``self``, and how many ``employees`` answered it."""
    own = variables.scores(study)[construct].dropna()
    unit = study.employees.set_index("employee_id")["unit"].astype(str).reindex(own.index)
    grouped = own.groupby(unit.to_numpy())
    return pd.DataFrame({"self": grouped.mean(), "employees": grouped.size()})


@dataclass(frozen=True, eq=False)
class Citizens:
    """Answer: whether self-rating and public rating go together over units.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is no estimate.
    units : DataFrame or None
        See `units_compared`.
    found : ExactCorrelation or None
    """

    study: Study
    level: float
    reason: Message | None = None
    units: pd.DataFrame | None = None
    found: ExactCorrelation | None = None

    @property
    def findings(self) -> list[Finding]:
        """The correlation over units."""
        parts = {
            "id": ID,
            "unit": "correlation",
            "claim": "association",
            "method": METHOD,
            "question": in_both("performance_service.self_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if self.found is None:
            return [not_estimable(self.reason, **parts)]
        r, n = self.found, people(self.study, int(self.units["employees"].sum()))
        numbers = {"estimate": r.estimate, "low": r.low, "high": r.high, "p": r.pvalue}
        return [Finding(n=n, groups=r.n, **numbers, **parts)]

    @property
    def state(self) -> State:
        """Whether both ratings clearly go together, or apart, or neither; interval and test must agree."""
        r = self.found
        if r.low * r.high <= 0 or r.pvalue >= 1 - self.level:
            return "open"
        return "agree" if r.estimate > 0 else "apart"

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether units judge themselves as the public does, and how sure that is."""
        if self.found is None:
            return silence(self.reason, "self_silent", language)
        r = self.found
        digits = decimals([(r.low, r.high)], 2)
        values = {
            "r": number(r.estimate, language, digits),
            "between": interval_words(r.low, r.high, language, digits),
        }
        return [
            Sentence(_say(language, f"self_{self.state}", units=r.n), "lead"),
            Sentence(_say(language, "self_range", **values), "range"),
        ]

    def heading(self, language: str) -> list[Heading]:
        """Return what the table shows."""
        return [Heading(_say(language, f"self_heading_{self.state}"))] if self.found else []

    def table(self, language: str) -> Table | list[Table]:
        """Return both ratings by unit, ordered by name."""
        if self.found is None:
            return []
        name = variables.construct_of_role(self.study, "performance")
        low, high = self.study.codebook.constructs[name].scale
        columns = [
            _say(language, "unit"),
            Column(_say(language, "column_self", low=low, high=high), numeric=True),
            Column(_say(language, "column_public"), numeric=True),
        ]
        hidden = self._hidden
        rows = [self._row(unit, unit in hidden, language) for unit in self.units.index]
        return Table(columns, rows, _say(language, "self_table"), language, show_caption=False)

    @property
    def _hidden(self) -> set[str]:
        """Units that are hidden so that the mean of one with few answers cannot be found by subtraction."""
        size = _self_rated(self.study, variables.construct_of_role(self.study, "performance"))["employees"]
        return set(size.index[suppress(size.to_numpy(), self.study.settings.privacy.minimum_cell)])

    def _row(self, unit: str, hidden: bool, language: str) -> list[str] | Gap:
        if hidden:
            return Gap(unit, _say(language, "too_few"), _say(language, "hidden_why"))
        row = self.units.loc[unit]
        return [unit, number(row["self"], language), number(row["index"], language)]

    def details(self, language: str) -> list[Sentence]:
        """Return what is compared, and how."""
        if self.found is None:
            return []
        key = "self_method_all" if self.found.enumerated else "self_method_drawn"
        return [Sentence(_say(language, key, n=self.study.settings.privacy.minimum_cell))]


def _say(language: str, key: str, **values: Any) -> str:
    return say(language, f"performance_service.{key}", **values)
