"""Do culture and recognition go with performance by way of motivation and commitment?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from scipy import stats

from walesi_research.exhibits import Cell, Column, Figure, Heading, Sentence, Table
from walesi_research.exhibits.verdict import judge
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, interval_words, number, say
from walesi_research.questions.claims import claim_of
from walesi_research.questions.pathways.chain import (
    EXOGENOUS,
    MEDIATORS,
    NOTEBOOK,
    chain_of,
    questions_reversed,
)
from walesi_research.questions.pathways.diagram import chain_diagram
from walesi_research.questions.pathways.model import Estimate, Kind, PathModel, path_model
from walesi_research.questions.result import estimated, in_both, not_estimable, people

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Pathways", "pathways"]

DIGITS = 2
State = Literal["up", "some", "open", "small"]
STATES: tuple[State, ...] = ("up", "some", "open", "small")
"""The whole interval of an indirect effect above the claim's limit; above zero; across; below the limit."""
UNIT = "standard deviations of performance per standard deviation"
METHOD = (
    "one latent-variable model by full-information maximum likelihood (missing at random): culture and "
    "recognition, correlated, on motivation, on commitment, on performance, with all direct paths and unit "
    "dummies on every latent variable and on performance; standardised by total standard deviations over "
    "employees; one answer throughout a questionnaire with reversed items counts as none; percentile "
    "bootstrap of employees within units, standard error by their interquartile range; performance {source}"
)
SOURCES = {"achievement": "by recorded achievement of the survey's year", "scale": "as a latent variable"}


def pathways(study: Study, level: float = 0.95, draws: int = 999) -> Pathways:
    """Ask whether culture and recognition go with performance through motivation and commitment.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap samples of employees within units.

    Returns
    -------
    Pathways
        Findings ``pathway.culture_indirect``, ``pathway.recognition_indirect``, ``pathway.culture_total``
        and ``pathway.recognition_total``.
    """
    chain = chain_of(study)
    if isinstance(chain, Message):
        return Pathways(study, level, chain)
    model = path_model(study, chain, level=level, draws=draws)
    if isinstance(model, Message):
        return Pathways(study, level, model, missing=chain.missing)
    return Pathways(study, level, None, model, chain.missing)


