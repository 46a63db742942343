"""The customary multiple regression, for those who must hand in a 'Bab IV', and what to use instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from walesi_research.exhibits import Cell, Column, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, number, probability, say
from walesi_research.questions.performance.cases import Cases, complete_cases
from walesi_research.questions.performance.estimate import too_thin
from walesi_research.questions.performance.names import label
from walesi_research.questions.result import people
from walesi_research.stats.assumptions import SHAPIRO, Assumptions, assumptions

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Check", "Classical", "classical"]

ERROR = 0.05
"""The customary level of the tests."""
FEW, MANY = 300, 1000
"""Employees below which a moderate violation is easily missed, and from which a trifling one is rejected; a
rule of this project."""
INFLATED = 10.0
"""Variance inflation from which predictors are customarily called collinear."""


@dataclass(frozen=True)
class Check:
    """One assumption and whether its test speaks against it.

    Parameters
    ----------
    name : {"normality", "vif", "heteroskedasticity", "glejser", "linearity"}
    value : float
        P-value of the test, the smallest of several after Bonferroni; the largest VIF.
    violated : bool
    """

    name: str
    value: float
    violated: bool


def classical(study: Study) -> Classical:
    """Fit the customary multiple regression of performance on the four, and test its assumptions.

    Ordinary least squares of performance in its own units, the people of the joint model; units and the year
    before are not in it.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Classical
        Without findings: the joint model is the study's answer.
    """
    cases = complete_cases(study)
    if isinstance(cases, Message):
        return Classical(study, reason=cases)
    if (thin := too_thin(cases, study.settings.privacy.minimum_cell)) is not None:
        return Classical(study, reason=thin)
    y, X = cases.frame["performance"], cases.frame[cases.predictors]
    return Classical(study, cases, assumptions(y.to_numpy(float), X.to_numpy(float)))


def checks_of(fit: Assumptions) -> Iterator[Check]:
    """Yield every assumption that can be tested, with its verdict."""
    glejser = min(1.0, float(fit.glejser.min()) * len(fit.glejser))
    yield Check("normality", fit.normality, fit.normality < ERROR)
    if len(fit.vif) > 1:
        yield Check("vif", float(fit.vif.max()), bool(fit.vif.max() >= INFLATED))
    yield Check("heteroskedasticity", fit.breusch_pagan, fit.breusch_pagan < ERROR)
    yield Check("glejser", glejser, glejser < ERROR)
    yield Check("linearity", fit.linearity, fit.linearity < ERROR)


@dataclass(frozen=True, eq=False)
class Classical:
    """Answer: the customary tables, each verdict computed.

    Parameters
    ----------
    study : Study
    cases : Cases or None
    fit : Assumptions or None
    reason : Message or None
        Why there is none.
    """

    study: Study
    cases: Cases | None = None
    fit: Assumptions | None = None
    reason: Message | None = None

    @property
    def findings(self) -> list[Finding]:
        """None: the joint model gives them."""
        return []

    def heading(self, language: str) -> list[Heading]:
        """Return what the section is."""
        return [Heading(say(language, "performance_classical.heading"))] if self.fit else []

    def sentence(self, language: str) -> list[Sentence]:
        """Return what the customary tests say of the assumptions, and what that is worth."""
        if self.fit is None:
            return [Sentence(self.reason.in_(language), "note")]
        violated = [c.name for c in checks_of(self.fit) if c.violated]
        names = ", ".join(say(language, f"performance_classical.name_{name}") for name in violated)
        key = "violated" if violated else "none_violated"
        texts = [say(language, f"performance_classical.{key}", names=names)]
        n = len(self.cases.frame)
        if (n < FEW and not violated) or (n >= MANY and violated):
            texts.append(say(language, f"performance_classical.{'few' if n < FEW else 'many'}"))
        return [Sentence(" ".join(texts))]

    def details(self, language: str) -> list[Sentence]:
        """Return what to use instead."""
        if self.fit is None:
            return []
        return [Sentence(say(language, "performance_classical.instead"))]

    def table(self, language: str) -> Table | list[Table]:
        """Return coefficients with t tests, and the F test and R² in the caption."""
        if self.fit is None:
            return []
        keys = ("b", "se", "beta", "t", "p")
        columns = [
            say(language, "performance.what"),
            *(Column(say(language, f"performance_classical.{key}"), numeric=True) for key in keys),
        ]
        fit, names = self.fit, ["", *self.cases.predictors]
        rows = [self._row(i, name, language) for i, name in enumerate(names)]
        n, k = people(self.study, len(self.cases.frame)), len(self.cases.predictors)
        caption = say(
            language, "performance_classical.caption",
            people=n, f=number(fit.f, language, 2), k=k,
            df=n - k - 1,  # of the rounded number, which the exact degrees of freedom would tell
            p=probability(fit.f_pvalue, language),
            r2=number(fit.r2, language, 3), adjusted=number(fit.r2_adjusted, language, 3),
        )  # fmt: skip
        return Table(columns, rows, caption, language)

    def _row(self, i: int, name: str, language: str) -> list[str]:
        fit = self.fit
        return [
            label(name, language) if name else say(language, "performance_classical.constant"),
            number(fit.coef[i], language, 3),
            number(fit.se[i], language, 3),
            number(fit.beta[i - 1], language, 3) if i else "–",
            number(fit.t[i], language, 2),
            probability(fit.pvalue[i], language),
        ]

    def checks(self, language: str) -> Table | list[Table]:
        """Return each assumption, its verdict, and what to use where it fails."""
        if self.fit is None:
            return []
        keys = ("assumption", "verdict", "use")
        columns = [say(language, f"performance_classical.{key}") for key in keys]
        rows = [self._check(check, language) for check in checks_of(self.fit)]
        rows.append(
            [
                say(language, "performance_classical.name_independence"),
                say(language, "performance_classical.not_testable"),
                say(language, "performance_classical.use_independence"),
            ]
        )
        return Table(columns, rows, say(language, "performance_classical.checks_caption"), language)

    def _check(self, check: Check, language: str) -> list[str | Cell]:
        told = number(check.value, language, 2) if check.name == "vif" else probability(check.value, language)
        key = "lilliefors" if check.name == "normality" and self.fit.df >= SHAPIRO else check.name
        small = say(language, f"performance_classical.test_{key}", value=told)
        verdict = say(language, f"performance_classical.{'fails' if check.violated else 'holds'}")
        return [
            Cell(say(language, f"performance_classical.name_{check.name}"), small),
            verdict,
            say(language, f"performance_classical.use_{check.name}"),
        ]
