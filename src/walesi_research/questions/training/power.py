"""What could a study like this have seen, and what data would make it known?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from walesi_research.exhibits import Cell, Column, Figure, Heading, Sentence, Table
from walesi_research.exhibits.line_plot import Line, line_plot
from walesi_research.findings import Finding
from walesi_research.language import Message, count, number, say, share
from walesi_research.questions.claims import claim_of
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.training.doubt import span_of
from walesi_research.questions.training.panel import NOTEBOOK, Panel, panel_of
from walesi_research.stats.power import Errors, design_error, errors_of, minimum_effect, stretched

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Design", "Power", "power"]

POWER = 0.8
GRID = (40, 80, 160, 320)
"""Numbers of employees of the curve, beside the study's own."""
PLANNED = 0.25
"""Share of employees trained in the plan that is made where the study itself has too few."""
METHOD = (
    "smallest effect found with 80 % power: the sum of two normal quantiles, times the standard error of the "
    "imputation estimator"
)


@dataclass(frozen=True, eq=False)
class Design:
    """Who is trained when, and how much achievement varies.

    Parameters
    ----------
    shares : ndarray, shape (T + 1,)
        Shares of employees trained from each column on, the last never.
    people : int
        Employees of the study.
    seen : float
        Share of their cells that have an achievement.
    errors : Errors
    scale : float
        What brings the study's own error to that of the main estimate.
    own : bool
        Whether the shares are the study's, or a plan.
    """

    shares: np.ndarray
    people: int
    seen: float
    errors: Errors
    scale: float = 1.0
    own: bool = True

    @property
    def periods(self) -> int:
        """Periods of the study."""
        return len(self.shares) - 1

    @property
    def trained(self) -> float:
        """Share of employees trained within the panel."""
        return float(self.shares[1:-1].sum())

    def error(self, employees: float, periods: int) -> float:
        """Return the standard error with so many employees and periods, records as complete as here."""
        counts = stretched(self.shares, periods) * employees * self.seen
        return self.scale * design_error(counts, self.errors)


def power(study: Study, headline_se: float | None = None, level: float = 0.95) -> Power:
    """Ask how large an effect must be to be seen, here and with more employees or periods.

    Parameters
    ----------
    study : Study
    headline_se : float or None
        Standard error of ``training.leadership_att``; None where it has no estimate.
    level : float
        Level of the intervals.

    Returns
    -------
    Power
        Finding ``training.leadership_minimum_effect``.
    """
    panel = panel_of(study)
    design = panel if isinstance(panel, Message) else design_of(study, panel, headline_se)
    return Power(study, level, headline_se, design)


def design_of(study: Study, panel: Panel, headline_se: float | None = None) -> Design | Message:
    """Return the study's design, or a plan where too few were trained while others were not yet."""
    seen = ~np.isnan(panel.y)
    try:
        errors = errors_of(panel.y, ~panel.treated & ~panel.always[:, None])
    except ValueError:
        return Message.of("training_doubt.no_errors")
    n, periods = panel.y.shape
    least = study.settings.privacy.minimum_cell
    if errors.units < least:
        return Message.of("training_doubt.no_errors")
    counts = np.bincount(panel.onset, minlength=periods + 1).astype(float)
    own = Design(counts / n, n, float(seen.mean()), errors)
    error = own.error(n, periods)
    inside = (seen & panel.treated & (seen & ~panel.treated).any(axis=0)).any(axis=1) & ~panel.always
    if inside.sum() < least or not np.isfinite(error):
        return Design(_plan(periods), n, own.seen, errors, own=False)
    scale = headline_se / error if headline_se else 1.0
    return Design(own.shares, n, own.seen, errors, scale)