@dataclass(frozen=True, eq=False)
class Pathways:
    """Answer: what goes with performance through motivation and commitment, and what besides.

    Parameters
    ----------
    study : Study
    level : float
    reason : Message or None
        Why there is no model.
    model : PathModel or None
    missing : mapping of str to Message
        Roles that the study does not measure, and why.
    """

    study: Study
    level: float
    reason: Message | None = None
    model: PathModel | None = None
    missing: Mapping[str, Message] = field(default_factory=dict)

    # ── findings ─────────────────────────────────────────────────────────────────────────────────

    @property
    def findings(self) -> list[Finding]:
        """Indirect and total effects of culture and of recognition."""
        return [self._finding(role, kind) for kind in ("indirect", "total") for role in EXOGENOUS]

    def _finding(self, role: str, kind: Kind) -> Finding:
        parts = {
            "id": f"pathway.{role}_{kind}",
            "unit": UNIT,
            "claim": "association",
            "method": METHOD.format(source=SOURCES[self._source]),
            "question": in_both(f"pathways.{kind}_question", role=Message.of(f"pathways.role_{role}")),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if why := self.why_not(role, kind):
            return not_estimable(why, **parts)
        e = self.model.effect(role, kind)
        n, groups = people(self.study, self.model.n), self.model.units
        return estimated(e, n=n, groups=groups, **parts)

    @property
    def _source(self) -> str:
        return "scale" if self.model and not self.model.chain.measured else "achievement"

    def why_not(self, role: str, kind: Kind) -> Message | None:
        """Return why a finding has no estimate, None where it has one.

        It is of the whole chain: without recognition the effect of culture would be another, and without one
        of the mediators so would the indirect effect. What a shorter chain gives is in the table.
        """
        needed = (role, *EXOGENOUS, *(MEDIATORS if kind == "indirect" else ()))
        lacking = next((self.missing[r] for r in needed if r in self.missing), None)
        return lacking or (self.reason if self.model is None else None)

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    @property
    def whole(self) -> bool:
        """Whether the study measures the whole chain."""
        return all(self.why_not(role, "indirect") is None for role in EXOGENOUS)

    def state(self, role: str) -> State:
        """Return what the interval of an indirect effect says."""
        return state(self.study, role, self.model)

    def _in(self, state: State) -> list[str]:
        return [role for role in EXOGENOUS if self.state(role) == state]

    @property
    def _answer(self) -> State:
        return next(state for state in STATES if self._in(state))

    def clear(self, role: str) -> bool:
        """Tell whether the interval of an indirect effect leaves out zero; without one it does not."""
        if self.why_not(role, "indirect") is not None:
            return False
        e = self.model.effect(role, "indirect")
        return e.low > 0 or e.high < 0

    def heading(self, language: str) -> list[Heading]:
        """Return what the table shows."""
        if self.model is None:
            return []
        names = self._in(self._answer) if self.whole else self.model.chain.exogenous
        key = self._answer if self.whole else "shorter"
        text = say(language, f"pathways.heading_{key}", names=listed(names, language))
        return [Heading(text)]

    def sentence(self, language: str) -> list[Sentence]:
        """Return the answer for culture and for recognition, and how sure it is."""
        if self.model is None:
            why = [self._lacking(language), self.reason.in_(language)]
            return [Sentence(say(language, "pathways.lead_silent", why=" ".join(filter(None, why))), "lead")]
        if not self.whole:
            why = self._lacking(language)
            lead = Sentence(say(language, "pathways.lead_shorter", why=why), "lead")
            return [lead, self._range("total", self.model.chain.exogenous, language)]
        texts = [say(language, f"pathways.answer_{self._answer}")]
        for state in STATES:
            if roles := self._in(state):
                limit = claim_of(self.study, f"pathway.{roles[0]}_indirect").limit
                names = listed(roles, language)
                texts.append(say(language, f"pathways.lead_{state}", names=names, limit=limit))
        return [Sentence(" ".join(texts), "lead"), self._range("indirect", EXOGENOUS, language)]

    def _lacking(self, language: str) -> str:
        """Return which links are missing, and why."""
        texts = []
        for kind in ("not_measured", "few_questions"):
            if roles := [r for r, why in self.missing.items() if why.key == f"pathways.{kind}"]:
                texts.append(say(language, f"pathways.{kind}", role=listed(roles, language)))
        return " ".join(texts)

    def _range(self, kind: Kind, roles: tuple[str, ...], language: str) -> Sentence:
        parts = told(self.model, kind, roles, language)
        return Sentence(say(language, f"pathways.range_{kind}", parts=parts), "range")

    def doubt(self, language: str) -> list[Sentence]:
        """Return where performance comes from, and what one questionnaire at one time cannot show."""
        if self.model is None:
            return []
        source = say(language, f"pathways.source_{self._source}")
        return [Sentence(source), Sentence(say(language, "pathways.cannot"), "note")]

    # ── tables ───────────────────────────────────────────────────────────────────────────────────

    def diagram(self, language: str) -> Figure | list[Figure]:
        """Return the chain as a drawing, every step with its coefficient."""
        return [] if self.model is None else chain_diagram(self.study, self.model, language)

    def table(self, language: str) -> Table | list[Table]:
        """Return what goes through the mediators, directly, and in all."""
        if self.model is None:
            return []
        kinds = ("indirect", "direct", "total") if self.model.chain.mediators else ("total",)
        columns = [say(language, "pathways.what"), *(self._column(kind, language) for kind in kinds)]
        rows = [
            [label(role, language), *(written(self.model.effect(role, k), language) for k in kinds)]
            for role in self.model.chain.exogenous
        ]
        return Table(columns, rows, say(language, "pathways.table", level=self.level), language)

    def _column(self, kind: Kind, language: str) -> Column:
        between = self.model.chain.mediators
        if kind == "indirect" and len(between) == 1:
            name = say(language, f"pathways.role_{between[0]}")
            return Column(say(language, "pathways.column_indirect_one", name=name), numeric=True)
        return Column(say(language, f"pathways.column_{kind}"), numeric=True)

    def paths(self, language: str) -> Table | list[Table]:
        """Return the coefficient of each step: a row for where it begins, a column for where it ends."""
        if self.model is None or not self.model.chain.mediators:
            return []
        chain = self.model.chain
        ends = [*chain.mediators, "performance"]
        begins = [*chain.exogenous, *chain.mediators]
        columns = [say(language, "pathways.paths_from")]
        columns += [Column(self._to(end, language), numeric=True) for end in ends]
        rows = [[label(b, language), *(self._step(end, b, language) for end in ends)] for b in begins]
        return Table(columns, rows, say(language, "pathways.paths_table", level=self.level), language)

    def _to(self, role: str, language: str) -> str:
        return say(language, "pathways.paths_to", name=say(language, f"pathways.role_{role}"))

    def _step(self, end: str, begin: str, language: str) -> str | Cell:
        order = [*self.model.chain.exogenous, *self.model.chain.mediators, "performance"]
        if order.index(end) <= order.index(begin):
            return "–"
        return written(self.model.path(end, begin), language)

    def ways(self, language: str) -> Table | list[Table]:
        """Return the indirect effects' intervals by percentiles, by BCa, and by Sobel's test."""
        if self.model is None or not self.whole:
            return []
        found = {role: self.model.effect(role, "indirect") for role in EXOGENOUS}
        columns = [say(language, "pathways.what")]
        columns += [Column(label(role, language), numeric=True) for role in EXOGENOUS]
        rows = [
            [say(language, f"pathways.way_{way}"), *(self._way(way, e, language) for e in found.values())]
            for way in ("percentile", "bca", "sobel")
        ]
        return Table(columns, rows, say(language, "pathways.ways_table", level=self.level), language)

    def _way(self, way: str, e: Estimate, language: str) -> Cell:
        half = stats.norm.ppf((1 + self.level) / 2) * e.sobel
        ends = {"percentile": (e.low, e.high), "bca": e.bca, "sobel": (e.estimate - half, e.estimate + half)}
        z = number(e.estimate / e.sobel, language, DIGITS)
        small = say(language, "pathways.sobel_z", z=z) if way == "sobel" else ""
        return Cell(interval(*ends[way], language, DIGITS), small)

    def details(self, language: str) -> list[Sentence]:
        """Return how it was computed."""
        if self.model is None:
            return []
        units = "one_unit" if self.model.units == 1 else "units"
        first = "model" if self.whole else "model_shorter"
        straight = ["straight"] if questions_reversed(self.study) else []
        keys = [first, "missing", *straight, units, *(["pooled"] if self.model.pooled else []), "interval"]
        n, units = people(self.study, self.model.n), self.model.units
        texts = [say(language, "pathways.basis", n=n, units=units)]
        texts += [say(language, f"pathways.details_{key}", k=self.model.pooled) for key in keys]
        return [Sentence(text) for text in texts]


def state(study: Study, role: str, model: PathModel) -> State:
    """Return what the interval of an indirect effect says against the claim's limit, and zero."""
    claim, e = claim_of(study, f"pathway.{role}_indirect"), model.effect(role, "indirect")
    found = judge(e.low, e.high, claim.limit, claim.supports)
    if found == "cannot_tell":
        return "some" if e.low > 0 else "open"
    return "up" if found == "supported" else "small"


def told(model: PathModel, kind: Kind, roles: tuple[str, ...], language: str) -> str:
    """Return effects with their intervals as a list in a sentence."""
    parts = []
    for role in roles:
        e = model.effect(role, kind)
        parts.append(
            say(
                language,
                "pathways.range_one",
                name=say(language, f"pathways.role_{role}"),
                estimate=number(e.estimate, language, _digits(e)),
                between=interval_words(e.low, e.high, language, _digits(e)),
            )
        )
    return "; ".join(parts)


def written(e: Estimate, language: str) -> Cell:
    """Return an estimate with its interval below."""
    return Cell(number(e.estimate, language, _digits(e)), interval(e.low, e.high, language, _digits(e)))


def _digits(e: Estimate) -> int:
    """Return two decimals, more where an interval without zero would look as if it held it."""
    return DIGITS if e.low <= 0 <= e.high else decimals([(e.low, e.high)], DIGITS)


def label(role: str, language: str) -> str:
    """Return a role's name as a row of a table shows it."""
    return say(language, f"pathways.label_{role}")


def listed(roles: list[str] | tuple[str, ...], language: str) -> str:
    """Return roles as a list in a sentence: 'a, b and c'."""
    names = [say(language, f"pathways.role_{role}") for role in roles]
    if len(names) < 2:
        return "".join(names)
    return say(language, "pathways.and", first=", ".join(names[:-1]), last=names[-1])
