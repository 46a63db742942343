"""Does each scale measure one thing, and another than the others do? AVE, composite reliability, HTMT."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from walesi_research.questions.variables import latest_wave
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
MOST_NAMED, FEW_PAIRS, MOST_SHOWN = 5, 6, 10
"""Pairs that a sentence names; up to which all have a row of their own; of more, those in doubt that have."""
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

    Notes
    -----
    A scale rests on those who answered all of its items, a pair on those who answered all items of both.
    Absolute correlations keep HTMT above zero, so it and its lower end come out too high where scales have
    (nearly) nothing in common; verdicts rest on the upper end, or on a lower one at .90 or more. Simulated
    (300 samples of 140 people, four five-point items a scale, 95 %): for a true 0 the interval is .11 to .31
    on average and never holds it; for .3, .6, .85 and .9 it holds the truth in 92, 94, 93 and 92 %. At a
    true .9 the upper end lies below it in 2 % and the lower above it in 6 %: 'apart' is safe, 'same' a
    little bold.
    """
    scales = scales_of(study)
    if isinstance(scales, Message):
        return Convergence(study, level, reason=scales)
    drawn = _plan(study, draws)
    reasons, own = {}, {}
    for scale in scales:
        found = thin(study, scale, 3) or _own(scale, level, drawn)
        (reasons if isinstance(found, Message) else own)[scale.name] = found
    usable = [s for s in scales if thin(study, s, 2) is None]
    each = {(a.name, b.name): _pair(study, a, b, level, drawn) for a, b in combinations(usable, 2)}
    pairs = [p for p in each.values() if isinstance(p, Pair)]
    unknown = {names: p for names, p in each.items() if isinstance(p, Message)}
    return Convergence(study, level, {s.name: s for s in scales}, own, reasons, pairs, unknown)


def _plan(study: Study, draws: int) -> Callable[[], dict[str, Any]]:
    """Return what gives every coefficient the same draws, made once."""
    if len(latest_wave(study)) > MANY:
        return lambda: {"rng": study.rng("measurement", "bundles"), "draws": draws}
    counts = list(counts_of(study, draws))
    return lambda: {"counts": counts}


def _own(scale: Scale, level: float, drawn: Callable[[], dict]) -> dict[str, Coefficient] | Message:
    x, found = scale.items.to_numpy(), {}
    for kind, coefficient in (("ave", average_variance_extracted), ("cr", composite_reliability)):
        try:
            fit = coefficient(x, level=level, **drawn())
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


def _pair(study: Study, a: Scale, b: Scale, level: float, drawn: Callable[[], dict]) -> Pair | Message:
    """Compare two scales among those who answered all items of both, or say why not."""
    x = pd.concat([a.items, b.items], axis=1)
    complete = x.dropna()
    if len(complete) < fewest(study, x.shape[1]):
        return Message.of("measurement_items.pairs_few")
    if (complete.nunique() == 1).any():
        return Message.of("measurement.constant_item")
    k = a.items.shape[1]
    blocks = [range(k), range(k, x.shape[1])]
    ratio = htmt(x.to_numpy(), blocks, level=level, **drawn())
    values = [float(m[0, 1]) for m in (ratio.estimate, ratio.se, ratio.low, ratio.high)]
    if not np.isfinite(values).all():
        return Message.of("measurement_items.draws_failed")
    margin = _margin(x, blocks, level, drawn) if min(k, x.shape[1] - k) > 2 else None
    return Pair(a.name, b.name, Coefficient(*values, ratio.n), margin)