def _plan(periods: int) -> np.ndarray:
    """Return shares of a quarter trained in even stages over the middle half of the panel, nobody before."""
    stages = np.arange(max(1, periods // 4), max(2, periods - periods // 4))
    shares = np.zeros(periods + 1)
    shares[stages] = PLANNED / len(stages)
    shares[-1] = 1 - PLANNED
    return shares


@dataclass(frozen=True, eq=False)
class Power:
    """Answer: the smallest effect that can be seen.

    Parameters
    ----------
    study : Study
    level : float
    headline_se : float or None
    design : Design or Message
        The study's design or a plan, or why there is neither.
    """

    study: Study
    level: float
    headline_se: float | None
    design: Design | Message

    def effect(self, employees: float, periods: int) -> float:
        """Return the smallest effect that so many employees and periods can show, in points."""
        error = self.design.error(employees, periods)
        return float(minimum_effect(error, level=self.level, power=POWER))

    @cached_property
    def here(self) -> float:
        """The smallest effect that a study of this size can show."""
        return self.effect(self.design.people, self.design.periods)

    @property
    def target(self) -> float | None:
        """The effect one would want to see: the limit of the claim, unless that is zero."""
        return abs(claim_of(self.study, "training.leadership_att").limit) or None

    @property
    def needed(self) -> float | None:
        """Employees it takes to see the target over as many periods; errors fall with their root."""
        return None if self.target is None else self.design.people * (self.here / self.target) ** 2

    @property
    def findings(self) -> list[Finding]:
        """The smallest effect this study could have seen."""
        parts = {
            "id": "training.leadership_minimum_effect",
            "unit": "points of achievement",
            "claim": "description",
            "method": METHOD,
            "question": in_both("training_doubt.question_minimum_effect"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if isinstance(self.design, Message):
            return [not_estimable(self.design, **parts)]
        if not self.design.own:
            least = self.study.settings.privacy.minimum_cell
            return [not_estimable(Message.of("training_doubt.no_design", n=least), **parts)]
        n = people(self.study, self.design.people)
        return [Finding(estimate=round(self.here, 4), n=n, groups=n, **parts)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return what can be seen, and what it takes to see more."""
        if isinstance(self.design, Message):
            return [Sentence(self.design.in_(language), "note")]
        d = self.design
        key = "power_seen" if d.own else "power_plan"
        told = say(
            language, f"training_doubt.{key}", effect=number(self.here, language),
            share=share(PLANNED, language), n=people(self.study, d.people), span=self._span(d.periods),
        )  # fmt: skip
        return [Sentence(told), *self._of_need(language)]

    def _of_need(self, language: str) -> list[Sentence]:
        if self.target is None:
            return []
        target = number(self.target, language, 0 if self.target % 1 == 0 else 1)
        if self.here <= self.target:
            enough = [Sentence(say(language, "training_doubt.power_enough", target=target))]
            return enough if self.design.own else []
        told = say(
            language,
            "training_doubt.power_needed",
            target=target,
            span=self._span(self.design.periods),
            n=_round(self.needed),
            trained=_round(self.needed * self.design.trained),
        )
        return [Sentence(told)]

    def _span(self, periods: int) -> Message:
        return span_of(self.study, periods)

    def heading(self, language: str) -> list[Heading]:
        """Return what the curve shows."""
        if isinstance(self.design, Message):
            return []
        return [Heading(say(language, "training_doubt.power_heading"))]

    @property
    def _sizes(self) -> list[int]:
        return sorted({*GRID, people(self.study, self.design.people)})

    @property
    def _spans(self) -> list[int]:
        return sorted({max(2, self.design.periods // 2), self.design.periods, 2 * self.design.periods})

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the smallest effect by employees, a line for each number of periods."""
        if isinstance(self.design, Message):
            return []
        key = f"training_doubt.power_caption_{'own' if self.design.own else 'plan'}"
        spans = [self._span(t).in_(language) for t in self._spans]
        names = [spans[0], *(count(t, language) for t in self._spans[1:])]
        lines = [
            Line(name, [_finite(self.effect(n, t)) for n in self._sizes])
            for name, t in zip(names, self._spans, strict=True)
        ]
        known = [[v for v in line.values if v is not None] for line in lines]
        return line_plot(
            [count(n, language) for n in self._sizes],
            lines,
            language=language,
            alt=say(
                language,
                "training_doubt.power_alt",
                spans=", ".join(spans),
                few=count(self._sizes[0], language),
                many=count(self._sizes[-1], language),
                worst=number(next(filter(None, known))[0], language),
                best=number(known[-1][-1], language),
            ),
            caption=say(language, key, level=self.level, share=share(PLANNED, language)),
            title=say(language, f"training_doubt.power_title_{self.study.settings.study.period}"),
            axis_label=say(language, "training_doubt.power_axis"),
            synthetic=self.study.synthetic,
        )

    def table(self, language: str) -> Table | list[Table]:
        """Return the same numbers."""
        if isinstance(self.design, Message):
            return []
        spans = [Column(self._span(t).in_(language), numeric=True) for t in self._spans]
        columns = [say(language, "training_doubt.employees"), *spans]
        caption = say(language, "training_doubt.power_table")
        rows = [self._row(n, language) for n in self._sizes]
        return Table(columns, rows, caption, language, show_caption=False)

    def _row(self, employees: int, language: str) -> list[str | Cell]:
        own = employees == people(self.study, self.design.people)
        label = Cell(count(employees, language), say(language, "training_doubt.power_here") if own else "")
        effects = (_finite(self.effect(employees, t)) for t in self._spans)
        return [label, *("–" if e is None else number(e, language) for e in effects)]

    def details(self, language: str) -> list[Sentence]:
        """Return how it is computed."""
        if isinstance(self.design, Message):
            return []
        e = self.design.errors
        told = say(
            language,
            "training_doubt.about_power",
            factor=number(minimum_effect(1.0, level=self.level, power=POWER), language),
            level=self.level,
            sd=number(e.sd, language),
            correlation=number(e.correlation, language, 2),
        )
        scaled = say(language, "training_doubt.about_power_scaled")
        return [Sentence(told), *([Sentence(scaled)] if self.design.own and self.headline_se else [])]


def _round(n: float) -> int:
    """Return a number of people to plan with: to tens, from 1,000 to hundreds."""
    step = 10 if n < 1000 else 100
    return int(np.ceil(n / step - 1e-9) * step)


def _finite(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None
