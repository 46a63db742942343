"""Estimates with their intervals, row below row, against the limit that a claim has to pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from walesi_research.exhibits.figure import Figure
from walesi_research.exhibits.interval import Interval, Look
from walesi_research.exhibits.interval_drawing import Names, draw
from walesi_research.exhibits.table import Table
from walesi_research.exhibits.text import clean
from walesi_research.language import say

__all__ = ["interval_plot"]


def interval_plot(
    rows: Sequence[Interval],
    *,
    language: str,
    alt: str,
    caption: str,
    axis_label: str = "",
    digits: int = 1,
    percent: bool = False,
    sign: bool = True,
    limit: float | None = None,
    supports: str = "above",
    zone_label: str | None = None,
    origin: float | None = 0.0,
    alternative_label: str = "",
    synthetic: bool = False,
    table: Table | None = None,
    data: Any = None,
) -> Figure:
    """Draw estimates with their intervals.

    Parameters
    ----------
    rows : sequence of Interval
        One a row, in order; rows without an estimate keep their place and say why.
    language : {"id", "en"}
        Language of the numbers and of the few words the figure adds.
    alt : str
        What is drawn, in a few words; the numbers are added to it.
    caption : str
        Caption below the figure.
    axis_label : str
        Name and unit of the axis.
    digits : int
        Decimals of the numbers.
    percent : bool
        Values are shares, written as percentages.
    sign : bool
        Write the sign of estimates.
    limit : float or None
        Limit set before the data were seen; draws it and the zone on the supporting side.
    supports : {"above", "below"}
        Side of the limit that supports the claim.
    zone_label : str or None
        Name of the zone; None for 'supports the claim: above 1'.
    origin : float or None
        Value that the axis includes and marks, None for none.
    alternative_label : str
        What the second series is; named once below the plot.
    synthetic : bool
        Writes 'invented numbers' into the figure.
    table : Table or None
        The same numbers as a table, folded below the figure.
    data : DataFrame or None
        What the download holds; the rows' own numbers without it.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no row, or `supports` is neither side.
    """
    if not rows or supports not in ("above", "below"):
        raise ValueError("an interval plot needs rows, and a side, 'above' or 'below', that supports")
    look = Look(language, digits, percent, sign, limit, supports, origin)
    names = Names(axis_label, zone_label, alternative_label, synthetic)
    return Figure(
        svg=draw(rows, look, names), alt=_alt(alt, rows, look), caption=caption, language=language,
        table=table, data=_frame(rows) if data is None else data, synthetic=synthetic, labelled=True,
    )  # fmt: skip


def _alt(alt: str, rows: Sequence[Interval], look: Look) -> str:
    return f"{clean(alt).rstrip('.:')}: " + "; ".join(_told(row, look) for row in rows) + "."


def _told(row: Interval, look: Look) -> str:
    if row.estimate is None:
        return f"{clean(row.label)}: {clean(row.note)}"
    told = f"{clean(row.label)} {look.plain(row.estimate)}"
    if row.low is None:
        return told
    ends = say(look.language, "exhibit.to", low=look.plain(row.low), high=look.plain(row.high))
    return f"{told} ({ends})"


def _frame(rows: Sequence[Interval]):
    import pandas as pd

    frame = pd.DataFrame(
        [(r.label, r.estimate, r.low, r.high, *(r.alternative or (None,) * 3), r.note) for r in rows],
        columns=["label", "estimate", "low", "high", "other_estimate", "other_low", "other_high", "note"],
    )
    return frame.dropna(axis="columns", how="all")
