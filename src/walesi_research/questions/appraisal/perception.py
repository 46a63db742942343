"""Do those who feel misjudged have a reason in the record? Perceived against measured fairness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

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
from walesi_research.language import Message, decimals, interval, interval_words, number, say
from walesi_research.questions.appraisal.frame import NOTEBOOK
from walesi_research.questions.appraisal.record import regimes
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.variables import construct_of_role, latest_wave, scores
from walesi_research.stats.resampling import percentile_interval
from walesi_research.stats.robust import cr2
from walesi_research.study.privacy import suppress
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Correlation", "Mean", "Perception", "own_residuals", "perception", "within_correlation"]

ROLES = ("fairness", "transparency", "favouritism")
SPARE = 10
"""Employees that must be left after one is counted for each unit."""
DIGITS = 2


@dataclass(frozen=True)
class Mean:
    """Mean of a scale with its interval, and its survey-weighted twin."""

    role: str
    construct: str
    n: int
    estimate: float
    se: float
    low: float
    high: float
    twin: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Correlation:
    """Correlation, within unit, of perceived fairness and the employee's own mean residual."""

    n: int
    units: int
    estimate: float
    se: float
    low: float
    high: float


def perception(study: Study, level: float = 0.95, draws: int = 999) -> Perception:
    """Ask how fair, clear and free of favour the appraisal is felt to be, and whether the record shows why.

    Scale means of the latest wave; and the correlation, within unit, of perceived fairness with the
    employee's own mean appraisal residual (score net of achievement and period), its interval from the
    study's one resampling plan.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap draws.

    Returns
    -------
    Perception
        Findings ``perception.<role>_mean`` of the roles that the questionnaire asks about, and
        ``perception.transparency_gap``.
    """
    cases = _cases(study)
    return Perception(study, level, draws, _means(study, level), cases)


def own_residuals(study: Study) -> pd.Series | Message:
    """Return each employee's mean appraisal residual, or why there is none.

    The residual of a score from least squares on achievement (the employee-period's mean of its rows) and
    period dummies; the slope is that of the regime the period falls under, for regimes score differently.
    """
    if not study.has("appraisals") or study.appraisals.empty:
        return Message.of("appraisal_record.record_no_appraisals")
    rows = study.appraisals
    for column in ("score", "achievement"):
        if column not in rows or rows[column].isna().all():
            named = Message.of(f"appraisal_record.record_column_{column}")
            return Message.of("appraisal_record.record_no_column", column=named)
    figure = rows.groupby(["employee_id", "period"], observed=True)["achievement"].transform("mean")
    rows = rows.assign(achievement=figure).dropna(subset=["score", "achievement"])
    if rows.empty:
        return Message.of("appraisal_record.record_none_complete")
    net = rows[["score", "achievement"]] - rows.groupby("period")[["score", "achievement"]].transform("mean")
    regime = rows["period"].map(regimes(study))
    squares = (net["achievement"] ** 2).groupby(regime).transform("sum")
    products = (net["score"] * net["achievement"]).groupby(regime).transform("sum")
    if not (squares > 0).all():
        return Message.of("appraisal_record.perception_no_spread")
    residual = net["score"] - products / squares * net["achievement"]
    return residual.groupby(rows["employee_id"], observed=True).mean()


def _cases(study: Study) -> pd.DataFrame | Message:
    """Return ``unit``, ``fairness``, ``residual`` of employees with both, in canonical order, or why not."""
    if not study.has("survey"):
        return Message.of("appraisal_record.perception_no_survey")
    name = construct_of_role(study, "fairness")
    if name is None:
        return Message.of("appraisal_record.perception_no_fairness")
    residual = own_residuals(study)
    if isinstance(residual, Message):
        return residual
    employees = study.employees["employee_id"].to_numpy()
    columns = {"fairness": scores(study)[name].reindex(employees), "residual": residual.reindex(employees)}
    frame = pd.DataFrame(columns).assign(unit=study.employees["unit"].astype(str).to_numpy())
    frame = frame.set_axis(range(len(frame)), axis=0).dropna()
    if len(frame) < max(frame["unit"].nunique() + SPARE, study.settings.privacy.minimum_cell):
        return Message.of("appraisal_record.perception_too_few", spare=SPARE)
    spread = frame.groupby("unit")[["fairness", "residual"]].std().fillna(0.0)
    if not (spread.max() > 1e-9).all():
        return Message.of("appraisal_record.perception_no_spread")
    return frame


def within_correlation(
    x: np.ndarray, y: np.ndarray, groups: np.ndarray, counts: Iterable[np.ndarray]
) -> np.ndarray:
    """Return correlations of `x` and `y`, group means removed, for draws given as counts of rows.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
    groups : ndarray, shape (n,)
        Rows of a group stand side by side.
    counts : iterable of ndarray, each of shape (b, n)
        How often each row is drawn.

    Returns
    -------
    ndarray, shape (draws,)
        NaN where a draw has no spread within groups.
    """
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    x, y = x - x.mean(), y - y.mean()
    products = np.column_stack([x * x, y * y, x * y])
    return np.concatenate([_correlations(block, x, y, products, starts) for block in counts])


