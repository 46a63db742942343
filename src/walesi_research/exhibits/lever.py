"""A lever of a plan: what can be moved, how far, and the draws of what a unit of it would change."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Lever"]

_LARGEST = 32767  # draws travel as whole numbers of two bytes


@dataclass(frozen=True)
class Lever:
    """One thing that a plan can change, in one language.

    Parameters
    ----------
    name : str
        Short name, such as ``hours``.
    label : str
        What is changed: 'Jam pelatihan lebih banyak'.
    unit : str
        What stands after a step's number, such as 'JP'; empty where there is nothing to add.
    steps : tuple of float
        The choices, rising; the first changes nothing.
    start : float
        The step a reader finds; one of `steps`.
    response : tuple of float
        Mean change of exposure, after caps, of a person reached, at each step.
    effect : float
        Points of mean achievement a unit of exposure.
    draws : tuple of float
        Draws of `effect`, drawn jointly with those of all other levers. They are rounded to `grain`, for a
        page carries them as whole numbers of it.
    cost : float or None
        Rupiah a unit of exposure a person.
    beyond : float or None
        The step from which the data no longer speak.
    digits : int
        Decimals of a step.
    percent : bool
        Steps are shares, written as percentages.
    note : str
        A line below the label.

    Raises
    ------
    ValueError
        If steps do not rise, the start is not one of them, the first step changes something, lengths differ,
        a cost is negative or a number is not finite.
    """

    name: str
    label: str
    unit: str
    steps: tuple[float, ...]
    start: float
    response: tuple[float, ...]
    effect: float
    draws: tuple[float, ...] = field(repr=False)
    cost: float | None = None
    beyond: float | None = None
    digits: int = 0
    percent: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("steps", "response", "draws"):
            self._set(name, tuple(map(float, getattr(self, name))))
        for name in ("start", "effect", "cost", "beyond"):
            value = getattr(self, name)
            self._set(name, None if value is None else float(value))
        for fault, wrong in self._faults():
            if wrong:
                raise ValueError(f"lever {self.name!r}: {fault}")
        grain = self.grain
        self._set("draws", tuple(round(draw / grain) * grain for draw in self.draws))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _faults(self) -> list[tuple[str, bool]]:
        numbers = (*self.steps, *self.response, *self.draws, self.effect, self.cost or 0, self.beyond or 0)
        return [
            ("every number must be finite", not all(map(math.isfinite, numbers))),
            ("steps must rise", list(self.steps) != sorted(set(self.steps)) or len(self.steps) < 2),
            (f"{self.start} is not a step", self.start not in self.steps),
            ("every step needs one response", len(self.response) != len(self.steps)),
            ("the first step changes nothing", self.response[:1] != (0.0,)),
            ("a cost is not negative", (self.cost or 0) < 0),
        ]

    @property
    def grain(self) -> float:
        """What draws are whole multiples of: a power of two, a 16,383rd of the largest or less."""
        largest = max(map(abs, self.draws), default=0.0)
        return math.ldexp(1.0, math.frexp(largest / _LARGEST)[1]) if largest else 1.0

    def packed(self) -> str:
        """Return the draws as whole multiples of `grain`: two bytes each, lowest first, in base64."""
        whole = (round(draw / self.grain) for draw in self.draws)
        return base64.b64encode(b"".join(q.to_bytes(2, "little", signed=True) for q in whole)).decode()

    def place(self, step: float) -> int:
        """Return the place of `step` among the steps; raises ValueError where it is none."""
        if step not in self.steps:
            raise ValueError(f"lever {self.name!r} has no step {step}; there are {self.steps}")
        return self.steps.index(step)

    def at(self, step: float) -> float:
        """Return the mean change of exposure at `step`."""
        return self.response[self.place(step)]

    def is_beyond(self, step: float) -> bool:
        """Tell whether the data no longer speak at `step`."""
        return self.beyond is not None and step >= self.beyond

    def as_record(self) -> dict[str, Any]:
        """Return what rebuilds the lever, its draws packed, as JSON can carry it."""
        return asdict(self) | {"draws": self.packed(), "grain": self.grain}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Lever:
        """Return the lever that `as_record` wrote down."""
        raw, grain = base64.b64decode(record["draws"]), record["grain"]
        whole = (int.from_bytes(raw[i : i + 2], "little", signed=True) for i in range(0, len(raw), 2))
        kept = {name: value for name, value in record.items() if name != "grain"}
        return cls(**kept | {"draws": tuple(q * grain for q in whole)})
