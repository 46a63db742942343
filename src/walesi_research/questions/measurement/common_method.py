"""Do scales agree because people mean so, or because one questionnaire asked them all?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Column, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, number, say
from walesi_research.questions.measurement.cfa import WHOLE, enough
from walesi_research.questions.measurement.factor_model import Answers, answers, best, fitted, label, syntax
from walesi_research.questions.result import people
from walesi_research.questions.variables import construct_of_role, latest_wave, performance, scores
from walesi_research.stats.sem import Difference, SemFit, difference

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["CommonMethod", "common_method"]

FEWEST = 30
"""People needed to compare the two sources."""
MANY = 20_000
"""People from which on complete answers alone are used: the chi-square is then as exact, and far quicker."""
WORSE = -0.05
"""Fall of the CFI at which one factor is clearly not enough; a rule of this project."""
CHANCE = 2.0
"""Standard errors of one correlation by which the sources must differ to be told apart; cautious."""
TOGETHER = 0.85
"""Correlation of two factors from which on they can hardly be told apart (Brown 2015)."""


@dataclass(frozen=True)
class Sources:
    """Mean correlation of the other scales with performance from two sources, over the same employees."""

    own: float
    record: float
    n: int


def common_method(study: Study) -> CommonMethod:
    """Ask how much of what goes together does so because one questionnaire asked it.

    One factor behind all questions is held against the codebook's factors, by robust maximum likelihood with
    all answers (complete answers from 20,000 people on). Where appraisals exist, the other scales'
    correlations with self-rated performance stand beside those with recorded achievement.

    Parameters
    ----------
    study : Study

    Returns
    -------
    CommonMethod
        Without findings: all of it is description.

    Notes
    -----
    That one factor does not suffice is no proof that the common method does nothing: Podsakoff and others
    2003, Journal of Applied Psychology 88, 879–903.
    """
    if not study.has("survey"):
        return CommonMethod(study, reason=Message.of("measurement_model.no_survey"))
    data = answers(study, latest_wave(study))
    sources = _sources(study)
    if len(data.scales) < 2:
        return CommonMethod(study, reason=Message.of("measurement_model.one_scale"), sources=sources)
    if not enough(data, WHOLE):
        return CommonMethod(
            study, reason=Message.of("measurement_model.one_factor_too_large"), sources=sources
        )
    missing = "listwise" if len(data.X) > MANY else "fiml"
    one, many = (_fit(scales, data, missing) for scales in ({"all": data.columns}, data.scales))
    if failed := [fit for fit in (many, one) if not isinstance(fit, SemFit)]:
        return CommonMethod(study, reason=failed[0], sources=sources)
    close = _close(many, list(data.scales))
    return CommonMethod(study, None, one, many, difference(one, many), close, sources)


def _fit(scales: dict, data: Answers, missing: str) -> SemFit | Message:
    return fitted(syntax(scales), data.X, data.items, estimator="mlr", missing=missing, std_lv=True)


def _close(fit: SemFit, names: list[str]) -> tuple[tuple[str, str, float], ...]:
    """Return pairs of constructs whose factors correlate .85 or more, the closest first."""
    p = fit.parameters
    pairs = p[(p.op == "~~") & p.lhs.str.startswith("f") & (p.lhs != p.rhs)]
    pairs = pairs[pairs.std_all.abs() >= TOGETHER]
    order = pairs.std_all.abs().sort_values(ascending=False, kind="stable").index
    of = {f"f{k}": name for k, name in enumerate(names, start=1)}
    return tuple((of[a], of[b], r) for a, b, r in pairs.loc[order, ["lhs", "rhs", "std_all"]].to_numpy())


def _sources(study: Study) -> Sources | None:
    """Return the mean absolute correlation with either source, or None where there are not both."""
    name, outcome = construct_of_role(study, "performance"), performance(study)
    if name is None or outcome is None or outcome.source != "achievement":
        return None
    scales = scores(study)
    others = [c for c in scales if c != name]
    frame = pd.concat([scales, outcome.values.rename("achievement")], axis=1, join="inner").dropna()
    least = max(FEWEST, study.settings.privacy.minimum_cell)
    if len(frame) < least or not others or (frame.std() == 0).any():
        return None
    r = frame.corr()
    own, record = (float(np.abs(r.loc[others, c]).mean()) for c in (name, "achievement"))
    return Sources(own, record, len(frame))


@dataclass(frozen=True, eq=False)
class CommonMethod:
    """Answer: whether one factor would do, and what a second source shows.

    Parameters
    ----------
    study : Study
    reason : Message or None
        Why the models could not be compared.
    one, many : SemFit or None
        One factor, and the codebook's.
    step : Difference or None
        One less many.
    close : tuple of (construct, construct, correlation)
        That can hardly be told apart.
    sources : Sources or None
    """

    study: Study
    reason: Message | None = None
    one: SemFit | None = None
    many: SemFit | None = None
    step: Difference | None = None
    close: tuple[tuple[str, str, float], ...] = ()
    sources: Sources | None = None

    @property
    def findings(self) -> list[Finding]:
        """None: a check, not an estimate."""
        return []

    @property
    def _fall(self) -> float:
        return best(self.one, "cfi") - best(self.many, "cfi")

    def _answer(self) -> str:
        """Return whether one factor would do: clearly not, nearly as well, or as well."""
        return "several" if self._fall <= WORSE and self.step.pvalue < 0.05 else "one"

    def heading(self, language: str) -> list[Heading]:
        """Return whether one factor would do."""
        key = "unknown" if self.step is None else self._answer()
        return [Heading(say(language, f"measurement_model.method_heading_{key}"))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return the comparison, what a second source shows, and what to do."""
        told = []
        if self.step is None:
            told.append(Sentence(self.reason.in_(language), "note"))
        else:
            one, many = (number(best(fit, "cfi"), language, 2) for fit in (self.one, self.many))
            told.append(
                Sentence(say(language, f"measurement_model.method_{self._answer()}", one=one, many=many))
            )
        told += [Sentence(self._pair(*pair, language)) for pair in self.close[:3]]
        if self.sources is not None:
            told.append(Sentence(self._two_sources(language)))
        advice = "advice_records" if self.study.has("appraisals") else "advice"
        return [*told, Sentence(say(language, f"measurement_model.{advice}"))]

    def _pair(self, first: str, second: str, r: float, language: str) -> str:
        a, b = (label(self.study, n, language) for n in (first, second))
        return say(language, "measurement_model.close", first=a, second=b, r=abs(r))

    def _two_sources(self, language: str) -> str:
        s = self.sources
        beyond_chance = s.own - s.record > CHANCE / np.sqrt(s.n)
        key = "sources_higher" if beyond_chance else "sources_alike"
        return say(
            language, f"measurement_model.{key}", own=s.own, record=s.record, people=people(self.study, s.n)
        )

    def details(self, language: str) -> list[Sentence]:
        """Return what the check can and cannot show."""
        return [Sentence(say(language, "measurement_model.method_limits"))]

    def table(self, language: str) -> Table | list[Table]:
        """Return both models' fit."""
        if self.step is None:
            return []
        names = ("cfi", "rmsea", "srmr")
        columns = [
            say(language, "measurement_model.model"),
            *(Column(say(language, f"measurement_model.name_{n}"), numeric=True) for n in names),
        ]
        rows = [
            [say(language, f"measurement_model.model_{key}"), *(self._cell(fit, n, language) for n in names)]
            for key, fit in (("one", self.one), ("many", self.many))
        ]
        caption = say(
            language, "measurement_model.method_caption", chi2=self.step.chi2, df=self.step.df,
            people=people(self.study, self.many.n),
        )  # fmt: skip
        return Table(columns, rows, caption, language)

    def _cell(self, fit: SemFit, name: str, language: str) -> str:
        return number(fit.srmr if name == "srmr" else best(fit, name), language, 3)
