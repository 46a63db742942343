"""The tables of a study for those who must hand in a 'Bab IV': Word, a spreadsheet, or LaTeX."""

from walesi_research.errands.export.document import Document, document_of
from walesi_research.errands.export.write import FORMATS, destination, write_export

__all__ = ["FORMATS", "Document", "destination", "document_of", "write_export"]
