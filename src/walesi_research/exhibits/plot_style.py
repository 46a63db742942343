"""One look for figures drawn with matplotlib and seaborn, close to that of our own drawings."""

from __future__ import annotations

from contextlib import AbstractContextManager

__all__ = ["plot_style"]

_INK, _MUTE, _LINE, _AXIS = "#1a2129", "#55606b", "#d3d9dd", "#7b8791"
_SERIES = ("#0a5570", "#95450b", "#4b5560", "#6aa7bd", "#d39a6a")


def plot_style() -> AbstractContextManager[None]:
    """Return a context in which figures are drawn: few lines, blue and orange, text of a page's size.

    Drawn at a width of 5 inches, a figure's text is as large as the text below it.
    """
    import matplotlib as mpl

    return mpl.rc_context(
        {
            "figure.figsize": (5, 3.2), "figure.constrained_layout.use": True,
            "font.family": "sans-serif", "font.size": 10,
            "font.sans-serif": ["Arial", "Liberation Sans", "Helvetica", "DejaVu Sans"],
            "text.color": _INK, "axes.labelcolor": _MUTE, "xtick.color": _MUTE, "ytick.color": _MUTE,
            "axes.edgecolor": _AXIS, "axes.spines.top": False, "axes.spines.right": False,
            "axes.grid": True, "axes.grid.axis": "y", "axes.axisbelow": True, "grid.color": _LINE,
            "axes.prop_cycle": mpl.cycler(color=_SERIES), "lines.linewidth": 1.5, "lines.markersize": 5,
            "legend.frameon": False, "svg.fonttype": "none",
        }
    )  # fmt: skip
