"""Excel workbooks: every sheet, cells as they are typed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from walesi_research.study.records import padded, sheet_of_records
from walesi_research.study.sheets import Sheet, Unreadable
from walesi_research.study.texts import as_text

__all__ = ["read_workbook"]


def read_workbook(content: bytes, path: Path, wanted: frozenset[str]) -> list[Sheet]:
    """Read an Excel workbook. Parameters and errors are those of `text_files.read_text`."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [sheet_of_records(sheet.title, _cells(sheet), wanted, padded) for sheet in book.worksheets]
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises whatever the broken part happens to cause
        raise Unreadable("check.file_broken", {"ending": ".xlsx"}) from error
    if all(sheet.frame.empty and not sheet.names for sheet in sheets):
        raise Unreadable("check.file_empty")
    return sheets


def _cells(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # some programs write a wrong one
    for row in sheet.iter_rows(values_only=True):
        yield [as_text(value) for value in row]
