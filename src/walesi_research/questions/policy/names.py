"""The notebook's name, and what an exposure is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from walesi_research.language import say

if TYPE_CHECKING:
    from walesi_research.study.settings import Scenario

__all__ = ["NOTEBOOK", "label", "step", "steps"]

NOTEBOOK = "07_policy"


def label(exposure: str, language: str) -> str:
    """Return an exposure's name as a row of a figure shows it."""
    return say(language, f"policy.label_{exposure.replace('.', '_')}")


def step(exposure: str, kind: str, amount: float, language: str) -> str:
    """Return in words what a scenario does to an exposure; `kind` is ``change`` or ``target``."""
    return say(language, f"policy.{kind}_{exposure.replace('.', '_')}", amount=amount, percent=100 * amount)


def steps(scenario: Scenario, language: str) -> str:
    """Return in words all that a scenario does."""
    told = [step(name, "change", amount, language) for name, amount in scenario.changes.items()]
    told += [step(name, "target", amount, language) for name, amount in scenario.targets.items()]
    if scenario.coverage < 1:
        told.append(say(language, "policy.coverage", share=scenario.coverage))
    return "; ".join(told)
