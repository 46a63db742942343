"""The codebook as a questionnaire for KoboToolbox and ODK (an XLSForm) that reads back without edits."""

from walesi_research.errands.instrument.form import Consent, Form, form_of
from walesi_research.errands.instrument.notes import notes
from walesi_research.errands.instrument.source import Source, read_source
from walesi_research.errands.instrument.workbook import XLSFORM

__all__ = ["XLSFORM", "Consent", "Form", "Source", "form_of", "notes", "read_source"]
