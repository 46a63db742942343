"""The notebook's name, and what an exposure is called."""

from __future__ import annotations

from walesi_research.language import say

__all__ = ["NOTEBOOK", "label", "step"]

NOTEBOOK = "07_policy"


def label(exposure: str, language: str) -> str:
    """Return an exposure's name as a row of a figure shows it."""
    return say(language, f"policy.label_{exposure.replace('.', '_')}")


def step(exposure: str, kind: str, amount: float, language: str) -> str:
    """Return in words what a scenario does to an exposure; `kind` is ``change`` or ``target``."""
    return say(language, f"policy.{kind}_{exposure.replace('.', '_')}", amount=amount, percent=100 * amount)
