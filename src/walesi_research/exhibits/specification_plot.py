"""Specification curves: the sorted estimates of many models, and below them where each choice leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from walesi_research.exhibits.axis import Scale, draw_axis
from walesi_research.exhibits.figure import Figure
from walesi_research.exhibits.svg import LABEL, LINE, WIDTH, Canvas, mark, number
from walesi_research.exhibits.text import clean, wrap
from walesi_research.language import number as written
from walesi_research.language import say

__all__ = ["ModelChoice", "ModelCurve", "specification_plot"]

LEFT, TALL, ROW = 132, 56, 19
"""Where the values begin; heights of a curve and of a choice."""
MOST = 48
"""Dots that a curve is drawn with: of more models every so-manieth is drawn."""
ROOM = 8


@dataclass(frozen=True)
class ModelCurve:
    """The estimates of all models of one thing.

    Parameters
    ----------
    label, small : str
        Its name, and a few words below it.
    estimates : sequence of float
    clear : sequence of bool
        Which intervals leave zero out.
    main : int
        Position of the main model.
    shade : {"yes", "no", "open"}
        Colour.
    told : str
        The curve in words and numbers, for the alt text.

    Raises
    ------
    ValueError
        If there is no estimate, or there are not as many `clear`.
    """

    label: str
    small: str
    estimates: Sequence[float]
    clear: Sequence[bool]
    main: int
    shade: str
    told: str

    def __post_init__(self) -> None:
        if not len(self.estimates) or len(self.estimates) != len(self.clear):
            raise ValueError(f"curve {self.label!r}: each model needs an estimate and whether it is clear")


@dataclass(frozen=True)
class ModelChoice:
    """Where the models of one choice lie: the middle one, a range, and both in words for the alt text."""

    label: str
    low: float
    middle: float
    high: float
    told: str


def specification_plot(
    curves: Sequence[ModelCurve],
    choices: Sequence[Sequence[ModelChoice]] = (),
    *,
    language: str,
    alt: str,
    caption: str,
    axis_label: str,
    choices_label: str = "",
    synthetic: bool = False,
) -> Figure:
    """Draw curves one above the other on one axis of estimates, and the choices below them.

    A large dot is a model whose interval leaves zero out, a small one is another; the main model has a ring.

    Parameters
    ----------
    curves : sequence of ModelCurve
    choices : sequence of sequences of ModelChoice
        Those that stand instead of each other stand together.
    language : {"id", "en"}
    alt, caption : str
        As for `Figure`; the numbers are added to the alt text.
    axis_label, choices_label : str
        What is on the axis, and of what the choices below are.
    synthetic : bool
        Writes 'invented numbers' into the figure.

    Raises
    ------
    ValueError
        If there is no curve.
    """
    if not curves:
        raise ValueError("a specification plot needs a curve")
    told = [f"{clean(row.label)} {row.told}" for row in (*curves, *(c for group in choices for c in group))]
    return Figure(
        svg=_draw(curves, choices, language, axis_label, choices_label, synthetic),
        alt=f"{clean(alt).rstrip('.:')}: {'; '.join(told)}.", caption=caption, language=language,
        synthetic=synthetic, labelled=True,
    )  # fmt: skip


def _draw(
    curves: Sequence[ModelCurve],
    choices: Sequence[Sequence[ModelChoice]],
    language: str,
    axis_label: str,
    choices_label: str,
    synthetic: bool,
) -> str:
    canvas = Canvas()
    if synthetic:
        canvas.text(0, 13, say(language, "exhibit.invented"), "m synthetic")
    values = np.concatenate([[0.0], *(curve.estimates for curve in curves)])
    scale = Scale.around(values, LEFT + ROOM, WIDTH - ROOM)
    top, start = LINE * synthetic + 6, len(canvas.marks)
    bottom = top
    for curve in curves:
        _draw_curve(canvas, curve, scale, bottom)
        bottom += TALL
    if choices:
        bottom = canvas.lines(0, bottom + LINE, wrap(choices_label, WIDTH, LABEL), "m") + 6
    for group in choices:
        bottom = _draw_choices(canvas, group, scale, bottom) + 5
    zero = f'<path class="lim" d="M{number(scale(0))} {number(top)}V{number(bottom)}"/>'
    canvas.marks.insert(start, zero)
    last = draw_axis(canvas, scale, bottom, LEFT, lambda x, n: written(x, language, n), 2, axis_label)
    return canvas.close(last + 6)


def _draw_curve(canvas: Canvas, curve: ModelCurve, scale: Scale, top: float) -> None:
    estimates, clear = np.asarray(curve.estimates, float), np.asarray(curve.clear, bool)
    order = np.argsort(estimates, kind="stable")
    rise = Scale(0, max(len(order) - 1, 1), top + TALL - ROOM, top + ROOM)
    shown = np.unique(np.linspace(0, len(order) - 1, min(len(order), MOST)).round().astype(int))
    dots = {True: "", False: ""}
    for place in shown:
        model = order[place]
        dots[bool(clear[model])] += f"M{number(scale(estimates[model]))} {number(rise(place))}h0"
    main = int(np.flatnonzero(order == curve.main)[0])
    canvas.add(f'<g class="{curve.shade}">')
    for look, path in (("bar", dots[True]), ("bar thin", dots[False])):
        if path:
            canvas.path(look, path)
    canvas.add(mark("no", scale(estimates[curve.main]), rise(main), 4.5), "</g>")
    name = wrap(curve.label, LEFT - 4, LABEL, most=2, strong=True)
    small = wrap(curve.small, LEFT - 4, LABEL, most=1)
    first = top + TALL / 2 + 4.5 - LINE * (len(name) + len(small) - 1) / 2
    canvas.lines(0, canvas.lines(0, first, name, "w") + LINE, small, "m")


def _draw_choices(canvas: Canvas, group: Sequence[ModelChoice], scale: Scale, top: float) -> float:
    """Draw the choices that stand instead of each other; return their bottom."""
    lines = marks = ""
    for k, choice in enumerate(group):
        y = top + ROW * (k + 0.5)
        canvas.lines(0, y + 4.5, wrap(choice.label, LEFT - 4, LABEL, most=1))
        lines += f"M{number(scale(choice.low))} {number(y)}H{number(scale(choice.high))}"
        marks += f"M{number(scale(choice.middle))} {number(y - 4)}v8"
    canvas.add(f'<g class="open"><path class="bar thin" d="{lines}"/><path class="bar" d="{marks}"/></g>')
    return top + ROW * len(group)
