"""Does leadership training raise performance? The effect on those who took it, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from walesi_research.exhibits import (
    Cell,
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
from walesi_research.language import Message, count, decimals, interval, interval_words, number, say
from walesi_research.questions.claims import claim_of
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.training.panel import NOTEBOOK, panel_of
from walesi_research.stats.staggered import (
    Average,
    GroupTime,
    Imputation,
    Leads,
    group_time,
    imputation,
    leads,
)
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Leadership", "Span", "leadership"]

UNIT = "points of achievement"
ASSUMED = (
    "effect if, without the programme, achievement of those who took it would have moved as that of "
    "employees not yet trained in the same periods (parallel trends), nobody's achievement changed before "
    "the programme counts (no anticipation), and one employee's programme changes no other's achievement"
)
METHOD = (
    "imputation estimator (Borusyak, Jaravel and Spiess 2024): employee and period effects from untreated "
    "employee-periods, equal weights over treated ones while someone is untreated; treated from the first "
    "period that starts after completion; bootstrap of employees within units, Student's t with effective "
    f"degrees of freedom; {ASSUMED}"
)
GROUP_TIME = (
    "Callaway and Sant'Anna (2021): each cohort against employees not yet treated, from the last period "
    f"before it counts; analytic errors by employee, Student's t; {ASSUMED}"
)
LEAD = (
    "achievement of those about to be trained in the last period before the programme counts, against their "
    "own earlier periods; untreated employee-periods, employee and period effects, CR2 errors by employee, "
    "Satterthwaite degrees of freedom"
)
LEADS = 4
"""Most periods before onset that are looked at: more would cost the test its power."""
State = Literal["doubtful", "yes", "some", "open", "small", "lower"]


def leadership(study: Study, level: float = 0.95, draws: int = 999) -> Leadership:
    """Ask what leadership training does to the achievement of those who take it.

    Treated from the first period that starts after completion of the first programme; those treated from the
    panel's first period on are left out; compared are employees not yet treated. The imputation estimator is
    the headline, Callaway and Sant'Anna's stands beside it, and the periods before training are looked at for
    departures that would bias both.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap draws of employees within units.

    Returns
    -------
    Leadership
        Findings ``training.leadership_att``, ``training.leadership_att_group_time`` and
        ``training.leadership_lead``.
    """
    panel = panel_of(study)
    if isinstance(panel, Message):
        return Leadership(study, level, panel)
    y, onset = panel.y, panel.onset
    least = study.settings.privacy.minimum_cell
    if reason := _why_not(y, onset, least):
        return Leadership(study, level, reason)
    plan = Resampling.within(study.employees["unit"], study.seed)
    try:
        fit = imputation(y, onset, plan.counts(draws, rows=panel.row), level)
    except ValueError:
        return Leadership(study, level, _why_none(y, onset))
    effect = fit.overall
    if effect.people < least:
        return Leadership(study, level, Message.of("training_leadership.few_compared", n=least))
    before = leads(y, onset, most=_most_leads(study), least=least, level=level)
    return Leadership(study, level, None, fit, effect, before, _beside(y, onset, level))


def _why_not(y: np.ndarray, onset: np.ndarray, least: int) -> Message | None:
    if y.shape[1] < 2:
        return Message.of("training_leadership.one_period")
    within = (onset > 0) & (onset < y.shape[1])
    if not within.any():
        name = "before" if (onset <= 0).any() else "nobody"
        return Message.of(f"training_leadership.{name}")
    if within.sum() < least:
        return Message.of("training_leadership.few", n=least)
    return None


def _why_none(y: np.ndarray, onset: np.ndarray) -> Message:
    columns = np.arange(y.shape[1])
    within = (onset > 0) & (onset < y.shape[1])
    known = ~np.isnan(y[within]) & (columns < onset[within][:, None])
    return Message.of(f"training_leadership.{'at_once' if known.any() else 'no_before'}")


def _most_leads(study: Study) -> int:
    return min(max(study.calendar.per_year, 2), LEADS)


def _beside(y: np.ndarray, onset: np.ndarray, level: float) -> GroupTime | None:
    try:
        other = group_time(y, onset, level=level)
    except (ValueError, RuntimeError):
        return None
    return other if np.isfinite(other.overall.se) else None


@dataclass(frozen=True)
class Span:
    """Effects from `first` to `last` periods since onset (0: the first that counts), both included."""

    first: int
    last: int
    effect: Average


@dataclass(frozen=True, eq=False)
class Leadership:
    """Answer: the effect of leadership training, and what it rests on.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is no estimate.
    fit : Imputation or None
    effect : Average or None
        The headline.
    leads : Leads or None
        Periods before training; None where none can be looked at.
    beside : GroupTime or None
        Callaway and Sant'Anna's estimate.
    """

    study: Study
    level: float
    reason: Message | None = None
    fit: Imputation | None = None
    effect: Average | None = None
    leads: Leads | None = None
    beside: GroupTime | None = None

    # ── findings ─────────────────────────────────────────────────────────────────────────────────

    @property
    def findings(self) -> list[Finding]:
        """Effect by imputation, the same by group and time, and the last lead."""
        return [
            self.headline,
            self._finding("leadership_att_group_time", GROUP_TIME, "effect_if", self._group_time()),
            self._finding("leadership_lead", LEAD, "association", self._last_lead()),
        ]

    @property
    def headline(self) -> Finding:
        """The effect by imputation."""
        return self._finding("leadership_att", METHOD, "effect_if", self.effect, self._counted())

    def _finding(
        self, name: str, method: str, claim: str, found: Average | None, reason: str | None = None
    ) -> Finding:
        parts = {
            "id": f"training.{name}",
            "unit": UNIT,
            "claim": claim,
            "method": method,
            "question": in_both(f"training_leadership.{name}_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if found is None:
            why = self.reason or Message.of(f"training_leadership.no_{name}")
            return not_estimable(why, **parts)
        parts |= {"n": people(self.study, self.fit.people), "groups": people(self.study, found.people)}
        numbers = (found.se, found.low, found.high, found.pvalue)
        se, low, high, p = (x if np.isfinite(x) else None for x in numbers)
        return Finding(estimate=found.estimate, se=se, low=low, high=high, p=p, reason=reason, **parts)

    def _counted(self) -> str | None:
        """Return how many treated employee-periods are left out, and whether a lead departs from zero."""
        if self.fit is None:
            return None
        left = people(self.study, self.fit.unused)
        texts = [Message.of(f"training_leadership.unused{'' if left else '_none'}", n=left).in_("en")]
        if self._flagged:
            texts.append(Message.of("training_leadership.flag_short").in_("en"))
        return " ".join(texts)

    def _group_time(self) -> Average | None:
        return self.beside.overall if self.beside else None

    def _last_lead(self) -> Average | None:
        fit = self.leads.last if self.leads else None
        if fit is None:
            return None
        who = int(self.leads.people[-1])
        numbers = (float(x[0]) for x in (fit.coef, fit.se, fit.low, fit.high, fit.pvalue, fit.df))
        return Average(*numbers, cells=who, people=who)

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    @property
    def _flagged(self) -> bool:
        return self.leads is not None and self.leads.flagged

    @property
    def _limit(self) -> float:
        return claim_of(self.study, "training.leadership_att").limit

    @property
    def state(self) -> State:
        """What the interval says against the claim's limit; doubtful where a lead departs from zero."""
        e = self.effect
        if self._flagged:
            return "doubtful"
        if e.low > self._limit:
            return "yes"
        if e.high < 0:
            return "lower"
        if e.high < self._limit:
            return "small"
        return "some" if e.low > 0 else "open"

    def sentence(self, language: str) -> list[Sentence]:
        """Return the answer, how sure it is, and what stands in its way."""
        if self.effect is None:
            return self._silent(language)
        e = self.effect
        values = {"estimate": abs(e.estimate), "change": e.estimate, "limit": self._limit}
        sure = "range_doubtful" if self._flagged else "range"
        told = [
            Sentence(self._say(language, f"lead_{self.state}", **values), "lead"),
            Sentence(self._say(language, sure, between=_words(e, language)), "range"),
        ]
        if self._flagged:
            told.append(Sentence(self._flag(language), "note"))
        return told

    def _silent(self, language: str) -> list[Sentence]:
        name = self.reason.key.partition(".")[2]
        return [
            Sentence(self._say(language, "lead_silent", why=self.reason.in_(language)), "lead"),
            Sentence(self._say(language, f"need_{name}", **self.reason.values), "note"),
        ]

    def _flag(self, language: str) -> str:
        """Return in words which lead departs from zero, and in what direction that errs."""
        x = self._last_lead()
        if x is not None and x.pvalue < 1 - self.level:
            key = "flag_dip" if x.estimate < 0 else "flag_rise"
            return self._say(language, key, size=abs(x.estimate), between=_words(x, language))
        return self._say(language, "flag_other")

    def basis(self, language: str) -> list[Sentence]:
        """Return whom and what the estimate rests on, and what could not be used."""
        if self.effect is None:
            return []
        counts = {
            "n": people(self.study, self.fit.people),
            "treated": people(self.study, self.effect.people),
            "cells": people(self.study, self.effect.cells),
        }
        texts = [self._say(language, "basis", **counts)]
        if left := people(self.study, self.fit.unused):
            texts.append(self._say(language, "basis_unused", n=left))
        return [Sentence(" ".join(texts))]

    def checks(self, language: str) -> list[Sentence]:
        """Return what the time before training says where it is quiet, and what another estimator finds."""
        if self.effect is None:
            return []
        texts = [self._other(language)] if self._flagged else [self._before(language), self._other(language)]
        return [Sentence(text) for text in texts]

    def _before(self, language: str) -> str:
        x = self._last_lead()
        if x is None:
            return self._say(language, "no_leadership_lead")
        return self._say(language, "before_quiet", between=_words(x, language))

    def _other(self, language: str) -> str:
        if self.beside is None:
            return self._say(language, "no_leadership_att_group_time")
        e = self.beside.overall
        return self._say(language, "other", estimate=e.estimate, between=_words(e, language))

    def details(self, language: str) -> list[Sentence]:
        """Return how it was computed, for those who want to know."""
        if self.effect is None:
            return []
        names = ("onset", "estimator", "assumed", "error")
        return [Sentence(self._say(language, f"details_{name}")) for name in names]

    # ── before and after ─────────────────────────────────────────────────────────────────────────

    def spans(self, width: int = 1) -> list[Span]:
        """Return effects by periods since onset, `width` at a time; too few people join a neighbour."""
        fit, least = self.fit, self.study.settings.privacy.minimum_cell
        row, column = np.nonzero(fit.used)
        since = column - fit.onset[row]
        ends, start, longest = [], 0, int(since.max())
        for stop in [*range(width - 1, longest, width), longest]:
            if len(np.unique(row[(since >= start) & (since <= stop)])) >= least:
                ends.append((start, stop))
                start = stop + 1
        ends[-1] = ends[-1][0], longest  # the last may be too few: they join those before
        return [Span(a, b, fit.average((fit.since >= a) & (fit.since <= b))) for a, b in ends]

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure shows."""
        if self.effect is None:
            return []
        return [Heading(self._say(language, f"heading_{self.state}"))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return achievement against what it would have been, by periods before and after training."""
        if self.effect is None:
            return []
        spans = self.spans()
        with plot_style():
            return from_matplotlib(
                self._drawing(spans, language),
                alt=self._alt(spans, language),
                caption=self._say(
                    language, "caption", level=self.level, n=people(self.study, self.effect.people),
                    minimum=self.study.settings.privacy.minimum_cell,
                ),
                language=language,
                synthetic=self.study.synthetic,
            )  # fmt: skip

    def _drawing(self, spans: list[Span], language: str) -> Any:
        from matplotlib.figure import Figure as Canvas

        canvas = Canvas(figsize=(5, 3.2))
        axes = canvas.subplots()
        before = self._drawn_leads()
        for x, e, low, high in before:
            _mark(axes, x, e, low, high, "#95450b", "white")
        for x, span in enumerate(spans, 1):
            e = span.effect
            _mark(axes, x, e.estimate, e.low, e.high, "#0a5570", "#0a5570")
        axes.axhline(0, color="#7b8791", linewidth=1)
        axes.axvline(0.5, color="#7b8791", linewidth=1, linestyle=":")
        ticks = {x: number(x, language, 0) for x, *_ in before}
        ticks |= {x: _reach(span, language) for x, span in enumerate(spans, 1)}
        step = -(-len(ticks) // 14)
        shown = [x for x in sorted(ticks) if x % step == 0]
        axes.set_xticks(shown, [ticks[x] for x in shown])
        axes.set_xlabel(self._say(language, "axis"))
        axes.set_title(self._say(language, "title"), loc="left", fontsize=10)
        axes.yaxis.set_major_formatter(lambda y, _: number(y, language, int(y % 1 > 0)))
        return canvas

    def _drawn_leads(self) -> list[tuple[int, float, float, float]]:
        """Return place, departure and interval of each lead; 0 is the period in which training ended."""
        if self.leads is None:
            return []
        k = self.leads
        return [(1 - int(b), *ends) for b, *ends in zip(k.before, k.estimate, k.low, k.high, strict=True)]

    def _alt(self, spans: list[Span], language: str) -> str:
        leads = [(number(x, language, 0), e) for x, e, *_ in self._drawn_leads()]
        effects = [(_reach(span, language), span.effect.estimate) for span in spans]
        before, after = (
            "; ".join(f"{x}: {number(e, language)}" for x, e in pairs) for pairs in (leads, effects)
        )
        return self._say(language, "alt" if before else "alt_after", before=before, after=after)

    def table(self, language: str) -> Table | list[Table]:
        """Return the effect by years since training, over all, and by the other estimator."""
        if self.effect is None:
            return []
        columns = [
            self._say(language, "what"),
            self._say(language, "estimate_column", level=self.level),
            Column(self._say(language, "treated_column"), numeric=True),
        ]
        width = self.study.calendar.per_year
        rows = [self._row(self._years(s, width, language), s.effect, language) for s in self.spans(width)]
        rows.append(self._row(self._say(language, "row_all"), self.effect, language))
        rows.append(self._other_row(language))
        return Table(columns, rows, self._say(language, "table"), language)

    def _other_row(self, language: str) -> list[str | Cell] | Gap:
        label, other = self._say(language, "row_group_time"), self._group_time()
        if other is None:
            why = self._say(language, "no_leadership_att_group_time")
            return Gap(label, say(language, "common.not_computed"), why)
        return self._row(label, other, language)

    def _years(self, span: Span, width: int, language: str) -> str:
        first, last = span.first // width + 1, span.last // width + 1
        return self._say(language, "row_year" if first == last else "row_years", first=first, last=last)

    def _row(self, label: str, e: Average, language: str) -> list[str | Cell]:
        points = self._say(language, "points", x=number(e.estimate, language, _digits(e)))
        ends = interval(e.low, e.high, language, _digits(e)) if np.isfinite(e.se) else ""
        return [label, Cell(points, ends), count(people(self.study, e.people), language)]

    def _say(self, language: str, key: str, **values: Any) -> str:
        rhythm = say(language, f"training_leadership.rhythm_{self.study.settings.study.period}")
        return say(language, f"training_leadership.{key}", rhythm=rhythm, **values)


def _digits(e: Average) -> int:
    return decimals([(e.low, e.high)]) if np.isfinite(e.se) else 1


def _words(e: Average, language: str) -> str:
    if not np.isfinite(e.se):
        return say(language, "training_leadership.no_interval")
    return interval_words(e.low, e.high, language, _digits(e))


def _reach(span: Span, language: str) -> str:
    """Return the periods of a span counted from 1."""
    first, last = number(span.first + 1, language, 0), number(span.last + 1, language, 0)
    return first if first == last else f"{first}–{last}"


def _mark(axes: Any, x: int, estimate: float, low: float, high: float, colour: str, face: str) -> None:
    if np.isfinite(low):
        axes.plot([x, x], [low, high], color=colour, linewidth=1.2)
    axes.plot(x, estimate, marker="o", color=colour, markerfacecolor=face)
