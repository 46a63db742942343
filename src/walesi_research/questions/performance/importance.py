"""Relative importance: how the explained differences in performance fall to the four."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from walesi_research.exhibits import Figure, Heading, Interval, Sentence, interval_plot
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval_words, say, share
from walesi_research.questions.performance.cases import Cases, complete_cases
from walesi_research.questions.performance.estimate import (
    Shares,
    importance_shares,
    joint_test,
    too_thin,
)
from walesi_research.questions.performance.names import NOTEBOOK, in_year, label, role
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.questions.variables import PREDICTORS, survey_year
from walesi_research.study.resampling import Resampling

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Importance", "importance"]

ALPHA = 0.05
"""Level of the joint test below which shares are told at all (fixed by the contract)."""


def importance(study: Study, level: float = 0.95, draws: int = 999) -> Importance:
    """Share the explained variance of performance out among the four (LMG).

    Shares of R² averaged over all orders of entry, unit means removed where performance comes from
    appraisals; percentile intervals from the study's one resampling plan. Where the four are jointly
    insignificant at 5 % there is nothing to share out.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap draws.

    Returns
    -------
    Importance
        Findings ``importance.training`` … ``importance.fairness``.
    """
    cases = complete_cases(study)
    reason = _why_not(cases, study)
    if reason is not None:
        return Importance(study.synthetic, level, reason)
    plan = Resampling.within(study.employees["unit"], study.seed)
    rows = study.employees["employee_id"].reset_index(drop=True)
    positions = rows.index[rows.isin(cases.frame.index)].to_numpy()
    ordered = Cases(cases.frame.loc[rows[positions]], cases.source, cases.trained_by, cases.missing)
    shares = importance_shares(ordered, plan.counts(draws, positions), level)
    n, year = people(study, len(positions)), survey_year(study)
    return Importance(study.synthetic, level, None, n, ordered, shares, year)


def _why_not(cases: Cases | Message, study: Study) -> Message | None:
    if isinstance(cases, Message):
        return cases
    if cases.missing:
        return Message.of("performance.importance_all_four")
    if (thin := too_thin(cases, study.settings.privacy.minimum_cell)) is not None:
        return thin
    return Message.of("performance.importance_silent") if joint_test(cases) >= ALPHA else None


@dataclass(frozen=True, eq=False)
class Importance:
    """Answer of the importance shares.

    Parameters
    ----------
    synthetic : bool
    level : float
    reason : Message or None
        Why there are no shares.
    people : int
        Employees, rounded for publication.
    cases : Cases or None
    shares : Shares or None
    year : int or None
        The year that performance and the survey are of.
    """

    synthetic: bool
    level: float
    reason: Message | None = None
    people: int = 0
    cases: Cases | None = None
    shares: Shares | None = None
    year: int | None = None

    @property
    def findings(self) -> list[Finding]:
        """One finding a predictor."""
        return [self._finding(name) for name in PREDICTORS]

    def _finding(self, name: str) -> Finding:
        within = ", unit means removed" if self.cases and self.cases.source == "achievement" else ""
        parts = {
            "id": f"importance.{name}",
            "unit": "share of explained variance",
            "claim": "association",
            "method": "LMG share of R² of training, culture, recognition and fairness on performance"
            f"{within}; percentile bootstrap of employees within units",
            "question": in_both(
                "performance.importance_question", role=Message.of(f"performance.role_{name}")
            ),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if self.shares is None:
            return not_estimable(self.reason, **parts)
        values = {k: getattr(self.shares, k)[name] for k in ("estimate", "low", "high")}
        units = int(self.cases.frame["unit"].nunique())
        return Finding(n=self.people, groups=units, **values, **parts)

    @property
    def _digits(self) -> int:
        return decimals(((100 * self.shares.low[n], 100 * self.shares.high[n]) for n in PREDICTORS), 0)

    @property
    def _largest(self) -> str:
        return max(self.shares.estimate, key=self.shares.estimate.get)

    def heading(self, language: str) -> list[Heading]:
        """Return to which of the four the largest share falls."""
        if self.shares is None:
            return [Heading(say(language, "performance.importance_heading_silent"))]
        key = "importance_heading_open" if self._overlap(self._largest) else "importance_heading"
        return [Heading(say(language, f"performance.{key}", name=role(self._largest, language)))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return the answer, or why there is none."""
        if self.shares is None:
            return [Sentence(self.reason.in_(language), "note")]
        s = self.shares
        name = self._largest
        texts = [
            say(
                language,
                "performance.importance_sentence",
                r2=s.r_squared,
                within=say(language, "performance.within_units")
                if self.cases.source == "achievement"
                else "",
                name=role(name, language),
                share=share(s.estimate[name], language, self._digits),
                between=interval_words(s.low[name], s.high[name], language, self._digits, percent=True),
            )
        ]
        if self._overlap(name):
            texts.append(say(language, "performance.importance_overlap"))
        texts.append(say(language, "performance.importance_meaning"))
        if self.cases.controls:
            texts.append(say(language, "performance.importance_prior"))
        return [Sentence(" ".join(texts))]

    def _overlap(self, first: str) -> bool:
        return any(self.shares.high[n] > self.shares.low[first] for n in PREDICTORS if n != first)

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the shares with their intervals."""
        if self.shares is None:
            return []
        s = self.shares
        rows = [Interval(label(n, language), s.estimate[n], s.low[n], s.high[n]) for n in PREDICTORS]
        return interval_plot(
            rows,
            language=language,
            alt=say(language, "performance.importance_alt_short"),
            caption=say(
                language,
                "performance.importance_caption",
                level=self.level,
                n=self.people,
                period=in_year(self.year, language),
            ),
            axis_label=say(language, "performance.importance_axis"),
            digits=self._digits,
            percent=True,
            sign=False,
            synthetic=self.synthetic,
        )
