"""Does the answer on ties stand? Fixed effects, a placebo, an unseen cause, and other defensible models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from walesi_research.exhibits import (
    Cell,
    Column,
    Figure,
    Heading,
    Interval,
    Sentence,
    Table,
    from_matplotlib,
    interval_plot,
    plot_style,
)
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, interval_words, number, say, share
from walesi_research.questions.appraisal.curve import Curve, curve
from walesi_research.questions.appraisal.estimable import ALL, EXPOSURES, why_not
from walesi_research.questions.appraisal.estimate import fitted, within_employee
from walesi_research.questions.appraisal.frame import NOTEBOOK, Rows, rows_of_scores
from walesi_research.questions.claims import claim_of
from walesi_research.questions.effect import UNFIT, Effect, effects_of
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.stats.sensitivity import Sensitivity, robustness
from walesi_research.stats.two_way import TwoWayFit, two_way

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Checks", "Unseen", "checks"]

MOST = 0.95
"""Share of models that has to agree before an answer is said to stand."""
FOLLOWED = 1e-9
"""With less than this share of the scores left over, the model follows them and errors mean nothing."""
QUESTIONS = {
    "tie_effect_two_way": "two_way_question",
    "tie_placebo": "placebo_question",
    "tie_robustness_value": "unseen_question",
}
METHODS = {
    "tie_effect_two_way": "least squares of the score on tie, achievement and periods, effects of employees "
    "and raters absorbed; CR2 errors by employee, Satterthwaite degrees of freedom; an association within "
    "employees",
    "tie_placebo": "crossed mixed model (employees, raters) of the score on the tie of the employee's next "
    "appraised period (share of its raters), tie and achievement of today, periods, and the means of the "
    "three by employee and rater; CR2 errors by employee; zero expected, for what comes later is no cause",
    "tie_robustness_value": "share of what is left of the tie and of the score that something unrecorded "
    "would have to explain to bring the two-way effect to zero (Cinelli and Hazlett 2020)",
}
UNITS = {
    "tie_effect_two_way": "score points",
    "tie_placebo": "score points",
    "tie_robustness_value": "share of variance",
}


@dataclass(frozen=True)
class Unseen:
    """How strong something unrecorded would have to be, and how strong achievement is.

    Parameters
    ----------
    value : Sensitivity
    of_score, of_tie : float
        Shares of what is left of score and tie that achievement explains.
    """

    value: Sensitivity
    of_score: float
    of_tie: float


def checks(study: Study, level: float = 0.95, headline: Effect | None = None) -> Checks:
    """Ask whether the effect of a tie stands when it is looked at in other ways.

    Employee and rater effects absorbed, beside the headline's random ones; a placebo, the tie with the rater
    of the next period; how strong an unrecorded cause would have to be; and the effect in every combination
    of defensible choices.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    headline : Effect or None
        The effect of a tie as `scores` has it; fitted anew without.

    Returns
    -------
    Checks
        Findings ``appraisal.tie_effect_two_way``, ``appraisal.tie_placebo`` and
        ``appraisal.tie_robustness_value``.
    """
    rows = rows_of_scores(study)
    lacking = dict.fromkeys(ALL, rows) if isinstance(rows, Message) else why_not(rows, study)
    if "tie" in lacking:
        return Checks(study, level, dict.fromkeys(QUESTIONS, lacking["tie"]))
    reasons = {}
    absorbed = _absorbed(rows, level)
    if isinstance(absorbed, Message):
        reasons["tie_effect_two_way"] = reasons["tie_robustness_value"] = absorbed
    unseen = (
        Message.of("appraisal_robust.unfit") if isinstance(absorbed, Message) else _unseen(absorbed, rows)
    )
    if isinstance(unseen, Message):
        reasons["tie_robustness_value"] = unseen
    after, followed = _placebo(rows, study, level)
    if isinstance(after, Message):
        reasons["tie_placebo"] = after
    return Checks(
        study, level, reasons, headline or _headline(rows, level, lacking),
        None if isinstance(absorbed, Message) else effects_of(absorbed)[0],
        None if isinstance(after, Message) else after,
        None if isinstance(unseen, Message) else unseen,
        curve(rows, study, level),
        {"tie_placebo": followed}, (len(rows.frame), rows.frame["employee"].nunique()),
    )  # fmt: skip


def _headline(rows: Rows, level: float, lacking: dict[str, Message]) -> Effect | None:
    try:
        return within_employee(rows, level, [name for name in EXPOSURES if name not in lacking])["tie"]
    except UNFIT:
        return None


def _absorbed(rows: Rows, level: float) -> TwoWayFit | Message:
    """Return tie and achievement with employee and rater effects absorbed, or why there is none."""
    frame, held = rows.frame, rows.periods()
    X = np.column_stack([held, frame[["achievement", "tie"]].to_numpy(dtype=float)])
    y, labels, tie = (
        frame["score"].to_numpy(dtype=float),
        (frame["employee"], frame["rater"]),
        held.shape[1] + 1,
    )
    for columns in ((tie, tie - 1), (tie,)):  # achievement may not vary
        try:
            fit = two_way(y, X, *labels, columns=columns, level=level)
        except UNFIT:
            continue
        return fit if np.isfinite(fit.pvalue).all() else Message.of("appraisal_robust.unfit")
    return Message.of("appraisal_robust.absorbed")


def _unseen(fit: TwoWayFit, rows: Rows) -> Unseen | Message:
    """Return how strong something unrecorded would have to be."""
    left = fit.plain_se[0] ** 2 / fit.unscaled[0, 0]
    if fit.residual_df < 2 or left <= FOLLOWED * rows.frame["score"].var():
        return Message.of("appraisal_robust.followed")
    t = fit.coef / fit.plain_se
    value = robustness(float(t[0]), fit.residual_df, level=fit.level)
    if len(t) < 2:
        return Unseen(value, 0.0, 0.0)
    of_tie = fit.unscaled[0, 1] ** 2 / (fit.unscaled[0, 0] * fit.unscaled[1, 1])
    return Unseen(value, float(t[1] ** 2 / (t[1] ** 2 + fit.residual_df)), float(of_tie))


def _placebo(rows: Rows, study: Study, level: float) -> tuple[Effect | Message, tuple[int, int]]:
    """Return what the next period's tie goes with today, and the appraisals and employees it rests on."""
    frame = rows.frame
    after = frame.groupby(["employee", "period"])["tie"].mean().groupby("employee").shift(-1)
    frame = frame.join(after.rename("after"), on=["employee", "period"]).dropna(subset="after")
    frame = frame.reset_index(drop=True)
    varied = Rows(frame).varying("after")
    least = study.settings.privacy.minimum_cell
    none = Message.of("appraisal_robust.placebo_few", n=least)
    if varied < least or "tie" in why_not(Rows(frame), study):
        return none, (0, 0)
    exposures = frame[["after", "tie", "achievement"]].to_numpy(dtype=float)
    try:
        effect = fitted(frame, exposures, Rows(frame).periods(), "random_means", level)[0]
    except UNFIT:
        return none, (0, 0)
    return effect, (len(frame), frame["employee"].nunique())


