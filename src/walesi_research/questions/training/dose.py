"""How much training goes with how much: achievement by band of hours, and whether a straight line will do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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
from walesi_research.language import Message, count, decimals, interval, interval_words, number, say
from walesi_research.questions.effect import UNFIT, Effect
from walesi_research.questions.result import estimated, in_both, not_estimable, people
from walesi_research.questions.training.hours import MODEL, UNIT, State
from walesi_research.questions.training.hours_model import Rows, rows_of, within_employee
from walesi_research.questions.training.panel import NOTEBOOK, panel_of
from walesi_research.questions.variables import HOURS
from walesi_research.rules.training_right import NORM_HOURS

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["EDGES", "Band", "Dose", "bands_of", "dose"]

EDGES = (0.0, 1.0, 10.0, 20.0, 40.0)
"""JP at which bands begin: none, and four more; anything above none is in the second."""
METHOD = (
    "change of the slope at 20 JP: hours above 20 beside all hours of the 12 months before the period; "
    f"{MODEL}; an association within employees"
)


@dataclass(frozen=True)
class Band:
    """Employee-periods with hours in one band.

    Parameters
    ----------
    low, high : float or None
        JP at which the band and the next begin; None for no upper end.
    mean : float
        Mean JP of its employee-periods.
    people : int
        Employees with periods in this band and in another; not for publication as it is.
    effect : Effect or None
        Points of achievement against the lowest band, of which there is none.
    line : tuple of float or None
        What a straight line says instead: estimate, low, high.
    """

    low: float
    high: float | None
    mean: float
    people: int
    effect: Effect | None = None
    line: tuple[float, float, float] | None = None

    def label(self, language: str) -> str:
        """Return the band in words: '0', '1–9', '40 or more'."""
        low = number(self.low, language, 0)
        if self.high is None:
            return say(language, "training_hours.band_open", low=low)
        if self.high - self.low <= 1:
            return say(language, "training_hours.band", band=low)
        return say(language, "training_hours.band", band=f"{low}–{number(self.high - 1, language, 0)}")


def dose(study: Study, level: float = 0.95) -> Dose:
    """Ask how achievement changes along hours of training, and whether the line bends at a year's right.

    The model of `hours` with a column for each band of hours but the lowest; and with a change of the slope
    at 20 JP. Bands in which fewer than ``minimum_cell`` employees can be compared with themselves in another
    are joined with the one below.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Dose
        Finding ``training.hours_bend``.
    """
    panel = panel_of(study)
    rows = panel if isinstance(panel, Message) else rows_of(study, panel, "before")
    if isinstance(rows, Message):
        return Dose(study, level, rows)
    least = study.settings.privacy.minimum_cell
    bend = _bend(rows, least, level)
    return Dose(study, level, bend, tuple(bands_of(rows, least, level)), rows.people, rows.reach(least))


def bands_of(rows: Rows, least: int, level: float) -> list[Band]:
    """Return achievement by band of hours against the lowest; empty where there are not two bands.

    Parameters
    ----------
    rows : Rows
    least : int
        Fewest employees who must have periods in a band and in another.
    level : float
        Level of the intervals.
    """
    where, edges = _joined(rows, least)
    if len(edges) < 2:
        return []
    hours = rows.hours["before"]
    ranks = range(1, len(edges))
    try:
        effects = within_employee(rows, np.column_stack([where == k for k in ranks]).astype(float), level)
        slope = within_employee(rows, hours[:, None] / HOURS, level)[0]
    except UNFIT:
        return []
    means = [float(hours[where == k].mean()) for k in range(len(edges))]
    lines = [_scaled(slope, (mean - means[0]) / HOURS) for mean in means]
    moved = _movers(rows, where, len(edges))
    ends = [*edges[1:], None]
    return [
        Band(edges[k], ends[k], means[k], moved[k], effects[k - 1] if k else None, lines[k] if k else None)
        for k in range(len(edges))
    ]


def _joined(rows: Rows, least: int) -> tuple[np.ndarray, list[float]]:
    """Return the band of each row, and where bands begin, none of them with too few to compare."""
    hours, edges = rows.hours["before"], list(EDGES)
    while True:
        where = np.where(hours > 0, np.searchsorted(edges, np.maximum(hours, 1), side="right") - 1, 0)
        moved = _movers(rows, where, len(edges))
        thin = [k for k in range(len(edges)) if moved[k] < least]
        if not thin or len(edges) == 1:
            return where, edges
        del edges[max(thin[-1], 1)]


def _movers(rows: Rows, where: np.ndarray, bands: int) -> list[int]:
    """Return how many employees have periods both in each band and in another."""
    _, who = np.unique(rows.employee, return_inverse=True)
    has = np.zeros((rows.people, bands), dtype=bool)
    has[who, where] = True
    return (has & (has.sum(axis=1, keepdims=True) > 1)).sum(axis=0).tolist()


def _scaled(slope: Effect, by: float) -> tuple[float, float, float]:
    return by * slope.estimate, by * slope.low, by * slope.high


def _bend(rows: Rows, least: int, level: float) -> Effect | Message:
    """Return how much more 10 JP go with above a year's right than below it, or why that is not known."""
    hours = rows.hours["before"]
    above, below = np.maximum(hours - NORM_HOURS, 0), np.minimum(hours, NORM_HOURS)
    if min(rows.varying(above), rows.varying(below)) < least:
        return Message.of("training_hours.few_bend", n=least, hours=NORM_HOURS)
    try:
        return within_employee(rows, np.column_stack([hours, above]) / HOURS, level)[1]
    except UNFIT:
        return Message.of("training_hours.unfit")


