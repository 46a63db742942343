"""What moves a score: results, relations, or who appraises?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

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
from walesi_research.language import Message, count, decimals, interval, interval_words, number, say, share
from walesi_research.questions.appraisal.bands import Band, by_band, draw_bands
from walesi_research.questions.appraisal.estimable import ALL, EXPOSURES, why_not
from walesi_research.questions.appraisal.estimate import Share, rater_share, within_employee
from walesi_research.questions.appraisal.frame import NOTEBOOK, rows_of_scores
from walesi_research.questions.claims import Claim, claim_of
from walesi_research.questions.effect import UNFIT, Effect
from walesi_research.questions.result import estimated, in_both, not_estimable, people

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Scores", "scores"]

MODEL = (
    "crossed mixed model (employees, raters) with period effects and the employee's and the rater's means of "
    "tie and achievement; CR2 errors by employee, Satterthwaite degrees of freedom"
)
ERRORS = (0.1, 0.2)
"""Shares of the recorded differences in achievement that might be error of the record."""
State = Literal["yes", "no", "open", "missing"]


def scores(study: Study, level: float = 0.95) -> Scores:
    """Ask what a tie and ten points of achievement go with, and how much depends on who appraises.

    One crossed mixed model of the score (employees and raters as random intercepts) on tie, achievement and
    period with the employee's and the rater's means of tie and achievement, so that the two coefficients are
    those within employee; CR2 errors by employee, Satterthwaite degrees of freedom. The rater's share of
    variance is of the model without the means.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Scores
        Findings ``appraisal.tie_effect``, ``appraisal.achievement_slope`` and ``appraisal.rater_share``.
    """
    rows = rows_of_scores(study)
    if isinstance(rows, Message):
        return Scores(study, level, dict.fromkeys(ALL, rows))
    reasons = why_not(rows, study)
    varying = [name for name in EXPOSURES if name not in reasons]
    try:
        effects = within_employee(rows, level, varying) if varying else {}
        part = None if "rater" in reasons else rater_share(rows, level)
    except UNFIT:  # the errors that remain are nothing beside the effects of people
        return Scores(study, level, dict.fromkeys(ALL, Message.of("appraisal.exact")))
    if not effects and part is None:
        return Scores(study, level, reasons)
    basis = len(rows.frame), rows.frame["employee"].nunique()
    bands, ties = by_band(rows, study), "tie" in rows.exposures
    return Scores(study, level, reasons, effects, part, rows.raters_linked, bands, basis, ties)


@dataclass(frozen=True, eq=False)
class Scores:
    """Answer: tie, achievement and rater.

    Parameters
    ----------
    study : Study
    level : float
    reasons : dict of str to Message
        What has no estimate, and why.
    effects : dict of str to Effect
        Of ``tie`` and ``achievement``, as far as there are.
    part : Share or None
    linked : bool
        Whether raters are linked by shared employees across units.
    bands : list of Band
        Mean scores by band of achievement, with and without a tie.
    basis : tuple of int
        Complete appraisals, and the employees they are of.
    ties : bool
        Whether ties are recorded, and held equal where something else is compared.
    """

    study: Study
    level: float
    reasons: dict[str, Message]
    effects: dict[str, Effect] = field(default_factory=dict)
    part: Share | None = None
    linked: bool = True
    bands: list[Band] | tuple = ()
    basis: tuple[int, int] = (0, 0)
    ties: bool = True

    @property
    def tie(self) -> Effect | None:
        """What a tie goes with, within employee."""
        return self.effects.get("tie")

    @property
    def slope(self) -> Effect | None:
        """What ten points of achievement go with, within employee."""
        return self.effects.get("achievement")

    @property
    def findings(self) -> list[Finding]:
        """Tie effect, achievement slope and rater share."""
        assumed = "if nothing else that changes within an employee goes with ties"
        record = "recorded achievement, not corrected for error in the record"
        slope_unit = "score points for 10 points of achievement"
        return [
            self._effect("tie", "appraisal.tie_effect", "score points", "effect_if", f"{MODEL}; {assumed}"),
            self._effect(
                "achievement", "appraisal.achievement_slope", slope_unit, "association", f"{MODEL}; {record}"
            ),
            self._share(),
        ]

    def _effect(self, name: str, id: str, unit: str, claim: str, method: str) -> Finding:
        e = self.tie if name == "tie" else self.slope
        parts = {
            "id": id,
            "unit": unit,
            "claim": claim,
            "method": method if self.ties else f"{method}; ties are not recorded and not held equal",
            "question": in_both(f"appraisal.{name}_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if e is None:
            return not_estimable(self.reasons[name], **parts)
        n, groups = (people(self.study, k) for k in self.basis)
        return estimated(e, n=n, groups=groups, **parts)

    def _share(self) -> Finding:
        parts = {
            "id": "appraisal.rater_share",
            "unit": "share of variance",
            "claim": "description",
            "method": "rater variance over employee, rater and residual variance, REML, net of achievement, "
            "tie and period; interval by pivots, not Wald",
            "question": in_both("appraisal.rater_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if self.part is None:
            return not_estimable(self.reasons["rater"], **parts)
        notes = [] if self.linked else [Message.of("appraisal.not_linked")]
        notes += [] if self.ties else [Message.of("appraisal.ties_not_held")]
        reason = " ".join(note.in_("en") for note in notes) or None
        n = people(self.study, self.part.fit.n)
        raters = people(self.study, self.part.fit.groups["rater"])
        p = self.part
        return Finding(
            estimate=p.estimate, low=p.low, high=p.high, n=n, groups=raters, reason=reason, **parts
        )

    def _claim(self, finding: str) -> Claim:
        return claim_of(self.study, finding)

    def _tie_state(self) -> State:
        return _state(self.tie, self._claim("appraisal.tie_effect").limit)

    def _slope_state(self) -> State:
        return _state(self.slope, self._claim("appraisal.achievement_slope").limit)

    def sentence(self, language: str) -> list[Sentence]:
        """Return the answer, and how sure it is."""
        told = list(dict.fromkeys(reason.in_(language) for reason in self.reasons.values()))
        if not self.effects:
            return [Sentence(say(language, "appraisal.lead_silent", why=" ".join(told)), "lead")]
        slope, tie = self._slope_state(), self._tie_state()
        answer = "neither_only" if (slope, tie) == ("no", "missing") else _ANSWERS[slope == "yes", tie]
        size = number(self.tie.estimate, language) if self.tie else ""
        lead = say(language, f"appraisal.lead_{answer}", tie=size)
        return [Sentence(lead, "lead"), *self._range(language), *(Sentence(text, "note") for text in told)]

    def _range(self, language: str) -> list[Sentence]:
        if self.tie is None:
            return []
        low, high = self.tie.low, self.tie.high
        between = interval_words(low, high, language, decimals([(low, high)]))
        return [Sentence(say(language, "appraisal.tie_range", between=between), "range")]

    def heading(self, language: str) -> list[Heading]:
        """Return what the figure of scores by achievement shows."""
        if not self.bands:
            return []
        return [Heading(say(language, f"appraisal.heading_{self._slope_state()}_{self._tie_state()}"))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return mean scores by band of achievement, with and without a tie."""
        if not self.bands:
            return []
        n = people(self.study, self.basis[0])
        key = "bands_caption" if self.ties else "bands_caption_all"
        caption = say(language, f"appraisal.{key}", n=n, minimum=self.study.settings.privacy.minimum_cell)
        return draw_bands(self.bands, language, caption, self.study.synthetic, self.ties)

    def results(self, language: str) -> list[Sentence]:
        """Return how the score follows achievement, and what error in the record would mean."""
        if self.slope is None:
            return []
        e = self.slope
        texts = [
            say(
                language,
                "appraisal.slope_sentence",
                estimate=e.estimate,
                between=interval_words(e.low, e.high, language, decimals([(e.low, e.high)])),
            ),
            say(
                language,
                "appraisal.slope_error",
                first=ERRORS[0],
                second=ERRORS[1],
                one=e.estimate / (1 - ERRORS[0]),
                two=e.estimate / (1 - ERRORS[1]),
            ),
        ]
        return [Sentence(" ".join(texts))]

    def share_heading(self, language: str) -> list[Heading]:
        """Return how much depends on who appraises."""
        if self.part is None:
            return []
        return [Heading(say(language, "appraisal.share_heading", share=share(self.part.estimate, language)))]

    def share_sentence(self, language: str) -> list[Sentence]:
        """Return the rater's share in words, and whether rater and unit can be told apart."""
        if self.part is None:
            return []
        between = interval_words(self.part.low, self.part.high, language, 0, percent=True)
        key = "share_sentence" if self.ties else "share_sentence_no_tie"
        texts = [say(language, f"appraisal.{key}", share=self.part.estimate, between=between)]
        if not self.linked:
            texts.append(say(language, "appraisal.not_linked"))
        return [Sentence(" ".join(texts))]

    def share_plot(self, language: str) -> Figure | list[Figure]:
        """Return the rater's share against its limit."""
        if self.part is None:
            return []
        claim, p = self._claim("appraisal.rater_share"), self.part
        raters = people(self.study, p.fit.groups["rater"])
        return interval_plot(
            [Interval(say(language, "appraisal.rater"), p.estimate, p.low, p.high)],
            language=language,
            alt=say(language, "appraisal.share_alt"),
            caption=say(language, "appraisal.share_caption", raters=raters, level=self.level),
            axis_label=say(language, "appraisal.share_axis"),
            digits=0,
            percent=True,
            sign=False,
            limit=claim.limit,
            supports=claim.supports,
            zone_label=say(language, "appraisal.share_zone", limit=claim.limit),
            synthetic=self.study.synthetic,
        )

    def table(self, language: str) -> Table:
        """Return the three numbers."""
        columns = [
            say(language, "appraisal.what"),
            say(language, "appraisal.estimate_column", level=self.level),
            Column(say(language, "appraisal.basis"), numeric=True),
        ]
        effects = [("tie", self.tie), ("achievement", self.slope)]
        rows = [self._row(name, e, language) for name, e in effects]
        return Table(
            columns,
            [*rows, self._share_row(language)],
            say(language, "appraisal.table"),
            language,
            show_caption=False,
        )

    def _row(self, name: str, e: Effect | None, language: str) -> list[str | Cell] | Gap:
        label = say(language, f"appraisal.row_{name}")
        if e is None:
            return Gap(label, say(language, "common.not_computed"), self.reasons[name].in_(language))
        digits = decimals([(e.low, e.high)])
        told = say(language, "appraisal.points", x=number(e.estimate, language, digits))
        n = count(people(self.study, self.basis[0]), language)
        basis = Cell(n, say(language, "appraisal.appraisals"))
        return [label, Cell(told, interval(e.low, e.high, language, digits)), basis]

    def _share_row(self, language: str) -> list[str | Cell] | Gap:
        label = say(language, "appraisal.row_rater")
        if self.part is None:
            return Gap(label, say(language, "common.not_computed"), self.reasons["rater"].in_(language))
        p = self.part
        ends = interval(p.low, p.high, language, 0, percent=True)
        raters = count(people(self.study, p.fit.groups["rater"]), language)
        return [
            label,
            Cell(share(p.estimate, language), ends),
            Cell(raters, say(language, "appraisal.raters")),
        ]


_ANSWERS = {
    (True, "yes"): "both",
    (True, "no"): "results",
    (True, "open"): "results_open",
    (True, "missing"): "results_only",
    (False, "yes"): "relations",
    (False, "no"): "neither",
    (False, "open"): "open",
    (False, "missing"): "open_only",
}


def _state(e: Effect | None, limit: float) -> State:
    if e is None:
        return "missing"
    return "yes" if e.low > limit else "no" if e.high < limit else "open"
