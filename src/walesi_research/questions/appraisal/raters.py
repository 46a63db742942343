"""Do raters use one measure? Severity, leniency, ratings without spread, halo and drift."""

from __future__ import annotations

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
    Sentence,
    Table,
    from_matplotlib,
    plot_style,
)
from walesi_research.findings import Finding
from walesi_research.language import Message, interval, interval_words, number, say, share
from walesi_research.questions.appraisal import rater_signs as signs
from walesi_research.questions.appraisal.frame import NOTEBOOK, Rows, rows_of_scores
from walesi_research.questions.appraisal.rater_signs import Drift, Halo, Severity
from walesi_research.questions.appraisal.record import few, regimes, under_matrix
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.variables import achievement
from walesi_research.study.privacy import round_share
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Raters", "raters"]

TYPICAL = 2 / np.sqrt(np.pi)
"""Mean difference of two draws from a normal distribution, in its standard deviations."""
LINES = 60
"""The most lines that the figure draws."""
PIECES = 20
"""Quantiles whose mean is a line's place."""
RATINGS = ("work_result", "behaviour")
TOP = 3
"""The rating above expectation."""
LEAST_EMPLOYEES = 10
"""Employees without whom a correlation within rater is not computed."""


def raters(study: Study, level: float = 0.95, draws: int = 999) -> Raters:
    """Ask whether raters use one measure, and by which signs they do not.

    Severity: places of the raters in a crossed model of employees and raters, net of achievement, tie and
    period as far as the study records them. Leniency, ratings without spread, halo (bootstrap of employees
    within units, the study's one plan) and drift beside it. A rater is a person too: nothing is told of fewer
    raters than `minimum_cell`, and nothing of one.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level.
    draws : int
        Bootstrap draws of the halo's interval.

    Returns
    -------
    Raters
        Findings ``appraisal.rater_sd``, ``appraisal.halo`` and ``appraisal.range_restriction_share``.
    """
    rows = rows_of_scores(study, needed=["score"])
    ratings = {name: under_matrix(study, name) for name in RATINGS}
    return Raters(study, level, draws, rows, ratings)


