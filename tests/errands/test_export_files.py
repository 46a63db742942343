"""The files of an export, opened again: whole, the same every time, and deaf to what texts say."""

import io
import re
import zipfile

import pytest
from docx import Document as open_word
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook

from tests.errands.conftest import HOSTILE
from walesi_research.errands.export.archive import is_sealed
from walesi_research.errands.export.docx import docx_bytes
from walesi_research.errands.export.latex import ESCAPES, escaped, latex_bytes
from walesi_research.errands.export.seal import is_sealed_text
from walesi_research.errands.export.write import FORMATS
from walesi_research.errands.export.xlsx import HEADER, xlsx_bytes
from walesi_research.exhibits.text import clean

BANNER = {"id": "DATA SINTETIS", "en": "SYNTHETIC"}
CLEANED = [clean(text).strip() for text in HOSTILE]


@pytest.fixture(scope="module", params=["id", "en"])
def document(documents, request):
    return documents[request.param]


def word_of(document):
    return open_word(io.BytesIO(docx_bytes(document)))


def book_of(document):
    return load_workbook(io.BytesIO(xlsx_bytes(document)))


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_document_gives_the_same_bytes_and_they_are_known_again(documents, name):
    made = FORMATS[name].bytes_of(documents["id"])
    assert made == FORMATS[name].bytes_of(documents["id"])
    assert FORMATS[name].knows(made)


@pytest.mark.parametrize("write", [docx_bytes, xlsx_bytes])
def test_office_files_hold_no_time(documents, write):
    with zipfile.ZipFile(io.BytesIO(write(documents["id"]))) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert "dcterms" not in core


def test_a_file_that_somebody_changed_is_not_ours(documents):
    word = word_of(documents["id"])
    word.add_paragraph("mine")
    changed = io.BytesIO()
    word.save(changed)
    assert not is_sealed(changed.getvalue())
    assert not is_sealed(b"PK, or so")
    assert not is_sealed_text(latex_bytes(documents["id"]) + b"% mine\n")


def test_word_has_headings_captions_and_headers_that_repeat(document):
    word = word_of(document)
    headings = [p.text for p in word.paragraphs if p.style.name == "Heading 2"]
    assert headings == [part.heading for part in document.parts]
    captions = [p for p in word.paragraphs if p.style.name == "Caption"]
    assert len(captions) == len(word.tables) == len(document.tables)
    for caption, table, numbered in zip(captions, word.tables, document.tables, strict=True):
        assert numbered.number in caption.text and clean(numbered.table.caption) in caption.text
        fields = [e.text.strip() for e in caption._p.iter(qn("w:instrText"))]
        assert re.fullmatch(r"SEQ (Tabel|Table) \\\* ARABIC", fields[0])
        assert table._tbl.tblPr.find(qn("w:tblCaption")) is not None
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val")) == numbered.source
        assert [r._tr.find(f".//{qn('w:tblHeader')}") is not None for r in table.rows].index(True) == 0
    assert BANNER[document.language] in word.sections[0].header.paragraphs[0].text
    spoken = word.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val"))
    assert spoken == {"id": "id-ID", "en": "en-GB"}[document.language]
    body = " ".join(p.text for p in word.paragraphs)
    assert all(t.source in body for t in document.tables)


def test_a_spreadsheet_has_a_sheet_a_table_and_numbers_as_numbers(document):
    book = book_of(document)
    assert book.sheetnames[1:] == [t.number for t in document.tables]
    reliability = next(t for t in document.tables if t.question == "measurement.reliability")
    sheet = book[reliability.number]
    assert sheet.freeze_panes == f"B{HEADER + 1}"
    first = [cell.value for cell in sheet[HEADER + 1]]
    assert all(isinstance(x, float) and 0 < x < 1 for x in first[2:8])
    comments = [c.comment.text for row in sheet.iter_rows() for c in row if c.comment]
    assert "measurement.work_culture.alpha" in comments
    assert BANNER[document.language] in sheet["A2"].value
    assert BANNER[document.language] in sheet.oddHeader.center.text


def test_hostile_text_stays_text_in_word(hostile):
    made = docx_bytes(hostile)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))
    word = word_of(hostile)
    assert len(word.tables) == 1
    shown = [cell.text.strip() for row in word.tables[0].rows for cell in row.cells]
    assert all(any(text in cell for cell in shown) for text in CLEANED)
    assert not list(word.element.body.iter("{*}script"))
    fields = [e.text.split()[0] for e in word.element.body.iter(qn("w:instrText"))]
    assert set(fields) == {"TOC", "SEQ"}


def test_hostile_text_is_never_a_formula(hostile):
    book = book_of(hostile)
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert not [c for c in cells if c.data_type == "f"]
    risky = [
        c for c in cells if isinstance(c.value, str) and c.value.lstrip().startswith(("=", "+", "-", "@"))
    ]
    assert len(risky) > len(HOSTILE)
    assert all(c.data_type == "s" and c.quotePrefix for c in risky)
    values = {c.value.strip() for c in cells if isinstance(c.value, str)}
    # "+1" and "-1" in a column of results are numbers: read as such, they are no text that could be run
    assert {t for t in CLEANED if t not in ("+1", "-1")} <= values


TOKEN = re.compile(
    "|".join(map(re.escape, sorted(ESCAPES.values(), key=len, reverse=True))) + r"|[^\\{}$&#%_^~]", re.S
)
BACK = {written: sign for sign, written in ESCAPES.items()}


def read_back(latex):
    """Read escaped LaTeX as TeX would show it; anything it would do raises."""
    shown, at = [], 0
    while at < len(latex):
        found = TOKEN.match(latex, at)
        assert found, latex[at : at + 20]
        shown.append(BACK.get(found[0], found[0]))
        at = found.end()
    return "".join(shown)


@given(st.text() | st.text(alphabet="\\{}$&#%_^~<>|\"`'-[]=@*\n\r\t a1\x00\u202e"))
@settings(max_examples=300, deadline=None)
def test_any_text_is_shown_by_latex_and_does_nothing(text):
    assert read_back(escaped(text)) == clean(text)


def test_hostile_text_leaves_a_latex_document_whole(hostile):
    made = latex_bytes(hostile).decode()
    body = "\n".join(line for line in made.splitlines() if not line.startswith("%"))
    depth = 0
    for sign in re.findall(r"\\[{}]|[{}]", body):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    names = re.findall(r"\\(begin|end)\{(\w+)\}", body)
    assert names == [("begin", "document"), ("begin", "longtable"), ("end", "longtable"), ("end", "document")]
    assert "\\input{" not in body
    assert not re.search(r"(?<!\\)[%#]", body.split("\\listoftables")[1])


def test_latex_rows_have_as_many_cells_as_columns(document):
    made = latex_bytes(document).decode()
    tables = re.findall(r"\\endfoot\n(.*?)\n\\end\{longtable\}", made, re.S)
    assert len(tables) == len(document.tables)
    for written, numbered in zip(tables, document.tables, strict=True):
        plain = [r for r in written.split("\\tabularnewline") if r.strip() and "\\multicolumn" not in r]
        assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in plain} <= {len(numbered.table.columns)}
        assert all(f"% {row + 1},{column + 1}: {id}" in made for (row, column), id in numbered.cells.items())
    assert BANNER[document.language] in made


def test_a_real_study_bears_no_banner(documents):
    from dataclasses import replace

    document = replace(documents["id"], synthetic=False)
    assert "SINTETIS" not in latex_bytes(document).decode()
    assert word_of(document).sections[0].header.paragraphs[0].text == ""
    assert not any(sheet.oddHeader.center.text for sheet in book_of(document))