@dataclass(frozen=True, eq=False)
class Checks:
    """Answer: the effect of a tie, looked at in other ways.

    Parameters
    ----------
    study : Study
    level : float
    reasons : dict of str to Message
        Findings without an estimate, and why.
    headline, fixed, placebo : Effect or None
    unseen : Unseen or None
    curve : Curve or None
    bases : dict of str to (int, int)
        Appraisals and employees of findings that rest on others than `basis`.
    basis : tuple of int
        Appraisals and employees.
    """

    study: Study
    level: float
    reasons: dict[str, Message] = field(default_factory=dict)
    headline: Effect | None = None
    fixed: Effect | None = None
    placebo: Effect | None = None
    unseen: Unseen | None = None
    curve: Curve | None = None
    bases: dict[str, tuple[int, int]] = field(default_factory=dict)
    basis: tuple[int, int] = (0, 0)

    @property
    def findings(self) -> list[Finding]:
        """Two-way effect, placebo, and robustness value."""
        effects = {"tie_effect_two_way": self.fixed, "tie_placebo": self.placebo}
        found = [self._finding(name, _numbers(e)) for name, e in effects.items()]
        value = {"estimate": round(self.unseen.value.robustness, 4)} if self.unseen else {}
        return [*found, self._finding("tie_robustness_value", value)]

    def _finding(self, name: str, numbers: dict[str, float]) -> Finding:
        parts = {
            "id": f"appraisal.{name}",
            "unit": UNITS[name],
            "claim": "description" if name == "tie_robustness_value" else "association",
            "method": METHODS[name],
            "question": in_both(f"appraisal_robust.{QUESTIONS[name]}"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if name in self.reasons:
            return not_estimable(self.reasons[name], **parts)
        n, groups = (people(self.study, k) for k in self.bases.get(name, self.basis))
        return Finding(n=n, groups=groups, **numbers, **parts)

    @property
    def _drawn(self) -> bool:
        return self.curve is not None and len(self.curve.models) > 1

    @property
    def _sign(self) -> float:
        """Direction that models are held against: the headline's, else their median's."""
        return self.headline.estimate if self.headline else float(np.median(self.curve.estimates))

    @property
    def _standing(self) -> str:
        """Tell whether the answer stands: ``yes``, in its direction only (``sign``), or ``no``."""
        agree, clear = self.curve.agreeing(self._sign), self.curve.clear(self._sign)
        return "yes" if clear >= MOST else "sign" if agree >= MOST else "no"

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether the answer stands, what the placebo says, and what would make it a cause."""
        told = self._curve_sentences(language)[:1] if self._drawn else []
        told += [Sentence(text) for text in [self._placebo_text(language)] if text]
        if self.fixed or self.headline:
            told.append(Sentence(say(language, "appraisal_robust.cause")))
        reasons = dict.fromkeys(reason.in_(language) for reason in self.reasons.values())
        return told + [Sentence(text, "note") for text in reasons]

    def details(self, language: str) -> list[Sentence]:
        """Return the spread of the models, the absorbed effect, the unseen, and what was left out."""
        told = self._curve_sentences(language)[1:] if self._drawn else []
        texts = [self._fixed_text(language), self._unseen_text(language)]
        told += [Sentence(text) for text in texts if text]
        return told + [Sentence(text, "note") for text in self._left_out(language)]

    def _curve_sentences(self, language: str) -> list[Sentence]:
        c, values = self.curve, self.curve.estimates
        lead = say(
            language, f"appraisal_robust.lead_{self._standing}",
            agree=_floor(c.agreeing(self._sign)), clear=_floor(c.clear(self._sign)), models=len(values),
        )  # fmt: skip
        spread = say(
            language, "appraisal_robust.curve_range", median=float(np.median(values)),
            between=interval_words(values.min(), values.max(), language, _digits(values)),
        )  # fmt: skip
        return [Sentence(lead, "lead"), Sentence(spread, "range")]

    def _fixed_text(self, language: str) -> str:
        return "" if self.fixed is None else _with_range("two_way", self.fixed, language)

    def _placebo_text(self, language: str) -> str:
        if self.placebo is None:
            return ""
        clear = self.placebo.low > 0 or self.placebo.high < 0
        return _with_range(f"placebo_{'clear' if clear else 'none'}", self.placebo, language)

    def _unseen_text(self, language: str) -> str:
        if self.unseen is None:
            return ""
        u = self.unseen
        if u.value.robustness_interval == 0:
            return say(language, "appraisal_robust.unseen_open", value=u.value.robustness)
        return say(
            language,
            "appraisal_robust.unseen",
            value=u.value.robustness,
            interval=u.value.robustness_interval,
            of_score=u.of_score,
            of_tie=u.of_tie,
        )

    def _left_out(self, language: str) -> list[str]:
        """Return which models are missing, and what the ordered logit says."""
        c = self.curve
        if c is None:
            return []
        texts = [say(language, f"appraisal_robust.idle_{name}") for _, name in c.idle]
        for key, n in (("large", c.large), ("thin", c.thin)):
            texts += [say(language, f"appraisal_robust.left_{key}", models=n)] if n else []
        if c.ordered is None:
            return [*texts, say(language, "appraisal_robust.ordered_missing")]
        sign = "same" if c.ordered.low > 0 else "opposite" if c.ordered.high < 0 else "open"
        return [*texts, say(language, f"appraisal_robust.ordered_{sign}")]

    def heading(self, language: str) -> list[Heading]:
        """Return whether the answer stands."""
        if not self._drawn:
            return []
        return [Heading(say(language, f"appraisal_robust.heading_{self._standing}"))]

    def plot(self, language: str) -> list[Figure]:
        """Return headline, two-way effect and placebo, and the models by size."""
        return [
            *([self._beside(language)] if self.fixed or self.headline else []),
            *([self._by_size(language)] if self._drawn else []),
        ]

    def _beside(self, language: str) -> Figure:
        claim = claim_of(self.study, "appraisal.tie_effect")
        effects = {"headline": self.headline, "tie_effect_two_way": self.fixed, "tie_placebo": self.placebo}
        limit = number(claim.limit, language)
        return interval_plot(
            [self._row(name, e, language) for name, e in effects.items()],
            language=language,
            alt=say(language, "appraisal_robust.beside_alt"),
            caption=say(
                language,
                "appraisal_robust.beside_caption",
                level=self.level,
                n=people(self.study, self.basis[0]),
            ),
            axis_label=say(language, "appraisal_robust.axis"),
            digits=decimals((e.low, e.high) for e in effects.values() if e is not None),
            limit=claim.limit,
            supports=claim.supports,
            zone_label=say(language, f"appraisal_robust.zone_{claim.supports}", limit=limit),
            synthetic=self.study.synthetic,
        )

    def _row(self, name: str, e: Effect | None, language: str) -> Interval:
        label = say(language, f"appraisal_robust.row_{name}")
        if e is None:
            reason = self.reasons.get(name, Message.of("appraisal_robust.unfit"))
            return Interval(label, note=reason.in_(language))
        return Interval(label, e.estimate, e.low, e.high)

    def _by_size(self, language: str) -> Figure:
        c, values = self.curve, self.curve.estimates
        digits = _digits(values)
        alt = say(
            language, "appraisal_robust.curve_alt", models=len(values),
            low=number(values.min(), language, digits), high=number(values.max(), language, digits),
            median=number(np.median(values), language, digits), clear=_floor(c.clear(self._sign)),
        )  # fmt: skip
        with plot_style():
            canvas = self._drawing(language)
            return from_matplotlib(
                canvas,
                alt=alt,
                caption=say(language, "appraisal_robust.curve_caption", level=self.level, models=len(values)),
                language=language,
                synthetic=self.study.synthetic,
            )

    def _drawing(self, language: str) -> Any:
        from matplotlib.figure import Figure as Canvas

        models = sorted(self.curve.models, key=lambda m: m.effect.estimate)
        canvas = Canvas(figsize=(5, 3.2))
        axes = canvas.subplots()
        for k, e in enumerate(m.effect for m in models):
            clear = e.low > 0 or e.high < 0
            axes.plot([k, k], [e.low, e.high], color="#6aa7bd", linewidth=1)
            axes.plot(
                k,
                e.estimate,
                marker="o",
                markersize=3.5,
                color="#0a5570",
                markerfacecolor="#0a5570" if clear else "white",
            )
        axes.axhline(0, color="#7b8791", linewidth=1)
        limit = claim_of(self.study, "appraisal.tie_effect").limit
        axes.axhline(limit, color="#95450b", linestyle="--", linewidth=1)
        axes.set_xticks([])
        axes.set_xlabel(say(language, "appraisal_robust.curve_axis"))
        axes.set_title(say(language, "appraisal_robust.axis"), loc="left", fontsize=10)
        axes.yaxis.set_major_formatter(lambda y, _: number(y, language, int(y % 1 > 0)))
        return canvas

    def table(self, language: str) -> Table | list[Table]:
        """Return what each choice makes of the effect."""
        if not self._drawn:
            return []
        columns = [
            say(language, "appraisal_robust.choice"),
            say(language, "appraisal_robust.median"),
            Column(say(language, "appraisal_robust.clear"), numeric=True),
        ]
        rows = [
            self._choice(name, option, language)
            for name, options in self.curve.choices.items()
            for option in options
            if self._with(name, option)
        ]
        return Table(columns, rows, say(language, "appraisal_robust.choices_caption"), language)

    def _with(self, name: str, option: str) -> list[Effect]:
        return [m.effect for m in self.curve.models if m.choices[name] == option]

    def _choice(self, name: str, option: str, language: str) -> list[str | Cell]:
        effects = self._with(name, option)
        values, sign = np.array([e.estimate for e in effects]), np.sign(self._sign)
        clear = np.mean([min(sign * e.low, sign * e.high) > 0 for e in effects])
        digits = _digits(self.curve.estimates)
        label = Cell(
            say(language, f"appraisal_robust.choice_{name}_{option}"),
            say(language, f"appraisal_robust.choice_{name}"),
        )
        ends = interval(values.min(), values.max(), language, digits)
        return [
            label,
            Cell(number(np.median(values), language, digits), ends),
            Cell(
                share(_floor(clear), language),
                say(language, "appraisal_robust.of_models", models=len(values)),
            ),
        ]


def _numbers(e: Effect | None) -> dict[str, float]:
    return {} if e is None else {k: getattr(e, k) for k in ("estimate", "se", "low", "high", "p")}


def _with_range(key: str, e: Effect, language: str) -> str:
    digits = decimals([(e.low, e.high)])
    return say(
        language,
        f"appraisal_robust.{key}",
        estimate=number(e.estimate, language, digits),
        between=interval_words(e.low, e.high, language, digits),
    )


def _digits(values: np.ndarray) -> int:
    return decimals([(float(values.min()), float(values.max()))])


def _floor(part: float) -> float:
    """Return a share in whole hundredths, rounded down, so that 'all' is said of all only."""
    return float(np.floor(100 * part + 1e-9) / 100)
