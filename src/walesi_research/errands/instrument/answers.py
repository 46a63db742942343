"""What can be answered: the points of a scale, with words where the codebook lets us know them."""

from __future__ import annotations

from dataclasses import dataclass

from walesi_research.language import LANGUAGES, say
from walesi_research.study.codebook import Construct

__all__ = ["Answers", "answers_of"]

MOST = 11
"""Points that are shown beside or below one another; more are typed as a number."""
BESIDE = 7
"""Points that fit beside one another on a phone."""


@dataclass(frozen=True)
class Answers:
    """How an item of a scale is answered.

    Parameters
    ----------
    low, high : int
        The lowest and the highest point.
    agree : bool
        Whether the points go from disagreement to agreement, in words.
    """

    low: int
    high: int
    agree: bool = False

    @property
    def typed(self) -> bool:
        """Whether the answer is typed as a number."""
        return self.high - self.low >= MOST

    @property
    def list_name(self) -> str:
        """Name of the list of choices."""
        ends = "_".join(str(end).replace("-", "minus") for end in (self.low, self.high))
        return f"{'agree' if self.agree else 'points'}_{ends}"

    @property
    def appearance(self) -> str:
        """How the points are laid out."""
        return "likert" if self.high - self.low < BESIDE and not self.typed else ""

    def choices(self) -> list[tuple[int, dict[str, str]]]:
        """Return the points, each with its words by language."""
        return [
            (point, {code: self._words(point, code) for code in LANGUAGES})
            for point in range(self.low, self.high + 1)
        ]

    def _words(self, point: int, language: str) -> str:
        if self.agree:
            return say(language, f"instrument.agree_{point}")
        end = {self.low: "lowest", self.high: "highest"}.get(point)
        return say(language, f"instrument.{end}", point=str(point)) if end else str(point)


def answers_of(construct: Construct) -> Answers:
    """Return how a construct's items are answered.

    The codebook does not say what the points mean. Items that are statements on a scale from 1 to 5 are
    agreed or disagreed with; all others have numbers, only the ends in words.
    """
    low, high = construct.scale
    asked = any(
        words[code].rstrip().endswith("?") for words in construct.items.values() for code in LANGUAGES
    )
    return Answers(low, high, agree=(low, high) == (1, 5) and not asked)
