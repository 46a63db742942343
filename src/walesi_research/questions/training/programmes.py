"""What training was there, how much of it, and who took part in none?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Column, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, count, number, say, share
from walesi_research.questions.result import few, in_both, not_estimable, people, suppressed
from walesi_research.questions.training.panel import NOTEBOOK, completed_first
from walesi_research.questions.training.record import covered_years, hours_of_year, in_service
from walesi_research.study.privacy import round_share

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Programmes", "programmes"]

KINDS = ("leadership", "technical", "functional", "sociocultural", "missing")
MOST = 25
"""Programmes listed at most; those taken by fewer people are shown together."""
OTHERS = ""
"""Stands for the programmes shown together."""


def programmes(study: Study) -> Programmes:
    """Ask which programmes people completed, how many JP a head a year, and who completed none.

    Programmes completed by fewer than ``minimum_cell`` people are shown together, with the next smallest
    until those who completed any of them are enough; where even all are too few nothing is shown. So are
    those beyond the `MOST` that most people took.

    Returns
    -------
    Programmes
        Findings ``training.none_share`` (no course in the last covered year) and
        ``training.leadership_share`` (a leadership programme completed, of all employees).
    """
    if not study.has("training"):
        return Programmes(study, Message.of("training.no_training"))
    if study.training.empty:
        return Programmes(study, Message.of("training_record.no_courses"))
    courses = study.training
    kind = courses["kind"].astype(object) if "kind" in courses else pd.Series("missing", index=courses.index)
    courses = courses.assign(kind=kind.where(kind.notna(), "missing"), name=courses["programme"].astype(str))
    years = pd.DataFrame([_year(study, year) for year in covered_years(study)])
    return Programmes(study, None, _listed(courses, study.settings.privacy.minimum_cell), years, *_led(study))


def _listed(courses: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return one row a programme, and last one for those together (``name`` is `OTHERS`).

    Columns: ``kind``, ``name``, ``people``, ``hours`` (median of a course; NaN in the last), ``programmes``
    (how many), ``share`` (of all JP).
    """
    taken = courses.groupby(["kind", "name"]).agg(
        people=("employee_id", "nunique"), hours=("hours", "median"), total=("hours", "sum")
    )
    taken = taken.sort_values(["people", "total"], kind="stable").reset_index().assign(programmes=1)
    place = _places(courses, taken)
    together = max(int((taken["people"] < least).sum()), len(taken) - MOST)
    while 0 < together < len(taken) and courses["employee_id"][place < together].nunique() < least:
        together += 1
    shown = taken[together:].assign(order=taken["kind"].map(KINDS.index))
    shown = shown.sort_values(["order", "total", "name"], ascending=[True, False, True]).drop(columns="order")
    others = _together(courses[place < together], together)
    frame = pd.concat([shown, others]) if others["people"].iloc[0] >= least else shown
    share = round_share(frame["total"] / courses["hours"].sum())
    return frame.assign(share=share).drop(columns="total").reset_index(drop=True)


def _places(courses: pd.DataFrame, taken: pd.DataFrame) -> np.ndarray:
    """Return the row of `taken` that each course belongs to."""
    index = pd.MultiIndex.from_frame(taken[["kind", "name"]])
    return index.get_indexer(pd.MultiIndex.from_frame(courses[["kind", "name"]]))


def _together(courses: pd.DataFrame, programmes: int) -> pd.DataFrame:
    row = {"kind": "missing", "name": OTHERS, "people": courses["employee_id"].nunique(), "hours": np.nan}
    return pd.DataFrame([row | {"total": courses["hours"].sum(), "programmes": programmes}])


def _year(study: Study, year: int) -> dict[str, float]:
    """Return those in service all of `year`, their mean JP, and how many completed nothing."""
    served = in_service(study, year)
    hours = hours_of_year(study, year, served)
    return {"year": year, "served": len(served), "hours": hours.mean(), "none": int((hours == 0).sum())}


def _led(study: Study) -> tuple[int | None, int]:
    """Return how many employees completed a leadership programme (None where no kind is recorded), of all."""
    courses, employees = study.training, study.employees["employee_id"]
    if "kind" not in courses or courses["kind"].isna().all():
        return None, len(employees)
    return int(employees.isin(completed_first(study).index).sum()), len(employees)


