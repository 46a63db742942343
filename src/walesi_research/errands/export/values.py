"""Numbers as tables write them, read back: what a spreadsheet calculates with is exactly what is shown.

Tables hold rounded, disclosure-controlled text. Reading that text, rather than taking the numbers behind it,
keeps a spreadsheet from telling more than the page does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

__all__ = ["Range", "Value", "range_of", "value_of"]

_WORDS = {"id": " sampai ", "en": " to "}
_UNIT = r"(?P<unit> [^\W\d_]{1,10})?"


@dataclass(frozen=True)
class Value:
    """A number as it is written.

    Parameters
    ----------
    number : float
        A share where `percent`.
    digits : int
        Decimals written, of the percentage where `percent`.
    percent : bool
    unit : str
        A word after it, such as ' poin'.
    """

    number: float
    digits: int = 0
    percent: bool = False
    unit: str = ""

    @property
    def format(self) -> str:
        """The spreadsheet's number format that writes it so."""
        decimals = "." + "0" * self.digits if self.digits else ""
        unit = f'"{self.unit}"' if self.unit else ""
        return f"0{decimals}%" if self.percent else f"#,##0{decimals}{unit}"

    def may_be(self, x: float) -> bool:
        """Tell whether `x` is written so when it is rounded."""
        half = 0.5 * 10.0 ** -(self.digits + 2 * self.percent)
        return abs(x - self.number) <= half * (1 + 1e-6)


@dataclass(frozen=True)
class Range:
    """The two ends of an interval."""

    low: Value
    high: Value


@cache
def _number(language: str) -> re.Pattern[str]:
    thousands, decimal = (r"\.", ",") if language == "id" else (",", r"\.")
    whole = rf"\d{{1,3}}(?:{thousands}\d{{3}})+|\d+"
    return re.compile(rf"(?P<sign>[−+-]?)(?P<whole>{whole})(?:{decimal}(?P<part>\d+))?(?P<percent>%?){_UNIT}")


def value_of(text: str, language: str) -> Value | None:
    """Return the number that `text` is, perhaps with one word after it; None where it is anything else."""
    found = _number(language).fullmatch(text.replace("\N{NO-BREAK SPACE}", " ").strip())
    if found is None or (found["percent"] and found["unit"]):
        return None
    part, percent = found["part"] or "", bool(found["percent"])
    number = float(re.sub(r"\D", "", found["whole"]) + "." + (part or "0"))
    number = -number if found["sign"] in ("−", "-") else number
    return Value(
        round(number / 100, len(part) + 2) if percent else number, len(part), percent, found["unit"] or ""
    )


def range_of(text: str, language: str) -> Range | None:
    """Return the interval that `text` is, None where it is anything else."""
    for between in ("–", _WORDS[language]):
        low, found, high = text.partition(between)
        ends = (value_of(low, language), value_of(high, language)) if found else (None, None)
        if None not in ends:
            return Range(*ends)
    return None
