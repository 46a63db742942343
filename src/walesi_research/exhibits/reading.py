"""How an interval plot is read: its parts by name, and what each verdict looks like."""

from __future__ import annotations

from dataclasses import dataclass

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas, mark
from walesi_research.exhibits.text import bold, safe, wrap
from walesi_research.exhibits.verdict import SHADES
from walesi_research.language import say, share

__all__ = ["Reading"]

LIMIT, LOW, MIDDLE, HIGH, TOP, BOTTOM = 104, 146, 214, 282, 20, 84
_EXAMPLES = {"supported": (40, 53, 66), "not_supported": (4, 15.5, 27), "cannot_tell": (19, 38, 57)}
"""Ends and middle of each verdict's small interval, whose limit lies at 33."""


@dataclass(frozen=True)
class Reading:
    """The key to the plots of claims, in one language.

    Parameters
    ----------
    language : {"id", "en"}
    level : float
        Confidence level of the intervals.
    """

    language: str
    level: float
    kind = "reading"

    def _say(self, key: str, **values: object) -> str:
        return say(self.language, f"exhibit.{key}", **values)

    @property
    def alt(self) -> str:
        """What the plots are made of."""
        return self._say("read_alt", level=share(self.level, self.language))

    def html(self) -> str:
        """Return the named plot, and the three verdicts below each other."""
        figure = self._plot().replace("<svg", f'<svg role="img" aria-label="{safe(self.alt)}"', 1)
        rows = "".join(f"<dt>{_small(name)}</dt><dd>{self._verdict(name)}</dd>" for name in SHADES)
        return f'<div class="read"><figure>{figure}</figure><dl>{rows}</dl></div>'

    def _verdict(self, name: str) -> str:
        word = say(self.language, f"exhibit.{name}")
        return bold(f"**{word}.** {self._say(f'read_{name}')}")

    def _plot(self) -> str:
        canvas, middle = Canvas(), (TOP + BOTTOM) / 2 + 4
        bar, dot = f"M{LOW} {middle}H{HIGH}", mark("yes", MIDDLE, middle, 6)
        level = share(self.level, self.language)
        canvas.rect("zone", LIMIT, TOP, WIDTH - LIMIT, BOTTOM - TOP)
        canvas.text(LIMIT + 5, 14, self._say("read_zone") + " →", "m")
        canvas.path("axis", f"M0 {BOTTOM}H{WIDTH}")
        canvas.path("lim", f"M{LIMIT} {TOP}V{BOTTOM + 6}")
        canvas.add(f'<g class="yes"><path class="bar" d="{bar}"/>{dot}</g>')
        canvas.text(MIDDLE, middle - 13, self._say("read_estimate"), "w", "middle")
        canvas.text(MIDDLE, middle + 21, self._say("read_range", level=level), "", "middle")
        lines = wrap(self._say("read_limit"), WIDTH - LIMIT, LABEL)
        last = canvas.lines(LIMIT, BOTTOM + 1.3 * LINE, lines)
        return canvas.close(last + 6)

    def _repr_html_(self) -> str:
        return wrapped(self)


def _small(judgement: str) -> str:
    low, middle, high = _EXAMPLES[judgement]
    shade = SHADES[judgement]
    ground = '<rect class="zone" x="33" y="1" width="39" height="26"/><path class="lim" d="M33 1V27"/>'
    bar = f'<g class="{shade}"><path class="bar" d="M{low} 14H{high}"/>{mark(shade, middle, 14, 5)}</g>'
    return f'<svg viewBox="0 0 72 28" aria-hidden="true">{ground}{bar}</svg>'
