"""The brief as two tagged A4 pages with the words of its page, and drawings as pictures."""

from walesi_research.publish.pdf.beside import SIZE, render_report, write_beside
from walesi_research.publish.pdf.picture import picture
from walesi_research.publish.pdf.sheets import brief_pdf

__all__ = ["SIZE", "brief_pdf", "picture", "render_report", "write_beside"]
