"""Why not just compare the trained with the others? The effect by other comparisons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from walesi_research.exhibits import Cell, Figure, Gap, Heading, Interval, Sentence, Table, interval_plot
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, interval_words, number, say, share
from walesi_research.questions.claims import claim_of
from walesi_research.questions.result import few, in_both, not_estimable, people
from walesi_research.questions.training.comparisons import COMPARISONS, Comparison, compared, lead_before
from walesi_research.questions.training.panel import NOTEBOOK, panel_of
from walesi_research.questions.training.silence import silence

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Beside", "beside"]

HEADLINE = "training.leadership_att"
METHODS = {
    "naive": "difference in mean achievement of the panel's last year between those with a leadership "
    "programme that counts by its end and those without; HC2 errors; not adjusted for who goes",
    "twfe": "least squares on an indicator of being treated with employee and period effects; CR2 errors by "
    "employee, Satterthwaite degrees of freedom; biased where effects differ or grow",
    "doubly_robust": "augmented inverse probability weighting (logit, least squares), effect on the treated "
    "in the panel's last year, against never treated, adjusted for achievement at the panel's beginning, own "
    "and the unit's mean, gender, status and position where recorded; errors of the influence function",
}
"""The comparisons that are findings, and how each is made."""


def beside(study: Study, headline: Finding | None = None, level: float = 0.95) -> Beside:
    """Ask what other comparisons say of leadership programmes, and why they differ.

    Parameters
    ----------
    study : Study
    headline : Finding or None
        ``training.leadership_att`` as estimated; None where there is none.
    level : float
        Level of the intervals.

    Returns
    -------
    Beside
        Findings ``training.leadership_naive``, ``training.leadership_twfe`` and
        ``training.leadership_doubly_robust``.
    """
    known = headline if headline is not None and headline.status == "estimated" else None
    panel = panel_of(study)
    if isinstance(panel, Message):
        return Beside(study, level, known, dict.fromkeys(COMPARISONS, panel))
    return Beside(study, level, known, compared(study, panel, level), lead_before(study, panel, level))


@dataclass(frozen=True, eq=False)
class Beside:
    """Answer: the same effect by several comparisons.

    Parameters
    ----------
    study : Study
    level : float
    headline : Finding or None
        The main estimate.
    comparisons : dict of str to (Comparison or Message)
        Every other estimate by name, or why there is none.
    before : Comparison or None
        How much more those trained later achieved before it than those never trained.
    """

    study: Study
    level: float
    headline: Finding | None
    comparisons: dict[str, Comparison | Message] = field(default_factory=dict)
    before: Comparison | None = None

    @property
    def known(self) -> dict[str, Comparison]:
        """The estimates that there are."""
        return {name: h for name, h in self.comparisons.items() if isinstance(h, Comparison)}

    @property
    def findings(self) -> list[Finding]:
        """The naive, the two-way and the doubly robust estimate."""
        return [self._finding(name) for name in METHODS]

    def _finding(self, name: str) -> Finding:
        comparison = self.comparisons[name]
        parts = {
            "id": f"training.leadership_{name}",
            "unit": "points of achievement",
            "claim": "association",
            "method": METHODS[name],
            "question": in_both(f"training_doubt.question_{name}"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if isinstance(comparison, Message):
            return not_estimable(comparison, **parts)
        n = people(self.study, comparison.people)
        return Finding(
            n=n,
            groups=n,
            **{k: getattr(comparison, k) for k in ("estimate", "se", "low", "high", "p")},
            **parts,
        )

    @property
    def agree(self) -> bool:
        """Whether the naive estimate lies within a standard error of the main one."""
        return abs(self.comparisons["naive"].estimate - self.headline.estimate) <= (self.headline.se or 0.0)

    def sentence(self, language: str) -> list[Sentence]:
        """Return whether the naive comparison will do, and why not."""
        naive = self.comparisons["naive"]
        if isinstance(naive, Message):
            return silence(naive, "training_doubt.silent", language, "note")
        digits = decimals([(naive.low, naive.high)])
        values = {
            "naive": number(naive.estimate, language, digits),
            "between": interval_words(naive.low, naive.high, language, digits),
        }
        if self.headline is None:
            return [Sentence(say(language, "training_doubt.beside_alone", **values)), *self._why(language)]
        key = "agree" if self.agree else "differ"
        main = number(self.headline.estimate, language)
        return [
            Sentence(say(language, f"training_doubt.beside_{key}", main=main, **values)),
            *self._why(language),
        ]

    def _why(self, language: str) -> list[Sentence]:
        """Return what those trained later achieved before it, which the naive comparison counts as effect."""
        if self.before is None:
            return []
        gap = self.before.estimate
        off = self.comparisons["naive"].estimate - self.headline.estimate if self.headline else 0.0
        explains = self.headline is not None and not self.agree and gap * off > 0
        key = f"before_{'counted' if explains else 'mixed'}_{'more' if gap > 0 else 'less'}"
        return [Sentence(say(language, f"training_doubt.{key}", gap=number(abs(gap), language)))]

    def heading(self, language: str) -> list[Heading]:
        """Return whether the naive comparison misleads."""
        if isinstance(self.comparisons["naive"], Message) or self.headline is None:
            return []
        return [
            Heading(say(language, f"training_doubt.beside_heading_{'agree' if self.agree else 'differ'}"))
        ]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return all estimates with their intervals against the limit."""
        if not self.known:
            return []
        claim = claim_of(self.study, HEADLINE)
        return interval_plot(
            self._rows(language),
            language=language,
            alt=say(language, "training_doubt.beside_alt"),
            caption=say(language, "training_doubt.beside_caption", level=self.level),
            axis_label=say(language, "training_doubt.axis"),
            digits=self._digits,
            limit=claim.limit,
            supports=claim.supports,
            zone_label=say(
                language, f"training_doubt.zone_{claim.supports}", limit=number(claim.limit, language)
            ),
            synthetic=self.study.synthetic,
        )

    def _rows(self, language: str) -> list[Interval]:
        h = self.headline
        label = say(language, "training_doubt.comparison_imputation")
        first = [Interval(label, h.estimate, h.low, h.high, bold=True)] if h else []
        return [*first, *(self._row(name, language) for name in reversed(COMPARISONS))]

    def _row(self, name: str, language: str) -> Interval:
        label, comparison = say(language, f"training_doubt.comparison_{name}"), self.comparisons[name]
        if isinstance(comparison, Message):
            return Interval(label, note=comparison.in_(language))
        return Interval(label, comparison.estimate, comparison.low, comparison.high)

    @property
    def _digits(self) -> int:
        return decimals((h.low, h.high) for h in [*self.known.values(), *filter(None, [self.headline])])

    def table(self, language: str) -> Table | list[Table]:
        """Return the same numbers, and whom each compares with whom."""
        if not self.known:
            return []
        columns = [
            say(language, "training_doubt.comparison"),
            say(language, "training_doubt.estimate", level=self.level),
        ]
        names = [*(["imputation"] if self.headline else []), *reversed(COMPARISONS)]
        rows = [self._cells(name, language) for name in names]
        if self.before is not None:
            rows.append(self._written("before", self.before, language))
        return Table(
            columns, rows, say(language, "training_doubt.beside_table"), language, show_caption=False
        )

    def _cells(self, name: str, language: str) -> list[str | Cell] | Gap:
        comparison = self.headline if name == "imputation" else self.comparisons[name]
        if isinstance(comparison, Message):
            label = say(language, f"training_doubt.comparison_{name}")
            return Gap(label, say(language, "common.not_computed"), comparison.in_(language))
        return self._written(name, comparison, language)

    def _written(self, name: str, comparison: Comparison | Finding, language: str) -> list[str | Cell]:
        told = Cell(
            number(comparison.estimate, language, self._digits),
            interval(comparison.low, comparison.high, language, self._digits),
        )
        compares = say(language, f"training_doubt.compares_{name}")
        return [Cell(say(language, f"training_doubt.comparison_{name}"), compares), told]

    def details(self, language: str) -> list[Sentence]:
        """Return what each comparison assumes, and where it goes wrong: for students."""
        if not self.known:
            return []
        told = [say(language, f"training_doubt.about_{name}") for name in (*self.known, "imputation")]
        return [Sentence(text) for text in [*told, *self._overlap(language)]]

    def _overlap(self, language: str) -> list[str]:
        robust, least = self.known.get("doubly_robust"), self.study.settings.privacy.minimum_cell
        if robust is None:
            return []
        trained, outside = people(self.study, robust.trained), round(robust.outside * robust.people)
        if few(outside, least) or few(robust.people - outside, least):
            return [say(language, "training_doubt.overlap_few", trained=trained, least=least)]
        told = share(robust.outside, language)
        return [say(language, "training_doubt.overlap", trained=trained, outside=told)]
