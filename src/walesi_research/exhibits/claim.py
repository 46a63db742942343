"""A claim on one line: what was claimed, the evidence, the verdict, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from walesi_research.exhibits.exhibit import wrapped
from walesi_research.exhibits.svg import mark
from walesi_research.exhibits.text import bold, clean, safe
from walesi_research.exhibits.verdict import SHADES, Judgement, Verdict
from walesi_research.language import say

__all__ = ["ClaimRow", "Claims", "Tally"]

_COLUMNS = ("claim", "evidence", "verdict", "action")


@dataclass(frozen=True, kw_only=True)
class ClaimRow:
    """One claim in one language.

    Parameters
    ----------
    number : int
        Its place in the list; the row's address is ``#k<number>``.
    title : str
        The claim.
    verdict : Verdict
        Computed by the caller.
    evidence : str
        One sentence, with ``**words**`` in bold: the number and its range, or why there is none.
    action : str
        What can be done.
    basis : str
        What the number rests on; may be empty.
    page : tuple of str or None
        Address and name of the page that tells more.
    drawing : str
        An SVG of the interval; empty without a number.
    alt : str
        What the drawing shows, in words and numbers; required with one.

    Raises
    ------
    ValueError
        If there is a drawing without words, or no claim.
    """

    number: int
    title: str
    verdict: Verdict
    evidence: str
    action: str
    basis: str = ""
    page: tuple[str, str] | None = None
    drawing: str = ""
    alt: str = ""

    def __post_init__(self) -> None:
        if self.drawing and not clean(self.alt).strip():
            raise ValueError("a drawing needs alt: what it shows, in words")
        if not clean(self.title).strip():
            raise ValueError("a claim needs words")

    def html(self) -> str:
        """Return the row as an item of a list."""
        language = self.verdict.language
        name = say(language, "exhibit.claim_number", i=self.number)
        done = say(language, "exhibit.column_action")
        told = f"{self._figure()}<p>{bold(self.evidence)}</p>{self._base()}"
        return (
            f'<li class="claim" id="k{self.number}"><h3><span>{safe(name)}</span> {safe(self.title)}</h3>'
            f'{self.verdict.html()}<div class="ev">{told}</div>'
            f'<p class="do"><b>{safe(done)}</b> {safe(self.action)}</p></li>'
        )

    def _figure(self) -> str:
        if not self.drawing:
            return ""
        named = f'<svg role="img" aria-label="{safe(self.alt)}"'
        return f"<figure>{self.drawing.replace('<svg', named, 1)}</figure>"

    def _base(self) -> str:
        link = f'<a href="{safe(self.page[0])}">{safe(self.page[1])}</a>' if self.page else ""
        text = " ".join(part for part in (str(safe(self.basis)), link) if part)
        return f'<p class="base">{text}</p>' if text else ""


@dataclass(frozen=True)
class Claims:
    """All claims, one below the other.

    Raises
    ------
    ValueError
        If there is none.
    """

    rows: Sequence[ClaimRow]
    language: str
    kind = "claims"

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("a list of claims needs claims")

    @property
    def alt(self) -> str:
        """Each claim with its verdict and evidence, a line each."""
        lines = (f"{r.number}. {clean(r.title)}: {r.verdict.alt}. {clean(r.evidence)}" for r in self.rows)
        return "\n".join(lines).replace("**", "")

    def html(self) -> str:
        """Return the names of the columns, for those who see them as columns, and the list."""
        names = [
            say(self.language, f"exhibit.column_{name}")
            for name in ("claim", "evidence", "verdict", "action")
        ]
        heads = "".join(f"<p>{safe(name)}</p>" for name in names)
        rows = "".join(row.html() for row in self.rows)
        return f'<div class="cols" aria-hidden="true">{heads}</div><ol class="claims">{rows}</ol>'

    def _repr_html_(self) -> str:
        return wrapped(self)


@dataclass(frozen=True)
class Tally:
    """How many claims got each verdict; those that none got are left out."""

    judgements: Sequence[Judgement]
    language: str
    kind = "tally"

    @property
    def alt(self) -> str:
        """The counts as one line."""
        return ", ".join(text for _, text in self._counts())

    def _counts(self) -> list[tuple[str, str]]:
        found = [(name, sum(j == name for j in self.judgements)) for name in SHADES]
        return [
            (SHADES[name], f"{n} {say(self.language, f'exhibit.{name}').lower()}") for name, n in found if n
        ]

    def html(self) -> str:
        """Return the counts as a list, each with its mark."""
        return f'<ul class="tally">{"".join(self._item(shade, text) for shade, text in self._counts())}</ul>'

    def _item(self, shade: str, text: str) -> str:
        drawing = f'<svg viewBox="0 0 20 20" aria-hidden="true">{mark(shade, 10, 10, 8)}</svg>'
        return f'<li class="v {shade}">{drawing}<span>{safe(text)}</span></li>'

    def _repr_html_(self) -> str:
        return wrapped(self)
