"""Does more training go with better performance? Ten hours of it, within the same employee."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from walesi_research.exhibits import (
    Cell,
    Column,
    Figure,
    Gap,
    Heading,
    Interval,
    Sentence,
    Table,
    interval_plot,
)
from walesi_research.findings import Finding
from walesi_research.language import Message, count, decimals, interval, interval_words, month, number, say
from walesi_research.questions.effect import UNFIT, Effect
from walesi_research.questions.result import estimated, in_both, not_estimable, people
from walesi_research.questions.training.hours_model import rows_of, within_employee
from walesi_research.questions.training.panel import NOTEBOOK, Panel, panel_of
from walesi_research.questions.training.silence import silence
from walesi_research.questions.training.windows import When
from walesi_research.questions.variables import HOURS
from walesi_research.rules.training_right import NORM_HOURS

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["MODEL", "Hours", "Slope", "hours"]

MODEL = (
    "least squares with employee and period effects; having completed a leadership programme held fixed, by "
    "period of onset and by periods since; leadership programmes' own hours left out; CR2 errors by "
    "employee, Satterthwaite degrees of freedom"
)
ASSUMPTION = "if nothing else that changes within an employee goes with hours"
WINDOWS: dict[str, tuple[When, ...]] = {
    "slope": ("before",),
    "lag": ("before", "earlier"),
    "lead": ("before", "after"),
}
"""The windows in each model; the last one's slope is reported."""
METHODS = {
    "slope": f"hours completed in the 12 months before the period's first day; {MODEL}; {ASSUMPTION}",
    "lag": f"hours of the 12 months before those, with those held fixed; {MODEL}",
    "lead": f"placebo: hours of the 12 months after the period, with those before it held fixed; {MODEL}",
}
UNIT = "points of achievement for 10 JP"
State = Literal["up", "down", "open"]


@dataclass(frozen=True)
class Slope:
    """What 10 JP go with.

    Parameters
    ----------
    effect : Effect
        Points of achievement for 10 JP.
    people : int
        Employees in the model; not for publication as it is.
    periods : int
        Periods in the model.
    reach : float
        JP up to which the data speak.
    """

    effect: Effect
    people: int
    periods: int
    reach: float

    @property
    def state(self) -> State:
        """Tell on which side of zero the interval lies."""
        return "up" if self.effect.low > 0 else "down" if self.effect.high < 0 else "open"


def hours(study: Study, level: float = 0.95) -> Hours:
    """Ask what 10 JP of training go with, in points of achievement, within the same employee.

    Courses other than leadership programmes that were completed in the 12 months before a period's first
    day; effects of employees and periods, a completed leadership programme held fixed. Beside it the year
    before (does it last?) and the year after the period (which cannot have helped yet).

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Hours
        Findings ``training.hours_slope``, ``training.hours_lag`` and ``training.hours_lead``.
    """
    panel = panel_of(study)
    if isinstance(panel, Message):
        return Hours(study, level, dict.fromkeys(WINDOWS, panel))
    found = {part: _slope(study, panel, part, level) for part in WINDOWS}
    return Hours(
        study,
        level,
        {part: why for part, why in found.items() if isinstance(why, Message)},
        {part: slope for part, slope in found.items() if isinstance(slope, Slope)},
        len(panel.periods),
        _silent_since(study, panel),
    )


def _silent_since(study: Study, panel: Panel) -> dt.date | None:
    """Return the last day on record where no course follows in the half year before the last period."""
    last = study.training["completed_on"].max()
    before = pd.Timestamp(study.calendar.first_day(int(panel.periods[-1])))
    return last.date() if last < before - pd.DateOffset(months=6) else None


def _slope(study: Study, panel: Panel, part: str, level: float) -> Slope | Message:
    """Return the slope of the last of the part's windows, or why there is none."""
    least = study.settings.privacy.minimum_cell
    rows = rows_of(study, panel, *WINDOWS[part])
    if isinstance(rows, Message):
        return rows
    if rows.varying(rows.y) < least:
        return Message.of("training_hours.no_change", n=least)
    exposures = np.column_stack([rows.hours[when] for when in WINDOWS[part]]) / HOURS
    try:
        effect = within_employee(rows, exposures, level)[-1]
    except UNFIT:
        return Message.of("training_hours.unfit")
    return Slope(effect, rows.people, len(np.unique(rows.period)), rows.reach(least))


