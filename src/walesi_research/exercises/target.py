"""A number that is asked for: what is right, how near is near enough, and what common mistakes give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from walesi_research.exercises.reply import Reply
from walesi_research.language import Message

__all__ = ["Target", "graded", "not_yet", "number_of", "unanswered"]

Values = float | tuple[float, ...]
TENFOLD = (0.01, 0.1, 10.0, 100.0)
"""Factors by which an answer in the wrong unit is off."""


@dataclass(frozen=True)
class Target:
    """What an exercise asks for.

    Parameters
    ----------
    right : float or tuple of float
        Right answers: more than one where the field's conventions differ.
    tolerance : float
        Largest distance at which an answer counts as the same.
    mistakes : mapping of str to float or tuple of float
        What common mistakes give, by name; each has its own words.
    told : mapping
        What the words of a right answer name besides the answer.
    words : str
        Which words those are, where they depend on how the study is.
    """

    right: Values
    tolerance: float
    mistakes: Mapping[str, Values] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    words: str = "right"

    def near(self, x: float, values: Values) -> bool:
        """Tell whether `x` counts as one of `values`."""
        return bool(np.any(np.abs(np.atleast_1d(values) - x) <= self.tolerance))

    def mistake_of(self, x: float) -> str | None:
        """Return the mistake that `x` is, or None where it is right or unknown.

        What is one to the last digit comes first; what is only near is given the benefit of the doubt.
        """
        if _exactly(x, self.right):
            return None
        exact = (name for name, values in self.mistakes.items() if _exactly(x, values))
        near = (name for name, values in self.mistakes.items() if self.near(x, values))
        return next(exact, None if self.near(x, self.right) else next(near, None))


def graded(name: str, answer: Any, target: Target, language: str) -> Reply:
    """Say whether a number is right, and if not, which mistake it is or on which side it lies.

    Parameters
    ----------
    name : str
        Of the exercise.
    answer : object
        A number, or what holds a single one.
    target : Target
    language : {"id", "en"}
    """
    x = number_of(answer)
    if x is None:
        return not_yet(name, language, Message.of("exercises.not_a_number"))
    if mistake := target.mistake_of(x):
        return Reply("not_yet", language, (Message.of(f"exercises.{name}_{mistake}"),), mistake)
    if target.near(x, target.right):
        within = Message.of("exercises.tolerance", tolerance=target.tolerance)
        right = Message.of(f"exercises.{name}_{target.words}", answer=x, **target.told)
        return Reply("right", language, (right, within))
    return _unknown(name, x, target, language)


def _unknown(name: str, x: float, target: Target, language: str) -> Reply:
    """Say of an answer that is no known mistake whether it has the wrong sign, unit or size."""
    if target.near(-x, target.right):
        return not_yet(name, language, Message.of("exercises.sign"), "sign")
    right = np.atleast_1d(target.right)
    if any(np.isclose(x, right * factor, rtol=0.02, atol=0).any() for factor in TENFOLD):
        return not_yet(name, language, Message.of("exercises.unit"), "unit")
    side = "high" if x > right.max() else "low"
    return not_yet(name, language, Message.of(f"exercises.too_{side}"))


def _exactly(x: float, values: Values) -> bool:
    return bool(np.isclose(np.atleast_1d(values), x, rtol=1e-6, atol=1e-9).any())


def not_yet(name: str, language: str, why: Message, mistake: str | None = None) -> Reply:
    """Return why an answer is not right, and a hint."""
    return Reply("not_yet", language, (why, Message.of(f"exercises.{name}_hint")), mistake)


def number_of(answer: Any) -> float | None:
    """Return the finite number that an answer is or alone holds, or None."""
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return None
    return float(values.item()) if values.size == 1 and np.isfinite(values).all() else None


def unanswered(answer: Any) -> bool:
    """Tell whether an answer still is, or holds, the ``...`` that stands for it."""
    parts = answer if isinstance(answer, (tuple, list)) else [answer]
    return any(part is ... or part is None for part in parts)
