"""What the public says: the service satisfaction index (IKM) of the units over time, with its grade."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from walesi_research.exhibits import Cell, Column, Figure, Gap, Heading, Line, Sentence, Table, line_plot
from walesi_research.findings import Finding
from walesi_research.language import Message, count, interval, interval_words, month, number, say
from walesi_research.questions.performance.names import NOTEBOOK
from walesi_research.questions.rated_periods import rated_periods
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.rules.service_index import POINTS_PER_STEP, grade_of_index
from walesi_research.stats.multiplicity import holm

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Rating", "Service", "rated_or_why_not", "service", "silence"]

SHARED = ("performance_service.no_service", "performance_service.thin")
"""Reasons that all questions about service share: as bare notes, a page gives each of them once."""
YEARS = 6
"""Most years that can be written below the figure."""
METHOD = (
    "index of PermenPANRB 14/2017 with exact weights over units with enough answers in the latest period, "
    "each as its respondents weigh; linearised standard error, respondents drawn within units, Student's t"
)


def service(study: Study, level: float = 0.95) -> Service:
    """Ask how the public rates the units' service, in the latest period and over time.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Service
        Finding ``service.index``: the index of all units together in the latest period, a description.
    """
    cells = rated_or_why_not(study)
    if isinstance(cells, Message):
        return Service(study, level, cells)
    periods = _together(cells)
    latest = cells[cells["period"] == cells["period"].max()].set_index("unit")
    return Service(study, level, None, periods, _ranges(cells), latest, _beyond_chance(latest, level))


def rated_or_why_not(study: Study) -> pd.DataFrame | Message:
    """Return what `rated_periods` does, or why no unit-period has enough respondents."""
    if not study.has("service"):
        return Message.of("performance_service.no_service")
    cells = rated_periods(study)
    return (
        Message.of("performance_service.thin", n=study.settings.privacy.minimum_cell)
        if cells.empty
        else cells
    )


def _together(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the index of all units together by period, each unit as its respondents weigh.

    Units draw their respondents apart: ``se² = sum of n_u spread_u² / n²``.
    """
    n = cells["respondents"]
    sums = pd.DataFrame(
        {"n": n, "sum": n * cells["index"], "square": n * cells["spread"] ** 2, "units": 1}
    ).groupby(cells["period"])
    s = sums.sum()
    parts = {"index": s["sum"] / s["n"], "se": np.sqrt(s["square"]) / s["n"], "df": s["n"] - s["units"]}
    return pd.DataFrame(parts | {"respondents": s["n"], "units": s["units"]})