@dataclass(frozen=True, eq=False)
class Programmes:
    """Answer: programmes, hours by year, and who took none.

    Parameters
    ----------
    study : Study
    reason : Message or None
        Why there is no answer.
    listed : DataFrame
        See `_listed`; people are exact and not for publication.
    years : DataFrame
        One row a covered year: ``year``, ``served``, ``hours`` (mean), ``none``; counts exact.
    led : int or None
        Employees with a leadership programme; None where no kind is recorded.
    employees : int
    """

    study: Study
    reason: Message | None = None
    listed: pd.DataFrame = field(default_factory=pd.DataFrame)
    years: pd.DataFrame = field(default_factory=pd.DataFrame)
    led: int | None = None
    employees: int = 0

    @property
    def _least(self) -> int:
        return self.study.settings.privacy.minimum_cell

    @property
    def findings(self) -> list[Finding]:
        """The share without any course, and the share with a leadership programme."""
        return [self._none(), self._leadership()]

    def _none(self) -> Finding:
        method = "share of employees in service all of the last covered year who completed no course in it"
        if self.reason is not None or self.years.empty:
            reason = self.reason or Message.of("training_record.no_year")
            return not_estimable(reason, **_parts("none", method))
        last = self.years.iloc[-1]
        return self._of(
            int(last["none"]), int(last["served"]), _parts("none", f"{method}: {last['year']:.0f}")
        )

    def _leadership(self) -> Finding:
        parts = _parts("leadership", "share of all listed employees with a leadership programme completed")
        if self.reason is not None or self.led is None:
            return not_estimable(self.reason or Message.of("training_record.no_kind"), **parts)
        return self._of(self.led, self.employees, parts)

    def _of(self, part: int, whole: int, parts: dict[str, object]) -> Finding:
        if self._tells(part, whole):
            return suppressed(self.study, **parts)
        x = float(round_share(part / whole))
        return Finding(estimate=x, se=0.0, low=x, high=x, n=people(self.study, whole), **parts)

    def _tells(self, part: int, whole: int) -> bool:
        """Say whether a share would tell of few people."""
        least = self._least
        return bool(whole < least or few(part, least) or few(whole - part, least))

    def sentence(self, language: str) -> list[Sentence]:
        """Return who completed nothing, who completed a leadership programme, and what is not shown."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        texts = [text for text in (self._told_none(language), self._told_led(language)) if text]
        return [Sentence(" ".join(texts))] if texts else []

    def _told_none(self, language: str) -> str:
        if self.years.empty:
            return say(language, "training_record.no_year")
        last = self.years.iloc[-1]
        none, served, year = int(last["none"]), int(last["served"]), f"{last['year']:.0f}"
        if served < self._least:
            return ""
        if self._tells(none, served):
            key = "none_few" if none < served - none else "none_nearly"
            return say(language, f"training_record.{key}", minimum=self._least, year=year)
        hundred = round(100 * round_share(none / served))
        return say(language, "training_record.none_share", hundred=hundred, year=year)

    def _told_led(self, language: str) -> str:
        if self.led is None:
            return say(language, "training_record.no_kind")
        if self.led == 0:
            return say(language, "training_record.led_none")
        if self._tells(self.led, self.employees):
            key = "led_few" if self.led < self.employees - self.led else "led_nearly"
            return say(language, f"training_record.{key}", minimum=self._least)
        values = {"people": people(self.study, self.led), "all": people(self.study, self.employees)}
        return say(language, "training_record.led", **values)

    @property
    def _shown_years(self) -> pd.DataFrame:
        if self.years.empty:
            return self.years
        return self.years[self.years["served"] >= self._least]

    def heading(self, language: str) -> list[Heading]:
        """Return how many JP a head the last covered year had."""
        if self._shown_years.empty:
            return []
        last = self._shown_years.iloc[-1]
        hours = number(last["hours"], language, 0)
        return [
            Heading(say(language, "training_record.hours_heading", hours=hours, year=f"{last['year']:.0f}"))
        ]

    def table(self, language: str) -> list[Table]:
        """Return the programmes, and the hours by year."""
        return [*self._programmes(language), *self._by_year(language)]

    def _programmes(self, language: str) -> list[Table]:
        if self.listed.empty:
            return []
        columns = [
            say(language, "training_record.programme"),
            say(language, "training_record.kind"),
            *(
                Column(say(language, f"training_record.{key}"), numeric=True)
                for key in ("took", "course_hours", "of_all_hours")
            ),
        ]
        rows = [self._row(row, language) for row in self.listed.itertuples()]
        return [Table(columns, rows, say(language, "training_record.programmes_table"), language)]

    def _row(self, row: object, language: str) -> list[str]:
        others = row.name == OTHERS
        name = say(language, "training_record.others", n=row.programmes) if others else row.name
        return [
            name,
            "–" if others else say(language, f"training_record.kind_{row.kind}"),
            count(people(self.study, row.people), language),
            "–" if others else number(row.hours, language, 0),
            share(row.share, language),
        ]

    def _by_year(self, language: str) -> list[Table]:
        if self._shown_years.empty:
            return []
        columns = [
            say(language, "training_record.year"),
            Column(say(language, "training_record.hours_a_head"), numeric=True),
            Column(say(language, "training_record.without"), numeric=True),
        ]
        rows = [
            [f"{row.year:.0f}", number(row.hours, language, 0), self._without(row, language)]
            for row in self._shown_years.itertuples()
        ]
        return [Table(columns, rows, say(language, "training_record.years_table"), language)]

    def _without(self, row: object, language: str) -> str:
        if self._tells(int(row.none), int(row.served)):
            return say(language, "training_record.not_shown")
        return share(round_share(row.none / row.served), language)

    def details(self, language: str) -> list[Sentence]:
        """Return how the table was made safe."""
        if self.listed.empty:
            return []
        base = self.study.settings.privacy.round_counts
        return [Sentence(say(language, "training_record.programmes_safe", base=base, minimum=self._least))]


def _parts(name: str, method: str) -> dict[str, object]:
    return {
        "id": f"training.{name}_share",
        "unit": "share",
        "claim": "description",
        "method": method,
        "question": in_both(f"training_record.{name}_question"),
        "notebook": NOTEBOOK,
    }
