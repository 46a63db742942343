"""What a question about training says where it has no answer."""

from __future__ import annotations

from walesi_research.exhibits import Sentence
from walesi_research.language import Message, say

__all__ = ["silence"]

SHARED = "training"
"""Catalogue of the reasons that several questions share: as bare notes, a page gives each of them once."""


def silence(reason: Message, key: str, language: str, role: str = "lead") -> list[Sentence]:
    """Return the bare reason where other questions share it, else message `key` with it as ``why``."""
    if reason.key.startswith(f"{SHARED}."):
        return [Sentence(reason.in_(language), "note")]
    return [Sentence(say(language, key, why=reason), role)]
