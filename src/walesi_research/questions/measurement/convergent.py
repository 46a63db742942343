"""Does each scale measure one thing, and another than the others do? AVE, composite reliability, HTMT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from walesi_research.exhibits import Cell, Column, Gap, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, number, say
from walesi_research.questions.measurement.scales import NOTEBOOK, Scale, counts_of, fewest, scales_of, thin
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.stats.validity import (
    average_variance_extracted,
    composite_reliability,
    fornell_larcker,
    htmt,
)

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Coefficient", "Convergence", "Pair", "convergent"]

STRICT, LENIENT = 0.85, 0.90
"""HTMT below which two constructs are told apart (Henseler, Ringle and Sarstedt 2015)."""
HALF = 0.50
"""Average variance extracted that the field asks for (Fornell and Larcker 1981)."""
MANY = 20_000
"""Respondents above which rows are drawn in bundles, by the study's own generator."""
METHODS = {
    "ave": "average variance extracted: mean of squared standardised loadings",
    "cr": "composite reliability of standardised items (rho_c)",
    "htmt": "heterotrait-monotrait ratio of absolute correlations",
}
BOOTSTRAP = "complete cases; percentile interval of a bootstrap of employees within units; latest wave"
ONE_FACTOR = "one-factor maximum-likelihood model"
State = Literal["apart", "lenient", "same", "open"]


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of one scale or pair of scales.

    Parameters
    ----------
    estimate, se, low, high : float
    n : int
        Complete cases.
    """

    estimate: float
    se: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Pair:
    """Two scales beside each other.

    Parameters
    ----------
    first, second : str
        Constructs.
    htmt : Coefficient
    margin : tuple of float or None
        Ends of the interval of the smaller of both margins of Fornell and Larcker, ``sqrt(AVE) - |r|``; None
        for scales of two items.
    """

    first: str
    second: str
    htmt: Coefficient
    margin: tuple[float, float] | None

    @property
    def state(self) -> State:
        """Whether the scales can be told apart."""
        if self.htmt.high < STRICT:
            return "apart"
        if self.htmt.high < LENIENT:
            return "lenient"
        return "same" if self.htmt.low >= LENIENT else "open"

    @property
    def fornell_larcker(self) -> Literal["yes", "no", "open"] | None:
        """Whether the pair meets the criterion of Fornell and Larcker."""
        if self.margin is None:
            return None
        low, high = self.margin
        return "yes" if low > 0 else "no" if high < 0 else "open"


def convergent(study: Study, level: float = 0.95, draws: int = 1_000) -> Convergence:
    """Ask whether the items of each scale share enough, and whether scales can be told apart.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap draws.

    Returns
    -------
    Convergence
        Findings ``measurement.<construct>.ave`` and ``.cr``, and ``measurement.<a>.htmt_<b>`` of each pair.
    """
    scales = scales_of(study)
    if isinstance(scales, Message):
        return Convergence(study, level, reason=scales)
    reasons, own = {}, {}
    for scale in scales:
        found = thin(study, scale, 3) or _own(study, scale, level, draws)
        (reasons if isinstance(found, Message) else own)[scale.name] = found
    pairs = _pairs(study, [s for s in scales if thin(study, s, 2) is None], level, draws)
    by_name = {s.name: s for s in scales}
    if isinstance(pairs, Message):
        return Convergence(study, level, by_name, own, reasons, apart_reason=pairs)
    return Convergence(study, level, by_name, own, reasons, pairs)


def _drawn(study: Study, rows: int, draws: int) -> dict[str, Any]:
    if rows > MANY:
        return {"rng": study.rng("measurement", "bundles"), "draws": draws}
    return {"counts": counts_of(study, draws)}


def _own(study: Study, scale: Scale, level: float, draws: int) -> dict[str, Coefficient] | Message:
    x, found = scale.items.to_numpy(), {}
    for kind, coefficient in (("ave", average_variance_extracted), ("cr", composite_reliability)):
        try:
            fit = coefficient(x, level=level, **_drawn(study, len(x), draws))
        except ValueError:
            return _failed("singular")
        if fit.heywood or not fit.converged:
            return _failed("heywood" if fit.heywood else "not_converged")
        if not np.isfinite(fit.low):
            return Message.of("measurement_items.draws_failed")
        found[kind] = Coefficient(fit.estimate, fit.se, fit.low, fit.high, fit.n)
    return found


def _failed(why: str) -> Message:
    return Message.of("measurement_items.factor_failed", why=Message.of(f"measurement.{why}"))


def _pairs(study: Study, scales: list[Scale], level: float, draws: int) -> list[Pair] | Message:
    if len(scales) < 2:
        return Message.of("measurement_items.one_scale")
    x = pd.concat([s.items for s in scales], axis=1)
    complete = x.dropna()
    if len(complete) < fewest(study, x.shape[1]):
        return Message.of("measurement_items.pairs_few")
    if (complete.nunique() == 1).any():
        return Message.of("measurement.constant_item")
    ratios = htmt(x.to_numpy(), _blocks(scales), level=level, **_drawn(study, len(x), draws))
    margins = _margins(study, [s for s in scales if s.items.shape[1] > 2], level, draws)
    places = combinations(range(len(scales)), 2)
    known = [(i, j) for i, j in places if np.isfinite([ratios.estimate[i, j], ratios.low[i, j]]).all()]
    if not known:
        return Message.of("measurement_items.draws_failed")
    return [
        Pair(a, b, Coefficient(*(float(m[i, j]) for m in _parts(ratios)), ratios.n), margins.get((a, b)))
        for i, j in known
        for a, b in [(scales[i].name, scales[j].name)]
    ]


def _parts(ratios: Any) -> tuple[np.ndarray, ...]:
    return ratios.estimate, ratios.se, ratios.low, ratios.high


def _blocks(scales: list[Scale]) -> list[range]:
    ends = np.cumsum([s.items.shape[1] for s in scales])
    return [range(end - s.items.shape[1], end) for s, end in zip(scales, ends, strict=True)]


def _margins(
    study: Study, scales: list[Scale], level: float, draws: int
) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the interval of the smaller margin of each pair of scales of three items or more."""
    if len(scales) < 2:
        return {}
    x = pd.concat([s.items for s in scales], axis=1).to_numpy()
    try:
        fit = fornell_larcker(x, _blocks(scales), level=level, **_drawn(study, len(x), draws))
    except ValueError:  # an item is a sum of others
        return {}
    found = {}
    for i, j in combinations(range(len(scales)), 2):
        low, high = (min(m[i, j], m[j, i]) for m in (fit.low, fit.high))
        if np.isfinite([low, high]).all():
            found[scales[i].name, scales[j].name] = float(low), float(high)
    return found