@dataclass(frozen=True, eq=False)
class Hours:
    """Answer: hours of training.

    Parameters
    ----------
    study : Study
    level : float
    reasons : dict of str to Message
        What has no estimate (``slope``, ``lag``, ``lead``), and why.
    slopes : dict of str to Slope
        What has one.
    periods : int
        Periods in which any achievement stands.
    silent_since : date or None
        Last day on record, where the record of training seems to end before the appraisals do.
    """

    study: Study
    level: float
    reasons: dict[str, Message]
    slopes: dict[str, Slope] = field(default_factory=dict)
    periods: int = 0
    silent_since: dt.date | None = None

    @property
    def slope(self) -> Slope | None:
        """What 10 JP of the year before go with."""
        return self.slopes.get("slope")

    @property
    def findings(self) -> list[Finding]:
        """Slope, lag and lead."""
        return [self._finding(part) for part in WINDOWS]

    def _finding(self, part: str) -> Finding:
        parts = {
            "id": f"training.hours_{part}",
            "unit": UNIT,
            "claim": "effect_if" if part == "slope" else "association",
            "method": METHODS[part],
            "question": in_both(f"training_hours.{part}_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if part in self.reasons:
            return not_estimable(self.reasons[part], **parts)
        e, n = self.slopes[part].effect, people(self.study, self.slopes[part].people)
        return estimated(e, n=n, groups=n, **parts)

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether more training goes with better performance, how sure that is, what it assumes."""
        if self.slope is None:
            return silence(self.reasons["slope"], "training_hours.lead_silent", language)
        told = [self._lead(language), self._range(language), self._assumption(language)]
        return [*told, *self._placebo(language)]

    @property
    def _dose(self) -> float:
        """JP that the answer is told for: a year's right, or as many as the data speak of."""
        return min(NORM_HOURS, self.slope.reach)

    def _lead(self, language: str) -> Sentence:
        key = "right" if self._dose == NORM_HOURS else "other"
        dose = Message.of(f"training_hours.dose_{key}", hours=self._dose)
        scale, e = self._dose / HOURS, self.slope.effect
        digits = decimals([(scale * e.low, scale * e.high)])
        points = number(abs(scale * e.estimate), language, digits)
        text = say(language, f"training_hours.lead_{self.slope.state}", dose=dose, points=points)
        return Sentence(text, "lead")

    def _range(self, language: str) -> Sentence:
        scale, e = self._dose / HOURS, self.slope.effect
        low, high = scale * e.low, scale * e.high
        between = interval_words(low, high, language, decimals([(low, high)]))
        key = f"training_hours.range_{self.slope.state}"
        return Sentence(say(language, key, between=between, hours=self._dose), "range")

    def _assumption(self, language: str) -> Sentence:
        key = "open" if self.slope.state == "open" else "clear"
        return Sentence(say(language, f"training_hours.assumption_{key}"))

    def _placebo(self, language: str) -> list[Sentence]:
        """Return what training of the year after says: it cannot have helped yet."""
        lead = self.slopes.get("lead")
        if lead is None:
            return [Sentence(self._unknown("lead", language), "note")]
        if lead.state != "open":
            return [Sentence(self._told(f"placebo_{lead.state}", lead, language))]
        if self.slope.state == "open":
            return []
        wide = lead.effect.low <= self.slope.effect.estimate <= lead.effect.high
        return [Sentence(self._told(f"placebo_{'wide' if wide else 'quiet'}", lead, language))]

    def _told(self, key: str, slope: Slope, language: str) -> str:
        e = slope.effect
        digits = decimals([(e.low, e.high)])
        return say(
            language,
            f"training_hours.{key}",
            points=number(abs(e.estimate), language, digits),
            between=interval_words(e.low, e.high, language, digits),
        )

    def _unknown(self, part: str, language: str) -> str:
        return say(language, f"training_hours.{part}_unknown", why=self.reasons[part].in_(language))

    def details(self, language: str) -> list[Sentence]:
        """Return what is compared with what, up to where the data speak, and whether training lasts."""
        if self.slope is None:
            return []
        texts = [say(language, "training_hours.method")]
        if out := self.periods - self.slope.periods:
            texts.append(say(language, "training_hours.left_out", n=out))
        texts.append(say(language, "training_hours.reach", hours=self.slope.reach))
        told = [Sentence(" ".join(texts))]
        if self.silent_since:
            when = month(self.silent_since, language)
            told.append(Sentence(say(language, "training_hours.record_ends", month=when), "note"))
        if lag := self.slopes.get("lag"):
            return [*told, Sentence(self._told(f"lag_{lag.state}", lag, language))]
        return [*told, Sentence(self._unknown("lag", language), "note")]

    def heading(self, language: str) -> list[Heading]:
        """Return whether more training goes with better performance."""
        if self.slope is None:
            return []
        return [Heading(say(language, f"training_hours.heading_{self.slope.state}"))]

    @property
    def _digits(self) -> int:
        return decimals((s.effect.low, s.effect.high) for s in self.slopes.values())

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return what 10 JP go with, of the year before, the year before that, and the year after."""
        if self.slope is None:
            return []
        return interval_plot(
            [self._interval(part, language) for part in WINDOWS],
            language=language,
            alt=say(language, "training_hours.alt"),
            caption=say(
                language, "training_hours.caption", level=self.level, n=people(self.study, self.slope.people)
            ),
            axis_label=say(language, "training_hours.axis"),
            digits=self._digits,
            synthetic=self.study.synthetic,
        )

    def _interval(self, part: str, language: str) -> Interval:
        label = say(language, f"training_hours.row_{part}")
        if part in self.reasons:
            return Interval(label, note=self.reasons[part].in_(language))
        s = self.slopes[part]
        verdict = "cannot_tell" if s.state == "open" else "supported"
        return Interval(label, s.effect.estimate, s.effect.low, s.effect.high, verdict, bold=part == "slope")

    def table(self, language: str) -> Table | list[Table]:
        """Return the same numbers, and how many people each rests on."""
        if not self.slopes:
            return []
        columns = [
            say(language, "training_hours.what"),
            say(language, "training_hours.estimate", level=self.level),
            Column(say(language, "training_hours.basis"), numeric=True),
        ]
        rows = [self._cells(part, language) for part in WINDOWS]
        return Table(columns, rows, say(language, "training_hours.table"), language, show_caption=False)

    def _cells(self, part: str, language: str) -> list[str | Cell] | Gap:
        label = say(language, f"training_hours.row_{part}")
        if part in self.reasons:
            return Gap(label, say(language, "common.not_computed"), self.reasons[part].in_(language))
        e, n = self.slopes[part].effect, people(self.study, self.slopes[part].people)
        ends = interval(e.low, e.high, language, self._digits)
        points = Cell(number(e.estimate, language, self._digits), ends)
        return [label, points, Cell(count(n, language), say(language, "training_hours.people"))]
