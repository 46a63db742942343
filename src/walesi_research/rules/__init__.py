"""Regulations as small pure functions, each with what it rests on.

A rule takes scalars or pandas Series and gives back what it was given: a scalar, or a Series over the same
index; missing in gives missing out; a value no rule knows raises `ValueError`. Every rule carries the
provisions it encodes in its attribute ``regulations``; `REGULATIONS` lists them all.

Example: ``rules.predicate.predicate_of(2, 3)`` is ``"baik"``.
"""

from walesi_research.rules import (
    credit,
    distribution,
    identity,
    ip_asn,
    predicate,
    regime,
    service_index,
    skp,
    training_right,
)
from walesi_research.rules.regulation import VERIFICATION, Regulation, under, weakest

__all__ = [
    "REGULATIONS",
    "VERIFICATION",
    "Regulation",
    "credit",
    "distribution",
    "identity",
    "ip_asn",
    "predicate",
    "regime",
    "service_index",
    "skp",
    "training_right",
    "under",
    "weakest",
]

_ROOM = (predicate, distribution, skp, regime, credit, service_index, ip_asn, training_right, identity)

REGULATIONS: tuple[Regulation, ...] = tuple(
    dict.fromkeys(
        value for module in _ROOM for value in vars(module).values() if isinstance(value, Regulation)
    )
)
"""Every provision that a rule of this room encodes."""
