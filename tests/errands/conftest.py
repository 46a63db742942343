"""Documents of an export: of the bundled study, of studies that lack things, and one full of hostile text."""

import pytest

from tests.pipeline.fixtures import notebooks, same_package, study  # noqa: F401
from walesi_research import open_study
from walesi_research.cli.verbs.export import question
from walesi_research.errands.export.document import Document, Numbered, Part, document_of
from walesi_research.exhibits import Cell, Column, Gap, Group, Table

FEW = {"level": 0.95, "draws": 99, "pls": False}
HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=cmd|' /C calc'!A0",
    "\r=1",
    "<script>alert(1)</script>",
    "</w:t><w:t>&amp;",
    "\"quoted\" and 'single' “both”",
    "\u202eright to left\u202c\u200f",
    "\\input{/etc/passwd} \\end{longtable} \\\\ $x_1^2$ 100% #1 ~ {",
    "bell\x07 null\x00 escape\x1b",
    "a" * 300,
    "[*] [2pt] --- ``x''",
    "&A &P &&",
)


@pytest.fixture(scope="session")
def walesi(root):
    return open_study(root / "data" / "walesi")


@pytest.fixture(scope="session")
def documents(walesi):
    """The bundled study's document in either language, PLS asked for in Indonesian."""
    return {
        language: document_of(walesi, question, language, FEW | {"pls": language == "id"}, "1.0")
        for language in ("id", "en")
    }


@pytest.fixture
def hostile():
    """A document whose every free text is hostile."""
    rows = [
        row
        for text in HOSTILE
        for row in (
            Group(text, text),
            [text, Cell(text, text)],
            [Cell(text, text), "1"],
            Gap(text, text, text),
        )
    ]
    table = Table([HOSTILE[0], Column(HOSTILE[6], numeric=True)], rows, " ".join(HOSTILE), "id")
    numbered = Numbered(1, table, "measurement.items", notes=HOSTILE)
    return Document(" ".join(HOSTILE), "id", True, "1.0", (Part(HOSTILE[10], HOSTILE, (numbered,)),))
