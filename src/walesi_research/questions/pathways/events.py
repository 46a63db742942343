"""Does achievement rise after an award, and after team building? The chain's first steps, as dated events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from walesi_research.exhibits import Cell, Gap, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, interval_words, number, say
from walesi_research.questions.pathways.awards import award
from walesi_research.questions.pathways.chain import NOTEBOOK
from walesi_research.questions.pathways.change import Change
from walesi_research.questions.pathways.colleagues import colleagues
from walesi_research.questions.pathways.team_building import team_building
from walesi_research.questions.result import in_both, not_estimable, people

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Events", "events"]

UNIT = "points of achievement"
IDS = {
    "award": "culture.award_att",
    "team": "culture.team_building_att",
    "colleagues": "culture.award_colleagues",
}
METHODS = {
    "award": "first award of an employee, counted from the first period that starts after it; imputation "
    "estimator (Borusyak, Jaravel and Spiess 2024) with the award's period and the one before left out and "
    "the level of those still waiting for one corrected for their not having been chosen; bootstrap of "
    "employees within units, Student's t with effective degrees of freedom; effect if nothing but "
    "achievement of the periods left out foretells the award, achievement above or below an employee's own "
    "level lasts no longer than a period, and without the award it would have moved as that of employees "
    "still without one",
    "team": "first team building of a unit, counted from the first period that starts after it; imputation "
    "estimator (Borusyak, Jaravel and Spiess 2024); p-value and interval by exchanging the dates among the "
    "units (randomisation inference, constant effect); units of fewer than {least} people left out; effect "
    "if the dates could as well have been exchanged among the units, and nobody's achievement changed before",
    "colleagues": "colleagues of the first employee awarded in a unit, from the next period on, on records "
    "before an award of their own draws near; employee and period effects, CR2 errors by unit, Satterthwaite "
    "degrees of freedom",
}
CLAIMS = {"award": "effect_if", "team": "effect_if", "colleagues": "association"}


def events(study: Study, level: float = 0.95, draws: int = 999) -> Events:
    """Ask whether achievement rises after a first award, and after a unit's first team building.

    Awards follow good periods, which bad ones follow by chance: see `awards.award`. Team building is of whole
    units, which are few: see `team_building.team_building`. Colleagues of those recognised stand beside them.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.
    draws : int
        Bootstrap draws of employees within units.

    Returns
    -------
    Events
        Findings ``culture.award_att``, ``culture.team_building_att`` and ``culture.award_colleagues``.
    """
    found = {
        "award": award(study, level, draws),
        "team": team_building(study, level),
        "colleagues": colleagues(study, level),
    }
    return Events(study, level, found)


@dataclass(frozen=True, eq=False)
class Events:
    """Answer: how achievement changes after events, or why that cannot be said.

    Parameters
    ----------
    study : Study
    level : float
    found : dict of str to Change or Message
        By ``award``, ``team`` and ``colleagues``.
    """

    study: Study
    level: float
    found: dict[str, Change | Message]

    # ── findings ─────────────────────────────────────────────────────────────────────────────────

    @property
    def findings(self) -> list[Finding]:
        """Changes after the first award, after team building, and among colleagues."""
        return [self._finding(name) for name in IDS]

    def _finding(self, name: str) -> Finding:
        least = self.study.settings.privacy.minimum_cell
        parts = {
            "id": IDS[name],
            "unit": UNIT,
            "claim": CLAIMS[name],
            "method": METHODS[name].format(least=least),
            "question": in_both(f"pathways_events.{name}_question"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        change = self.found[name]
        if isinstance(change, Message):
            return not_estimable(change, **parts)
        reason = Message.of("pathways_events.flag_short").in_("en") if change.doubtful else None
        groups = people(self.study, change.groups) if name == "award" else change.groups
        return Finding(
            estimate=change.estimate, se=change.se, low=change.low, high=change.high, p=change.pvalue,
            n=people(self.study, change.people), groups=groups, reason=reason, **parts,
        )  # fmt: skip

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    @property
    def known(self) -> dict[str, Change]:
        """What can be estimated, by name."""
        return {name: c for name, c in self.found.items() if isinstance(c, Change)}

    @property
    def answer(self) -> str:
        """What the two effects say together: silent, up, one, mixed, down or open."""
        states = {c.state for name, c in self.known.items() if name != "colleagues"}
        if not states:
            return "silent"
        if {"up", "down"} <= states:
            return "mixed"
        if "up" in states:
            both = states == {"up"} and {"award", "team"} <= set(self.known)
            return "up" if both else "one"
        return "down" if "down" in states else "open"

    def heading(self, language: str) -> list[Heading]:
        """Return what the table shows."""
        return [Heading(self._say(language, f"heading_{self.answer if self.known else 'none'}"))]

    def sentence(self, language: str) -> list[Sentence]:
        """Return the answer on awards and on team building."""
        told = [self._told(name, language) for name in ("award", "team")]
        if self.answer == "silent":
            told = list(dict.fromkeys(c.in_(language) for c in self._silent.values()))
        if not self.known:
            return [Sentence(" ".join(told), "note")]
        return [Sentence(" ".join([self._say(language, f"answer_{self.answer}"), *told]), "lead")]

    @property
    def _silent(self) -> dict[str, Message]:
        return {n: self.found[n] for n in ("award", "team") if isinstance(self.found[n], Message)}

    def _told(self, name: str, language: str) -> str:
        change = self.found[name]
        if isinstance(change, Message):
            return self._say(language, f"{name}_silent", why=change.in_(language))
        digits = _digits(change)
        return self._say(
            language,
            f"{name}_{change.state}",
            size=number(abs(change.estimate), language, digits),
            between=interval_words(change.low, change.high, language, digits),
        )

    def table(self, language: str) -> Table | list[Table]:
        """Return the change after each event with its interval, and what that says."""
        if not self.known:
            return []
        columns = [self._say(language, key, level=self.level) for key in ("what", "change", "verdict")]
        rows = [self._row(name, language) for name in IDS]
        return Table(columns, rows, self._say(language, "table"), language)

    def _row(self, name: str, language: str) -> list[str | Cell] | Gap:
        label, change = self._say(language, f"row_{name}"), self.found[name]
        if isinstance(change, Message):
            return Gap(label, say(language, "common.not_computed"), change.in_(language))
        digits = _digits(change)
        points = self._say(language, "points", x=number(change.estimate, language, digits))
        ends = interval(change.low, change.high, language, digits)
        return [label, Cell(points, ends), self._say(language, f"verdict_{change.state}")]

    def details(self, language: str) -> list[Sentence]:
        """Return how each was computed, and on what condition it is an effect."""
        least = self.study.settings.privacy.minimum_cell
        texts = [
            self._say(
                language,
                f"details_{name}",
                n=people(self.study, change.people),
                touched=people(self.study, change.touched),
                units=change.groups,
                least=least,
            )
            for name, change in self.known.items()
        ]
        return [Sentence(text) for text in texts]

    def _say(self, language: str, key: str, **values: Any) -> str:
        rhythm = say(language, f"pathways_events.rhythm_{self.study.settings.study.period}")
        return say(language, f"pathways_events.{key}", rhythm=rhythm, **values)


def _digits(change: Change) -> int:
    return decimals([(change.low, change.high)])
