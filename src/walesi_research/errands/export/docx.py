"""The tables as a Word document: real headings, captions Word can list, headers that repeat."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from walesi_research.errands.export.archive import sealed
from walesi_research.errands.export.document import CHAPTER, Document, Numbered
from walesi_research.exhibits import Cell, Column, Gap, Group, Table
from walesi_research.exhibits.text import clean
from walesi_research.language import say

if TYPE_CHECKING:
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

__all__ = ["docx_bytes"]

FACE = "Times New Roman"
TEXT, TABLE, SMALL = 12, 10, 8.5
"""Sizes in points."""
MARGINS = {"left_margin": 4, "top_margin": 4, "right_margin": 3, "bottom_margin": 3}
"""In centimetres: what Indonesian universities ask of a thesis."""
WIDTH = 21 - 4 - 3
LOCALES = {"id": "id-ID", "en": "en-GB"}
RULE = {"val": "single", "sz": "8", "space": "0", "color": "000000"}


def docx_bytes(document: Document) -> bytes:
    """Return the document as a Word file; the same document gives the same bytes."""
    from docx import Document as new_word

    word = new_word()
    _page(word, document)
    _styles(word, document.language)
    word.add_paragraph(clean(document.title), style="Title")
    word.add_heading(document.say("chapter"), 1)
    for text in document.opening:
        word.add_paragraph(text)
    _list_of_tables(word, document)
    for part in document.parts:
        word.add_heading(clean(part.heading), 2)
        for text in part.missing:
            word.add_paragraph(clean(text))
        for numbered in part.tables:
            _numbered(word, numbered)
    out = io.BytesIO()
    word.save(out)
    return sealed(out.getvalue(), document.title, LOCALES[document.language])


def _page(word: Any, document: Document) -> None:
    """Set A4, margins, and the banner on every page."""
    from docx.shared import Cm

    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    for name, size in MARGINS.items():
        setattr(section, name, Cm(size))
    if document.banner:
        run = section.header.paragraphs[0].add_run(document.banner)
        run.bold = True
    _field(section.footer.paragraphs[0], "PAGE", "1")


def _styles(word: Any, language: str) -> None:
    """Set face, sizes and language; black headings, as a thesis has them."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    styles = word.styles
    sizes = {"Normal": TEXT, "Title": 16, "Heading 1": 14, "Heading 2": 12, "Caption": TABLE}
    for name, size in sizes.items():
        font = styles[name].font
        font.name, font.size, font.color.rgb = FACE, Pt(size), RGBColor(0, 0, 0)
        fonts = styles[name].element.rPr.rFonts
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        for kind in ("eastAsia", "cs"):
            fonts.set(qn(f"w:{kind}"), FACE)
    styles["Caption"].paragraph_format.keep_with_next = True
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    spoken = defaults.find(qn("w:lang"))
    spoken.set(qn("w:val"), LOCALES[language])


def _list_of_tables(word: Any, document: Document) -> None:
    """Add Word's own list of tables, already filled: F9 adds the pages."""
    label = say(document.language, "exhibit.table")
    entries = [f"{label} {t.number}  {clean(t.table.caption)}" for t in document.tables]
    if not entries:
        return
    word.add_paragraph(style="Normal").add_run(document.say("list_of_tables")).bold = True
    _field(word.add_paragraph(), f'TOC \\h \\z \\c "{label}"', "\n".join(entries))


def _numbered(word: Any, numbered: Numbered) -> None:
    """Add caption, table, notes and source."""
    table = numbered.table
    label = say(table.language, "exhibit.table")
    caption = word.add_paragraph(f"{label} {CHAPTER}.", style="Caption")
    _field(caption, f"SEQ {label} \\* ARABIC", str(numbered.order))
    caption.add_run(f"  {clean(table.caption)}")
    _table(word, numbered)
    for note in numbered.notes:
        _small(word.add_paragraph(), f"{say(table.language, 'export.note')} {clean(note)}")
    last = word.add_paragraph()
    _small(last, numbered.source).italic = True
    last.paragraph_format.space_after = 12 * 12700


