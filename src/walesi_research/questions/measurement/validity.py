"""Do the questions of a scale belong together? The customary table, its verdicts computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from walesi_research.exhibits import Cell, Column, Gap, Group, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, number, probability, say
from walesi_research.questions.measurement.scales import Scale, scales_of, thin
from walesi_research.questions.result import people
from walesi_research.stats.adequacy import bartlett, kmo
from walesi_research.stats.critical_correlation import critical_correlation
from walesi_research.stats.parallel import parallel_analysis
from walesi_research.stats.reliability import ItemStatistics, alpha
from walesi_research.stats.successive_intervals import successive_intervals

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Belonging", "Structure", "Validity", "validity"]

WEAK = 0.30
"""Correlation with the rest of the scale below which an item says little of it (Nunnally and Bernstein 1994,
Psychometric Theory, p. 305)."""
MOST_NAMED = 5
"""Questions that a sentence names; the table has all of them."""
State = Literal["against", "fails", "weak", "passes"]


@dataclass(frozen=True)
class Structure:
    """Whether the correlations of three items or more are those of one factor.

    Parameters
    ----------
    kmo : float
    bartlett : float
        P-value.
    components : int
        Eigenvalues above those of unrelated items.
    """

    kmo: float
    bartlett: float
    components: int


@dataclass(frozen=True, eq=False)
class Belonging:
    """The customary figures of one scale, complete cases.

    Parameters
    ----------
    scale : Scale
    n : int
    critical : float
        The critical correlation at this n.
    alpha : float
    items : ItemStatistics
    structure : Structure or None
        None for fewer than three items, or where one is a sum of others.
    intervals : float
        Correlation of scale means with those of answers transformed by successive intervals.
    """

    scale: Scale
    n: int
    critical: float
    alpha: float
    items: ItemStatistics
    structure: Structure | None
    intervals: float

    @property
    def states(self) -> tuple[State, ...]:
        """The verdict on each item."""
        return tuple(_state(r, self.critical) for r in self.items.rest_correlation)


def _state(r: float, critical: float) -> State:
    if r < critical:
        return "against" if r <= -critical else "fails"
    return "weak" if r < WEAK else "passes"


def validity(study: Study, level: float = 0.95) -> Validity:
    """Ask which questions go with the others of their scale, and whether a scale has one factor.

    Each item is correlated with the sum of the *other* items of its scale and compared with the critical
    correlation (two-sided, ``1 - level``) at the number of complete cases.

    Parameters
    ----------
    study : Study
    level : float
        One less the level of significance of the critical correlation.

    Returns
    -------
    Validity
        Without findings.
    """
    scales = scales_of(study)
    if isinstance(scales, Message):
        return Validity(study, level, reason=scales)
    reasons = {s.name: why for s in scales if (why := thin(study, s, 2)) is not None}
    known = {s.name: _belonging(study, s, level) for s in scales if s.name not in reasons}
    return Validity(study, level, {s.name: s for s in scales}, known, reasons)


def _belonging(study: Study, scale: Scale, level: float) -> Belonging:
    x = scale.complete.to_numpy()
    fit = alpha(x, level=level)
    means = successive_intervals(x).scores.mean(axis=1), x.mean(axis=1)
    intervals = float(np.corrcoef(*means)[0, 1])
    critical = critical_correlation(fit.n, alpha=1 - level)
    return Belonging(scale, fit.n, critical, fit.estimate, fit.items, _structure(study, scale, x), intervals)


def _structure(study: Study, scale: Scale, x: np.ndarray) -> Structure | None:
    if x.shape[1] < 3:
        return None
    r = np.corrcoef(x, rowvar=False)
    try:
        adequacy, sphericity = kmo(r), bartlett(r, len(x))
    except ValueError:  # an item is a sum of others
        return None
    parallel = parallel_analysis(r, len(x), study.rng("measurement", "parallel", scale.name))
    return Structure(adequacy.overall, sphericity.pvalue, parallel.components)


@dataclass(frozen=True, eq=False)
class Validity:
    """Answer: which questions belong to their scale.

    Parameters
    ----------
    study : Study
    level : float
    scales : dict of str to Scale
    known : dict of str to Belonging
    reasons : dict of str to Message
        Scales without figures, and why.
    reason : Message or None
        Why there are no scales.
    """

    study: Study
    level: float
    scales: dict[str, Scale] = field(default_factory=dict)
    known: dict[str, Belonging] = field(default_factory=dict)
    reasons: dict[str, Message] = field(default_factory=dict)
    reason: Message | None = None

    @property
    def findings(self) -> list[Finding]:
        """None: verdicts are of the table."""
        return []

    def sentence(self, language: str) -> list[Sentence]:
        """Return how many questions fall below the critical value, and which."""
        if self.reason is not None:
            return [Sentence(self.reason.in_(language), "note")]
        if not self.known:
            return [Sentence(say(language, "measurement_items.validity_none"), "note")]
        total = sum(len(b.states) for b in self.known.values())
        fails = self._in_state("fails", "against")
        lead, names = "some" if fails else "all", self._named(fails, language)
        texts = [
            say(language, f"measurement_items.validity_{lead}", total=total, count=len(fails), names=names)
        ]
        for state in ("against", "weak"):
            if found := self._in_state(state):
                names = self._named(found, language)
                texts.append(say(language, f"measurement_items.validity_{state}", names=names, weak=WEAK))
        return [Sentence(" ".join(texts))]

    def _in_state(self, *states: State) -> list[tuple[Scale, str]]:
        return [
            (b.scale, item)
            for b in self.known.values()
            for item, state in zip(b.scale.items, b.states, strict=True)
            if state in states
        ]

    def _named(self, found: list[tuple[Scale, str]], language: str) -> str:
        quoted = [f"“{scale.text(item, language).rstrip('.')}”" for scale, item in found]
        named = "; ".join(quoted[:MOST_NAMED])
        more = len(quoted) - MOST_NAMED
        return named if more <= 0 else say(language, "measurement_items.and_more", names=named, more=more)

    def table(self, language: str) -> Table | list[Table]:
        """Return the customary table, by scale."""
        if not self.scales:
            return []
        first, *numeric, last = (
            say(language, f"measurement_items.{key}") for key in ("item", "rest", "dropped", "verdict")
        )
        columns = [first, *(Column(label, numeric=True) for label in numeric), last]
        rows: list[Any] = []
        for name in self.scales:
            rows += (
                self._rows(self.known[name], language) if name in self.known else self._gap(name, language)
            )
        return Table(columns, rows, say(language, "measurement_items.validity_caption"), language)

    def _rows(self, b: Belonging, language: str) -> list[Group | list[str]]:
        about = say(
            language,
            "measurement_items.validity_group",
            people=people(self.study, b.n),
            critical=b.critical,
            alpha=b.alpha,
        )
        figures = zip(
            b.scale.items, b.items.rest_correlation, b.items.alpha_if_dropped, b.states, strict=True
        )
        return [
            Group(b.scale.label[language], about),
            *(
                [
                    item + (" (R)" if item in b.scale.reverse else ""),
                    number(r, language, 2),
                    _or_dash(dropped, language),
                    say(language, f"measurement_items.state_{state}"),
                ]
                for item, r, dropped, state in figures
            ),
        ]

    def _gap(self, name: str, language: str) -> list[Gap]:
        label = self.scales[name].label[language]
        return [Gap(label, say(language, "common.not_computed"), self.reasons[name].in_(language))]

    def structure_sentence(self, language: str) -> list[Sentence]:
        """Return which scales have one dimension."""
        counted = {b.scale.label[language]: b.structure for b in self.known.values() if b.structure}
        if not counted:
            return []
        kinds = {
            "one": [name for name, s in counted.items() if s.components == 1],
            "more": [name for name, s in counted.items() if s.components > 1],
            "no": [name for name, s in counted.items() if s.components == 0],
        }
        if len(kinds["one"]) == len(counted):
            return [Sentence(say(language, "measurement_items.structure_all"))]
        texts = [
            say(language, f"measurement_items.structure_{kind}", names=", ".join(names))
            for kind, names in kinds.items()
            if names
        ]
        return [Sentence(" ".join(texts))]

    def structure_table(self, language: str) -> Table | list[Table]:
        """Return KMO, Bartlett's test and the number of dimensions by scale."""
        if not any(b.structure for b in self.known.values()):
            return []
        keys = ("kmo", "bartlett", "components")
        columns = [
            say(language, "measurement_items.scale"),
            *(Column(say(language, f"measurement_items.{key}"), numeric=True) for key in keys),
        ]
        rows = [self._structure_row(b, language) for b in self.known.values()]
        return Table(columns, rows, say(language, "measurement_items.structure_caption"), language)

    def _structure_row(self, b: Belonging, language: str) -> list[str | Cell] | Gap:
        label, s = b.scale.label[language], b.structure
        if s is None:
            why = say(language, "measurement_items.structure_unknown")
            return Gap(label, say(language, "common.not_computed"), why)
        p = probability(s.bartlett, language)
        return [label, number(s.kmo, language, 2), p, number(s.components, language, 0)]

    def details(self, language: str) -> list[Sentence]:
        """Return how verdicts are made, and what the method of successive intervals would add."""
        if not self.known:
            return []
        least = np.floor(100 * min(b.intervals for b in self.known.values())) / 100
        key = "intervals_little" if least >= 0.95 else "intervals_some"
        texts = [
            say(language, "measurement_items.validity_method", level=1 - self.level),
            say(language, f"measurement_items.{key}", least=least),
        ]
        return [Sentence(text) for text in texts]


def _or_dash(x: float, language: str) -> str:
    return number(x, language, 2) if np.isfinite(x) else "–"
