"""Numbers within texts: ``20 JP``, ``95 %``, ``Baik (85)``; none where there are two, or another unit."""

from __future__ import annotations

import re

import pandas as pd

__all__ = ["number_of", "numbers_of"]

_NUMBER = r"-?\d+(?:[.,]\d+)?"
_HOURS = re.compile(rf"({_NUMBER})\s*(?:jp|jpl|jam|hours?)\b")
_RANGE = re.compile(r"\d\s*(?:-|–|—|s\.?\s?/?d\.?|sampai|hingga|to)\s*\d")
_OTHER_TIME = re.compile(r"(?:hari|minggu|pekan|bulan|tahun|menit|days?|weeks?|months?|years?|minutes?)\b")


def number_of(text: str) -> str | None:
    """Return the one number that a text names, as it is written there; None where it names none or several.

    Parameters
    ----------
    text : str
        A number with its unit, or within words. A length in days or weeks is no number of hours.
    """
    words = text.casefold()
    if _RANGE.search(words):
        return None
    hours = _HOURS.findall(words)
    if len(hours) == 1:
        return hours[0]
    found = re.findall(_NUMBER, words)
    return found[0] if len(found) == 1 and not _OTHER_TIME.search(words) else None


def numbers_of(column: pd.Series) -> pd.Series:
    """Return the numbers of a column; what names none stays missing."""
    return column.astype("object").map({text: number_of(text) for text in map(str, column.cat.categories)})
