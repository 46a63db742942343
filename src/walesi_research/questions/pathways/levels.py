"""Are culture and recognition of the unit or of the person, and does the unit's mean go with performance?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats

from walesi_research.exhibits import Cell, Column, Heading, Sentence, Table
from walesi_research.findings import Finding
from walesi_research.language import Message, decimals, interval, interval_words, number, say
from walesi_research.questions import variables
from walesi_research.questions.effect import Effect, effects_of
from walesi_research.questions.pathways.chain import EXOGENOUS, NOTEBOOK, keyed
from walesi_research.questions.result import in_both, not_estimable, people
from walesi_research.stats.agreement import (
    SLIGHT_SKEW_OF_FIVE,
    GroupCorrelations,
    group_correlations,
    uniform_variance,
    within_agreements,
)
from walesi_research.stats.mixed import crossed
from walesi_research.stats.multiplicity import holm
from walesi_research.stats.regression import standardise
from walesi_research.stats.robust import cr2
from walesi_research.stats.whitening import whitened_by_group

if TYPE_CHECKING:
    from walesi_research.stats.intraclass import Intraclass
    from walesi_research.study import Study

__all__ = ["Context", "Effect", "Levels", "Shared", "levels"]

FEWEST_SHOWN = 3
"""Units that a median over units rests on: of fewer, each could work out the other's value."""
FEWEST_UNITS = 10
"""Units from whom on their means are set against performance; a rule of this project."""
FEWEST_DF = 2.0
"""Degrees of freedom below which Student's t has no variance, and the interval no bounds worth the name."""
LITTLE = 0.10
"""A share between units wholly below it is of the person: a medium one, LeBreton and Senter (2008)."""
POWER = 0.8
"""Chance of seeing a difference that a design is asked for."""
MOST_UNITS = 1000
"""A number of units beyond it is no advice."""
METHOD = (
    "one-way analysis of variance of scale means by unit (Bliese 2000), units with at least {n} respondents; "
    "exact interval for unequal units (Wald 1940)"
)
State = Literal["unit", "person", "open"]


@dataclass(frozen=True)
class Shared:
    """How far a scale is shared by the members of a unit.

    Parameters
    ----------
    agreement : float
        Median over units of r_wg(J), answers at random spread evenly.
    skewed : float or None
        The same where they lean a little to one side; of scales with five answers only.
    correlations : GroupCorrelations
        ICC(1) and ICC(2).
    """

    agreement: float
    skewed: float | None
    correlations: GroupCorrelations


@dataclass(frozen=True)
class Context:
    """Performance on the employee's own answer and the unit's mean.

    Parameters
    ----------
    within : Effect
        Among employees of the same unit.
    between : Effect
        Of units' means.
    difference : Effect
        The second less the first: what the unit's mean adds at the same answer of one's own.
    units : int
    """

    within: Effect
    between: Effect
    difference: Effect
    units: int

    def needed(self, level: float) -> int | None:
        """Return how many such units would mostly show a difference as large as `within`, in tens.

        The standard error falls with the root of their number; `POWER` is the chance of seeing it. None where
        `within` is not clear, there are so many, or nobody has.
        """
        if self.within.p >= 1 - level:
            return None
        visible = self.difference.se * stats.norm.ppf([(1 + level) / 2, POWER]).sum()
        tens = int(np.ceil(self.units * (visible / self.within.estimate) ** 2 / 10)) * 10
        return tens if self.units < tens <= MOST_UNITS else None


def levels(study: Study, level: float = 0.95) -> Levels:
    """Ask whether culture and recognition are shared by units, and whether the unit's mean adds to one's own.

    Latest wave, units with at least `minimum_cell` respondents.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Levels
        Findings ``culture.icc1`` and ``culture.icc2``.
    """
    if not study.has("survey"):
        return Levels(study, level, reason=Message.of("pathways.no_survey"))
    asked = [role for role in EXOGENOUS if variables.construct_of_role(study, role) is not None]
    if not asked:
        return Levels(study, level, reason=Message.of("pathways_levels.not_asked"))
    answered = {role: _answered(study, role) for role in asked}
    shared = {role: _shared(study, role, *both, level) for role, both in answered.items()}
    outcome = variables.performance(study)
    contexts = {role: _context(study, rows["score"], outcome, level) for role, (_, rows) in answered.items()}
    return Levels(study, level, shared, contexts, outcome=outcome)