@dataclass(frozen=True, eq=False)
class Convergence:
    """Answer: what items share, and which scales can be told apart.

    Parameters
    ----------
    study : Study
    level : float
    scales : dict of str to Scale
    own : dict of str to dict of {"ave", "cr"} to Coefficient
    reasons : dict of str to Message
        Scales without coefficients, and why.
    pairs : list of Pair
    reason, apart_reason : Message or None
        Why there is nothing, or no pair.
    """

    study: Study
    level: float
    scales: dict[str, Scale] = field(default_factory=dict)
    own: dict[str, dict[str, Coefficient]] = field(default_factory=dict)
    reasons: dict[str, Message] = field(default_factory=dict)
    pairs: list[Pair] | tuple = ()
    reason: Message | None = None
    apart_reason: Message | None = None

    @property
    def findings(self) -> list[Finding]:
        """Two findings a scale, and one a pair of scales that could be compared."""
        return [*self._of_scales(), *(self._of_pair(pair) for pair in self.pairs)]

    def _of_scales(self) -> Iterator[Finding]:
        for name, scale in self.scales.items():
            for kind in ("ave", "cr"):
                parts = self._finding_parts(f"measurement.{name}.{kind}", kind, {"scale": scale.label})
                yield (
                    not_estimable(self.reasons[name], **parts)
                    if name in self.reasons
                    else self._estimated(self.own[name][kind], parts)
                )

    def _of_pair(self, pair: Pair) -> Finding:
        labels = {"first": self.scales[pair.first].label, "second": self.scales[pair.second].label}
        parts = self._finding_parts(f"measurement.{pair.first}.htmt_{pair.second}", "htmt", labels)
        return self._estimated(pair.htmt, parts)

    def _estimated(self, c: Coefficient, parts: dict[str, Any]) -> Finding:
        n = people(self.study, c.n)
        return Finding(estimate=c.estimate, se=c.se, low=c.low, high=c.high, n=n, **parts)

    def _finding_parts(self, id: str, kind: str, labels: dict[str, dict[str, str]]) -> dict[str, Any]:
        question = {
            language: in_both(
                f"measurement_items.{kind}_question", **{k: v[language] for k, v in labels.items()}
            )[language]
            for language in ("id", "en")
        }
        model = "" if kind == "htmt" else f" of the {ONE_FACTOR}"
        return {
            "id": id,
            "unit": {"ave": "share of variance", "cr": "reliability", "htmt": "ratio of correlations"}[kind],
            "claim": "description",
            "method": f"{METHODS[kind]}{model}; {BOOTSTRAP}",
            "question": question,
            "notebook": NOTEBOOK,
            "level": self.level,
        }

    def sentence(self, language: str) -> list[Sentence]:
        """Return which scales cannot be told apart, and which items share less than half."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        return [*self._apart(language), *self._shared(language)]

    def _apart(self, language: str) -> list[Sentence]:
        if self.apart_reason is not None:
            return [Sentence(self.apart_reason.in_(language), "note")]
        told = {s: [self._name(p, language) for p in self.pairs if p.state == s] for s in ("same", "open")}
        texts = [
            say(language, f"measurement_items.pairs_{state}", names="; ".join(names), lenient=LENIENT)
            for state, names in told.items()
            if names
        ]
        clear = len(self.pairs) - sum(map(len, told.values()))
        if clear:
            key = "pairs_others" if texts else "pairs_apart"
            texts.append(say(language, f"measurement_items.{key}", lenient=LENIENT))
        return [Sentence(" ".join(texts))]

    def _name(self, pair: Pair, language: str) -> str:
        first, second = (self.scales[name].label[language] for name in (pair.first, pair.second))
        return say(language, "measurement_items.pair", first=first, second=second)

    def _shared(self, language: str) -> list[Sentence]:
        less = [self.scales[n].label[language] for n, c in self.own.items() if c["ave"].high < HALF]
        unsure = [
            self.scales[n].label[language]
            for n, c in self.own.items()
            if c["ave"].low < HALF <= c["ave"].high
        ]
        told = [("ave_less", less), ("ave_unsure", unsure)]
        texts = [say(language, f"measurement_items.{k}", names=", ".join(v), half=HALF) for k, v in told if v]
        if not texts and self.own:
            texts = [say(language, "measurement_items.ave_fine", half=HALF)]
        return [Sentence(" ".join(texts))] if texts else []

    def table(self, language: str) -> Table | list[Table]:
        """Return AVE and composite reliability by scale."""
        if not self.scales:
            return []
        columns = [
            say(language, "measurement_items.scale"),
            *(Column(say(language, f"measurement_items.{kind}"), numeric=True) for kind in ("ave", "cr")),
        ]
        rows = [self._row(name, language) for name in self.scales]
        caption = say(language, "measurement_items.ave_caption", level=self.level)
        return Table(columns, rows, caption, language)

    def _row(self, name: str, language: str) -> list[str | Cell] | Gap:
        label = self.scales[name].label[language]
        if name in self.reasons:
            return Gap(label, say(language, "common.not_computed"), self.reasons[name].in_(language))
        return [label, *(_cell(self.own[name][kind], language) for kind in ("ave", "cr"))]

    def pairs_table(self, language: str) -> Table | list[Table]:
        """Return HTMT, its verdict and that of Fornell and Larcker, by pair of scales."""
        if not self.pairs:
            return []
        keys = ("pair_column", "htmt", "verdict", "fornell_larcker")
        columns = [say(language, f"measurement_items.{key}") for key in keys]
        caption = say(
            language,
            "measurement_items.pairs_caption",
            level=self.level,
            people=people(self.study, self.pairs[0].htmt.n),
        )
        return Table(columns, [self._pair_row(p, language) for p in self.pairs], caption, language)

    def _pair_row(self, pair: Pair, language: str) -> list[str | Cell]:
        criterion = pair.fornell_larcker
        return [
            self._name(pair, language),
            _cell(pair.htmt, language),
            say(language, f"measurement_items.pair_{pair.state}"),
            say(language, f"measurement_items.criterion_{criterion}") if criterion else "–",
        ]

    def details(self, language: str) -> list[Sentence]:
        """Return what the coefficients are, and from which limits they speak."""
        if not self.own and not self.pairs:
            return []
        limits = {"strict": STRICT, "lenient": LENIENT, "half": HALF}
        return [Sentence(say(language, "measurement_items.convergent_method", **limits))]


def _cell(c: Coefficient, language: str) -> Cell:
    digits = decimals([(c.low, c.high)], 2)
    return Cell(number(c.estimate, language, digits), interval(c.low, c.high, language, digits))
