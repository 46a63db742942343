"""Does the public notice: are units whose employees achieve more rated better by service users?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import t as student

from walesi_research.exhibits import (
    Cell,
    Column,
    Figure,
    Heading,
    Interval,
    Sentence,
    Table,
    interval_plot,
    judge,
)
from walesi_research.findings import Finding
from walesi_research.language import Message, count, decimals, interval, interval_words, number, say
from walesi_research.questions import variables
from walesi_research.questions.claims import claim_of
from walesi_research.questions.effect import Effect
from walesi_research.questions.performance.names import NOTEBOOK
from walesi_research.questions.performance.service import rated_or_why_not, silence
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.stats.robust import cr2
from walesi_research.stats.wild import wild_cluster

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["ServiceSlope", "Slope", "rated_achievement", "service_slope"]

TENS = 10.0
"""Achievement is counted in tens of points."""
LEAST_UNITS = 6
"""Fewest units whose differences can be told from chance."""
POWER = 0.8
NO_ERROR = 1e-6
"""Index points under which a standard error is none."""
SAME = 1e-9
"""Tens of points under which achievement does not move."""
ID = "service.performance_slope"
METHOD = (
    "least squares of the service index by unit and period on the mean achievement of the unit's employees "
    "in the same period, unit and period effects, weights: respondents; CR2 errors by unit, Satterthwaite "
    "degrees of freedom; an association"
)
State = Literal["yes", "some", "open", "small", "less"]


def service_slope(study: Study, level: float = 0.95) -> ServiceSlope:
    """Ask whether a unit's service index follows its employees' achievement, within unit and period.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    ServiceSlope
        Finding ``service.performance_slope``: IKM points for 10 points of mean achievement, an association.
    """
    cells = rated_achievement(study)
    if isinstance(cells, Message):
        return ServiceSlope(study, level, cells)
    used = compared(cells)
    if reason := _why_not(cells, used):
        return ServiceSlope(study, level, reason)
    found = _slope(used, level)
    if isinstance(found, Message):
        return ServiceSlope(study, level, found)
    return ServiceSlope(study, level, None, used, found, _wild(used, level, study.rng(ID)))


def rated_achievement(study: Study) -> pd.DataFrame | Message:
    """Return index and mean achievement of the unit-periods that can be compared, or why there is none.

    A unit-period needs ``minimum_cell`` respondents and as many employees with achievement.

    Returns
    -------
    DataFrame or Message
        By unit and period: ``unit``, ``period``, ``index``, ``respondents``, ``achievement`` (tens of
        points), ``employees``.
    """
    cells = rated_or_why_not(study)
    if isinstance(cells, Message):
        return cells
    if not study.has("appraisals"):
        return Message.of("performance_service.no_appraisals")
    if "achievement" not in study.appraisals or study.appraisals["achievement"].isna().all():
        return Message.of("performance_service.no_achievement")
    achieved = _unit_means(study)
    least = study.settings.privacy.minimum_cell
    both = cells.merge(achieved[achieved["employees"] >= least], on=["unit", "period"])
    both = both.sort_values(["unit", "period"], ignore_index=True)
    return both if len(both) else Message.of("performance_service.thin_both", n=least)


def _unit_means(study: Study) -> pd.DataFrame:
    """Return the mean achievement of each unit's employees by period, in tens of points."""
    wide = variables.achievement(study)
    units = study.employees.set_index("employee_id")["unit"].astype(str).reindex(wide.index)
    grouped = (wide / TENS).groupby(units.to_numpy())
    means, size = (part.rename_axis("unit").stack() for part in (grouped.mean(), grouped.count()))
    return pd.DataFrame({"achievement": means, "employees": size}).dropna().reset_index()


