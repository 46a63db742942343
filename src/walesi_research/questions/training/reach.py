"""Does training reach the public: is it followed by better answers in the service survey?"""

from __future__ import annotations

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
from walesi_research.language import Message, count, decimals, interval, interval_words, number, say
from walesi_research.questions import variables
from walesi_research.questions.rated_periods import rated_periods
from walesi_research.questions.result import estimated, in_both, not_estimable
from walesi_research.questions.training.panel import NOTEBOOK, completed_first
from walesi_research.questions.training.silence import silence
from walesi_research.stats.multiplicity import holm
from walesi_research.stats.robust import RobustFit, cr2

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["EXPOSURES", "Reach", "reach", "unit_periods"]

EXPOSURES = ("hours", "leadership")
"""Tens of JP a head, leadership programmes left out; tenths of a unit with a leadership programme."""
TENS = 10.0
LEAST_UNITS = 6
"""Fewest units whose differences can be told from chance."""
LEAST_PERIODS = 2
SLACK = pd.DateOffset(months=1)
"""So long before a window's end the training table's last completion may lie."""
POWER = 0.8
NO_ERROR = 1e-6
"""Index points under which a standard error is none."""
METHOD = (
    "least squares of the service index by unit and period on the mean JP of the unit's employees in the 12 "
    "months before (leadership programmes left out) and their share with a leadership programme, unit and "
    "period effects, weights: respondents; CR2 errors by unit, Satterthwaite degrees of freedom; an "
    "association"
)
UNITS = {
    "hours": "index points for 10 JP a head",
    "leadership": "index points for 10 percentage points of employees with a leadership programme",
}
IDS = {"hours": "training.service_slope", "leadership": "training.service_leadership_slope"}
State = Literal["more", "less", "open"]


def reach(study: Study, level: float = 0.95) -> Reach:
    """Ask whether a unit's service index follows its employees' training, within unit and period.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Reach
        Findings ``training.service_slope`` and ``training.service_leadership_slope``, associations.
    """
    cells = unit_periods(study)
    if isinstance(cells, Message):
        return Reach(study, level, dict.fromkeys(EXPOSURES, cells))
    reasons = _why_not(cells, study)
    names = [name for name in EXPOSURES if name not in reasons]
    if not names:
        return Reach(study, level, reasons, cells=cells)
    slopes = _slopes(cells, names, level)
    if isinstance(slopes, Message):
        return Reach(study, level, dict.fromkeys(names, slopes) | reasons, cells=cells)
    return Reach(study, level, reasons, slopes, cells)


def unit_periods(study: Study) -> pd.DataFrame | Message:
    """Return the service index and the training of every unit-period that can be used, or why there is none.

    A unit-period needs ``minimum_cell`` respondents and as many employees in service, and the training table
    must reach from the window's first day to within a month of its end.

    Returns
    -------
    DataFrame or Message
        Columns ``unit``, ``period``, ``index`` (IKM), ``respondents``, ``hours``, ``leadership`` (see
        `EXPOSURES`; the last NaN where no kind of course is recorded), by unit and period.
    """
    if not study.has("service"):
        return Message.of("training_reach.no_service")
    if not study.has("training"):
        return Message.of("training.no_training")
    cells = rated_periods(study)[["unit", "period", "index", "respondents"]]
    if cells.empty:
        return Message.of("training_reach.thin", n=study.settings.privacy.minimum_cell)
    hours = _hours(study, cells["period"].unique())
    if not hours.shape[1]:
        return Message.of("training_reach.no_window")
    trained = pd.concat([_trained(study, int(period), hours[period]) for period in hours])
    cells = cells.merge(trained, on=["unit", "period"]).sort_values(["unit", "period"], ignore_index=True)
    return cells if len(cells) else Message.of("training_reach.thin", n=study.settings.privacy.minimum_cell)


def _hours(study: Study, periods: np.ndarray) -> pd.DataFrame:
    """Return JP by employee and period, of the periods whose window the training table covers."""
    reaches = study.training["completed_on"].max() + SLACK
    windows = variables.windows_before(study, periods)
    return variables.window_hours(study, {p: w for p, w in windows.items() if w[1] <= reaches})


def _trained(study: Study, period: int, hours: pd.Series) -> pd.DataFrame:
    """Return the training of those in service in a period, by unit with enough of them."""
    present = _present(study, period)
    led = present["employee_id"].isin(_led(study, period))
    people = pd.DataFrame(
        {
            "unit": present["unit"].astype(str),
            "hours": present["employee_id"].map(hours) / TENS,
            "leadership": TENS * led if _knows_kind(study) else np.nan,
        }
    )
    grouped = people.groupby("unit")
    enough = grouped.size() >= study.settings.privacy.minimum_cell
    return grouped[list(EXPOSURES)].mean()[enough].assign(period=period).reset_index()


