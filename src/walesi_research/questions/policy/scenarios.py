"""What would change? The gain in mean achievement of every scenario that the study declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, interval_words, number, say, share
from walesi_research.questions.claims import Claim, claim_of
from walesi_research.questions.policy.gain import Gain, gain_of
from walesi_research.questions.policy.names import NOTEBOOK, label, steps
from walesi_research.questions.policy.parts import Part, parts_of, serving_people
from walesi_research.questions.result import estimated, few, in_both, not_estimable, people
from walesi_research.study.privacy import round_share

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["COMBINED", "STANDARD", "Scenarios", "scenarios"]

COMBINED = "combined"
STANDARD = ("training.hours_slope", "training.leadership_att", "pathway.culture_total")
"""The contract's exposures: looked at also where no scenario moves them."""
UNIT = "points of mean achievement"
METHOD = (
    "simulation, not observed: mean change of each exposure over employees (nobody beyond the observed 95th "
    "percentile) times the effect found for it, summed over {parts}; effects that the data do not support "
    "are kept; percentile interval of joint bootstrap replicates of employees within units, in which "
    "everything is computed anew (but the share of variance between units in the joint model), drawn apart "
    "where they lie closer together than the finding's own interval; if what each part's estimate rests on "
    "would hold were its exposure changed"
)


