"""Are the indicators clear and measurable? Achievement figures: how many, how spread, how heaped."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import (
    Column,
    Figure,
    Gap,
    Heading,
    Sentence,
    Table,
    from_matplotlib,
    plot_style,
)
from walesi_research.findings import Finding
from walesi_research.language import Message, number, say, share
from walesi_research.questions.appraisal.frame import NOTEBOOK
from walesi_research.questions.appraisal.record import regimes, under_matrix
from walesi_research.questions.result import few, in_both, not_estimable, people
from walesi_research.rules.predicate import rating_of_achievement
from walesi_research.study.privacy import round_share

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Indicators", "indicators"]

TARGET = 100.0
"""Percent of the target: the figure that heaps where targets are met on paper."""
WIDTHS = (2.5, 5.0, 10.0, 20.0)
"""Widths of the bars of the distribution, percentage points."""
FEW_BARS = 3
QUARTER = 4
"""People for each one that the rule asks for, so that a quarter of them are as many as it asks for."""


def indicators(study: Study) -> Indicators:
    """Ask whether appraisals have a measured result behind them, and whether the figures can be believed.

    Figures are of an employee in a period (the mean of its rows), all periods together: the share of exactly
    100 percent, of the highest value recorded, and how far they lie apart. Beside them, how many ratings of
    results are those that the study's limits give for the achievement.

    Returns
    -------
    Indicators
        Findings ``appraisal.indicator_share`` and ``appraisal.heaping_share``.
    """
    if not study.has("appraisals") or study.appraisals.empty:
        return Indicators(study, reason=Message.of("appraisal_record.record_no_appraisals"))
    rows = study.appraisals
    if "achievement" not in rows or rows["achievement"].isna().all():
        return Indicators(study, without=len(rows), reason=Message.of("appraisal_record.indicators_none"))
    keys = ["employee_id", "period"]
    filled = rows.dropna(subset=["achievement"])
    figures = filled.groupby(keys, observed=True, sort=False)["achievement"].mean().reset_index()
    return Indicators(study, figures, int(rows["achievement"].isna().sum()))


@dataclass(frozen=True, eq=False)
class Indicators:
    """Answer: the achievement figures.

    Parameters
    ----------
    study : Study
    figures : DataFrame
        ``employee_id``, ``period``, ``achievement`` (% of target), one row an employee in a period.
    without : int
        Appraisals without a figure.
    reason : Message or None
        Why there is nothing to look at.
    """

    study: Study
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)
    without: int = 0
    reason: Message | None = None

    @property
    def _least(self) -> int:
        return self.study.settings.privacy.minimum_cell

    def _people(self, chosen: pd.Series) -> int:
        return int(self.figures.loc[chosen, "employee_id"].nunique())

    def _told(self, *parts: pd.Series) -> bool:
        """Tell whether each part, and the figures in none of them, are nobody's or those of enough people."""
        rest = ~np.logical_or.reduce(parts)
        return not any(few(self._people(part), self._least) for part in (*parts, rest))

    @cached_property
    def values(self) -> pd.Series:
        """The figures."""
        return self.figures["achievement"]

    @cached_property
    def covered(self) -> float | None:
        """Share of appraisals with a figure; None where those with one are too few people."""
        if self.figures.empty or self.figures["employee_id"].nunique() < self._least:
            return None
        return float(round_share(1 - self.without / len(self.study.appraisals)))

    @cached_property
    def heaped(self) -> float | None:
        """Share of figures that are exactly 100; None where hidden."""
        return self._share(self.values == TARGET)

    @cached_property
    def reached(self) -> float | None:
        """Share of figures of 100 or more; None where it, or the share beyond 100, is hidden."""
        over = self.values > TARGET
        heap = self.values == TARGET
        return float(round_share((over | heap).mean())) if self._told(over, heap) else None

    @cached_property
    def ceiling(self) -> tuple[float, float] | None:
        """The highest figure and the share of figures at it, where enough people share it."""
        top = self.values == self.values.max()
        heap = (self.values == TARGET) & ~top
        over = (self.values > TARGET) & ~top
        if self._people(top) < self._least or not self._told(top, heap, over):
            return None
        return float(self.values.max()), float(round_share(top.mean()))

    @cached_property
    def middle(self) -> tuple[float, float] | None:
        """Between which half of the figures lie, where a quarter of them are enough people."""
        low, high = self.values.quantile([0.25, 0.75])
        tails = self._people(self.values <= low), self._people(self.values >= high)
        inside = self.figures["employee_id"].nunique() >= QUARTER * self._least
        return (float(low), float(high)) if inside and min(tails) >= self._least else None

    @cached_property
    def consistent(self) -> float | None:
        """Share of ratings of results that are what the study's limits give for the achievement, or None."""
        rows = under_matrix(self.study, "work_result")
        if isinstance(rows, Message):
            return None
        columns = ["employee_id", "period", "work_result"]
        rows = rows[columns].merge(self.figures, on=["employee_id", "period"])
        if rows["employee_id"].nunique() < self._least:
            return None
        limits = self.study.settings.appraisal
        same = rating_of_achievement(rows["achievement"], limits.below, limits.above) == rows["work_result"]
        numbers = [rows.loc[part, "employee_id"].nunique() for part in (same, ~same)]
        return None if any(few(n, self._least) for n in numbers) else float(round_share(same.mean()))

    def _share(self, chosen: pd.Series) -> float | None:
        return float(round_share(chosen.mean())) if self._told(chosen) else None

    @property
    def findings(self) -> list[Finding]:
        """The share of appraisals with a figure, and of figures of exactly 100."""
        return [
            self._finding("indicator", "share of appraisals with an achievement figure, all periods"),
            self._finding(
                "heaping", "share of employee-periods with a figure whose achievement is exactly 100 percent"
            ),
        ]

    def _finding(self, name: str, method: str) -> Finding:
        parts = {
            "id": f"appraisal.{name}_share",
            "unit": "share",
            "claim": "description",
            "method": method,
            "question": in_both(f"appraisal_record.indicators_{name}_question"),
            "notebook": NOTEBOOK,
        }
        if self.reason is not None:
            return self._without(name, parts)
        value = self.covered if name == "indicator" or self.covered is None else self.heaped
        if value is None:
            reason = Message.of("appraisal_record.record_hidden", minimum=self._least).in_("en")
            return Finding(status="suppressed", reason=reason, **parts)
        of = self.study.appraisals if name == "indicator" else self.figures
        n = people(self.study, of["employee_id"].nunique())
        return Finding(estimate=value, se=0.0, low=value, high=value, n=n, **parts)

    def _without(self, name: str, parts: dict) -> Finding:
        """Return what can be said without a single figure: the share is zero, if there are appraisals."""
        if name == "indicator" and self.without:
            n = self.study.appraisals["employee_id"].nunique()
            if n >= self._least:
                return Finding(estimate=0.0, se=0.0, low=0.0, high=0.0, n=people(self.study, n), **parts)
        return not_estimable(self.reason, **parts)

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many appraisals have a figure, and how the figures lie."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        if self.covered is None:
            hidden = say(language, "appraisal_record.indicators_hidden", minimum=self._least)
            return [Sentence(hidden, "note")]
        told = [Sentence(self._coverage(language), "lead")]
        told += [Sentence(" ".join(texts), "range")] if (texts := self._shape(language)) else []
        if regimes(self.study).nunique() > 1:
            told.append(Sentence(say(language, "appraisal_record.indicators_regimes"), "note"))
        return told

    def _coverage(self, language: str) -> str:
        key = "all" if self.without == 0 else "nearly_all" if self.covered == 1 else "some"
        return say(language, f"appraisal_record.indicators_{key}", share=self.covered)

    def _shape(self, language: str) -> list[str]:
        texts = []
        if self.middle is not None:
            low, high = self.middle
            key = "indicators_middle" if round(low) < round(high) else "indicators_alike"
            texts.append(say(language, f"appraisal_record.{key}", low=low, high=high))
        if self.heaped is not None:
            key = "indicators_heaped" if self.heaped else "indicators_no_heap"
            texts.append(say(language, f"appraisal_record.{key}", share=self.heaped))
        return texts

    def table(self, language: str) -> Table | list[Table]:
        """Return the shares that tell how clear and how measurable the indicators are."""
        if self.reason is not None or self.covered is None:
            return []
        columns = [
            say(language, "appraisal_record.indicators_sign"),
            Column(say(language, "appraisal_record.indicators_value"), numeric=True),
        ]
        signs = ("covered", "heaped", "reached", "ceiling", "spread", "consistent")
        rows = [self._row(sign, language) for sign in signs]
        return Table(columns, rows, say(language, "appraisal_record.indicators_caption"), language)

    def _row(self, sign: str, language: str) -> list[str] | Gap:
        limits = self.study.settings.appraisal
        values = {"below": number(limits.below, language, 0), "above": number(limits.above, language, 0)}
        label = say(language, f"appraisal_record.indicators_sign_{sign}", **values)
        text = self._value(sign, language)
        if text is None:
            reason = say(language, f"appraisal_record.indicators_gap_{sign}", minimum=self._least)
            return Gap(label, say(language, "data.not_shown"), reason)
        return [label, text]

    def _value(self, sign: str, language: str) -> str | None:
        if sign == "ceiling":
            if self.ceiling is None:
                return None
            top, part = self.ceiling
            return say(language, "appraisal_record.indicators_at", share=part, top=top)
        if sign == "spread":
            if self.middle is None:
                return None
            return say(language, "appraisal_record.indicators_points", sd=float(self.values.std()))
        value = getattr(self, sign)
        return None if value is None else share(value, language)

    @cached_property
    def bars(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Edges of the bars and the share of figures in each, no bar of too few people; None without a way.

        What lies beyond the outermost bars is counted in them.
        """
        found = (self._edges(width) for width in WIDTHS)
        edges = next((edges for edges in found if edges is not None), None)
        if edges is None:
            return None
        at = self._position(edges)
        return edges, np.bincount(at, minlength=len(edges) - 1) / len(at)

    def _edges(self, width: float) -> np.ndarray | None:
        """Return edges a `width` apart, the outermost bars taking in the tails until they hold enough people.

        None where fewer than `FEW_BARS` are left, or one between them holds too few people.
        """
        at = pd.DataFrame({"who": self.figures["employee_id"], "bar": (self.values // width).astype(int)})
        ends = at.groupby("who")["bar"].agg(["min", "max"])
        if len(ends) < self._least:
            return None
        first = int(np.sort(ends["min"])[self._least - 1])
        last = int(np.sort(ends["max"])[-self._least])
        inner = at.drop_duplicates()["bar"].value_counts()
        inner = inner[(inner.index > first) & (inner.index < last)]
        if last - first + 1 < FEW_BARS or (inner < self._least).any():
            return None
        return width * np.arange(first, last + 2)

    def _position(self, edges: np.ndarray) -> np.ndarray:
        return np.clip(np.searchsorted(edges, self.values.to_numpy(), side="right") - 1, 0, len(edges) - 2)

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        if self.reason is not None or self.covered is None or self.bars is None:
            return []
        return [Heading(say(language, "appraisal_record.indicators_heading"))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return how the figures are distributed."""
        if self.reason is not None or self.covered is None or self.bars is None:
            return []
        edges, shares = self.bars
        with plot_style():
            canvas = self._drawn(edges, language)
        top = int(shares.argmax())
        alt = say(
            language,
            "appraisal_record.indicators_alt",
            low=_edge(edges[top], language),
            high=_edge(edges[top + 1], language),
            share=shares[top],
            first=_edge(edges[0], language),
            last=_edge(edges[-1], language),
        )
        return from_matplotlib(
            canvas,
            alt=" ".join([alt, *self._shape(language)]),
            caption=say(language, "appraisal_record.indicators_plot_caption"),
            language=language,
            synthetic=self.study.synthetic,
        )

    def _drawn(self, edges: np.ndarray, language: str):
        import seaborn as sns
        from matplotlib.figure import Figure as Canvas

        canvas = Canvas(figsize=(5, 2.8))
        axes = canvas.subplots()
        middles = ((edges[:-1] + edges[1:]) / 2)[self._position(edges)]
        sns.histplot(
            x=middles, bins=list(edges), stat="proportion", color="C0", edgecolor="white", alpha=1, ax=axes
        )
        axes.axvline(TARGET, color="C1", linestyle="--")
        axes.set(
            xlabel=say(language, "appraisal_record.indicators_axis"),
            ylabel=say(language, "appraisal_record.indicators_share_of_figures"),
        )
        axes.xaxis.set_major_formatter(lambda x, _: number(x, language, 0))
        axes.yaxis.set_major_formatter(lambda y, _: share(y, language))
        return canvas


def _edge(value: float, language: str) -> str:
    return number(value, language, int(value % 1 > 0))
