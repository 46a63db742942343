"""Holm's adjustment of the confirmatory family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from walesi_research.findings import CONFIRMATORY, Finding

__all__ = ["adjust", "holm"]


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values.

    Parameters
    ----------
    p : sequence of float, length m
        p-values of one family.

    Returns
    -------
    list of float, length m
        In the order of `p`.

    Notes
    -----
    With p-values sorted upwards, the i-th (from 1) becomes ``max over j <= i of min(1, (m - j + 1) p_j)``:
    Holm, S. (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 65-70.
    """
    adjusted = [0.0] * len(p)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = largest
    return adjusted


def adjust(findings: Iterable[Finding]) -> list[Finding]:
    """Return `findings` with ``p_adjusted`` set for the confirmatory ones that have a p-value."""
    findings = list(findings)
    family = [f for f in findings if f.id in CONFIRMATORY and f.p is not None]
    adjusted = dict(zip([f.id for f in family], holm([f.p for f in family]), strict=True))
    return [replace(f, p_adjusted=adjusted[f.id]) if f.id in adjusted else f for f in findings]
