"""Who gets the training that is a right: 20 JP a year?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from walesi_research.exhibits import Bar, Column, Figure, Gap, Heading, Sentence, Table, bars
from walesi_research.findings import Finding
from walesi_research.language import Message, count, number, say, share
from walesi_research.questions.claims import Claim, claim_of
from walesi_research.questions.result import few, hidden_shares, in_both, not_estimable, people, suppressed
from walesi_research.questions.training.panel import NOTEBOOK
from walesi_research.questions.training.record import covered_years, hours_of_year, in_service
from walesi_research.questions.training.silence import silence
from walesi_research.rules.training_right import NORM_HOURS, meets_norm
from walesi_research.stats.multiplicity import holm
from walesi_research.study.privacy import round_share, suppress

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Norm", "norm"]

ATTRIBUTES = ("status", "position", "gender", "unit")
MANY_UNITS = 25
"""Above it units are left out of the tables."""
METHOD = (
    "share of employees in service all year with at least 20 JP completed in it, courses of all kinds; the "
    "last calendar year from whose January or earlier to whose December or later the training table reaches"
)
State = Literal["under", "at", "over"]


def norm(study: Study, level: float = 0.95) -> Norm:
    """Ask what share of the employees completed the 20 JP a year that are a right, and who gets less.

    All employees in service all of the last calendar year that the training table covers in full are
    observed: the share has no error. That a group gets less is said only where Fisher's exact test of the
    group against everyone else says so at 1 - `level`, Holm-adjusted over all groups that may be shown.

    Parameters
    ----------
    study : Study
    level : float
        One less the level of the tests.

    Returns
    -------
    Norm
        Finding ``training.norm_share``.
    """
    if not study.has("training"):
        return Norm(study, level, Message.of("training.no_training"))
    years = covered_years(study)
    if not years:
        return Norm(study, level, Message.of("training_record.no_year"))
    year = years[-1]
    served = in_service(study, year)
    if served.empty:
        return Norm(study, level, Message.of("training_record.nobody", year=str(year)))
    hours = hours_of_year(study, year, served)
    met = meets_norm(hours).astype(bool)
    groups = {name: _groups(served[name], met, study) for name in ATTRIBUTES if name in served}
    groups = {name: frame for name, frame in groups.items() if len(frame) > 1}
    return Norm(
        study, level, None, year, len(served), int(met.sum()), float(hours.median()), groups,
        _lagging(groups, level),
    )  # fmt: skip


def _groups(values: pd.Series, met: pd.Series, study: Study) -> pd.DataFrame:
    """Return one row a category: people, those of them with 20 JP or more (exact), and what is hidden."""
    order = [*map(str, values.cat.categories), "missing"]
    names = values.astype(object).where(values.notna(), "missing").astype(str)
    size = names.value_counts().reindex(order).dropna().astype(int)
    part = met.groupby(names).sum().reindex(size.index).astype(int)
    least = study.settings.privacy.minimum_cell
    hidden = hidden_shares(size.to_numpy(), part.to_numpy(), least) | suppress(size.to_numpy(), least)
    return pd.DataFrame({"size": size, "part": part, "hidden": hidden})


def _lagging(groups: dict[str, pd.DataFrame], level: float) -> list[tuple[str, str]]:
    """Return the groups whose share lies clearly under that of everyone else: (attribute, category)."""
    compared = [pair for name, frame in groups.items() for pair in _comparisons(name, frame)]
    adjusted = holm([p for *_, p, _ in compared])
    return [
        (name, category)
        for (name, category, _, less), p in zip(compared, adjusted, strict=True)
        if less and p < 1 - level
    ]


def _comparisons(name: str, frame: pd.DataFrame) -> list[tuple[str, str, float, bool]]:
    """Return (attribute, category, p, whether its share is the lower one); of two groups the lower alone."""
    from scipy.stats import fisher_exact

    size, part = frame["size"].to_numpy(), frame["part"].to_numpy()
    rest, others = size.sum() - size, part.sum() - part
    found = [
        (name, str(category), float(fisher_exact(table).pvalue), bool(lower))
        for category, hidden, table, lower in zip(
            frame.index,
            frame["hidden"],
            np.stack([[part, size - part], [others, rest - others]]).transpose(2, 0, 1),
            part / size < others / np.maximum(rest, 1),
            strict=True,
        )
        if not hidden and category != "missing"
    ]
    return [row for row in found if row[3]] if len(frame) == 2 else found


@dataclass(frozen=True, eq=False)
class Norm:
    """Answer: the share that gets 20 JP a year, by group.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is no answer.
    year : int or None
        The last calendar year that the training table covers in full.
    served, met : int
        Employees in service all year, and those of them with 20 JP or more (not for publication).
    median : float
        Median JP of those in service.
    groups : dict of str to DataFrame
        By attribute, see `_groups`.
    lagging : list of tuple of str
        Groups that clearly get less, as (attribute, category).
    """

    study: Study
    level: float
    reason: Message | None = None
    year: int | None = None
    served: int = 0
    met: int = 0
    median: float = 0.0
    groups: dict[str, pd.DataFrame] = field(default_factory=dict)
    lagging: list[tuple[str, str]] = field(default_factory=list)

    @property
    def _least(self) -> int:
        return self.study.settings.privacy.minimum_cell

    @property
    def _hidden(self) -> bool:
        others = self.served - self.met
        return bool(self.served < self._least or few(self.met, self._least) or few(others, self._least))

    @property
    def _share(self) -> float:
        return float(round_share(self.met / self.served))

    @property
    def _claim(self) -> Claim:
        return claim_of(self.study, "training.norm_share")

    @property
    def _state(self) -> State:
        limit = self._claim.limit
        return "under" if self._share < limit else "over" if self._share > limit else "at"

    @property
    def findings(self) -> list[Finding]:
        """The share with 20 JP or more: a census of the list, hence without error."""
        parts = {
            "id": "training.norm_share",
            "unit": "share",
            "claim": "description",
            "method": METHOD if self.year is None else f"{METHOD}: {self.year}",
            "question": in_both("training_record.norm_question"),
            "notebook": NOTEBOOK,
        }
        if self.reason is not None:
            return [not_estimable(self.reason, **parts)]
        if self._hidden:
            return [suppressed(self.study, **parts)]
        n = people(self.study, self.served)
        return [Finding(estimate=self._share, se=0.0, low=self._share, high=self._share, n=n, **parts)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many get what they have a right to, and who is counted."""
        if self.reason is not None:
            return silence(self.reason, "training_record.norm_silent", language)
        lead = Sentence(
            say(language, f"training_record.norm_{self._level}", **self._values(language)), "lead"
        )
        return [lead, Sentence(self._meaning(language), "range"), *self._notes(language)]

    @property
    def _level(self) -> str:
        if self.served < self._least:
            return "too_few"
        if self._hidden:
            return "hardly_any" if self.met < self.served - self.met else "nearly_all"
        return self._state

    def _values(self, language: str) -> dict[str, object]:
        return {
            "hundred": 0 if self._hidden else round(100 * self._share),
            "limit": self._limit(language),
            "minimum": self._least,
            "norm": NORM_HOURS,
            "year": str(self.year),
        }

    def _limit(self, language: str) -> str:
        limit = self._claim.limit
        return say(language, "training_record.half") if limit == 0.5 else share(limit, language)

    def _meaning(self, language: str) -> str:
        if self.served < self._least:
            return say(language, "training_record.norm_counted", year=str(self.year))
        half = number(self.median, language, 0)
        return say(language, "training_record.norm_median", median=half, year=str(self.year))

    def _notes(self, language: str) -> list[Sentence]:
        if "start_year" in self.study.employees:
            return []
        return [Sentence(say(language, "training_record.no_start"), "note")]

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        if not self._drawn:
            return []
        key, share = ("all", None) if self._hidden else ("share", self._share)
        values = {"norm": NORM_HOURS, "year": str(self.year), "share": share}
        return [Heading(say(language, f"training_record.norm_heading_{key}", **values))]

    @property
    def _drawn(self) -> list[tuple[str, str, pd.Series]]:
        """The rows of the figure, units left out: (attribute, category, row)."""
        if self.reason is not None or self.served < self._least:
            return []
        shown = {name: frame for name, frame in self.groups.items() if name != "unit"}
        rows = [(name, str(c), row) for name, frame in shown.items() for c, row in frame.iterrows()]
        return rows if not self._hidden or any(not row["hidden"] for *_, row in rows) else []

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the share of all, and by status, position and gender."""
        if not self._drawn:
            return []
        hidden = say(language, "training_record.too_few_people")
        whole = say(language, "training_record.everyone")
        total = Bar(whole, note=hidden, bold=True) if self._hidden else Bar(whole, self._share, bold=True)
        rows = [
            Bar(_name(name, category, language), note=hidden)
            if row["hidden"]
            else Bar(_name(name, category, language), float(round_share(row["part"] / row["size"])))
            for name, category, row in self._drawn
        ]
        return bars(
            [total, *rows],
            language=language,
            alt=say(language, "training_record.norm_alt", norm=NORM_HOURS, year=str(self.year)),
            caption=say(
                language,
                "training_record.norm_caption",
                people=people(self.study, self.served),
                norm=NORM_HOURS,
                year=str(self.year),
            ),
            axis_label=say(language, "training_record.norm_axis", norm=NORM_HOURS),
            synthetic=self.study.synthetic,
        )

    def left_out(self, language: str) -> list[Sentence]:
        """Return which groups clearly get less than everyone else, if any."""
        shown = [frame for frame in self.groups.values() if (~frame["hidden"]).any()]
        if self.reason is not None or not shown:
            return []
        if not self.lagging:
            return [Sentence(say(language, "training_record.nobody_lags"))]
        named = tuple(
            say(
                language,
                "training_record.lags",
                group=_name(name, category, language),
                share=float(round_share(self._rate(name, category))),
            )
            for name, category in self.lagging
        )
        return [Sentence(say(language, "training_record.some_lag", groups=named))]

    def _rate(self, name: str, category: str) -> float:
        row = self.groups[name].loc[category]
        return row["part"] / row["size"]

    def table(self, language: str) -> Table | list[Table]:
        """Return all groups with their people; units in their own order, and only where they are not many."""
        shown = {
            name: frame
            for name, frame in self.groups.items()
            if not frame["hidden"].all() and (name != "unit" or len(frame) <= MANY_UNITS)
        }
        if not shown:
            return []
        columns = [
            say(language, "training_record.group"),
            Column(say(language, "training_record.in_service"), numeric=True),
            Column(say(language, "training_record.reached", norm=NORM_HOURS), numeric=True),
        ]
        rows = [
            self._row(name, str(category), row, language)
            for name, frame in shown.items()
            for category, row in frame.iterrows()
        ]
        caption = say(language, "training_record.norm_table", norm=NORM_HOURS, year=str(self.year))
        return Table(columns, rows, caption, language)

    def _row(self, name: str, category: str, row: pd.Series, language: str) -> list[str] | Gap:
        label = _name(name, category, language)
        if row["hidden"]:
            texts = (say(language, f"training_record.{key}") for key in ("not_shown", "too_few_people"))
            return Gap(label, *texts)
        size = count(people(self.study, row["size"]), language)
        return [label, size, share(round_share(row["part"] / row["size"]), language)]

    def details(self, language: str) -> list[Sentence]:
        """Return the rule, whose right it is, and how groups were compared."""
        if self.reason is not None:
            return []
        texts = [say(language, "training_record.norm_rule", norm=NORM_HOURS)]
        if "status" in self.groups:
            texts.append(say(language, "training_record.norm_pppk"))
        method = say(language, "training_record.norm_method", year=str(self.year), alpha=1 - self.level)
        texts.append(method)
        return [Sentence(text) for text in texts]


def _name(attribute: str, category: str, language: str) -> str:
    """Return a group's name; units have their own."""
    if category == "missing":
        return say(language, "training_record.missing")
    return category if attribute == "unit" else say(language, f"training_record.{attribute}_{category}")