# ── what is shared ───────────────────────────────────────────────────────────────────────────────────────


def _answered(study: Study, role: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return answers to a role's questions by employee of the units that may be shown, and score and unit."""
    items = keyed(study, role)
    score = items.mean(axis=1).where(2 * items.notna().sum(axis=1) >= items.shape[1])
    rows = _of_units(study, score.to_frame("score").dropna())
    return items.loc[rows.index], rows


def _of_units(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows by employee with their unit, those of units with few rows left out."""
    unit = study.employees.set_index("employee_id")["unit"].reindex(rows.index).astype(object)
    rows = rows.assign(unit=unit).dropna(subset=["unit"])
    size = rows.groupby("unit")["unit"].transform("size")
    return rows[size >= study.settings.privacy.minimum_cell]


def _shared(
    study: Study, role: str, items: pd.DataFrame, rows: pd.DataFrame, level: float
) -> Shared | Message:
    units = rows["unit"].nunique()
    if units < FEWEST_SHOWN:
        least = study.settings.privacy.minimum_cell
        return Message.of("pathways_levels.few_units", units=units, needed=FEWEST_SHOWN, least=least)
    try:
        correlations = group_correlations(rows["score"], rows["unit"], level=level)
    except ValueError:
        return Message.of("pathways_levels.no_variation")
    low, high = study.codebook.constructs[variables.construct_of_role(study, role)].scale
    categories = high - low + 1

    def agreement(error: float) -> float:
        return float(np.median(within_agreements(items, rows["unit"], error)))

    skewed = agreement(SLIGHT_SKEW_OF_FIVE) if categories == 5 else None
    return Shared(agreement(uniform_variance(categories)), skewed, correlations)


# ── what the unit's mean adds ────────────────────────────────────────────────────────────────────────────


def _context(
    study: Study, score: pd.Series, outcome: variables.Outcome | None, level: float
) -> Context | Message:
    if outcome is None:
        return Message.of("pathways_levels.no_performance")
    rows = _of_units(study, pd.DataFrame({"x": score, "y": outcome.values}, index=score.index).dropna())
    units = rows["unit"].nunique()
    if units < FEWEST_UNITS:
        return Message.of("pathways_levels.few_units_context", units=units, needed=FEWEST_UNITS)
    if rows["x"].nunique() < 2 or rows["y"].nunique() < 2:
        return Message.of("pathways_levels.no_variation_context")
    try:
        found = _fitted(rows, level)
    except ValueError:
        return Message.of("pathways_levels.no_variation_context")
    if not all(np.isfinite(c.se) and c.df > FEWEST_DF for c in (found.between, found.difference)):
        return Message.of("pathways_levels.uneven", units=units)
    return found


def _fitted(rows: pd.DataFrame, level: float) -> Context:
    """Fit units as random intercepts, errors CR2 by unit of the rows whitened by the fitted model.

    On the deviation from the unit's mean and that mean the coefficients are those within and between units;
    on the answer itself and the mean, the second is their difference.
    """
    y, x = standardise(rows["y"].to_numpy(float)), standardise(rows["x"].to_numpy(float))
    unit = np.unique(rows["unit"].astype(str), return_inverse=True)[1]
    mean = (np.bincount(unit, x) / np.bincount(unit))[unit]
    one = np.ones(len(y))
    apart, added = np.column_stack([one, x - mean, mean]), np.column_stack([one, x, mean])
    model = crossed(y, apart, {"unit": unit})
    variances = model.variances["unit"], model.residual
    within, between = _coefficients(*whitened_by_group(y, apart, unit, *variances), unit, level)
    difference = _coefficients(*whitened_by_group(y, added, unit, *variances), unit, level)[1]
    return Context(within, between, difference, int(unit.max()) + 1)


def _coefficients(y: np.ndarray, X: np.ndarray, unit: np.ndarray, level: float) -> list[Effect]:
    return effects_of(cr2(y, X, unit, level=level, columns=[1, 2]))


# ── the answer ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Levels:
    """Answer: what of culture and recognition is the unit's, and whether the unit's mean goes with more.

    Parameters
    ----------
    study : Study
    level : float
    shared : dict of role to Shared or Message
    contexts : dict of role to Context or Message
    outcome : Outcome or None
        Performance.
    reason : Message or None
        Why there is nothing at all.
    """

    study: Study
    level: float
    shared: dict[str, Shared | Message] = field(default_factory=dict)
    contexts: dict[str, Context | Message] = field(default_factory=dict)
    outcome: variables.Outcome | None = None
    reason: Message | None = None

    @property
    def _shown(self) -> dict[str, Shared]:
        return {role: found for role, found in self.shared.items() if isinstance(found, Shared)}

    @property
    def _fits(self) -> dict[str, Context]:
        return {
            role: c for role, c in self.contexts.items() if isinstance(c, Context) and role in self._shown
        }

    @property
    def findings(self) -> list[Finding]:
        """ICC(1) and ICC(2) of culture."""
        return [self._finding("icc1"), self._finding("icc2")]

    def _finding(self, name: str) -> Finding:
        parts = {
            "id": f"culture.{name}",
            "unit": "share of variance" if name == "icc1" else "reliability",
            "claim": "description",
            "method": METHOD.format(n=self.study.settings.privacy.minimum_cell),
            "question": in_both(f"pathways_levels.question_{name}"),
            "notebook": NOTEBOOK,
            "level": self.level,
        }
        found = self.shared.get("culture", Message.of("pathways_levels.not_asked"))
        if not isinstance(found, Shared):
            why = self.reason or _about(found, Message.of("pathways.role_culture"))
            return not_estimable(why, **parts)
        both = found.correlations
        icc = both.single if name == "icc1" else both.mean
        counts = {"n": people(self.study, both.n), "groups": both.groups}
        return Finding(estimate=icc.estimate, low=icc.low, high=icc.high, **counts, **parts)

    def states(self) -> dict[str, State]:
        """Return of whom each scale is: clearly of the unit only if its test stands among all (Holm)."""
        iccs = {role: found.correlations.single for role, found in self._shown.items()}
        adjusted = holm([icc.pvalue for icc in iccs.values()])
        return {role: self._state(icc, p) for (role, icc), p in zip(iccs.items(), adjusted, strict=True)}

    def _state(self, icc: Intraclass, p: float) -> State:
        if icc.high < LITTLE:
            return "person"
        return "unit" if p < 1 - self.level and icc.low > 0 else "open"

    # ── words ────────────────────────────────────────────────────────────────────────────────────────

    def heading(self, language: str) -> list[Heading]:
        """Return of whom the first of the scales is."""
        for role, state in self.states().items():
            return [Heading(say(language, f"pathways_levels.heading_{state}", **_named(role, language)))]
        return []

    def sentence(self, language: str) -> list[Sentence]:
        """Return of whom each scale is, and whether the unit's mean adds to one's own answer."""
        if self.reason:
            return [Sentence(self.reason.in_(language), "note")]
        states = self.states()
        told = [self._of_whom(role, state, language) for role, state in states.items() if state != "person"]
        told += self._of_persons([role for role, state in states.items() if state == "person"], language)
        told += _silences({r: why for r, why in self.shared.items() if r not in self._shown}, language)
        sentences = [Sentence(" ".join(told), "plain" if self._shown else "note")]
        return [*sentences, Sentence(self._added(language))] if self._shown else sentences

    def _of_whom(self, role: str, state: State, language: str) -> str:
        icc = self._shown[role].correlations.single
        digits = decimals([(100 * icc.low, 100 * icc.high)], 0)
        between = interval_words(icc.low, icc.high, language, digits, percent=True)
        told = {"share": icc.estimate, "between": between, **_named(role, language)}
        return say(language, f"pathways_levels.{state}", **told)

    def _of_persons(self, roles: list[str], language: str) -> list[str]:
        if not roles:
            return []
        names = _names(roles, language, "and")
        most = max(0.01, *(self._shown[role].correlations.single.high for role in roles))
        return [say(language, "pathways_levels.person", Names=names[:1].upper() + names[1:], most=most)]

    def _added(self, language: str) -> str:
        """Return what the unit's mean adds, by role; what cannot be told of several, once."""
        fits = self._fits
        adjusted = holm([c.difference.p for c in fits.values()])
        clear = {role: p < 1 - self.level for role, p in zip(fits, adjusted, strict=True)}
        told = [self._clear([role for role in fits if clear[role]], sign, language) for sign in (1, -1)]
        told += [self._unclear([role for role in fits if not clear[role]], language)]
        told += _silences({role: self.contexts[role] for role in self._shown if role not in fits}, language)
        return " ".join(filter(None, told))

    def _clear(self, roles: list[str], sign: int, language: str) -> str:
        named = [role for role in roles if sign * self._fits[role].difference.estimate > 0]
        key = "more" if sign > 0 else "less"
        return say(language, f"pathways_levels.{key}", names=_names(named, language)) if named else ""

    def _unclear(self, roles: list[str], language: str) -> str:
        if not roles:
            return ""
        told = say(language, "pathways_levels.unclear", names=_names(roles, language))
        needed = [n for r in roles if (n := self._fits[r].needed(self.level)) is not None]
        if not needed:
            return told
        units = self._fits[roles[0]].units
        return f"{told} {say(language, 'pathways_levels.needed', units=units, needed=max(needed))}"

    # ── table ────────────────────────────────────────────────────────────────────────────────────────

    def table(self, language: str) -> Table | list[Table]:
        """Return agreement, both correlations, and links within and between units, a scale a column."""
        if not self._shown:
            return []
        roles = list(self._shown)
        columns = [say(language, "pathways_levels.what")]
        columns += [Column(say(language, f"pathways.label_{role}"), numeric=True) for role in roles]
        rows = [[say(language, "pathways_levels.row_agreement"), *(self._agreed(r, language) for r in roles)]]
        for name in ("single", "mean"):
            icc = [_cell(getattr(self._shown[r].correlations, name), language) for r in roles]
            rows.append([say(language, f"pathways_levels.row_{name}"), *icc])
        for name in ("within", "between", "difference") if self._fits else ():
            cells = [self._coefficient(r, name, language) for r in roles]
            rows.append([say(language, f"pathways_levels.row_{name}"), *cells])
        rows.append([say(language, "pathways_levels.row_basis"), *(self._basis(r, language) for r in roles)])
        caption = say(
            language, "pathways_levels.caption", level=self.level,
            least=self.study.settings.privacy.minimum_cell,
        )  # fmt: skip
        return Table(columns, rows, caption, language)

    def _agreed(self, role: str, language: str) -> Cell:
        found = self._shown[role]
        skewed = "" if found.skewed is None else say(language, "pathways_levels.skewed", x=found.skewed)
        return Cell(number(found.agreement, language, 2), skewed)

    def _coefficient(self, role: str, name: str, language: str) -> Cell:
        if role not in self._fits:
            return Cell(say(language, "common.not_computed"))
        return _cell(getattr(self._fits[role], name), language)

    def _basis(self, role: str, language: str) -> Cell:
        both = self._shown[role].correlations
        n = say(language, "pathways_levels.people", n=people(self.study, both.n))
        return Cell(n, say(language, "pathways_levels.units", n=both.groups))

    def details(self, language: str) -> list[Sentence]:
        """Return how it was computed and how to read it."""
        if not self._shown:
            return []
        keys = ["details", *(["details_context"] if self._fits else [])]
        if self._fits and self.outcome.source == "scale":
            keys.append("details_self_rated")
        first, *others = (say(language, f"pathways_levels.{key}") for key in keys)
        if any(found.skewed is not None for found in self._shown.values()):
            first = f"{first} {say(language, 'pathways_levels.details_skewed')}"
        return [Sentence(text) for text in (first, *others)]


def _silences(reasons: dict[str, Message], language: str) -> list[str]:
    """Return why something cannot be told, each reason once with the scales that it is true of."""
    said: dict[str, list[str]] = {}
    for role, why in reasons.items():
        said.setdefault(why.key + str(why.values), []).append(role)
    return [_about(reasons[roles[0]], _names(roles, language)).in_(language) for roles in said.values()]


def _about(why: Message, names: str | Message) -> Message:
    return Message.of(why.key, names=names, **why.values)


def _named(role: str, language: str) -> dict[str, str]:
    """Return a scale's name as it begins a sentence and as it stands in one."""
    return {"Name": say(language, f"pathways.label_{role}"), "name": say(language, f"pathways.role_{role}")}


def _names(roles: list[str], language: str, joined: str = "or") -> str:
    words = [say(language, f"pathways.role_{role}") for role in roles]
    return f" {say(language, f'pathways_levels.{joined}')} ".join(words)


def _cell(x: Intraclass | Effect, language: str) -> Cell:
    digits = decimals([(x.low, x.high)], 2)
    return Cell(number(x.estimate, language, digits), interval(x.low, x.high, language, digits))
