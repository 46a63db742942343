"""Holm's adjustment of the confirmatory family."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from walesi_research.findings import CONFIRMATORY, Finding
from walesi_research.stats.multiplicity import holm

__all__ = ["adjust"]


def adjust(findings: Iterable[Finding]) -> list[Finding]:
    """Return `findings` with ``p_adjusted`` set for the confirmatory ones that have a p-value."""
    findings = list(findings)
    family = [f for f in findings if f.id in CONFIRMATORY and f.p is not None]
    adjusted = dict(zip([f.id for f in family], holm([f.p for f in family]), strict=True))
    return [replace(f, p_adjusted=adjusted[f.id]) if f.id in adjusted else f for f in findings]
