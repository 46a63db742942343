"""Does training go with more where culture supports it, and recognition where appraisal is fair?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

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
from walesi_research.exhibits.verdict import Judgement, judge
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, interval_words, number, say
from walesi_research.questions.effect import judged
from walesi_research.questions.performance.cases import Cases, complete_cases
from walesi_research.questions.performance.estimate import too_thin
from walesi_research.questions.performance.names import NOTEBOOK, label, role
from walesi_research.questions.performance.products import PAIRS, Product, products, shrinkage
from walesi_research.questions.result import estimated, in_both, not_estimable, people

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Interactions", "interactions"]

METHOD = (
    "coefficient of the product of {first} and {second}, both standardised, in the joint mixed model of "
    "performance with both products; units as random intercepts; CR2 errors by employee, Satterthwaite "
    "degrees of freedom; not corrected for measurement error"
)
DIGITS = 2


def interactions(study: Study, level: float = 0.95) -> Interactions:
    """Ask whether training goes with more where culture supports, and recognition where appraisal is fair.

    Two products, decided beforehand, of centred and standardised measures in the joint mixed model, Holm
    over them; slopes where the second measure is one standard deviation below and above its mean.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Interactions
        Findings ``joint.training_by_culture`` and ``joint.recognition_by_fairness``.
    """
    cases = complete_cases(study)
    if isinstance(cases, Message):
        return Interactions(study, level, cases)
    thin = too_thin(cases, study.settings.privacy.minimum_cell)
    found = products(cases, level) if thin is None else thin
    if isinstance(found, Message):
        return Interactions(study, level, found, cases)
    return Interactions(study, level, None, cases, found)


@dataclass(frozen=True, eq=False)
class Interactions:
    """Answer of the interactions.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is no model.
    cases : Cases or None
    found : dict of str to Product
        By name of the pair, of `products.PAIRS`.
    """

    study: Study
    level: float
    reason: Message | None = None
    cases: Cases | None = None
    found: dict[str, Product] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        """One finding a pair."""
        return [self._finding(name) for name in PAIRS]

    def _finding(self, name: str) -> Finding:
        first, second = PAIRS[name]
        roles = {"first": Message.of(f"performance.role_{first}"), "second": _role(second)}
        parts = {
            "id": f"joint.{name}",
            "unit": "standard deviations of performance per product of two standard deviations",
            "claim": "association",
            "method": METHOD.format(first=first, second=second),
            "question": in_both("performance_alternatives.product_question", **roles),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if name not in self.found:
            return not_estimable(self._why_not(name), **parts)
        c, frame = self.found[name].term, self.cases.frame
        n, units = people(self.study, len(frame)), int(frame["unit"].nunique())
        return estimated(c, n=n, groups=units, **parts)

    def _why_not(self, name: str) -> Message:
        missing = self.cases.missing if self.cases else {}
        return next((missing[role] for role in PAIRS[name] if role in missing), self.reason)

    @cached_property
    def judged(self) -> dict[str, Judgement]:
        """What may be said of each product, Holm over them."""
        return judged({name: product.term for name, product in self.found.items()}, self.level)

    @property
    def _digits(self) -> int:
        each = [e for p in self.found.values() for e in (p.term, p.at_low, p.at_high)]
        return decimals(((e.low, e.high) for e in each), DIGITS)

    def heading(self, language: str) -> list[Heading]:
        """Return which association depends on what, if any does."""
        if not self.found:
            return []
        clear = next((name for name, verdict in self.judged.items() if verdict != "cannot_tell"), None)
        if clear is None:
            return [Heading(_say(language, "product_heading_open"))]
        return [Heading(_say(language, "product_heading_clear", **_names(clear, language)))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return of each pair what is seen, or how large it would have to be to be seen."""
        return [Sentence(self._told(name, language)) for name in self.found]

    def _told(self, name: str, language: str) -> str:
        product, digits = self.found[name], self._digits
        open_ = self.judged[name] == "cannot_tell"
        values = {
            "low": number(product.at_low.estimate, language, digits),
            "high": number(product.at_high.estimate, language, digits),
            "difference": number(2 * product.term.estimate, language, digits),
            "between": interval_words(2 * product.term.low, 2 * product.term.high, language, digits),
            "visible": number(2 * product.visible, language, digits),
        }
        keys = [f"product_{self.judged[name]}", "product_slopes", *(["product_visible"] if open_ else [])]
        return " ".join(_say(language, key, **_names(name, language), **values) for key in keys)

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the slopes of the first measure where the second is low and where it is high."""
        if not self.found:
            return []
        rows = [self._drawn(name, end, language) for name in self.found for end in ("at_low", "at_high")]
        n, units = people(self.study, len(self.cases.frame)), int(self.cases.frame["unit"].nunique())
        return interval_plot(
            rows,
            language=language,
            alt=_say(language, "product_alt"),
            caption=_say(language, "product_caption", level=self.level, n=n, units=units),
            axis_label=say(language, "performance.joint_axis"),
            digits=self._digits,
            synthetic=self.study.synthetic,
        )

    def _drawn(self, name: str, end: str, language: str) -> Interval:
        e: Any = getattr(self.found[name], end)
        words = _names(name, language) | {"First": label(PAIRS[name][0], language)}
        title = _say(language, f"product_{end}", **words)
        return Interval(title, e.estimate, e.low, e.high, judge(e.low, e.high, 0.0, "above"))

    def table(self, language: str) -> Table | list[Table]:
        """Return the products, with the smallest that such a study could have seen."""
        if not self.found:
            return []
        columns = [
            say(language, "performance.what"),
            *(
                Column(_say(language, f"product_column_{key}", level=self.level), numeric=True)
                for key in ("term", "visible", "shrinkage")
            ),
        ]
        rows = [self._row(name, language) for name in PAIRS]
        return Table(columns, rows, _say(language, "product_table"), language)

    def _row(self, name: str, language: str) -> list[str | Cell] | Gap:
        title = _say(language, "product_row", **_names(name, language))
        if name not in self.found:
            return Gap(title, say(language, "common.not_computed"), self._why_not(name).in_(language))
        p, digits = self.found[name], self._digits
        left = shrinkage(self.study, self.cases, PAIRS[name])
        return [
            title,
            Cell(
                number(p.term.estimate, language, digits),
                interval(p.term.low, p.term.high, language, digits),
            ),
            number(p.visible, language, digits),
            "–" if left is None else _say(language, "product_left", share=left),
        ]

    def details(self, language: str) -> list[Sentence]:
        """Return what the products are, and why small ones go unseen."""
        return [Sentence(_say(language, "product_details"))] if self.found else []


def _role(name: str) -> Message:
    return Message.of(f"performance.role_{name}")


def _names(pair: str, language: str) -> dict[str, str]:
    first, second = PAIRS[pair]
    return {"first": role(first, language), "second": role(second, language)}


def _say(language: str, key: str, **values: Any) -> str:
    return say(language, f"performance_alternatives.{key}", **values)