def _table(word: Any, numbered: Numbered) -> None:
    table = numbered.table
    columns = [c if isinstance(c, Column) else Column(c) for c in table.columns]
    made = word.add_table(rows=1 + len(table.rows), cols=len(columns))
    made.autofit = False
    _describe(made, clean(table.caption), numbered.source)
    grid = [list(row.cells) for row in made.rows]
    _widths(made, grid, table, columns)
    for i, (column, cell) in enumerate(zip(columns, grid[0], strict=True)):
        _write(cell, column.label, right=column.numeric and i > 0, bold=True)
    for row, cells in zip(table.rows, grid[1:], strict=True):
        _row(row, cells, columns)
    for at, row in enumerate(made.rows):
        _row_properties(row, header=at == 0)
        _rule(row, top=at == 0, bottom=at in (0, len(table.rows)))


def _row(row: Any, cells: list[_Cell], columns: list[Column]) -> None:
    if isinstance(row, Group):
        _write(_merged(cells), row.label, small=row.small, bold=True)
    elif isinstance(row, Gap):
        _write(cells[0], row.label)
        if cells[1:]:
            _write(_merged(cells[1:]), row.text, small=row.small)
    else:
        for i, (cell, text, column) in enumerate(zip(cells, row, columns, strict=True)):
            shown = text if isinstance(text, Cell) else Cell(text)
            _write(cell, shown.text, small=shown.small, right=column.numeric and i > 0)


def _merged(cells: list[_Cell]) -> _Cell:
    return cells[0].merge(cells[-1]) if cells[1:] else cells[0]


def _write(cell: _Cell, text: str, *, small: str = "", right: bool = False, bold: bool = False) -> None:
    """Put text into a cell, and a second, small line below it."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(clean(text))
    run.bold, run.font.size = bold or None, Pt(TABLE)
    if small:
        run.add_break()
        paragraph.add_run(clean(small)).font.size = Pt(SMALL)


def _small(paragraph: Paragraph, text: str) -> Any:
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(2)
    run = paragraph.add_run(text)
    run.font.size = Pt(SMALL)
    return run


def _widths(made: Any, grid: list[list[_Cell]], table: Table, columns: list[Column]) -> None:
    """Give columns of numbers what they need and share the rest among those of words."""
    from docx.shared import Cm

    cells = [r for r in table.rows if not isinstance(r, Gap | Group)]
    longest = [
        max([len(c.label) / 2, *(len(_longer(row[i])) for row in cells)], default=1)
        for i, c in enumerate(columns)
    ]
    needed = [min(max(n, 6), 40) for n in longest]
    for i, need in enumerate(needed):
        width = Cm(WIDTH * need / sum(needed))
        made.columns[i].width = width
        for cells_of_row in grid:
            cells_of_row[i].width = width


def _longer(cell: str | Cell) -> str:
    return max(cell.text, cell.small, key=len) if isinstance(cell, Cell) else cell


def _describe(made: Any, caption: str, source: str) -> None:
    """Give a table the title and description that a screen reader tells."""
    _append(made._tbl.tblPr, "tblCaption", val=caption)
    _append(made._tbl.tblPr, "tblDescription", val=source)


def _row_properties(row: Any, *, header: bool) -> None:
    """Keep a row on one page; repeat the header on each."""
    properties = row._tr.get_or_add_trPr()
    _append(properties, "cantSplit")
    if header:
        _append(properties, "tblHeader")


def _rule(row: Any, *, top: bool, bottom: bool) -> None:
    """Draw the lines over and under a row."""
    for cell in row._tr.tc_lst:
        borders = _append(cell.get_or_add_tcPr(), "tcBorders")
        for side, drawn in (("top", top), ("bottom", bottom)):
            if drawn:
                _append(borders, side, **RULE)


def _append(parent: Any, name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    parent.append(element)
    return element


def _field(paragraph: Paragraph, code: str, shown: str) -> None:
    """Add a field that Word can bring up to date, with what it shows until then."""
    from docx.oxml.ns import qn

    _append(paragraph.add_run()._r, "fldChar", fldCharType="begin")
    instruction = _append(paragraph.add_run()._r, "instrText")
    instruction.text = f" {code} "
    instruction.set(qn("xml:space"), "preserve")
    _append(paragraph.add_run()._r, "fldChar", fldCharType="separate")
    paragraph.add_run(shown)
    _append(paragraph.add_run()._r, "fldChar", fldCharType="end")
