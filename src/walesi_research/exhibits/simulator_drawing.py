"""The drawing of a plan's gain: one interval on a scale that stays as the plan is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from walesi_research import language as words
from walesi_research.exhibits.axis import Scale, draw_axis
from walesi_research.exhibits.frame import draw_header
from walesi_research.exhibits.simulator_words import digits
from walesi_research.exhibits.svg import WIDTH, Canvas, number
from walesi_research.language import say

if TYPE_CHECKING:
    from walesi_research.exhibits.simulator import Simulator

__all__ = ["draw_gain", "gain_scale"]

_SIDE = 52
"""Room for the labels of the ends."""
_TALL = 50
_MARKS = (
    '<g id="mark" class="open"><path id="bar" class="bar"/>'
    '<g id="dot"><circle class="ring" r="6"/><path class="half" d="M0-6a6 6 0 0 0 0 12z"/></g></g>'
    '<text id="gain" class="w hb" text-anchor="middle"/>'
    '<text id="low" class="hb" text-anchor="end"/><text id="high" class="hb"/>'
)


def gain_scale(simulator: Simulator) -> Scale:
    """Return the scale that holds the interval of every plan, and zero."""
    return Scale.around(simulator.ends, _SIDE, WIDTH - _SIDE)


def draw_gain(simulator: Simulator) -> tuple[str, float]:
    """Return the drawing as SVG, its marks still without a place, and the height at which they lie."""
    canvas, scale, language = Canvas(), gain_scale(simulator), simulator.language
    zero, finest = scale(0), digits(simulator)
    zone = say(language, "simulator.zone")
    top = draw_header(canvas, language, simulator.synthetic, zone, zero, "above") + 6
    canvas.rect("zone", zero, top, WIDTH - zero, _TALL)
    canvas.path("lim", f"M{number(zero)} {number(top)}v{_TALL}")

    def tick(value: float, decimals: int) -> str:
        return words.number(value, language, decimals)

    bottom = draw_axis(canvas, scale, top + _TALL, 0, tick, finest, say(language, "simulator.axis"))
    canvas.add(_MARKS)
    return canvas.close(bottom + 6), round(top + _TALL * 0.62, 1)