def _correlations(
    counts: np.ndarray, x: np.ndarray, y: np.ndarray, products: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    size = np.maximum(np.add.reduceat(counts, starts, axis=1), 1)
    sx, sy = (np.add.reduceat(counts * z, starts, axis=1) for z in (x, y))
    between = np.stack([(a * b / size).sum(axis=1) for a, b in ((sx, sx), (sy, sy), (sx, sy))], axis=1)
    xx, yy, xy = (counts @ products - between).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((xx > 1e-12) & (yy > 1e-12), xy / np.sqrt(xx * yy), np.nan)


def _gap(study: Study, cases: pd.DataFrame, level: float, draws: int) -> Correlation:
    x, y, unit = (cases[name].to_numpy() for name in ("fairness", "residual", "unit"))
    observed = within_correlation(x, y, unit, [np.ones((1, len(x)))])[0]
    plan = Resampling.within(study.employees["unit"], study.seed)
    drawn = within_correlation(x, y, unit, plan.counts(draws, cases.index.to_numpy()))
    drawn = drawn[np.isfinite(drawn)]
    low, high = percentile_interval(drawn, level)
    units = int(cases["unit"].nunique())
    return Correlation(len(x), units, float(observed), float(drawn.std(ddof=1)), float(low), float(high))


def _means(study: Study, level: float) -> dict[str, Mean]:
    """Return the means of the scales that the questionnaire has and enough people answered."""
    if not study.has("survey"):
        return {}
    wave, found = latest_wave(study), {}
    scale = scores(study)
    weight = wave["weight"].to_numpy() if "weight" in wave else np.ones(len(wave))
    for role in ROLES:
        name = construct_of_role(study, role)
        if name is None:
            continue
        kept = scale[name].notna().to_numpy()
        if kept.sum() >= max(study.settings.privacy.minimum_cell, 2):
            found[role] = _mean(role, name, scale[name].to_numpy()[kept], weight[kept], level)
    return found


def _mean(role: str, name: str, y: np.ndarray, weight: np.ndarray, level: float) -> Mean:
    """Return a mean with its t interval, employees as clusters; the twin where weights vary."""
    one, who = np.ones((len(y), 1)), np.arange(len(y))
    fit = cr2(y, one, who, level=level)
    twin = None
    if np.ptp(weight) > 0 and (weight > 0).all():
        w = cr2(y, one, who, weights=weight, level=level)
        twin = float(w.coef[0]), float(w.low[0]), float(w.high[0])
    values = (float(v[0]) for v in (fit.coef, fit.se, fit.low, fit.high))
    return Mean(role, name, len(y), *values, twin=twin)


@dataclass(frozen=True, eq=False)
class Perception:
    """Answer: the appraisal as felt, and as the record shows it.

    Parameters
    ----------
    study : Study
    level : float
    draws : int
    means : dict of str to Mean
        By role; those that could not be computed are absent.
    cases : DataFrame or Message
        Employees with perceived fairness and a mean residual, or why there are too few.
    """

    study: Study
    level: float
    draws: int
    means: dict[str, Mean]
    cases: pd.DataFrame | Message = field(repr=False)

    @cached_property
    def gap(self) -> Correlation | None:
        """The correlation within unit; None where it could not be estimated."""
        if isinstance(self.cases, Message):
            return None
        return _gap(self.study, self.cases, self.level, self.draws)

    @property
    def findings(self) -> list[Finding]:
        """A mean a role asked about, and the correlation within unit."""
        return [*(self._mean_finding(role) for role in ROLES), self._gap_finding()]

    def _mean_finding(self, role: str) -> Finding:
        parts = {
            "id": f"perception.{role}_mean",
            "unit": "points of the scale",
            "claim": "description",
            "method": "mean of the scale mean over respondents of the latest wave; t interval for the "
            "process, employees independent; unweighted",
            "question": in_both(f"appraisal_record.perception_{role}_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if role not in self.means:
            return not_estimable(self._why_no_mean(role), **parts)
        m = self.means[role]
        numbers = {"estimate": m.estimate, "se": m.se, "low": m.low, "high": m.high}
        return Finding(n=people(self.study, m.n), **numbers, **parts)

    def _why_no_mean(self, role: str) -> Message:
        if not self.study.has("survey"):
            return Message.of("appraisal_record.perception_no_survey")
        asked = construct_of_role(self.study, role) is not None
        return Message.of(
            "appraisal_record.perception_too_few_answers"
            if asked
            else "appraisal_record.perception_not_asked",
            role=Message.of(f"appraisal_record.perception_role_{role}"),
        )

    def _gap_finding(self) -> Finding:
        parts = {
            "id": "perception.transparency_gap",
            "unit": "correlation",
            "claim": "association",
            "method": "correlation within unit of the fairness scale with the employee's own mean "
            "residual of score on achievement and period (least squares, a slope a regime); percentile "
            "bootstrap of employees within units, residuals held fixed",
            "question": in_both("appraisal_record.perception_gap_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if self.gap is None:
            return not_estimable(self.cases, **parts)
        g = self.gap
        numbers = {"estimate": g.estimate, "se": g.se, "low": g.low, "high": g.high}
        return Finding(n=people(self.study, g.n), groups=g.units, **numbers, **parts)

    def sentence(self, language: str) -> list[Sentence]:
        """Return how the appraisal is felt, and whether the record goes with it."""
        told = [Sentence(self._felt(language))] if self.means else []
        if self.gap is None:
            return [*told, Sentence(self.cases.in_(language), "note")]
        g = self.gap
        key = "open" if g.low <= 0 <= g.high else "together" if g.estimate > 0 else "apart"
        digits = decimals([(g.low, g.high)], DIGITS)
        values = {
            "r": number(g.estimate, language, digits),
            "between": interval_words(g.low, g.high, language, digits),
        }
        lead = Sentence(say(language, f"appraisal_record.perception_{key}"), "lead")
        return [*told, lead, Sentence(say(language, "appraisal_record.perception_range", **values), "range")]

    def _felt(self, language: str) -> str:
        felt = tuple(
            Message.of(f"appraisal_record.perception_felt_{role}", mean=m.estimate, top=self._top(m))
            for role, m in self.means.items()
        )
        return say(language, "appraisal_record.perception_felt", means=felt)

    def _top(self, mean: Mean) -> int:
        return self.study.codebook.constructs[mean.construct].scale[1]

    def _label(self, mean: Mean, language: str) -> str:
        return self.study.codebook.constructs[mean.construct].label[language]

    def _row_label(self, mean: Mean, language: str) -> str:
        low, top = self.study.codebook.constructs[mean.construct].scale
        name = self._label(mean, language)
        return say(language, "appraisal_record.perception_label", name=name, low=low, top=top)

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        if not self.means:
            return []
        return [Heading(say(language, "appraisal_record.perception_heading"))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the means with their intervals."""
        if not self.means:
            return []
        weighted = any(m.twin for m in self.means.values())
        rows = [
            Interval(self._row_label(m, language), m.estimate, m.low, m.high, alternative=m.twin)
            for m in self.means.values()
        ]
        caption = say(language, "appraisal_record.perception_plot_caption", level=self.level)
        return interval_plot(
            rows,
            language=language,
            alt=say(language, "appraisal_record.perception_alt"),
            caption=caption,
            axis_label=say(language, "appraisal_record.perception_axis"),
            digits=DIGITS,
            sign=False,
            origin=None,
            alternative_label=say(language, "performance.weighted") if weighted else "",
            synthetic=self.study.synthetic,
        )

    def table(self, language: str) -> list[Table]:
        """Return the means, and felt and measured by unit where the disclosure rule allows."""
        return [*self._means_table(language), *self._units_table(language)]

    def _means_table(self, language: str) -> list[Table]:
        if not self.means:
            return []
        weighted = any(m.twin for m in self.means.values())
        columns = [
            say(language, "appraisal_record.perception_scale"),
            Column(say(language, "appraisal_record.perception_mean", level=self.level), numeric=True),
            *([Column(say(language, "performance.weighted"), numeric=True)] if weighted else []),
        ]
        rows = [self._mean_row(m, weighted, language) for m in self.means.values()]
        return [Table(columns, rows, say(language, "appraisal_record.perception_caption"), language)]

    def _mean_row(self, m: Mean, weighted: bool, language: str) -> list[str | Cell]:
        n = people(self.study, m.n)
        label = Cell(self._row_label(m, language), say(language, "appraisal_record.perception_people", n=n))
        own = _written(m.estimate, m.low, m.high, language)
        twin = [_written(*m.twin, language) if m.twin else "–"] if weighted else []
        return [label, own, *twin]

    @cached_property
    def units(self) -> pd.DataFrame:
        """Mean fairness and mean residual by unit, and whether they may be shown."""
        grouped = self.cases.groupby("unit", sort=False)
        size = grouped.size()
        hidden = suppress(size.to_numpy(), self.study.settings.privacy.minimum_cell)
        return grouped[["fairness", "residual"]].mean().assign(shown=~hidden)

    def _units_table(self, language: str) -> list[Table]:
        if self.gap is None or self.units["shown"].sum() < 2:
            return []
        columns = [
            say(language, "appraisal_record.record_unit"),
            Column(say(language, "appraisal_record.perception_unit_felt"), numeric=True),
            Column(say(language, "appraisal_record.perception_unit_residual"), numeric=True),
        ]
        rows = [_unit_row(u, language) for u in self.units.itertuples()]
        return [Table(columns, rows, say(language, "appraisal_record.perception_units_caption"), language)]


def _unit_row(unit: tuple, language: str) -> list[str] | Gap:
    if not unit.shown:
        return Gap(unit.Index, say(language, "data.not_shown"), say(language, "data.too_few_people"))
    return [unit.Index, number(unit.fairness, language, 1), number(unit.residual, language, 1)]


def _written(estimate: float, low: float, high: float, language: str) -> Cell:
    return Cell(number(estimate, language, DIGITS), interval(low, high, language, DIGITS))
