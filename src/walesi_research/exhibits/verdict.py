"""Verdicts: a shape, a word and a colour, in that order of importance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.svg import mark
from walesi_research.exhibits.text import clean, safe
from walesi_research.language import say

__all__ = ["SHADES", "Judgement", "Verdict", "judge"]

Judgement = Literal["supported", "not_supported", "cannot_tell"]
SHADES = {"supported": "yes", "not_supported": "no", "cannot_tell": "open"}
"""The class that colours each judgement."""


def judge(low: float, high: float, limit: float, supports: str) -> Judgement:
    """Tell where an interval lies: within the supporting zone, wholly outside, or across its limit.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    limit : float
        Where the zone begins, set before the data are seen.
    supports : {"above", "below"}
        Side of the limit that supports the claim.
    """
    inside = (low > limit) if supports == "above" else (high < limit)
    outside = (high < limit) if supports == "above" else (low > limit)
    return "supported" if inside else "not_supported" if outside else "cannot_tell"


@dataclass(frozen=True)
class Verdict:
    """A judgement on one claim, in one language.

    Parameters
    ----------
    judgement : {"supported", "not_supported", "cannot_tell"}
        Computed by the caller, never typed.
    language : {"id", "en"}
        Language of the words.
    claim : str
        Name of the claim, such as 'Klaim 1'; may be empty.
    note : str
        A second, small line, such as 'as an association, not yet proof of cause'.
    """

    judgement: Judgement
    language: str
    claim: str = ""
    note: str = ""
    kind = "verdict"

    def __post_init__(self) -> None:
        if self.judgement not in SHADES:
            raise ValueError(f"no judgement {self.judgement!r}; there are {', '.join(SHADES)}")

    @property
    def alt(self) -> str:
        """Claim, judgement and note as one line."""
        word = say(self.language, f"exhibit.{self.judgement}")
        claim = f"{clean(self.claim)}: {word.lower()}" if self.claim else word
        return f"{claim} ({clean(self.note)})" if self.note else claim

    def html(self) -> str:
        """Return the mark and the words."""
        shade, word = SHADES[self.judgement], say(self.language, f"exhibit.{self.judgement}")
        words = f"{safe(self.claim)}: {word.lower()}" if self.claim else word
        note = f"<small>{safe(self.note)}</small>" if self.note else ""
        drawing = f'<svg viewBox="0 0 20 20" aria-hidden="true">{mark(shade, 10, 10, 8)}</svg>'
        return f'<p class="v {shade}">{drawing}<span>{words}{note}</span></p>'

    def _repr_html_(self) -> str:
        return wrapped(self)