def _led(study: Study, period: int) -> pd.Index:
    """Return who completed a leadership programme before a period."""
    if not _knows_kind(study):
        return pd.Index([])
    completed = completed_first(study)
    return completed.index[completed < pd.Timestamp(study.calendar.first_day(period))]


def _knows_kind(study: Study) -> bool:
    return "kind" in study.training and bool(study.training["kind"].notna().any())


def _present(study: Study, period: int) -> pd.DataFrame:
    """Return the employees begun by the period's year and not left before it."""
    employees = study.employees
    present = pd.Series(True, index=employees.index)
    if "start_year" in employees:
        present &= ~(employees["start_year"] > study.calendar.year(period))
    if "left_on" in employees:
        present &= ~(employees["left_on"] < pd.Timestamp(study.calendar.first_day(period)))
    return employees[present]


def _why_not(cells: pd.DataFrame, study: Study) -> dict[str, Message]:
    """Say which slopes have no estimate, and why."""
    if cells["unit"].nunique() < LEAST_UNITS:
        return dict.fromkeys(EXPOSURES, Message.of("training_reach.few_units", n=LEAST_UNITS))
    if cells["period"].nunique() < LEAST_PERIODS:
        return dict.fromkeys(EXPOSURES, Message.of("training_reach.one_period"))
    unvaried = Message.of("training_reach.no_variation")
    reasons = {name: unvaried for name in EXPOSURES if not _varies(cells, name)}
    if cells["leadership"].isna().all():
        reasons["leadership"] = Message.of("training_reach.no_kind")
    return reasons


def _varies(cells: pd.DataFrame, name: str) -> bool:
    """Tell whether an exposure changes over time, and not alike in all units."""
    if cells[name].isna().any():
        return False
    _, left = _net(cells, cells[name].to_numpy())
    return bool(np.abs(left).max() > 1e-9)


def _effects(cells: pd.DataFrame) -> np.ndarray:
    """Return the constant and the dummies of units and periods."""
    dummies = [pd.get_dummies(cells[name], drop_first=True, dtype=float) for name in ("unit", "period")]
    return np.column_stack([np.ones(len(cells)), *dummies])


