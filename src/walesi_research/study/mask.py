"""What of a value may be shown: never what could name a person."""

from __future__ import annotations

import re

__all__ = ["hidden", "shown"]

LONGEST = 40
_DIGITS = re.compile(r"\d(?:[\s.'’`-]*\d){11,}")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?1\d")


def hidden(value: str) -> str:
    """Return an identifier with every character covered; its length is kept."""
    return "•" * min(len(value), LONGEST)


def shown(value: str) -> str:
    """Return a value as messages show it: shortened, long numbers covered, a damaged one to six digits."""
    if len(value) > len("1.98609E+17") and _SCIENTIFIC.fullmatch(value.strip()):
        return f"{float(value.replace(',', '.')):.5E}"
    covered = _DIGITS.sub(lambda match: hidden(match[0]), value)
    return covered if len(covered) <= LONGEST else covered[: LONGEST - 1] + "…"
