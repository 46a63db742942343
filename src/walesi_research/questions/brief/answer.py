"""The brief: the contract's claims one by one, what can be decided, and what this study cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from walesi_research.exhibits import Heading, Interval, Sentence, Verdict
from walesi_research.exhibits.claim import ClaimRow, Claims, Tally
from walesi_research.exhibits.decision import Decisions
from walesi_research.exhibits.headline import Headline, Summary
from walesi_research.exhibits.interval import Look
from walesi_research.exhibits.interval_drawing import Names, draw
from walesi_research.exhibits.reading import Reading
from walesi_research.findings import Finding
from walesi_research.language import has, interval_words, say, share
from walesi_research.questions.brief import opening
from walesi_research.questions.brief.decisions import chosen, decision
from walesi_research.questions.brief.evidence import (
    basis,
    digits_of,
    evidence,
    is_share,
    limit_words,
    page_of,
)
from walesi_research.questions.brief.limits import limits, sources
from walesi_research.questions.brief.verdicts import OTHER, Ruling, rulings

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Brief", "brief"]

LEVEL = 0.95
"""Named where no claim has a finding that says its own."""


def brief(study: Study, findings: Iterable[Finding]) -> Brief:
    """Judge the claims and say what follows, for those who decide.

    Parameters
    ----------
    study : Study
    findings : iterable of Finding
        Of the whole run, p-values adjusted together.

    Returns
    -------
    Brief
        It makes no findings of its own.
    """
    return Brief(study, rulings(study, findings))


@dataclass(frozen=True, eq=False)
class Brief:
    """Answer: what the data support, and what can be decided.

    Parameters
    ----------
    study : Study
    rulings : sequence of Ruling
        The verdict on each claim.
    """

    study: Study
    rulings: Sequence[Ruling]

    @property
    def level(self) -> float:
        """Confidence level of the intervals."""
        return next((r.finding.level for r in self.rulings if r.finding), LEVEL)

    def title(self, language: str) -> Headline:
        """Return the finding that matters most."""
        return Headline(opening.title(self.rulings, language))

    def sentence(self, language: str) -> Sentence:
        """Return how many claims got each verdict."""
        return Sentence(opening.lead(self.rulings, language), "lead")

    def decisions(self, language: str) -> list[Heading | Decisions | Sentence]:
        """Return what can be decided now, and what a simulation says of it all together."""
        items = [decision(area, mine, language) for area, mine in chosen(self.rulings)]
        shown = []
        if items:
            number = opening.counted(len(items), language)
            synthetic = self.study.synthetic
            key = "decisions_synthetic" if synthetic else "decisions"
            count = number if synthetic else number.capitalize()
            heading = _say(language, key, n=len(items), count=count)
            shown = [Heading(heading), Decisions(items)]
        told = opening.simulation(self.study, self.rulings, language)
        return [*shown, Sentence(told)] if told else shown

    def reading(self, language: str) -> list[Heading | Reading]:
        """Return how the figures are read; nothing where no claim has a number."""
        if not any(ruling.estimated for ruling in self.rulings):
            return []
        return [Heading(_say(language, "read")), Reading(language, self.level)]

    def claims(self, language: str) -> list[Heading | Tally | Claims]:
        """Return each claim with its evidence, its verdict, and what can be done."""
        number = opening.counted(len(self.rulings), language)
        heading = _say(language, "claims", n=len(self.rulings), count=number.capitalize())
        rows = [self._row(ruling, language) for ruling in self.rulings]
        judgements = [ruling.judgement for ruling in self.rulings]
        return [Heading(heading), Tally(judgements, language), Claims(rows, language)]

    def limits(self, language: str) -> list[Sentence]:
        """Return what this study cannot tell."""
        return [Sentence(text) for text in limits(self.study, self.rulings, language)]

    def sources(self, language: str) -> list[Sentence]:
        """Return which data the brief rests on, and what its ranges mean."""
        level = share(self.level, language)
        told = _say(language, "range_means", level=level, times=round(100 * self.level))
        return [Sentence(sources(self.study, language)), Sentence(told)]

    def summary(self, language: str) -> Summary:
        """Return the brief in a few sentences, for readers of the other page."""
        return Summary(opening.summary(self.study, self.rulings, language))

    def _row(self, ruling: Ruling, language: str) -> ClaimRow:
        drawing, alt = self._drawing(ruling, language) if ruling.estimated else ("", "")
        return ClaimRow(
            number=ruling.number, title=_title(ruling, language), verdict=_verdict(ruling, language),
            evidence=evidence(self.study, ruling, language), action=_action(ruling, language),
            basis=basis(ruling, language), page=page_of(ruling, language), drawing=drawing, alt=alt,
        )  # fmt: skip

    def _drawing(self, ruling: Ruling, language: str) -> tuple[str, str]:
        finding, claim, shares = ruling.finding, ruling.claim, is_share(ruling)
        look = Look(language, digits_of(ruling), shares, not shares, claim.limit, claim.supports, 0.0)
        ends = (None, None) if finding.low == finding.high else (finding.low, finding.high)
        row = Interval("", finding.estimate, *ends, verdict=ruling.judgement)
        axis = _say(language, f"axis_{ruling.words}") if ruling.words != OTHER else ""
        zone = _say(language, f"zone_{claim.supports}", limit=limit_words(ruling, language))
        names = Names(axis, zone, "", self.study.synthetic)
        return draw([row], look, names), self._alt(ruling, look, language)

    def _alt(self, ruling: Ruling, look: Look, language: str) -> str:
        finding = ruling.finding
        parts = [_say(language, "alt_estimate", x=look.estimate(finding.estimate))]
        if finding.low is not None and finding.low < finding.high:
            ends = interval_words(finding.low, finding.high, language, look.digits, percent=look.percent)
            parts.append(_say(language, "alt_range", level=share(finding.level, language), between=ends))
        parts.append(_say(language, f"alt_{ruling.claim.supports}", limit=limit_words(ruling, language)))
        invented = f" {say(language, 'exhibit.invented_alt')}" if self.study.synthetic else ""
        return f"{'; '.join(parts)}.{invented}"


def _title(ruling: Ruling, language: str) -> str:
    if ruling.words != OTHER:
        return _say(language, f"claim_{ruling.words}")
    question = ruling.finding.question[language] if ruling.finding else ruling.claim.finding
    return _say(language, f"claim_{ruling.claim.supports}", question=question, limit=_limit(ruling, language))


def _limit(ruling: Ruling, language: str) -> str:
    return limit_words(ruling, language) if ruling.estimated else f"{ruling.claim.limit:g}"


def _verdict(ruling: Ruling, language: str) -> Verdict:
    note = _say(language, f"because_{ruling.because}") if has(f"brief.because_{ruling.because}") else ""
    return Verdict(ruling.judgement, language, note=note)


def _action(ruling: Ruling, language: str) -> str:
    return _say(language, f"do_{ruling.words}_{ruling.state}")


def _say(language: str, key: str, **values: object) -> str:
    return say(language, f"brief.{key}", **values)