def _net(cells: pd.DataFrame, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what unit and period effects explain of `values`, and what they leave, weighted as the fit."""
    effects, root = _effects(cells), np.sqrt(cells["respondents"].to_numpy(dtype=float))
    coef = np.linalg.lstsq(effects * root[:, None], values * root, rcond=None)[0]
    explained = effects @ coef
    return explained, values - explained


def _slopes(cells: pd.DataFrame, names: list[str], level: float) -> dict[str, Slope] | Message:
    """Return the slope of each exposure, the others held fixed, or why there is none."""
    X = np.column_stack([cells[names].to_numpy(dtype=float), _effects(cells)])
    groups, weights = cells["unit"].to_numpy(), cells["respondents"]
    try:
        fit = cr2(cells["index"], X, groups, weights, level=level, columns=range(len(names)))
    except ValueError:  # the two exposures change alike
        return Message.of("training_reach.no_variation")
    if not (fit.se > NO_ERROR).all():
        return Message.of("training_reach.no_error")
    clear = np.array(holm(fit.pvalue)) < 1 - level
    return {name: Slope.of(fit, k, bool(clear[k])) for k, name in enumerate(names)}


@dataclass(frozen=True)
class Slope:
    """What the service index goes with, for one step of an exposure.

    Parameters
    ----------
    estimate, se, df, low, high, p : float
    visible : float
        The smallest slope that would have been found in four of five studies like this.
    clear : bool
        Whether its p-value, Holm-adjusted for the two slopes, lies under one less the level.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    visible: float
    clear: bool

    @classmethod
    def of(cls, fit: RobustFit, k: int, clear: bool) -> Slope:
        """Return coefficient `k` of a fit."""
        from scipy.stats import t

        numbers = (float(a[k]) for a in (fit.coef, fit.se, fit.df, fit.low, fit.high, fit.pvalue))
        seen = t.ppf((1 + fit.level) / 2, fit.df[k]) + t.ppf(POWER, fit.df[k])
        return cls(*numbers, float(seen * fit.se[k]), clear)

    @property
    def state(self) -> State:
        """Whether the slope lies clearly above zero, clearly below it, or neither."""
        return "open" if not self.clear else "more" if self.estimate > 0 else "less"


@dataclass(frozen=True, eq=False)
class Reach:
    """Answer: what the service index goes with.

    Parameters
    ----------
    study : Study
    level : float
    reasons : dict of str to Message
        Which of `EXPOSURES` has no estimate, and why.
    slopes : dict of str to Slope
    cells : DataFrame
        See `unit_periods`.
    """

    study: Study
    level: float
    reasons: dict[str, Message]
    slopes: dict[str, Slope] = field(default_factory=dict)
    cells: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def units(self) -> int:
        """Units in the model."""
        return self.cells["unit"].nunique()

    @property
    def findings(self) -> list[Finding]:
        """The slopes of the index on hours and on leadership programmes."""
        return [self._finding(name) for name in EXPOSURES]

    def _finding(self, name: str) -> Finding:
        parts = {
            "id": IDS[name],
            "unit": UNITS[name],
            "claim": "association",
            "method": METHOD,
            "question": in_both(f"training_reach.{name}_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if name not in self.slopes:
            return not_estimable(self.reasons[name], **parts)
        s = self.slopes[name]
        return estimated(s, groups=self.units, **parts)

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether service goes with training, and how sure that is."""
        told = list(dict.fromkeys(reason.in_(language) for reason in self.reasons.values()))
        if not self.slopes:
            if len(told) == 1:
                return silence(next(iter(self.reasons.values())), "training_reach.silent", language)
            return [Sentence(say(language, "training_reach.silent", why=" ".join(told)), "lead")]
        found = [Sentence(self._answer(language), "lead"), *self._ranges(language)]
        return [*found, *(Sentence(text, "note") for text in told)]

    def _answer(self, language: str) -> str:
        state = self._state
        return say(language, f"training_reach.lead_{state}", units=self.units)

    @property
    def _state(self) -> str:
        """The answer: of hours, where they are known; else of leadership programmes."""
        states = {name: s.state for name, s in self.slopes.items()}
        if set(states.values()) == {"open"}:
            return "open"
        clear = [name for name in EXPOSURES if states.get(name, "open") != "open"]
        return "mixed" if len({states[name] for name in clear}) == 2 else f"{clear[0]}_{states[clear[0]]}"

    def _ranges(self, language: str) -> list[Sentence]:
        texts = [
            say(
                language,
                f"training_reach.{name}_range",
                size=number(abs(s.estimate), language, self._digits),
                direction=Message.of("training_reach.lower" if s.estimate < 0 else "training_reach.higher"),
                between=interval_words(s.low, s.high, language, self._digits),
            )
            for name, s in self.slopes.items()
        ]
        if any(s.low < 0 for s in self.slopes.values()):
            texts.append(say(language, "training_reach.minus"))
        if any(s.low * s.high > 0 and not s.clear for s in self.slopes.values()):
            texts.append(say(language, "training_reach.two_tested"))
        key = "to_know" if self._state == "open" else "not_cause"
        return [Sentence(" ".join(texts), "range"), Sentence(say(language, f"training_reach.{key}"))]

    @property
    def _digits(self) -> int:
        return decimals((s.low, s.high) for s in self.slopes.values())

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        return [Heading(say(language, f"training_reach.heading_{self._state}"))] if self.slopes else []

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return both slopes against zero."""
        if not self.slopes:
            return []
        return interval_plot(
            [self._interval(name, language) for name in EXPOSURES],
            language=language,
            alt=say(language, "training_reach.alt"),
            caption=say(
                language, "training_reach.caption", units=self.units, cells=len(self.cells), level=self.level
            ),
            axis_label=say(language, "training_reach.axis"),
            digits=self._digits,
            synthetic=self.study.synthetic,
        )

    def _interval(self, name: str, language: str) -> Interval:
        label = say(language, f"training_reach.row_{name}")
        if name not in self.slopes:
            return Interval(label, note=self.reasons[name].in_(language))
        s = self.slopes[name]
        return Interval(label, s.estimate, s.low, s.high, "supported" if s.clear else "cannot_tell")

    def table(self, language: str) -> Table | list[Table]:
        """Return the slopes, and the smallest that this study could have seen."""
        if not self.slopes:
            return []
        columns = [
            say(language, "training_reach.what"),
            Column(say(language, "training_reach.points", level=self.level), numeric=True),
            Column(say(language, "training_reach.visible"), numeric=True),
        ]
        rows = [self._row(name, language) for name in EXPOSURES]
        return Table(columns, rows, say(language, "training_reach.table"), language, show_caption=False)

    def _row(self, name: str, language: str) -> list[str | Cell] | Gap:
        label = say(language, f"training_reach.row_{name}")
        if name not in self.slopes:
            return Gap(label, say(language, "training_reach.not_computed"), self.reasons[name].in_(language))
        s, digits = self.slopes[name], self._digits
        told = Cell(number(s.estimate, language, digits), interval(s.low, s.high, language, digits))
        return [label, told, number(s.visible, language, digits)]

    def details(self, language: str) -> list[Sentence]:
        """Return the model, and which unit-periods it rests on."""
        if not self.slopes:
            return []
        texts = [
            say(
                language,
                "training_reach.method",
                cells=count(len(self.cells), language),
                units=self.units,
                minimum=self.study.settings.privacy.minimum_cell,
            ),
            say(language, "training_reach.visible_method", power=POWER),
        ]
        return [Sentence(" ".join(texts))]
