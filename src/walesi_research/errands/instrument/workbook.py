"""The questionnaire as an XLSForm: a workbook of the sheets survey, choices and settings."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from walesi_research.errands.export.archive import is_sealed, sealed
from walesi_research.errands.export.write import Format
from walesi_research.errands.instrument.form import Form, Question
from walesi_research.language import LANGUAGES

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["NAMES", "XLSFORM", "xlsform_bytes"]

NAMES = {"id": "Bahasa Indonesia (id)", "en": "English (en)"}
"""How forms name our languages."""
TRANSLATED = ("label", "hint", "constraint_message")
PLAIN = ("required", "relevant", "appearance", "constraint", "calculation")
WIDTHS = {"label": 60, "hint": 30, "type": 22, "name": 16}


def xlsform_bytes(form: Form) -> bytes:
    """Return the questionnaire as a spreadsheet; the same questionnaire gives the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "survey"
    _fill(book.active, _survey(form))
    _fill(book.create_sheet("choices"), _choices(form))
    _fill(book.create_sheet("settings"), _settings(form))
    out = io.BytesIO()
    book.save(out)
    return sealed(out.getvalue(), form.title, form.language)


XLSFORM = Format(".xlsx", xlsform_bytes, is_sealed)
"""How an XLSForm is written, and known again."""


def _ordered(form: Form) -> list[str]:
    """Return the languages, the form's own first."""
    return sorted(LANGUAGES, key=lambda code: code != form.language)


def _survey(form: Form) -> Iterator[list[str]]:
    languages = _ordered(form)
    headings = [f"{column}::{NAMES[code]}" for column in TRANSLATED for code in languages]
    yield ["type", "name", *headings, *PLAIN]
    for question in form.questions:
        yield [question.type, question.name, *_translated(question, languages), *_plain(question)]


def _translated(question: Question, languages: Sequence[str]) -> list[str]:
    return [getattr(question, column).get(code, "") for column in TRANSLATED for code in languages]


def _plain(question: Question) -> list[str]:
    values: Mapping[str, object] = {column: getattr(question, column) for column in PLAIN}
    return [("yes" if value else "") if isinstance(value, bool) else str(value) for value in values.values()]


def _choices(form: Form) -> Iterator[list[str]]:
    languages = _ordered(form)
    yield ["list_name", "name", *(f"label::{NAMES[code]}" for code in languages)]
    for list_name, choices in form.choices.items():
        for name, words in choices:
            yield [list_name, name, *(words[code] for code in languages)]


def _settings(form: Form) -> Iterator[list[str]]:
    yield ["form_title", "form_id", "version", "default_language", "style"]
    yield [form.title, form.id, form.version, NAMES[form.language], "pages"]


def _fill(sheet: Worksheet, rows: Iterator[list[str]]) -> None:
    """Write rows of text, none of which a spreadsheet takes for a formula or a number."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for at, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            if text:
                cell = sheet.cell(at, column, text)
                cell.data_type, cell.alignment = "s", Alignment(vertical="top", wrap_text=True)
                cell.font = Font(bold=at == 1)
            if at == 1:
                width = WIDTHS.get(text.partition(":")[0], 14)
                sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