def _ranges(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the lowest and the highest index of a unit by period."""
    return cells.groupby("period")["index"].agg(["min", "max"])


def _beyond_chance(latest: pd.DataFrame, level: float) -> int:
    """Return how many pairs of units differ clearly: Welch's test, Holm over all pairs."""
    index, n = latest["index"].to_numpy(), latest["respondents"].to_numpy()
    variance = latest["spread"].to_numpy() ** 2 / n
    if len(index) < 2:
        return 0
    a, b = np.array(list(combinations(range(len(index)), 2))).T
    total = np.maximum(variance[a] + variance[b], 1e-300)
    df = total**2 / np.maximum(variance[a] ** 2 / (n[a] - 1) + variance[b] ** 2 / (n[b] - 1), 1e-300)
    p = 2 * student.sf(np.abs(index[a] - index[b]) / np.sqrt(total), np.maximum(df, 1))
    return int(np.sum(np.array(holm(p.tolist())) < 1 - level))


@dataclass(frozen=True)
class Rating:
    """An index with its interval, and the grade of each."""

    index: float
    se: float
    low: float
    high: float

    @classmethod
    def of(cls, index: float, se: float, df: float, level: float) -> Rating:
        """Return an index with Student's t interval, within 25 and 100."""
        half = float(student.ppf((1 + level) / 2, df) * se)
        low, high = max(index - half, POINTS_PER_STEP), min(index + half, 4 * POINTS_PER_STEP)
        return cls(float(index), float(se), float(low), float(high))

    @property
    def grade(self) -> str:
        """Grade of the index: A, B, C or D."""
        return grade_of_index(self.index)

    @property
    def sure(self) -> bool:
        """Whether the whole interval has the same grade."""
        return grade_of_index(self.low) == grade_of_index(self.high)


@dataclass(frozen=True, eq=False)
class Service:
    """Answer: the index of the units together over time, and of each in the latest period.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is no index.
    periods : DataFrame or None
        By period: ``index``, ``se``, ``df``, ``respondents``, ``units`` of all units together.
    ranges : DataFrame or None
        By period: ``min`` and ``max`` over units.
    latest : DataFrame or None
        The unit-periods of the latest period by unit; see `rated_periods`.
    differing : int
        Pairs of units that differ beyond chance in it.
    """

    study: Study
    level: float
    reason: Message | None = None
    periods: pd.DataFrame | None = None
    ranges: pd.DataFrame | None = None
    latest: pd.DataFrame | None = None
    differing: int = 0

    @property
    def rating(self) -> Rating:
        """The index of all units together in the latest period."""
        last = self.periods.iloc[-1]
        return Rating.of(last["index"], last["se"], last["df"], self.level)

    @property
    def ratings(self) -> dict[str, Rating]:
        """The index of each unit with enough respondents in the latest period, by name."""
        columns = [self.latest[name] for name in ("index", "spread", "respondents")]
        return {
            unit: Rating.of(index, spread / np.sqrt(n), n - 1, self.level)
            for unit, index, spread, n in zip(self.latest.index, *columns, strict=True)
        }

    @property
    def findings(self) -> list[Finding]:
        """The index of all units together."""
        parts = {
            "id": "service.index",
            "unit": "IKM points (25 to 100)",
            "claim": "description",
            "method": METHOD,
            "question": in_both("performance_service.index_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if self.reason:
            return [not_estimable(self.reason, **parts)]
        r, last = self.rating, self.periods.iloc[-1]
        n = people(self.study, int(last["respondents"]))
        numbers = {"estimate": r.index, "se": r.se, "low": r.low, "high": r.high}
        return [Finding(n=n, groups=int(last["units"]), **numbers, **parts)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return the latest index with its grade, and how far units can be told apart."""
        if self.reason:
            return [Sentence(self.reason.in_(language), "note")]
        r = self.rating
        values = {"grade": _grade(r), "index": number(r.index, language), "period": self._when(language)}
        lead = _say(language, "index_lead", **values)
        ends = interval_words(r.low, r.high, language)
        told = [_say(language, "index_range", between=ends)]
        told += [] if r.sure else [_say(language, "index_unsure")]
        return [Sentence(lead, "lead"), Sentence(" ".join(told), "range"), *self._told_apart(language)]

    def _told_apart(self, language: str) -> list[Sentence]:
        units = len(self.latest)
        if units < 2:
            return []
        pairs = units * (units - 1) // 2
        key = "none" if not self.differing else "all" if self.differing == pairs else "some"
        texts = [_say(language, f"pairs_{key}", pairs=pairs, differing=self.differing)]
        unsure = sum(not r.sure for r in self.ratings.values())
        texts += [_say(language, "grades_unsure", unsure=unsure, units=units)] if unsure else []
        return [Sentence(" ".join(texts))]

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure and the table show."""
        if self.reason:
            return []
        return [
            Heading(_say(language, "index_heading", grade=_grade(self.rating), period=self._when(language)))
        ]

    def _when(self, language: str) -> str:
        return _period(self.study, int(self.periods.index[-1]), language)

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the index over time: all units together, the highest and the lowest of them."""
        if self.reason or len(self.periods) < 2:
            return []
        every = range(int(self.periods.index[0]), int(self.periods.index[-1]) + 1)
        lines = [Line(_say(language, "line_all"), _values(self.periods["index"], every))]
        if self.periods["units"].max() > 1:
            lines += [
                Line(_say(language, f"line_{side}"), _values(self.ranges[side], every))
                for side in ("max", "min")
            ]
        first, last = self.periods["index"].iloc[[0, -1]]
        ends = [number(x, language) for x in (first, last)]
        names = [_period(self.study, p, language) for p in (every[0], every[-1])]
        return line_plot(
            _years(self.study, every),
            lines,
            language=language,
            alt=_say(language, "line_alt", start=names[0], first=ends[0], end=names[1], last=ends[1]),
            caption=_say(language, "line_caption", n=self.study.settings.privacy.minimum_cell),
            title=_say(language, "line_title"),
            synthetic=self.study.synthetic,
            data=self._data(every),
        )

    def _data(self, every: range) -> pd.DataFrame:
        ends = self.ranges.set_axis(["lowest", "highest"], axis=1)
        frame = self.periods[["index"]].join(ends).reindex(every).round(1)
        labels = [self.study.calendar.label(p) for p in every]
        return frame.set_axis(labels).rename_axis("period").reset_index()

    def table(self, language: str) -> Table | list[Table]:
        """Return the units' indices in the latest period, ordered by name."""
        if self.reason:
            return []
        columns = [
            _say(language, "unit"),
            Column(_say(language, "column_index", level=self.level), numeric=True),
            _say(language, "column_grade"),
            Column(_say(language, "column_respondents"), numeric=True),
        ]
        ratings = self.ratings
        rows = [self._row(unit, ratings.get(unit), language) for unit in self._units]
        caption = _say(language, "index_table", period=self._when(language))
        return Table(columns, rows, caption, language, show_caption=False)

    @property
    def _units(self) -> list[str]:
        return sorted({str(u) for u in self.study.service["unit"].dropna()} | set(self.latest.index))

    def _row(self, unit: str, r: Rating | None, language: str) -> list[str | Cell] | Gap:
        if r is None:
            minimum = self.study.settings.privacy.minimum_cell
            return Gap(unit, _say(language, "too_few"), _say(language, "too_few_why", n=minimum))
        told = Cell(number(r.index, language), interval(r.low, r.high, language))
        n = people(self.study, int(self.latest.loc[unit, "respondents"]))
        return [unit, told, say(language, f"rules.grade_{r.grade}"), count(n, language)]

    def details(self, language: str) -> list[Sentence]:
        """Return how index, grade and differences are computed."""
        if self.reason:
            return []
        return [Sentence(_say(language, "index_method", n=self.study.settings.privacy.minimum_cell))]


def silence(reason: Message, key: str, language: str, role: str = "note") -> list[Sentence]:
    """Return the bare reason where all questions about service share it, else message `key` with it."""
    if reason.key in SHARED:
        return [Sentence(reason.in_(language), "note")]
    return [Sentence(_say(language, key, why=reason), role)]


def _say(language: str, key: str, **values: Any) -> str:
    return say(language, f"performance_service.{key}", **values)


def _grade(r: Rating) -> Message:
    return Message.of(f"rules.grade_{r.grade}")


def _values(series: pd.Series, every: range) -> list[float | None]:
    return [float(series[p]) if p in series.index else None for p in every]


def _years(study: Study, every: range) -> list[str]:
    """Return the year below each period that begins one, as many as there is room for, else no name."""
    begins = [p for p in every if p % study.calendar.per_year == 0] or [every[0]]
    apart = -(-len(every) // YEARS)
    named: list[int] = []
    for period in begins:
        if not named or period - named[-1] >= apart:
            named.append(period)
    return [str(study.calendar.year(p)) if p in named else "" for p in every]


def _period(study: Study, period: int, language: str) -> str:
    """Return a period in words: 'triwulan 4 2024'."""
    year, part = divmod(period, study.calendar.per_year)
    if study.calendar.rhythm == "month":
        return month(study.calendar.first_day(period), language)
    if study.calendar.rhythm == "year":
        return str(year)
    return _say(language, f"period_{study.calendar.rhythm}", part=part + 1, year=str(year))
