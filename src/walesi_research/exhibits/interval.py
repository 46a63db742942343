"""One row of an interval plot, and how its numbers are written and judged."""

from __future__ import annotations

from dataclasses import dataclass

from walesi_research import language as words
from walesi_research.exhibits.verdict import Judgement, judge

__all__ = ["Interval", "Look"]


@dataclass(frozen=True)
class Interval:
    """One row: an estimate and its interval, or the reason why there is none.

    Parameters
    ----------
    label : str
        Name of the row.
    estimate, low, high : float or None
        Estimate and ends of its interval; without ends a mark alone is drawn.
    verdict : {"supported", "not_supported", "cannot_tell"} or None
        Decides shape and colour. None: computed from the limit where there is one.
    note : str
        Why there is no estimate; required without one.
    bold : bool
        Set the label in bold and a line below the row.
    alternative : tuple of three floats or None
        Estimate, low and high of a second series, such as the weighted twin.

    Raises
    ------
    ValueError
        If there is neither an estimate nor a note, or an end alone.
    """

    label: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Judgement | None = None
    note: str = ""
    bold: bool = False
    alternative: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        if self.estimate is None and not self.note:
            raise ValueError(f"row {self.label!r} has no estimate and does not say why")
        if (self.low is None) != (self.high is None):
            raise ValueError(f"row {self.label!r}: an interval needs both ends")

    @property
    def values(self) -> tuple[float, ...]:
        """All numbers that the row draws."""
        if self.estimate is None:
            return ()
        own = (self.estimate, self.low, self.high, *(self.alternative or ()))
        return tuple(float(v) for v in own if v is not None)


@dataclass(frozen=True)
class Look:
    """How numbers are written, and the lines they are held against: the limit and the origin."""

    language: str
    digits: int
    percent: bool
    sign: bool
    limit: float | None
    supports: str
    origin: float | None

    @property
    def line(self) -> float | None:
        """The line that no number may sit on: the limit, or the origin where there is none."""
        return self.origin if self.limit is None else self.limit

    def plain(self, value: float) -> str:
        """Write a number."""
        write = words.share if self.percent else words.number
        return write(value, self.language, self.digits)

    def tick(self, value: float, decimals: int) -> str:
        """Write a number with the decimals that an axis needs."""
        write = words.share if self.percent else words.number
        return write(value, self.language, max(decimals - 2 * self.percent, 0))

    def estimate(self, value: float) -> str:
        """Write an estimate, with its sign where signs are wanted."""
        text = self.plain(value)
        positive = round(value * (100 if self.percent else 1), self.digits) > 0
        return f"+{text}" if self.sign and positive else text

    @property
    def finest(self) -> int:
        """Most decimals that a number written so can tell."""
        return self.digits + 2 * self.percent

    def verdict(self, row: Interval) -> Judgement:
        """Return the row's verdict: its own, or what its interval says of the limit."""
        if row.verdict:
            return row.verdict
        if self.limit is None or row.low is None:
            return "supported"
        return judge(row.low, row.high, self.limit, self.supports)