def scenarios(study: Study, level: float = 0.95, draws: int = 999) -> Scenarios:
    """Ask what each declared scenario would add to mean achievement.

    The gain is the sum over exposures of the mean change that the scenario brings, times what a unit of the
    exposure goes with: ``training.hours_slope``, ``training.leadership_att`` and so on. Effects, exposures,
    caps and standard deviations are all computed anew in each bootstrap replicate of one plan, and the gain
    with them: never point times point.

    Parameters
    ----------
    study : Study
    level : float
        Level of the intervals.
    draws : int
        Bootstrap replicates of employees within units.

    Returns
    -------
    Scenarios
        Finding ``policy.<scenario>_gain`` for each scenario, ``policy.combined_gain`` always.
    """
    declared = study.settings.policy.scenarios
    names = [*STANDARD, *(name for s in declared.values() for name in s.exposures)]
    parts = parts_of(study, names, level, draws)
    serving = people(study, serving_people(study))
    gains = {name: gain_of(name, s, parts, level, serving) for name, s in declared.items()}
    return Scenarios(study, level, gains, parts, serving)


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Answer: what scenarios would add.

    Parameters
    ----------
    study : Study
    level : float
    gains : dict of str to Gain
        By scenario, as declared.
    parts : dict of str to (Part or Message)
        By exposure.
    employees : int
        People in service, rounded.
    """

    study: Study
    level: float
    gains: Mapping[str, Gain]
    parts: Mapping[str, Part | Message] = field(repr=False)
    employees: int = 0

    @property
    def known(self) -> dict[str, Gain]:
        """The scenarios whose gain can be estimated."""
        return {name: gain for name, gain in self.gains.items() if gain.spread is not None}

    @property
    def combined(self) -> Gain | None:
        """The combined programme, where its gain can be estimated."""
        return self.known.get(COMBINED)

    def why_not(self, name: str) -> Message | None:
        """Return why a scenario has no gain, None where it has one."""
        if name not in self.gains:
            return Message.of("policy.undeclared")
        return next(iter(self.gains[name].missing.values()), None)

    def label(self, name: str, language: str) -> str:
        """Return a scenario's name."""
        return self.gains[name].scenario.label[language]

    # ── findings ─────────────────────────────────────────────────────────────────────────────────

    @property
    def findings(self) -> list[Finding]:
        """One gain a scenario; the combined programme's always."""
        return [self._finding(name) for name in dict.fromkeys([COMBINED, *self.gains])]

    def _finding(self, name: str) -> Finding:
        gain = self.gains.get(name)
        exposures = gain.scenario.exposures if gain else STANDARD
        parts = {
            "id": f"policy.{name}_gain",
            "unit": UNIT,
            "claim": gain.claim if gain else "association",
            "method": METHOD.format(parts=", ".join(exposures)),
            "question": self._question(name),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        if why := self.why_not(name):
            return not_estimable(why, **parts)
        s, n = gain.spread, people(self.study, gain.people)
        return estimated(s, n=n, groups=n, **parts)

    def _question(self, name: str) -> dict[str, str]:
        if name not in self.gains:
            return in_both("policy.question_combined")
        label = self.gains[name].scenario.label
        return {code: say(code, "policy.question", label=label[code]) for code in ("id", "en")}

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    def sentence(self, language: str) -> list[Sentence]:
        """Return what the combined programme would add, how sure that is, and that it is no promise."""
        if self.combined is None:
            return self._silent(language)
        s, label = self.combined.spread, self.label(COMBINED, language)
        digits = decimals([(s.low, s.high)])
        points = number(abs(s.estimate), language, digits)
        between = interval_words(s.low, s.high, language, digits)
        return [
            Sentence(say(language, f"policy.lead_{s.state}", label=label, points=points), "lead"),
            Sentence(say(language, f"policy.range_{s.state}", between=between), "range"),
            Sentence(say(language, f"policy.promise_{self.combined.claim}")),
            *self._doubts(language),
        ]

    def _doubts(self, language: str) -> list[Sentence]:
        """Return which parts' assumption the data themselves speak against."""
        parts = {name: part for gain in self.known.values() for name, part in gain.parts.items()}
        names = tuple(label(name, language).lower() for name, part in parts.items() if part.doubtful)
        return [Sentence(say(language, "policy.doubtful", names=names), "note")] if names else []

    def _silent(self, language: str) -> list[Sentence]:
        why = self.why_not(COMBINED)
        if COMBINED not in self.gains and not self.gains:
            return [Sentence(why.in_(language), "note")]
        label = self.gains[COMBINED].scenario.label if COMBINED in self.gains else None
        key = "policy.lead_silent" if label else "policy.lead_undeclared"
        told = say(language, key, why=why, label=label and label[language])
        if not self.known:
            return [Sentence(told, "note")]
        claims = {gain.claim for gain in self.known.values()}
        weakest = "association" if "association" in claims else "effect_if"
        promise = Sentence(say(language, f"policy.promise_{weakest}"))
        return [Sentence(told, "lead"), promise, *self._doubts(language)]

    def heading(self, language: str) -> list[Heading]:
        """Return for how many scenarios the gain is clear."""
        if not self.known:
            return []
        up = sum(gain.spread.state == "up" for gain in self.known.values())
        many = {0: "none", len(self.gains): "all"}.get(up, "some")
        return [Heading(say(language, f"policy.heading_{many}", up=up, of=len(self.gains)))]

    def plot(self, language: str) -> Figure | list[Figure]:
        """Return the gain of every scenario with its interval."""
        if not self.known:
            return []
        claim = claim_of(self.study, f"policy.{COMBINED}_gain")
        return interval_plot(
            [self._row(name, language) for name in self.gains],
            language=language,
            alt=say(language, "policy.alt"),
            caption=say(language, "policy.caption", level=self.level, people=self.employees),
            axis_label=say(language, "policy.axis"),
            digits=self._digits,
            limit=claim.limit,
            supports=claim.supports,
            zone_label=_zone(claim, language),
            synthetic=self.study.synthetic,
        )

    @property
    def _digits(self) -> int:
        return decimals((gain.spread.low, gain.spread.high) for gain in self.known.values())

    def _row(self, name: str, language: str) -> Interval:
        label, spread = self.label(name, language), self.gains[name].spread
        if spread is None:
            return Interval(label, note=self.why_not(name).in_(language))
        return Interval(label, spread.estimate, spread.low, spread.high, bold=name == COMBINED)

    def table(self, language: str) -> Table | list[Table]:
        """Return what each scenario changes, its gain, and for how many that leaves the data."""
        if not self.gains:
            return []
        columns = [
            say(language, "policy.column_scenario"),
            say(language, "policy.column_gain", level=self.level),
            Column(say(language, "policy.column_beyond"), numeric=True),
        ]
        rows = [self._cells(name, language) for name in self.gains]
        return Table(columns, rows, say(language, "policy.table"), language, show_caption=False)

    def _cells(self, name: str, language: str) -> list[str | Cell] | Gap:
        label, gain = self.label(name, language), self.gains[name]
        if why := self.why_not(name):
            return Gap(label, say(language, "common.not_computed"), why.in_(language))
        s = gain.spread
        points = Cell(
            number(s.estimate, language, self._digits), interval(s.low, s.high, language, self._digits)
        )
        return [Cell(label, steps(gain.scenario, language)), points, self._beyond(gain, language)]

    def _beyond(self, gain: Gain, language: str) -> str:
        """Return the share of people whom the cap keeps from the whole change."""
        held, size = gain.held
        least = self.study.settings.privacy.minimum_cell
        if few(held, least) or few(size - held, least):
            return say(language, "policy.beyond_few")
        return share(round_share(held / size), language)

    def details(self, language: str) -> list[Sentence]:
        """Return how it is computed, and on what condition each part holds."""
        if not self.known:
            return []
        used = dict.fromkeys(name for gain in self.known.values() for name in gain.parts)
        keys = ["details_gain", "details_cap", *(f"assumes_{name.replace('.', '_')}" for name in used)]
        return [Sentence(say(language, f"policy.{key}")) for key in [*keys, "details_added"]]


def _zone(claim: Claim, language: str) -> str:
    """Return what the zone of the plot is called."""
    name = f"zone_{claim.supports}" if claim.limit else f"zone_{claim.supports}_zero"
    return say(language, f"policy.{name}", limit=number(claim.limit, language))
