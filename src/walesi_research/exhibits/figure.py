"""Figures: a drawing with the words that those who cannot see it need."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from walesi_research.exhibits.exhibit import NUMBER, wrapped
from walesi_research.exhibits.table import Table
from walesi_research.exhibits.text import clean, safe
from walesi_research.language import say

__all__ = ["Figure", "csv_text", "from_matplotlib"]

_FORMULA = ("=", "+", "-", "@")
_KINDS = {b"\x89PNG": "image/png", b"RIFF": "image/webp"}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A drawing or picture in one language.

    Parameters
    ----------
    svg : str or None
        A drawing; its own free text must be escaped.
    image : bytes or None
        A WebP or PNG picture, instead of a drawing.
    alt : str
        What the figure shows, in words and numbers.
    caption : str
        What is drawn: quantity, people, period. A number is put before it on a page.
    language : {"id", "en"}
        Language of the words the figure adds.
    table : Table or None
        The same numbers as a table, folded below the figure.
    data : DataFrame or None
        The same numbers as a file to download.
    synthetic : bool
        Writes 'invented numbers' into the figure.
    labelled : bool
        The drawing holds that label already.

    Raises
    ------
    ValueError
        Without alt text, caption, or exactly one of drawing and picture.
    """

    svg: str | None = field(default=None, repr=False)
    image: bytes | None = field(default=None, repr=False)
    alt: str
    caption: str
    language: str
    table: Table | None = field(default=None, repr=False)
    data: Any = field(default=None, repr=False)
    synthetic: bool = False
    labelled: bool = False
    kind = "figure"

    def __post_init__(self) -> None:
        if (self.svg is None) == (self.image is None):
            raise ValueError("a figure is either a drawing (svg) or a picture (image)")
        for name in ("alt", "caption"):
            if not clean(getattr(self, name) or "").strip():
                raise ValueError(f"a figure needs {name}: what it shows, in words")
        if self.image is not None and self.image[:4] not in _KINDS:
            raise ValueError("a picture is WebP or PNG")

    def html(self) -> str:
        """Return the figure with its caption, download and table."""
        name = say(self.language, "exhibit.figure")
        caption = f"<b>{name}{NUMBER}.</b> {safe(_ended(self.caption))}{self._synthetic()}{self._download()}"
        picture = self._stamp() + self._picture()
        return f"<figure>{picture}<figcaption>{caption}</figcaption>{self._fold()}</figure>"

    def _spoken(self) -> str:
        invented = f" {say(self.language, 'exhibit.invented_alt')}" if self.synthetic else ""
        return f"{clean(self.alt)}{invented}"

    def _picture(self) -> str:
        if self.image is not None:
            kind, text = _KINDS[self.image[:4]], base64.b64encode(self.image).decode()
            return f'<img src="data:{kind};base64,{text}" alt="{safe(self._spoken())}">'
        start = self.svg.index("<svg")
        head, _, rest = self.svg[start + 4 :].partition(">")
        return f'<svg{_without_label(head)} role="img" aria-label="{safe(self._spoken())}">{rest}'

    def _stamp(self) -> str:
        if not self.synthetic or self.labelled:
            return ""
        return f'<p class="stamp">{say(self.language, "exhibit.invented")}</p>'

    def _synthetic(self) -> str:
        return f" {say(self.language, 'exhibit.synthetic_data')}" if self.synthetic else ""

    def _download(self) -> str:
        if self.data is None:
            return ""
        label = say(self.language, "exhibit.download")
        file = say(self.language, "exhibit.figure").lower()
        address = "data:text/csv;charset=utf-8," + quote(csv_text(self.data))
        return f' <a class="noprint" href="{address}" download="{file}.csv">{label}{NUMBER}</a>'

    def _fold(self) -> str:
        if self.table is None:
            return ""
        figure = f"{say(self.language, 'exhibit.figure')}{NUMBER}"
        summary = say(self.language, "exhibit.as_table", figure=figure)
        table = replace(self.table, show_caption=False).html()
        return f'<details class="noprint"><summary>{summary}</summary>{table}</details>'

    def _repr_html_(self) -> str:
        return wrapped(self)


def _ended(sentence: str) -> str:
    text = clean(sentence).strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _without_label(head: str) -> str:
    """Drop a drawing's own role and label from its first tag; the figure's alt text stands there."""
    return re.sub(r'\s(role|aria-label|aria-labelledby)="[^"]*"', "", head)


def csv_text(data: Any) -> str:
    """Return a DataFrame as CSV that no spreadsheet runs as a formula.

    Text that begins as a formula does gets an apostrophe before it; numbers keep their sign and the
    decimal point.
    """
    safe_data = data.copy()
    for name in safe_data.columns:
        safe_data[name] = [_no_formula(v) for v in safe_data[name]]
    safe_data.columns = [_no_formula(str(name)) for name in safe_data.columns]
    return safe_data.to_csv(index=False, lineterminator="\n", float_format="%.6g")


def _no_formula(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def from_matplotlib(
    figure: Any,
    *,
    alt: str,
    caption: str,
    language: str,
    form: str = "webp",
    table: Table | None = None,
    data: Any = None,
    synthetic: bool = False,
) -> Figure:
    """Return a matplotlib figure as a `Figure`, the same bytes for the same drawing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn already; it is closed afterwards.
    alt, caption, language, table, data, synthetic
        As for `Figure`; the synthetic label is drawn into the picture.
    form : {"webp", "svg"}
        A picture (dense scatters) or a drawing (a few marks).

    Raises
    ------
    ValueError
        If `form` is neither, or alt text or caption are missing.
    """
    import matplotlib.pyplot as plt

    if form not in ("webp", "svg"):
        raise ValueError(f"no form {form!r}; there are webp and svg")
    if synthetic:
        figure.text(
            0.995, 0.995, say(language, "exhibit.invented"), ha="right", va="top", size=9, color="#55606b"
        )
    drawn = {"image": _webp(figure)} if form == "webp" else {"svg": _svg(figure)}
    plt.close(figure)
    return Figure(
        **drawn, alt=alt, caption=caption, language=language, table=table, data=data,
        synthetic=synthetic, labelled=True,
    )  # fmt: skip


def _webp(figure: Any) -> bytes:
    from PIL import Image

    raw = io.BytesIO()
    figure.savefig(
        raw, format="png", dpi=150, bbox_inches="tight", facecolor="white", metadata={"Software": None}
    )
    picture = Image.open(raw).convert("RGB")
    few_colours = picture.quantize(32, dither=Image.Dither.NONE).convert("RGB")
    return min(_saved(picture, quality=80), _saved(few_colours, lossless=True, quality=100), key=len)


def _saved(picture: Any, **how: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="webp", method=4, **how)
    return out.getvalue()


def _svg(figure: Any) -> str:
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "walesi", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    return out.getvalue()
