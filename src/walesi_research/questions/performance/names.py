"""How the predictors are named in sentences, in either language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from walesi_research.language import Message, say
from walesi_research.questions.result import in_both
from walesi_research.questions.variables import PREDICTORS

__all__ = ["NOTEBOOK", "UNIT", "in_year", "label", "listed", "of_joint_model", "role"]

NOTEBOOK = "06_performance"
UNIT = "standard deviations of performance per standard deviation"


def of_joint_model(name: str, question: str, method: str, level: float) -> dict[str, Any]:
    """Return what every finding of a coefficient of the joint model has, whatever it was estimated by.

    Parameters
    ----------
    name : str
        The predictor.
    question : str
        Key of the question, which names the predictor's ``role``.
    method : str
    level : float
    """
    return {
        "unit": UNIT,
        "claim": "association",
        "method": method,
        "question": in_both(question, role=Message.of(f"performance.role_{name}")),
        "notebook": NOTEBOOK,
        "level": level,
    }


def label(name: str, language: str) -> str:
    """Return a predictor's name as a row of a figure shows it."""
    return say(language, f"performance.label_{name}")


def role(name: str, language: str) -> str:
    """Return a predictor's name as it stands in a sentence."""
    return say(language, f"performance.role_{name}")


def in_year(year: int | None, language: str) -> str:
    """Return the end of a caption that says of which year; empty where none is known."""
    return "" if year is None else say(language, "performance.in_year", year=str(year))


def listed(names: Sequence[str], language: str) -> str:
    """Return predictors as a list in a sentence, in the contract's order: 'a, b, and c'."""
    words = [role(name, language) for name in PREDICTORS if name in names]
    if len(words) < 2:
        return "".join(words)
    key = "performance.and" if len(words) == 2 else "performance.and_many"
    return say(language, key, first=", ".join(words[:-1]), last=words[-1])