@dataclass(frozen=True, eq=False)
class Dose:
    """Answer: achievement along hours of training.

    Parameters
    ----------
    study : Study
    level : float
    bend : Effect or Message
        Points that 10 JP go with above a year's right, less those below it; or why that is not known.
    bands : tuple of Band
        From the lowest upwards.
    people : int
        Employees in the model; not for publication as it is.
    reach : float
        JP up to which the data speak.
    """

    study: Study
    level: float
    bend: Effect | Message
    bands: tuple[Band, ...] = ()
    people: int = 0
    reach: float = 0.0

    @property
    def findings(self) -> list[Finding]:
        """The change of the slope."""
        parts = {
            "id": "training.hours_bend",
            "unit": UNIT,
            "claim": "association",
            "method": METHOD,
            "question": in_both("training_hours.bend_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if isinstance(self.bend, Message):
            return [not_estimable(self.bend, **parts)]
        b, n = self.bend, people(self.study, self.people)
        return [estimated(b, n=n, groups=n, **parts)]

    @property
    def _state(self) -> State:
        return "up" if self.bend.low > 0 else "down" if self.bend.high < 0 else "open"

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether the line bends, and up to where the data speak."""
        if isinstance(self.bend, Message):
            reach = [Sentence(say(language, "training_hours.reach", hours=self.reach))] if self.bands else []
            return [*reach, Sentence(self.bend.in_(language), "note")]
        low, high = self.bend.low, self.bend.high
        between = interval_words(low, high, language, decimals([(low, high)]))
        bend = say(language, f"training_hours.bend_{self._state}", between=between, hours=NORM_HOURS)
        return [Sentence(f"{bend} {say(language, 'training_hours.reach', hours=self.reach)}")]

    def heading(self, language: str) -> list[Heading]:
        """Return whether the line bends."""
        if isinstance(self.bend, Message):
            return []
        return [Heading(say(language, f"training_hours.bend_heading_{self._state}", hours=NORM_HOURS))]

    @property
    def _digits(self) -> int:
        return decimals((b.effect.low, b.effect.high) for b in self.bands[1:])

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return achievement by band against the lowest, with what a straight line says beside it."""
        if not self.bands:
            return []
        return interval_plot(
            [_interval(band, language) for band in self.bands],
            language=language,
            alt=say(language, "training_hours.bands_alt", lowest=self.bands[0].label(language)),
            caption=say(
                language,
                "training_hours.bands_caption",
                level=self.level,
                n=people(self.study, self.people),
                lowest=self.bands[0].label(language),
            ),
            axis_label=say(language, "training_hours.bands_axis"),
            digits=self._digits,
            alternative_label=say(language, "training_hours.line"),
            synthetic=self.study.synthetic,
        )

    def table(self, language: str) -> Table | list[Table]:
        """Return the same numbers, and how many people each band compares."""
        if not self.bands:
            return []
        columns = [
            say(language, "training_hours.band_column"),
            say(language, "training_hours.estimate", level=self.level),
            Column(say(language, "training_hours.compared"), numeric=True),
        ]
        rows = [self._cells(band, language) for band in self.bands]
        return Table(columns, rows, say(language, "training_hours.bands_table"), language, show_caption=False)

    def _cells(self, band: Band, language: str) -> list[str | Cell] | Gap:
        n = Cell(count(people(self.study, band.people), language), say(language, "training_hours.people"))
        if band.effect is None:
            return [band.label(language), say(language, "training_hours.compared_with"), n]
        e = band.effect
        ends = interval(e.low, e.high, language, self._digits)
        return [band.label(language), Cell(number(e.estimate, language, self._digits), ends), n]


def _interval(band: Band, language: str) -> Interval:
    if band.effect is None:
        return Interval(band.label(language), note=say(language, "training_hours.compared_with"))
    e = band.effect
    verdict = "cannot_tell" if e.low <= 0 <= e.high else "supported"
    return Interval(band.label(language), e.estimate, e.low, e.high, verdict, alternative=band.line)