def _margin(
    x: pd.DataFrame, blocks: list[range], level: float, drawn: Callable[[], dict]
) -> tuple[float, float] | None:
    """Return the interval of the smaller margin of Fornell and Larcker, None where it has none."""
    try:
        fit = fornell_larcker(x.to_numpy(), blocks, level=level, **drawn())
    except ValueError:  # an item is a sum of others
        return None
    ends = tuple(float(min(m[0, 1], m[1, 0])) for m in (fit.low, fit.high))
    return ends if np.isfinite(ends).all() else None


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
    unknown : dict of (construct, construct) to Message
        Pairs that could not be compared, and why.
    reason : Message or None
        Why there is nothing.
    """

    study: Study
    level: float
    scales: dict[str, Scale] = field(default_factory=dict)
    own: dict[str, dict[str, Coefficient]] = field(default_factory=dict)
    reasons: dict[str, Message] = field(default_factory=dict)
    pairs: list[Pair] | tuple = ()
    unknown: dict[tuple[str, str], Message] = field(default_factory=dict)
    reason: Message | None = None

    @property
    def findings(self) -> list[Finding]:
        """Two findings a scale, and one a pair of scales."""
        unknown = (
            not_estimable(why, **self._pair_parts(first, second))
            for (first, second), why in self.unknown.items()
        )
        return [*self._of_scales(), *map(self._of_pair, self.pairs), *unknown]

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
        return self._estimated(pair.htmt, self._pair_parts(pair.first, pair.second))

    def _pair_parts(self, first: str, second: str) -> dict[str, Any]:
        labels = {"first": self.scales[first].label, "second": self.scales[second].label}
        return self._finding_parts(f"measurement.{first}.htmt_{second}", "htmt", labels)

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
        if not self.pairs:
            why = [*self.unknown.values(), Message.of("measurement_items.one_scale")][0]
            return [Sentence(why.in_(language), "note")]
        told = {s: [p for p in self._doubtful if p.state == s] for s in ("same", "open")}
        texts = [
            say(language, f"measurement_items.pairs_{s}", names=self._names(pairs, language), lenient=LENIENT)
            for s, pairs in told.items()
            if pairs
        ]
        if len(self.pairs) > sum(map(len, told.values())):
            key = "pairs_others" if texts else "pairs_apart"
            texts.append(say(language, f"measurement_items.{key}", lenient=LENIENT))
        if self.unknown:
            texts.append(say(language, "measurement_items.pairs_unknown", count=len(self.unknown)))
        return [Sentence(" ".join(texts))]

    @property
    def _doubtful(self) -> list[Pair]:
        """Pairs that are not clearly apart, the closest first."""
        return sorted((p for p in self.pairs if p.state != "apart"), key=lambda p: -p.htmt.low)

    def _names(self, pairs: list[Pair], language: str) -> str:
        names = "; ".join(self._name(p, language) for p in pairs[:MOST_NAMED])
        if len(pairs) <= MOST_NAMED:
            return names
        return say(language, "measurement_items.and_more", names=names, more=len(pairs) - MOST_NAMED)

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

    def pairs_table(self, language: str) -> list[Table]:
        """Return HTMT with verdicts of a few pairs; of many those in doubt, and the numbers of all."""
        if len(self.pairs) <= FEW_PAIRS:
            return [self._told(self.pairs, "pairs_caption", language)] if self.pairs else []
        doubtful = self._doubtful[:MOST_SHOWN]
        told = [self._told(doubtful, "doubtful_caption", language)] if doubtful else []
        return [*told, self._triangle(language)]

    def _told(self, pairs: list[Pair], caption: str, language: str) -> Table:
        columns = [
            say(language, "measurement_items.pair_column"),
            Column(say(language, "measurement_items.htmt"), numeric=True),
            say(language, "measurement_items.verdict"),
        ]
        told = say(language, f"measurement_items.{caption}", level=self.level)
        return Table(columns, [self._pair_row(p, language) for p in pairs], told, language)

    def _pair_row(self, pair: Pair, language: str) -> list[str | Cell]:
        criterion = pair.fornell_larcker
        return [
            self._name(pair, language),
            _cell(pair.htmt, language),
            Cell(
                say(language, f"measurement_items.pair_{pair.state}"),
                say(language, f"measurement_items.criterion_{criterion}") if criterion else "",
            ),
        ]

    def _triangle(self, language: str) -> Table:
        """Return the estimates of all pairs, columns numbered as the rows are."""
        names = [n for n in self.scales if any(n in (p.first, p.second) for p in self.pairs)]
        known = {(p.first, p.second): p for p in self.pairs}
        columns = [
            say(language, "measurement_items.scale"),
            *(Column(str(k), numeric=True) for k in range(1, len(names))),
        ]
        rows = [
            [
                f"{k}. {self.scales[name].label[language]}",
                *(_short(known, names, j, k - 1, language) for j in range(len(names) - 1)),
            ]
            for k, name in enumerate(names, start=1)
        ]
        sizes = [p.htmt.n for p in self.pairs]
        low, high = (people(self.study, n) for n in (min(sizes), max(sizes)))
        key = "triangle_caption" if low < high else "triangle_caption_one"
        caption = say(language, f"measurement_items.{key}", low=low, high=high, strict=STRICT)
        return Table(columns, rows, caption, language)

    def details(self, language: str) -> list[Sentence]:
        """Return what the coefficients are, and from which limits they speak."""
        if not self.own and not self.pairs:
            return []
        limits = {"strict": STRICT, "lenient": LENIENT, "half": HALF}
        return [Sentence(say(language, "measurement_items.convergent_method", **limits))]


def _cell(c: Coefficient, language: str) -> Cell:
    digits = decimals([(c.low, c.high)], 2)
    return Cell(number(c.estimate, language, digits), interval(c.low, c.high, language, digits))


def _short(known: dict, names: list[str], column: int, row: int, language: str) -> str:
    if column >= row:
        return ""
    pair = known.get((names[column], names[row]))
    if pair is None:
        return "–"
    return number(pair.htmt.estimate, language, 2) + ("" if pair.state == "apart" else "*")
