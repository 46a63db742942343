"""Scores as they stand: means by band of achievement, with and without a tie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from walesi_research.exhibits import Figure, Line, line_plot
from walesi_research.language import number, say
from walesi_research.questions.appraisal.frame import POINTS, Rows

if TYPE_CHECKING:
    from walesi_research.study import Study

__all__ = ["Band", "by_band", "draw_bands"]

EDGES = (70.0, 80.0, 90.0, 100.0, 110.0)
"""Where bands of achievement (% of target) begin; the first has no lower end, the last no upper."""
SERIES = {"tie": ("tie", "with_tie"), "none": ("none", "without_tie")}
ALL = {"all": ("none", "score")}
"""Lines by name: the field of `Band` that they draw, and their column in the data of the figure."""


@dataclass(frozen=True)
class Band:
    """Mean score in one band of achievement; None where it would rest on too few people.

    Parameters
    ----------
    low, high : float or None
        Ends of the band, % of target.
    tie, none : float or None
        Mean score of appraisals with and without a tie.
    """

    low: float | None
    high: float | None
    tie: float | None
    none: float | None

    def label(self, language: str) -> str:
        """Return the band in words: '< 70', '70–79', '≥ 110'."""
        if self.low is None:
            return f"< {number(self.high, language, 0)}"
        if self.high is None:
            return f"≥ {number(self.low, language, 0)}"
        return f"{number(self.low, language, 0)}–{number(self.high - 1, language, 0)}"


def by_band(rows: Rows, study: Study) -> list[Band]:
    """Return mean scores by band of achievement, cells of fewer people than the minimum left out.

    Where no ties are recorded all appraisals count as without one.
    """
    frame = rows.frame if "tie" in rows.exposures else rows.frame.assign(tie=0.0)
    band = pd.cut(frame["achievement"] * POINTS, [-np.inf, *EDGES, np.inf], right=False, labels=False)
    cells = frame.groupby([band, frame["tie"] > 0]).agg(
        mean=("score", "mean"), people=("employee", "nunique")
    )
    shown = cells["mean"].where(cells["people"] >= study.settings.privacy.minimum_cell).unstack()
    ends = [None, *EDGES, None]
    found = [
        Band(ends[k], ends[k + 1], *(_number(shown, k, tie) for tie in (True, False)))
        for k in range(len(EDGES) + 1)
    ]
    return [b for b in found if b.tie is not None or b.none is not None]


def _number(shown: pd.DataFrame, band: int, tie: bool) -> float | None:
    value = shown.at[band, tie] if band in shown.index and tie in shown.columns else np.nan
    return None if np.isnan(value) else float(value)


def draw_bands(bands: list[Band], language: str, caption: str, synthetic: bool, ties: bool = True) -> Figure:
    """Draw the means along achievement: with and without a tie, or of all where no ties are recorded."""
    series = SERIES if ties else ALL
    lines = [
        Line(say(language, f"appraisal.line_{name}"), [getattr(b, field) for b in bands])
        for name, (field, _) in series.items()
    ]
    frame = pd.DataFrame(
        {
            "achievement": [b.label("en") for b in bands],
            **{column: [getattr(b, field) for b in bands] for field, column in series.values()},
        }
    )
    return line_plot(
        [b.label(language) for b in bands],
        lines,
        language=language,
        alt=_alt(bands, language, ties),
        caption=caption,
        title=say(language, "appraisal.bands_title"),
        axis_label=say(language, "appraisal.bands_axis"),
        synthetic=synthetic,
        data=frame,
    )


def _alt(bands: list[Band], language: str, ties: bool) -> str:
    def told(b: Band) -> str:
        band, none = b.label(language), "–" if b.none is None else number(b.none, language)
        if not ties:
            return say(language, "appraisal.band_alt_all", band=band, all=none)
        tie = "–" if b.tie is None else number(b.tie, language)
        return say(language, "appraisal.band_alt", band=band, tie=tie, none=none)

    return say(language, "appraisal.bands_alt", bands="; ".join(told(b) for b in bands))
