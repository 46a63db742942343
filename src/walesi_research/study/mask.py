"""What of a value may be shown: never what could name a person."""

from __future__ import annotations

import re

from walesi_research.problems import covered

__all__ = ["hidden", "shown"]

LONGEST = 40
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?1\d")


def hidden(value: str) -> str:
    """Return an identifier with every character covered; its length is kept."""
    return "•" * min(len(value), LONGEST)


def shown(value: str) -> str:
    """Return a value as messages show it, on one line: long numbers covered, a damaged one to six digits."""
    if len(value) > len("1.98609E+17") and _SCIENTIFIC.fullmatch(value.strip()):
        return f"{float(value.replace(',', '.')):.5E}"
    text = "".join(sign if sign.isprintable() else _plain(sign) for sign in covered(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _plain(sign: str) -> str:
    """Return what stands for a sign that could steer a terminal or cannot be printed."""
    return " " if sign.isspace() else "\ufffd"
