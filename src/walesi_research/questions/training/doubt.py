"""What could undo the answer? Trends that were not parallel, and causes that nobody recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exhibits import Column, Figure, Heading, Interval, Sentence, Table, interval_plot
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, interval_words, number, say
from walesi_research.questions.claims import claim_of
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.training.panel import NOTEBOOK, Panel, panel_of
from walesi_research.stats.sensitivity import Sensitivity, robustness
from walesi_research.stats.staggered import two_way_effect
from walesi_research.stats.trend_bounds import (
    BlockStudy,
    Bounds,
    block_study,
    breakdown,
    relative_bounds,
    usual_change,
)
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Doubt", "Trend", "doubt"]

HEADLINE = "training.leadership_att"
DRAWS = 999
FOLLOWED = 1e-6
"""A standard error below this share of its coefficient leaves no room for another cause."""
RATIOS = (0.0, 0.25, 0.5, 1.0)
"""Drifts after training that the figure allows, in times the largest change before it."""
METHODS = {
    "trend_breakdown": "largest change of the departure from parallel trends after training, relative to the "
    "largest before it, at which the interval of the effect in the first block after training reaches "
    "{limit}; imputation by blocks of {width} periods, employee bootstrap within units; relative magnitudes "
    "(Rambachan and Roth 2023) with the changes before as estimates",
    "robustness_value": "share of what is left of training and of achievement, given employee and period "
    "effects, that something unrecorded would have to explain to bring the two-way fixed effects estimate to "
    "zero (Cinelli and Hazlett 2020)",
}
UNITS = {
    "trend_breakdown": "times the largest change before training",
    "robustness_value": "share of variance",
}


@dataclass(frozen=True, eq=False)
class Trend:
    """The effect of the first block after training, and the departures before it.

    Parameters
    ----------
    blocks : BlockStudy
        The blocks kept: each of enough people, the last before training left out as the reference.
    width : int
        Periods in a block.
    before : int
        How many of the blocks lie before training.
    level, df : float
        Level of intervals and degrees of freedom of their quantile: trained employees less one.
    usual : float
        What the largest change before training stays below by chance, were trends parallel, at `level`.
    """

    blocks: BlockStudy
    width: int
    before: int
    level: float
    df: float
    usual: float

    def bounds(self, ratio: float) -> Bounds:
        """Return what the effect may be with drifts of at most `ratio` times the largest before."""
        b = self.blocks
        return relative_bounds(b.estimate, b.covariance, self.before, ratio, level=self.level, df=self.df)

    def breakdown(self, limit: float) -> float | None:
        """Return the ratio from which on the interval reaches `limit`, None for never."""
        b = self.blocks
        return breakdown(b.estimate, b.covariance, self.before, limit, level=self.level, df=self.df)

    @property
    def change(self) -> float:
        """Largest change of the departure from block to block before training."""
        return float(np.abs(np.diff([*self.blocks.estimate[: self.before], 0.0])).max())


def doubt(study: Study, headline: Finding | None = None, level: float = 0.95) -> Doubt:
    """Ask how far trends may part, and how strong an unrecorded cause may be, before the answer is lost.

    Parameters
    ----------
    study : Study
    headline : Finding or None
        ``training.leadership_att`` as estimated; None where there is none.
    level : float
        Level of the intervals.

    Returns
    -------
    Doubt
        Findings ``training.leadership_trend_breakdown`` and ``training.leadership_robustness_value``.
    """
    known = headline if headline is not None and headline.status == "estimated" else None
    panel = panel_of(study)
    if isinstance(panel, Message):
        return Doubt(study, level, known, panel, panel)
    return Doubt(study, level, known, _trend(study, panel, level), _unseen(study, panel, level))


def _trend(study: Study, panel: Panel, level: float) -> Trend | Message:
    least, periods = study.settings.privacy.minimum_cell, len(panel.periods)
    width = max(1, min(study.calendar.per_year, periods // 3))
    few = Message.of("training_doubt.no_blocks", n=least, span=span_of(study, width))
    plan = Resampling.within(study.employees["unit"], study.seed)
    counts = np.concatenate(list(plan.counts(DRAWS, rows=panel.row)))
    try:
        found = block_study(panel.y, panel.onset, width, counts)
    except ValueError:
        return few
    kept = _kept(found, least)
    before = int((found.block[kept] < 0).sum())
    some = BlockStudy(
        found.block[kept], found.estimate[kept], found.covariance[np.ix_(kept, kept)],
        found.units[kept], found.cells[kept],
    )  # fmt: skip
    if not before or before == len(kept) or not np.isfinite(some.covariance).all():
        return few
    usual = usual_change(some.covariance, before, study.rng("training", "trend"), level=level)
    return Trend(some, width, before, level, float(some.units[-1] - 1), usual)


def _kept(found: BlockStudy, least: int) -> list[int]:
    """Return the unbroken row of blocks of enough people up to the reference, and the first after it."""
    enough = {int(k): i for i, k in enumerate(found.block) if found.units[i] >= least}
    before = []
    while (block := -2 - len(before)) in enough:
        before.append(enough[block])
    return [*reversed(before), *([enough[0]] if 0 in enough else [])]


def _unseen(study: Study, panel: Panel, level: float) -> Sensitivity | Message:
    least = study.settings.privacy.minimum_cell
    inside = panel.treated & ~panel.always[:, None] & ~np.isnan(panel.y)
    if inside.any(axis=1).sum() < least:
        return Message.of("training_doubt.few", n=least)
    try:
        fit = two_way_effect(panel.y, panel.onset, level)
    except ValueError:
        return Message.of("training_doubt.no_two_way")
    if not fit.plain_se[0] > FOLLOWED * abs(fit.coef[0]):
        return Message.of("training_doubt.unfit")
    return robustness(float(fit.coef[0] / fit.plain_se[0]), fit.residual_df, level=level)


def span_of(study: Study, periods: int) -> Message:
    """Return a number of periods in words: '4 quarters'."""
    return Message.of(f"training_doubt.span_{study.settings.study.period}", n=periods)


@dataclass(frozen=True, eq=False)
class Doubt:
    """Answer: what it would take to lose the answer.

    Parameters
    ----------
    study : Study
    level : float
    headline : Finding or None
    trend : Trend or Message
        The effect and the departures before it, or why they cannot be had.
    unseen : Sensitivity or Message
        Robustness of the two-way estimate, or why there is none.
    """

    study: Study
    level: float
    headline: Finding | None
    trend: Trend | Message
    unseen: Sensitivity | Message

    @property
    def limit(self) -> float | None:
        """What the main estimate's interval lies beyond: the claim's limit, else zero, else nothing."""
        h = self.headline
        if h is None:
            return None
        limit = claim_of(self.study, HEADLINE).limit
        beyond = [x for x in (limit, 0.0) if h.low > x >= 0 or h.high < x <= 0]
        return beyond[0] if beyond else None

    @property
    def ratio(self) -> float | None:
        """The drift at which the answer is lost; None where it never is, or there is nothing to lose."""
        return (
            None
            if isinstance(self.trend, Message) or self.limit is None
            else self.trend.breakdown(self.limit)
        )

    @property
    def findings(self) -> list[Finding]:
        """Breakdown of the trends, and robustness value."""
        return [self._breakdown(), self._robustness()]

    def _breakdown(self) -> Finding:
        width = 0 if isinstance(self.trend, Message) else self.trend.width
        method = METHODS["trend_breakdown"].format(limit=self.limit or 0.0, width=width)
        parts = self._parts("trend_breakdown") | {"method": method}
        if isinstance(self.trend, Message):
            return not_estimable(self.trend, **parts)
        if self.limit is None or self.ratio is None:
            reason = "trend_open" if self.limit is None else "trend_firm"
            return not_estimable(Message.of(f"training_doubt.{reason}_plain"), **parts)
        n = people(self.study, int(self.trend.blocks.units[-1]))
        return Finding(estimate=round(self.ratio, 4), n=n, groups=n, **parts)

    def _robustness(self) -> Finding:
        parts = self._parts("robustness_value") | {"method": METHODS["robustness_value"]}
        if isinstance(self.unseen, Message):
            return not_estimable(self.unseen, **parts)
        return Finding(estimate=round(self.unseen.robustness, 4), **parts)

    def _parts(self, name: str) -> dict:
        return {
            "id": f"training.leadership_{name}",
            "unit": UNITS[name],
            "claim": "description",
            "question": in_both(f"training_doubt.question_{name}"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }

    @property
    def _state(self) -> str:
        """Whether the answer is open, thin without any drift, weak, of some strength, or firm."""
        if self.limit is None:
            return "open"
        ratio = self.ratio
        if ratio is None:
            return "firm"
        return "thin" if ratio == 0 else "weak" if ratio < 1 else "some"

    def sentence(self, language: str) -> list[Sentence]:
        """Return what it would take to lose the answer."""
        return [*self._of_trend(language), *self._of_unseen(language)]

    def _of_trend(self, language: str) -> list[Sentence]:
        if isinstance(self.trend, Message):
            return [Sentence(self.trend.in_(language), "note")]
        if self.headline is None:
            return []
        bare = self.trend.bounds(0.0)
        told = say(
            language,
            f"training_doubt.trend_{self._state}",
            ratio=number(self.ratio or 0.0, language, 2 if (self.ratio or 1) < 0.1 else 1),
            change=number(self.trend.change, language),
            span=span_of(self.study, self.trend.width),
            between=interval_words(bare.low, bare.high, language, decimals([(bare.low, bare.high)])),
            beyond=self._beyond(language),
        )
        return [Sentence(told), *(self._chance(language) if self._state in ("weak", "some") else [])]

    def _chance(self, language: str) -> list[Sentence]:
        """Return whether the change before training is more than chance makes."""
        t = self.trend
        key = "training_doubt.change_usual" if t.change <= t.usual else "training_doubt.change_unusual"
        told = say(language, key, usual=number(t.usual, language), level=self.level)
        return [Sentence(told)]

    def _beyond(self, language: str) -> str:
        """Return in words what the answer says of the effect: 'above 1'."""
        limit = self.limit or 0.0
        side = "below" if self.headline.estimate < limit else "above"
        return say(
            language, f"training_doubt.{side}", limit=number(limit, language, 0 if limit % 1 == 0 else 1)
        )

    def _of_unseen(self, language: str) -> list[Sentence]:
        if isinstance(self.unseen, Message):
            return [Sentence(self.unseen.in_(language), "note")]
        u = self.unseen
        key = "unseen" if u.robustness_interval > 0 else "unseen_open"
        told = say(language, f"training_doubt.{key}", value=u.robustness, interval=u.robustness_interval)
        return [Sentence(told)]

    def heading(self, language: str) -> list[Heading]:
        """Return how much the answer withstands."""
        if isinstance(self.trend, Message) or self.headline is None:
            return []
        key = {"thin": "weak", "firm": "some"}.get(self._state, self._state)
        return [Heading(say(language, f"training_doubt.doubt_heading_{key}"))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the effect of the first block after training under drifts of several sizes."""
        if isinstance(self.trend, Message):
            return []
        claim, t = claim_of(self.study, HEADLINE), self.trend
        bounds = [t.bounds(ratio) for ratio in RATIOS]
        effect = float(t.blocks.estimate[-1])
        return interval_plot(
            [Interval(self._label(b.ratio, language), effect, b.low, b.high) for b in bounds],
            language=language,
            alt=say(language, "training_doubt.doubt_alt"),
            caption=say(
                language,
                "training_doubt.doubt_caption",
                span=span_of(self.study, t.width),
                level=self.level,
                n=people(self.study, int(t.blocks.units[-1])),
            ),
            axis_label=say(language, "training_doubt.effect_axis"),
            digits=decimals((b.low, b.high) for b in bounds),
            limit=claim.limit,
            supports=claim.supports,
            zone_label=say(
                language, f"training_doubt.zone_{claim.supports}", limit=number(claim.limit, language)
            ),
            synthetic=self.study.synthetic,
        )

    def _label(self, ratio: float, language: str) -> str:
        if not ratio:
            return say(language, "training_doubt.ratio_none")
        digits = 0 if ratio.is_integer() else 2 if ratio < 0.5 else 1
        return say(language, "training_doubt.ratio_row", ratio=number(ratio, language, digits))

    def table(self, language: str) -> Table | list[Table]:
        """Return the same numbers, with what the estimates alone leave open."""
        if isinstance(self.trend, Message):
            return []
        columns = [
            say(language, "training_doubt.allowed"),
            Column(say(language, "training_doubt.left_open"), numeric=True),
            Column(say(language, "training_doubt.range", level=self.level), numeric=True),
        ]
        caption = say(language, "training_doubt.doubt_table", span=span_of(self.study, self.trend.width))
        rows = [self._cells(self.trend.bounds(ratio), language) for ratio in RATIOS]
        return Table(columns, rows, caption, language, show_caption=False)

    def _cells(self, b: Bounds, language: str) -> list[str]:
        digits = decimals([(b.low, b.high)])
        possible = number(b.least, language, digits)
        if b.most > b.least:
            possible = interval(b.least, b.most, language, digits)
        return [self._label(b.ratio, language), possible, interval(b.low, b.high, language, digits)]

    def details(self, language: str) -> list[Sentence]:
        """Return how both are computed."""
        told = []
        if not isinstance(self.trend, Message):
            span = span_of(self.study, self.trend.width)
            told.append(say(language, "training_doubt.about_trend", span=span))
        if not isinstance(self.unseen, Message):
            told.append(say(language, "training_doubt.about_unseen"))
        return [Sentence(text) for text in told]