def compared(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the unit-periods whose unit has another period, and whose period another unit.

    The others tell nothing of change: unit or period effects take them up wholly.
    """
    while len(cells):
        others = [cells.groupby(name)["index"].transform("size") > 1 for name in ("unit", "period")]
        if (kept := others[0] & others[1]).all():
            break
        cells = cells[kept]
    return cells.reset_index(drop=True)


def _why_not(cells: pd.DataFrame, used: pd.DataFrame) -> Message | None:
    """Say why there can be no estimate."""
    if cells["period"].nunique() < 2:
        return Message.of("performance_service.one_period")
    if used["unit"].nunique() < LEAST_UNITS:
        return Message.of("performance_service.few_units", n=LEAST_UNITS)
    if np.abs(_net(used)).max() < SAME:
        return Message.of("performance_service.no_variation")
    return None


def _effects(cells: pd.DataFrame) -> np.ndarray:
    """Return the constant and the dummies of units and periods."""
    dummies = [pd.get_dummies(cells[name], drop_first=True, dtype=float) for name in ("unit", "period")]
    return np.column_stack([np.ones(len(cells)), *dummies])


def _net(cells: pd.DataFrame) -> np.ndarray:
    """Return achievement without unit and period effects, weighted as the fit."""
    effects, root = _effects(cells), np.sqrt(cells["respondents"].to_numpy(dtype=float))[:, None]
    x = cells["achievement"].to_numpy()
    return x - effects @ np.linalg.lstsq(effects * root, x * root[:, 0], rcond=None)[0]


def _slope(cells: pd.DataFrame, level: float) -> Slope | Message:
    """Return the slope of the index on achievement, or why there is none."""
    X = np.column_stack([cells["achievement"], _effects(cells)])
    try:
        fit = cr2(cells["index"], X, cells["unit"], cells["respondents"], level=level, columns=[0])
    except ValueError:  # units or periods that nothing links
        return Message.of("performance_service.no_variation")
    if not fit.se[0] > NO_ERROR:
        return Message.of("performance_service.no_error")
    numbers = (float(a[0]) for a in (fit.coef, fit.se, fit.df, fit.low, fit.high, fit.pvalue))
    return Slope(*numbers, level)


def _wild(cells: pd.DataFrame, level: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return the interval of the wild cluster bootstrap, all sign vectors enumerated with few units."""
    root = np.sqrt(cells["respondents"].to_numpy(dtype=float))
    X = np.column_stack([cells["achievement"], _effects(cells)])
    test = wild_cluster(cells["index"] * root, X * root[:, None], cells["unit"], 0, level=level, rng=rng)
    return test.low, test.high


@dataclass(frozen=True)
class Slope(Effect):
    """Index points for ten points of mean achievement.

    Parameters
    ----------
    level : float
        Of the interval.
    """

    level: float

    @property
    def visible(self) -> float:
        """The smallest slope that would have been found in four of five studies like this."""
        return float((student.ppf((1 + self.level) / 2, self.df) + student.ppf(POWER, self.df)) * self.se)


@dataclass(frozen=True, eq=False)
class ServiceSlope:
    """Answer: whether the service index goes with achievement.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is no estimate.
    cells : DataFrame or None
        The unit-periods in the model; see `rated_achievement` and `compared`.
    slope : Slope or None
    wild : tuple of two floats or None
        The interval of the wild cluster bootstrap.
    """

    study: Study
    level: float
    reason: Message | None = None
    cells: pd.DataFrame | None = None
    slope: Slope | None = None
    wild: tuple[float, float] | None = None

    @property
    def units(self) -> int:
        """Units in the model."""
        return self.cells["unit"].nunique()

    @property
    def findings(self) -> list[Finding]:
        """The slope of the index on achievement."""
        parts = {
            "id": ID,
            "unit": "IKM points for 10 points of mean achievement",
            "claim": "association",
            "method": METHOD,
            "question": in_both("performance_service.slope_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if self.slope is None:
            return [not_estimable(self.reason, **parts)]
        s, n = self.slope, people(self.study, int(self.cells["respondents"].sum()))
        numbers = {"estimate": s.estimate, "se": s.se, "low": s.low, "high": s.high, "p": s.p}
        return [Finding(n=n, groups=self.units, **numbers, **parts)]

    @property
    def _limit(self) -> float:
        return claim_of(self.study, ID).limit

    @property
    def state(self) -> State:
        """What the interval says against zero and the claim's limit."""
        s = self.slope
        if s.high < 0:
            return "less"
        if s.low > max(self._limit, 0.0):
            return "yes"
        if s.high < self._limit:
            return "small"
        return "some" if s.low > 0 else "open"

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether the public notices, and how sure that is."""
        if self.slope is None:
            return silence(self.reason, "slope_silent", language, "lead")
        lead = _say(language, f"slope_{self.state}", units=self.units, limit=self._limit)
        return [
            Sentence(lead, "lead"),
            Sentence(self._range(language), "range"),
            Sentence(self._beyond(language)),
        ]

    def _range(self, language: str) -> str:
        s = self.slope
        text = _say(
            language,
            "slope_range",
            size=number(abs(s.estimate), language, self._digits),
            direction=Message.of(f"performance_service.{'lower' if s.estimate < 0 else 'higher'}"),
            between=interval_words(s.low, s.high, language, self._digits),
        )
        return f"{text} {_say(language, 'minus')}" if s.low < 0 else text

    def _beyond(self, language: str) -> str:
        if self.state == "open":
            return _say(language, "slope_to_know", visible=number(self.slope.visible, language, self._digits))
        return _say(language, "slope_not_cause")

    @property
    def _digits(self) -> int:
        return decimals([(self.slope.low, self.slope.high)])

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        return [Heading(_say(language, f"slope_heading_{self.state}"))] if self.slope else []

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the slope against the claim's limit."""
        if self.slope is None:
            return []
        s, claim = self.slope, claim_of(self.study, ID)
        verdict = judge(s.low, s.high, claim.limit, claim.supports)
        return interval_plot(
            [Interval(_say(language, "slope_row"), s.estimate, s.low, s.high, verdict)],
            language=language,
            alt=_say(language, "slope_alt"),
            caption=_say(
                language, "slope_caption", cells=len(self.cells), units=self.units, level=self.level
            ),
            axis_label=_say(language, "slope_axis"),
            digits=self._digits,
            limit=claim.limit,
            supports=claim.supports,
            synthetic=self.study.synthetic,
        )

    def table(self, language: str) -> Table | list[Table]:
        """Return the interval by either method, and the smallest slope that this study could have seen."""
        if self.slope is None:
            return []
        s, digits = self.slope, self._digits
        estimate = number(s.estimate, language, digits)
        rows = [
            [_say(language, f"row_{name}"), Cell(estimate, self._ends(pair, language))]
            for name, pair in (("cr2", (s.low, s.high)), ("wild", self.wild))
        ]
        rows.append([_say(language, "row_visible"), number(s.visible, language, digits)])
        columns = [
            _say(language, "what"),
            Column(_say(language, "slope_points", level=self.level), numeric=True),
        ]
        return Table(columns, rows, _say(language, "slope_alt"), language, show_caption=False)

    def _ends(self, pair: tuple[float, float], language: str) -> str:
        if not np.isfinite(pair).all():
            return _say(language, "unbounded")
        return interval(*pair, language, self._digits)

    def details(self, language: str) -> list[Sentence]:
        """Return the model, and which unit-periods it rests on."""
        if self.slope is None:
            return []
        usual = TENS * float(np.sqrt(np.average(_net(self.cells) ** 2, weights=self.cells["respondents"])))
        values = {
            "cells": count(len(self.cells), language),
            "units": self.units,
            "minimum": self.study.settings.privacy.minimum_cell,
            "usual": usual,
            "power": POWER,
        }
        return [Sentence(_say(language, "slope_method", **values))]


def _say(language: str, key: str, **values: Any) -> str:
    return say(language, f"performance_service.{key}", **values)
