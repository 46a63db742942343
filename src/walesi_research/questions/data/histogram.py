"""A distribution of shares, drawn with seaborn."""

from __future__ import annotations

import pandas as pd

from walesi_research.exhibits import Figure, from_matplotlib
from walesi_research.language import number, share

__all__ = ["histogram"]

INK, BAR = "#1a2129", "#0a5570"


def histogram(
    shares: pd.Series, language: str, axis: tuple[str, str], alt: str, caption: str, synthetic: bool
) -> Figure:
    """Draw how shares between 0 and 1 are distributed, in bins of five percentage points."""
    import seaborn as sns
    from matplotlib.figure import Figure as Canvas

    with sns.axes_style("ticks", {"axes.edgecolor": INK, "text.color": INK}):
        canvas = Canvas(figsize=(5.2, 2.8))
        axes = canvas.subplots()
    sns.histplot(x=shares.to_numpy(), bins=20, binrange=(0, 1), color=BAR, ax=axes)
    axes.set(xlabel=axis[0], ylabel=axis[1], xlim=(0, 1))
    axes.xaxis.set_major_formatter(lambda x, _: share(x, language))
    axes.yaxis.set_major_formatter(lambda y, _: number(y, language, 0))
    sns.despine(ax=axes)
    return from_matplotlib(canvas, alt=alt, caption=caption, language=language, synthetic=synthetic)
