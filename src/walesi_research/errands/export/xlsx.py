"""The tables as a spreadsheet: one sheet a table, numbers as numbers, text that no spreadsheet runs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from walesi_research.errands.export.archive import TOOL, sealed
from walesi_research.errands.export.columns import Entry, Laid, laid_out
from walesi_research.errands.export.document import Document, Numbered
from walesi_research.errands.export.values import Value
from walesi_research.exhibits.text import clean
from walesi_research.language import say

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["xlsx_bytes"]

HEADER = 4
"""Row of the headings: over it stand caption, banner, and a blank row."""
WIDEST, NARROWEST = 60, 9
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for a formula; control characters are gone by then."""


def xlsx_bytes(document: Document) -> bytes:
    """Return the document as a spreadsheet; the same document gives the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    _contents(book.active, document)
    for numbered in document.tables:
        _sheet(book.create_sheet(numbered.number), numbered, document)
    out = io.BytesIO()
    book.save(out)
    return sealed(out.getvalue(), document.title, document.language)


def _contents(sheet: Worksheet, document: Document) -> None:
    """List the tables, each with a way to its sheet, and what is missing."""
    from openpyxl.styles import Font

    sheet.title = document.say("contents")
    _put(sheet.cell(1, 1), document.title).font = Font(bold=True, size=14)
    lines = [document.banner, *document.opening]
    for at, text in enumerate(filter(None, lines), 2):
        _put(sheet.cell(at, 1), text)
    row = sheet.max_row + 2
    for part in document.parts:
        _put(sheet.cell(row, 1), part.heading).font = Font(bold=True)
        for text in part.missing:
            row += 1
            _put(sheet.cell(row, 1), text)
        for numbered in part.tables:
            row += 1
            cell = _put(sheet.cell(row, 1), _title(numbered))
            cell.hyperlink = f"#'{numbered.number}'!A1"
            cell.style = "Hyperlink"
        row += 2
    sheet.column_dimensions["A"].width = 110
    _printed(sheet, document)


def _title(numbered: Numbered) -> str:
    language = numbered.table.language
    return f"{say(language, 'exhibit.table')} {numbered.number}  {numbered.table.caption}"


def _sheet(sheet: Worksheet, numbered: Numbered, document: Document) -> None:
    """Write one table, its notes and its source."""
    from openpyxl.styles import Border, Font, Side

    laid = laid_out(numbered.table)
    _put(sheet.cell(1, 1), _title(numbered)).font = Font(bold=True)
    if document.banner:
        _put(sheet.cell(2, 1), document.banner).font = Font(bold=True, color="B00020")
    for column, text in enumerate(laid.header, 1):
        cell = _put(sheet.cell(HEADER, column), text)
        cell.font, cell.border = Font(bold=True), Border(top=Side("thin"), bottom=Side("thin"))
    for i, row in enumerate(laid.rows):
        for column, entry in enumerate(row, 1):
            _put(sheet.cell(HEADER + 1 + i, column), entry).font = Font(bold=i in laid.groups)
    _comments(sheet, numbered, laid)
    below = HEADER + len(laid.rows) + 2
    notes = [f"{document.say('note')} {note}" for note in numbered.notes]
    for at, text in enumerate([*notes, numbered.source], below):
        _put(sheet.cell(at, 1), text).font = Font(italic=True, size=9)
    sheet.freeze_panes = sheet.cell(HEADER + 1, 2)
    sheet.print_title_rows = f"{HEADER}:{HEADER}"
    _wide(sheet, laid)
    _printed(sheet, document)


def _comments(sheet: Worksheet, numbered: Numbered, laid: Laid) -> None:
    """Say at each cell that is a finding which one."""
    from openpyxl.comments import Comment

    for (row, column), id in sorted(numbered.cells.items()):
        sheet.cell(HEADER + 1 + row, laid.start[column] + 1).comment = Comment(id, TOOL, height=40, width=280)


def _put(cell: Cell, entry: Entry) -> Cell:
    """Write a number with its format, or text that is never taken for a formula."""
    from openpyxl.styles import Alignment

    if isinstance(entry, Value):
        cell.value, cell.number_format = entry.number, entry.format
        return cell
    text = clean(entry)
    if text:
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = text.lstrip().startswith(FORMULA)
        cell.alignment = Alignment(vertical="top")
    return cell


def _wide(sheet: Worksheet, laid: Laid) -> None:
    from openpyxl.utils import get_column_letter

    for column, heading in enumerate(laid.header):
        texts = [heading, *(row[column] for row in laid.rows if isinstance(row[column], str))]
        width = min(WIDEST, max(NARROWEST, *(len(text) + 2 for text in texts)))
        sheet.column_dimensions[get_column_letter(column + 1)].width = width


def _printed(sheet: Worksheet, document: Document) -> None:
    """Set how a sheet is printed: on A4, as wide as it is, with the banner on every page."""
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if document.banner:
        sheet.oddHeader.center.text = document.banner.replace("&", "&&")