@dataclass(frozen=True, eq=False)
class Raters:
    """Answer: how far raters lie apart, and what is to be seen of how they rate.

    Parameters
    ----------
    study : Study
    level : float
    draws : int
    rows : Rows or Message
        Appraisals with all that the model of the score needs, or why there are none.
    ratings : mapping of str to (DataFrame or Message)
        Appraisals with each rating under the matrix, or why there are none.
    """

    study: Study
    level: float
    draws: int
    rows: Rows | Message
    ratings: dict[str, pd.DataFrame | Message] = field(default_factory=dict)

    # ── what may be told ─────────────────────────────────────────────────────────────────────────────────

    @property
    def _least(self) -> int:
        return self.study.settings.privacy.minimum_cell

    @property
    def _hidden(self) -> Message:
        return Message.of("appraisal_raters.hidden", minimum=self._least)

    def _few(self, raters: pd.Series, employees: pd.Series) -> bool:
        """Tell whether a number would rest on too few raters or employees."""
        return min(raters.nunique(), employees.nunique()) < self._least

    def _share_of_raters(self, shows: pd.Series) -> float | None:
        """Return the share of raters who show a sign; None where they, the others, or all are too few."""
        k, n = int(shows.sum()), len(shows)
        if n < self._least or few(k, self._least) or few(n - k, self._least):
            return None
        return float(round_share(k / n))

    # ── severity ─────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _no_severity(self) -> Message | None:
        """Return why severity is not told, None where it is."""
        if isinstance(self.rows, Message):
            return self.rows
        if self.rows.frame.empty:
            return Message.of("appraisal_raters.none_complete")
        if self._few(self.rows.frame["rater"], self.rows.frame["employee"]):
            return self._hidden
        return None if self._fitted is not None else Message.of("appraisal_raters.too_thin")

    @cached_property
    def _fitted(self) -> Severity | None:
        return signs.severity(self.rows, self.level)

    @property
    def severity(self) -> Severity | None:
        """How far raters lie apart; None where that is hidden or cannot be estimated."""
        return None if self._no_severity is not None else self._fitted

    @cached_property
    def clear_pairs(self) -> float | None:
        """Share of pairs of raters that clearly differ; None where it would point at a few raters."""
        if self.severity is None:
            return None
        value, count = signs.clear_pairs(self.severity, self.level)
        told = [int((count > 0).sum()), int((count < len(count) - 1).sum())]
        return None if any(few(n, self._least) for n in told) else float(round_share(value))

    @property
    def linked(self) -> bool:
        """Whether rater and unit can be told apart."""
        return self.severity is not None and self.rows.raters_linked

    @cached_property
    def _drift(self) -> Drift | Message:
        if self.severity is None:
            return self._no_severity
        found = signs.drift(self.rows, self.study.calendar.per_year)
        if found is None:
            return Message.of("appraisal_raters.drift_too_thin", n=signs.PERIODS)
        return self._hidden if found.raters < self._least else found

    @property
    def drift(self) -> Drift | None:
        """How differently raters' measures move in a year, or None."""
        return None if isinstance(self._drift, Message) else self._drift

    @cached_property
    def places(self) -> tuple[np.ndarray, float] | None:
        """Ordered places that each stand for an equal part of the raters, and how unsure one place is.

        Only raters of enough employees count. The places are means of equal parts of the (interpolated)
        distribution, as many as the number of raters rounded down as people are, so that none is a rater's
        own and their number does not tell how many raters there are. One half-width for all, the largest:
        the width of a rater's own interval would tell how many appraisals the rater made, and so who it is.
        None where too few raters are left.
        """
        if self.severity is None:
            return None
        rated = self.rows.frame.groupby("rater")["employee"].nunique()
        effects = self.severity.raters
        kept = rated.reindex(effects.levels).to_numpy() >= self._least
        if kept.sum() < self._least:
            return None
        base = self.study.settings.privacy.round_counts
        lines = int(np.clip(kept.sum() // base * base, self._least, LINES))
        within = (np.arange(PIECES * lines) + 0.5) / (PIECES * lines)
        places = np.quantile(effects.estimate[kept], within).reshape(lines, PIECES).mean(axis=1)
        return places, self.severity.quantile((1 - self.level) / 2) * float(effects.se[kept].max())

    # ── ratings ──────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def top(self) -> dict[str, float | None]:
        """Share of appraisals rated above expectation, by rating; None where hidden or not recorded."""
        return {name: self._top(name) for name in self.ratings}

    def _top(self, name: str) -> float | None:
        rows = self.ratings[name]
        if isinstance(rows, Message) or self._few(rows["rater_id"], rows["employee_id"]):
            return None
        top = rows[name] == TOP
        numbers = [
            rows.loc[part, who].nunique() for part in (top, ~top) for who in ("employee_id", "rater_id")
        ]
        return None if any(few(n, self._least) for n in numbers) else float(round_share(top.mean()))

    @cached_property
    def standing(self) -> float | None:
        """Mean over raters of the rater's mean rating of results (2: as expected); None where hidden."""
        rows = self.ratings["work_result"]
        if isinstance(rows, Message) or self._few(rows["rater_id"], rows["employee_id"]):
            return None
        return float(round_share(rows.groupby("rater_id", observed=True)["work_result"].mean().mean()))

    @cached_property
    def one_rating(self) -> dict[str, pd.Series]:
        """By rating and rater of enough appraisals: whether nearly all have the same rating."""
        return {
            name: signs.one_rating(rows, name)
            for name, rows in self.ratings.items()
            if not isinstance(rows, Message)
        }

    @cached_property
    def restricted(self) -> dict[str, float | None]:
        """Share of raters who give nearly everybody the same rating, by rating; None where hidden."""
        return {name: self._share_of_raters(shows) for name, shows in self.one_rating.items()}

    @cached_property
    def middle(self) -> float | None:
        """Share of raters whose scores keep to the middle; None where hidden or not to be had."""
        if self.severity is None or "achievement" not in self.rows.frame:
            return None
        return self._share_of_raters(signs.central_tendency(self.rows))

    @cached_property
    def _rated_twice(self) -> pd.DataFrame | Message:
        """Return the appraisals with both ratings and achievement, or why their correlation is not told."""
        rows = under_matrix(self.study, *RATINGS)
        if isinstance(rows, Message):
            return rows
        if "achievement" not in rows or rows["achievement"].isna().all():
            return Message.of("appraisal_raters.halo_no_achievement")
        figure = achievement(self.study).stack().rename("achievement")
        rows = rows.drop(columns="achievement").join(figure, on=["employee_id", "period"])
        rows = rows.dropna(subset="achievement")
        least = max(self._least, LEAST_EMPLOYEES)
        if rows["employee_id"].nunique() < least:
            return Message.of("appraisal_raters.halo_too_few", n=least)
        hidden = self._few(rows["rater_id"], rows["employee_id"]) or self._hangs_on_few(rows)
        return self._hidden if hidden else rows

    def _hangs_on_few(self, rows: pd.DataFrame) -> bool:
        """Tell whether only a few employees have a rating other than the commonest."""
        others = (rows.loc[rows[name] != rows[name].mode()[0], "employee_id"].nunique() for name in RATINGS)
        return any(few(n, self._least) for n in others)

    @cached_property
    def _halo(self) -> Halo | Message:
        if isinstance(self._rated_twice, Message):
            return self._rated_twice
        found = self._correlated(self._rated_twice)
        return Message.of("appraisal_raters.halo_no_spread") if found is None else found

    def _correlated(self, rows: pd.DataFrame) -> Halo | None:
        employees = pd.Index(self.study.employees["employee_id"])
        at = employees.get_indexer(rows["employee_id"])
        drawn, place = np.unique(at, return_inverse=True)
        plan = Resampling.within(self.study.employees["unit"], self.study.seed)
        limits = self.study.settings.appraisal
        return signs.halo(
            rows.assign(place=place),
            (limits.below, limits.above),
            plan.counts(self.draws, drawn),
            self.level,
        )

    @property
    def halo(self) -> Halo | None:
        """How far the two ratings go together beyond achievement, or None."""
        return None if isinstance(self._halo, Message) else self._halo

    # ── findings ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def findings(self) -> list[Finding]:
        """Severity, halo and ratings without spread."""
        return [self._finding_of_severity(), self._finding_of_halo(), self._finding_of_range()]

    def _parts(self, name: str, unit: str, claim: str, method: str) -> dict:
        question = in_both(f"appraisal_raters.{name}_question")
        return {
            "id": f"appraisal.{name}", "unit": unit, "claim": claim, "method": method,
            "question": question, "notebook": NOTEBOOK, "level": self.level,
        }  # fmt: skip

    def _without(self, reason: Message, parts: dict) -> Finding:
        if reason.key == self._hidden.key:
            return Finding(status="suppressed", reason=reason.in_("en"), **parts)
        return not_estimable(reason, **parts)

    def _finding_of_severity(self) -> Finding:
        known = () if isinstance(self.rows, Message) else self.rows.exposures
        method = (
            "standard deviation of raters in a model with crossed random intercepts of employees and raters "
            f"(REML), net of {', '.join((*known, 'period'))}; interval: exact test of the variance ratio, "
            "joined with the residual's"
        )
        parts = self._parts("rater_sd", "score points", "association", method)
        if self.severity is None:
            return self._without(self._no_severity, parts)
        s, frame = self.severity, self.rows.frame
        reason = None if self.linked else Message.of("appraisal.not_linked").in_("en")
        n, groups = (people(self.study, frame[name].nunique()) for name in ("employee", "rater"))
        return Finding(
            estimate=s.sd, se=s.se, low=s.low, high=s.high, n=n, groups=groups, reason=reason, **parts
        )

    def _finding_of_halo(self) -> Finding:
        method = (
            "correlation of work_result and behaviour within rater, both freed of period, achievement and "
            "the rating that achievement deserves; percentile interval from a bootstrap of employees "
            "within units"
        )
        parts = self._parts("halo", "correlation", "association", method)
        if self.halo is None:
            return self._without(self._halo, parts)
        h, n = self.halo, people(self.study, self._rated_twice["employee_id"].nunique())
        return Finding(estimate=h.estimate, se=h.se, low=h.low, high=h.high, n=n, **parts)

    def _finding_of_range(self) -> Finding:
        method = (
            f"share of raters with at least {signs.ENOUGH} appraisals who gave the same work_result rating "
            f"in at least {signs.ONE:.0%} of them; all are observed"
        )
        parts = self._parts("range_restriction_share", "share", "description", method)
        value = self.restricted.get("work_result")
        if value is None:
            return self._without(self._no_one("work_result"), parts)
        n = people(self.study, len(self.one_rating["work_result"]))
        return Finding(estimate=value, se=0.0, low=value, high=value, n=n, **parts)

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _apart(self) -> bool:
        """Whether raters clearly differ: the whole interval lies above nothing, as it is written."""
        return self.severity is not None and self._gap[1] >= 0.05

    @property
    def _gap(self) -> tuple[float, float, float]:
        """Return the mean difference of two raters taken at random, and its interval, score points."""
        s = self.severity
        return TYPICAL * s.sd, TYPICAL * s.low, TYPICAL * s.high

    def _equal(self, language: str) -> str:
        known = "_".join(self.rows.exposures) or "nothing"
        return say(language, f"appraisal_raters.equal_{known}")

    def heading(self, language: str) -> list[Heading]:
        """Return how far two raters differ."""
        if self.severity is None:
            return []
        key = "apart" if self._apart else "open"
        return [Heading(say(language, f"appraisal_raters.heading_{key}", gap=self._gap[0]))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return how far raters differ, how sure that is, and by which signs."""
        told = self._of_severity(language)
        told += [Sentence(text) for text in (self._of_range(language), self._of_halo(language)) if text]
        return told + [Sentence(note.in_(language), "note") for note in self._notes()]

    def _of_severity(self, language: str) -> list[Sentence]:
        if self.severity is None:
            why = self._no_severity
            if why.key == self._hidden.key:
                why = Message.of("appraisal_raters.severity_hidden", minimum=self._least)
            return [Sentence(why.in_(language), "note")]
        gap, low, high = self._gap
        key = "apart" if self._apart else "open"
        lead = say(language, f"appraisal_raters.lead_{key}", gap=gap, equal=self._equal(language))
        words = [
            say(language, "appraisal_raters.range", between=interval_words(low, high, language)),
            *self._of_pairs(language),
            say(language, "appraisal_raters.no_league"),
        ]
        return [Sentence(lead, "lead"), Sentence(" ".join(words), "range")]

    def _of_pairs(self, language: str) -> list[str]:
        if self.clear_pairs is None:
            return []
        key = "pairs" if self.clear_pairs else "no_pairs"
        return [say(language, f"appraisal_raters.{key}", share=self.clear_pairs)]

    def _of_range(self, language: str) -> str:
        value = self.restricted.get("work_result")
        if value is None:
            return ""
        key = "restricted" if value else "not_restricted"
        return say(language, f"appraisal_raters.{key}", share=value, one=signs.ONE)

    def _of_halo(self, language: str) -> str:
        if self.halo is None:
            return ""
        key = "up" if self.halo.low > 0 else "down" if self.halo.high < 0 else "open"
        return say(language, f"appraisal_raters.halo_{key}")

    def _notes(self) -> list[Message]:
        if self.severity is None:
            return []
        notes = [] if self.linked else [Message.of("appraisal.not_linked")]
        if "achievement" not in self.rows.exposures:
            notes.append(Message.of("appraisal_raters.without_achievement"))
        if regimes(self.study).nunique() > 1:
            notes.append(Message.of("appraisal_raters.regimes"))
        return notes

    # ── table ────────────────────────────────────────────────────────────────────────────────────────────

    def table(self, language: str) -> Table | list[Table]:
        """Return the signs, what each means, and why one is not told."""
        columns = [
            say(language, "appraisal_raters.sign"),
            Column(say(language, "appraisal_raters.value"), numeric=True),
        ]
        rows = [self._row(*told, language) for told in self._told(language)]
        if all(isinstance(row, Gap) for row in rows):
            return []
        return Table(columns, rows, say(language, "appraisal_raters.caption"), language)

    def _told(self, language: str) -> list[tuple[str, str | None, Message]]:
        """Return each sign, its number as written, and the reason that stands where there is none."""
        of_score = self._no_severity or self._hidden
        of_rating = {n: r if isinstance(r, Message) else self._hidden for n, r in self.ratings.items()}
        tops = [(f"top_{n}", self._percent(self.top[n], language), of_rating[n]) for n in RATINGS]
        ones = [
            (f"one_{n}", self._percent(self.restricted.get(n), language), self._no_one(n)) for n in RATINGS
        ]
        return [
            ("severity", self._written_severity(language), of_score),
            ("pairs", self._percent(self.clear_pairs, language), of_score),
            *tops,
            ("standing", self._written_standing(language), of_rating["work_result"]),
            ("middle", self._percent(self.middle, language), self._no_middle),
            *ones,
            ("halo", self._written_halo(language), self._halo),
            ("drift", self._written_drift(language), self._drift),
        ]

    def _row(self, sign: str, text: str | None, reason: Message, language: str) -> list[Cell | str] | Gap:
        label = say(language, f"appraisal_raters.sign_{sign}")
        if text is None:
            hidden = reason.key == self._hidden.key
            text = say(language, "data.not_shown" if hidden else "common.not_computed")
            return Gap(label, text, reason.in_(language))
        return [Cell(label, say(language, f"appraisal_raters.means_{sign}", **self._values)), text]

    @property
    def _values(self) -> dict[str, float | Message]:
        clearly = self.drift is not None and self.drift.p < 1 - self.level
        moved = Message.of(f"appraisal_raters.moved_{'clearly' if clearly else 'not_clearly'}")
        return {"n": signs.ENOUGH, "one": signs.ONE, "level": self.level, "moved": moved}

    def _no_one(self, name: str) -> Message:
        """Return why no share of raters with one rating is told."""
        rows = self.ratings[name]
        if isinstance(rows, Message):
            return rows
        none = self.one_rating[name].empty
        return Message.of("appraisal_raters.none_enough", n=signs.ENOUGH) if none else self._hidden

    @property
    def _no_middle(self) -> Message:
        if self._no_severity is not None:
            return self._no_severity
        without = "achievement" not in self.rows.exposures
        return Message.of("appraisal_raters.middle_no_achievement") if without else self._hidden

    @staticmethod
    def _percent(value: float | None, language: str) -> str | None:
        return None if value is None else share(value, language)

    def _written_severity(self, language: str) -> str | None:
        if self.severity is None:
            return None
        s = self.severity
        return f"{number(s.sd, language)} ({interval(s.low, s.high, language)})"

    def _written_standing(self, language: str) -> str | None:
        return None if self.standing is None else number(self.standing, language)

    def _written_halo(self, language: str) -> str | None:
        h = self.halo
        return (
            None
            if h is None
            else f"{number(h.estimate, language, 2)} ({interval(h.low, h.high, language, 2)})"
        )

    def _written_drift(self, language: str) -> str | None:
        return None if self.drift is None else number(self.drift.sd, language)

    # ── figure ───────────────────────────────────────────────────────────────────────────────────────────

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the raters' places in order, without names, each with how unsure it is."""
        if self.places is None:
            return []
        n = people(self.study, self.rows.frame["rater"].nunique())
        alt = [say(language, "appraisal_raters.alt", n=n, gap=self._gap[0]), *self._of_pairs(language)]
        values = {"n": n, "level": self.level, "minimum": self._least}
        with plot_style():
            return from_matplotlib(
                self._drawn(language),
                alt=" ".join(alt),
                caption=say(language, "appraisal_raters.plot_caption", **values),
                language=language,
                synthetic=self.study.synthetic,
            )

    def _drawn(self, language: str):
        from matplotlib.figure import Figure as Canvas

        places, reach = self.places
        canvas = Canvas(figsize=(5, float(np.clip(1 + 0.16 * len(places), 2.4, 5))))
        axes = canvas.subplots()
        at = np.arange(len(places))
        axes.hlines(at, places - reach, places + reach, color="C0", alpha=0.6)
        axes.plot(places, at, "o", color="C0", markersize=4)
        axes.axvline(0, color="C1", linestyle="--")
        axes.set(xlabel=say(language, "appraisal_raters.axis"), yticks=[], ylim=(-0.7, len(places) + 0.7))
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        axes.xaxis.set_major_formatter(lambda x, _: number(x, language, int(x % 1 > 0)))
        return canvas
