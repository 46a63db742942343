"""The levers that a reader can move: rounded draws of each exposure's effect, and what each step changes.

The replicates could be computed anew by who knows the study's seed, and then solved for single records. So
few are published, rounded, in an order that tells nothing; steps that keep few people from all of a change,
or let few have all of it, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.exhibits.lever import Lever
from walesi_research.exhibits.simulator import Simulator
from walesi_research.language import say
from walesi_research.questions.policy.exposures import Already, Move
from walesi_research.questions.policy.gain import spread_of
from walesi_research.questions.policy.names import label
from walesi_research.questions.policy.parts import Part
from walesi_research.questions.policy.scenarios import COMBINED, Scenarios
from walesi_research.questions.result import few

__all__ = ["MOST_DRAWS", "Levers", "simulator"]

MOST_DRAWS = 400
ROUNDING = 0.05
"""Draws are rounded to at most so much of their standard error: that adds less than 2 % of it."""
RESPONSE_DIGITS = 2
MANY_HELD = 0.25
"""From the step on that the cap keeps more than this share of people from, the data no longer speak."""
GRIDS = {
    "training.hours_slope": (2.0, 10),
    "training.leadership_att": (0.05, 10),
    "culture.award_att": (0.05, 10),
}
"""Width and number of steps; the others are moved in tenths of a standard deviation."""
STANDARD_GRID = (0.1, 10)


def simulator(answer: Scenarios) -> Levers:
    """Let a reader move the exposures that scenarios move.

    Parameters
    ----------
    answer : Scenarios
        As `scenarios` returns it.

    Returns
    -------
    Levers
        Its `exhibit` is the simulator in one language.
    """
    return Levers(answer)


@dataclass(frozen=True, eq=False)
class Levers:
    """Answer: the levers and their draws."""

    answer: Scenarios

    @property
    def parts(self) -> dict[str, Part]:
        """The exposures that can be moved."""
        return {name: part for name, part in self.answer.parts.items() if isinstance(part, Part)}

    def exhibit(self, language: str) -> Simulator | list[Simulator]:
        """Return the simulator; nothing where no exposure can be moved."""
        study, places = self.answer.study, self._places()
        levers = [self._lever(part, places, language) for part in self.parts.values()]
        levers = [lever for lever in levers if lever is not None]
        if not levers or not self.answer.employees or len(places) < 2:
            return []
        claims = {part.claim for part in self.parts.values()}
        return Simulator(
            levers=tuple(levers),
            people=self.answer.employees,
            level=self.answer.level,
            language=language,
            budget=study.settings.policy.budget,
            synthetic=study.synthetic,
            claim="association" if "association" in claims else "effect_if",
            notes=(say(language, "policy.details_added"),),
        )

    def _places(self) -> np.ndarray:
        """Return which replicates are published, in an order that does not tell which they are."""
        if not self.parts:
            return np.zeros(0, dtype=int)
        effects = np.array([part.effect[1:] for part in self.parts.values()])
        whole = np.flatnonzero(np.isfinite(effects).all(axis=0))[:MOST_DRAWS]
        return 1 + whole[np.argsort(effects[0, whole], kind="stable")]

    def _lever(self, part: Part, places: np.ndarray, language: str) -> Lever | None:
        least = self.answer.study.settings.privacy.minimum_cell
        start, steps = self._start(part.name), self._steps(part, least)
        if len(steps) < 2:
            return None
        digits = RESPONSE_DIGITS + 1 if isinstance(part.exposure, Already) else RESPONSE_DIGITS
        response = [round(part.exposure.now(Move(x)), digits) for x in steps]
        held = [part.exposure.held(Move(x)) > MANY_HELD * part.exposure.size for x in steps]
        grain = _grain(spread_of(part.effect, self.answer.level).se)
        key = part.name.replace(".", "_")
        percent = isinstance(part.exposure, Already)
        return Lever(
            name=key,
            label=label(part.name, language),
            unit="" if percent else say(language, f"policy.unit_{key}"),
            steps=tuple(steps),
            start=start if start in steps else 0.0,
            response=(0.0, *response[1:]),
            effect=round(float(part.effect[0]) / grain) * grain,
            draws=tuple(np.round(part.effect[places] / grain) * grain),
            cost=self._cost(part.name),
            beyond=steps[held.index(True)] if True in held else None,
            digits=0 if percent or part.name in GRIDS else 1,
            percent=percent,
            note=say(language, f"policy.lever_{key}"),
        )

    def _steps(self, part: Part, least: int) -> list[float]:
        """Return no change and the steps that may be shown, the combined programme's among them."""
        width, many = GRIDS.get(part.name, STANDARD_GRID)
        steps = {round(width * k, 2) for k in range(1, many + 1)} | {self._start(part.name)} - {0.0}
        held = {x: part.exposure.held(Move(x)) for x in steps}
        shown = [x for x in steps if not few(held[x], least) and not few(part.exposure.size - held[x], least)]
        return [0.0, *sorted(x for x in shown if x > 0)]

    def _start(self, name: str) -> float:
        combined = self.answer.gains.get(COMBINED)
        return float(combined.scenario.changes.get(name, 0.0)) if combined else 0.0

    def _cost(self, name: str) -> float | None:
        """Return the first declared cost of an exposure, the combined programme's before others."""
        gains = self.answer.gains
        ordered = sorted(gains, key=lambda scenario: scenario != COMBINED)
        return next((c for s in ordered if (c := gains[s].scenario.cost.get(name)) is not None), None)


def _grain(error: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is at most `ROUNDING` of an error."""
    most = ROUNDING * error
    if not most > 0:
        return 1e-6
    ten = 10.0 ** np.floor(np.log10(most))
    return float(max(x for x in (ten, 2 * ten, 5 * ten) if x <= most * (1 + 1e-9)))
