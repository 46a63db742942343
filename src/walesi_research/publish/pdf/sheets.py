"""Sheets of paper by typst, which asks for nothing of the system and writes the same bytes anywhere."""

from __future__ import annotations

import json

import typst

from walesi_research.publish.pdf.content import content
from walesi_research.publish.pdf.press import FACES, compiler

__all__ = ["SHEETS", "brief_pdf"]

SHEETS = 2
"""Pages that a brief may have."""
SCALES = (1.0, 0.97, 0.94, 0.91, 0.88)
"""Sizes of type that are tried until it has no more; the smallest is kept whatever comes."""
STANDARD = "ua-1"
"""PDF/UA-1: tagged, titled, and every drawing with its words."""


def brief_pdf(html: str) -> bytes:
    """Return the page of a brief as a PDF.

    Nothing of the page is ever read as typst's own language: it is handed over as data.

    Parameters
    ----------
    html : str
        The page as the site has it.

    Returns
    -------
    bytes
        Tagged, with title and language, fonts embedded, the same for the same page.

    Raises
    ------
    ValueError
        If it is not the page of a brief.
    """
    told = json.dumps(content(html), ensure_ascii=False)
    for scale in SCALES:
        press = compiler("brief.typ", content=told, faces=json.dumps(FACES), scale=str(scale))
        if _sheets(press) <= SHEETS:
            break
    return press.compile(format="pdf", pdf_standards=STANDARD)


def _sheets(press: typst.Compiler) -> int:
    return json.loads(press.query("<sheets>", field="value", one=True))
