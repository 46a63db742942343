"""The brief's PDF beside its page: written by a run, and made again from a finished report."""

from __future__ import annotations

import os
from pathlib import Path

from walesi_research.language import LANGUAGES, Message, number
from walesi_research.problems import Problem, UserError
from walesi_research.publish.pdf.content import is_brief_page
from walesi_research.publish.pdf.sheets import brief_pdf

__all__ = ["SIZE", "render_report", "write_beside"]

SIZE = "<!--kB-->"
"""Where a page says how large its PDF is; put there before the PDF can be made."""
MANIFEST = "manifest.json"


def write_beside(html: str, page: Path) -> str:
    """Write a brief's page as PDF beside it, and return the page with the PDF's size said.

    Parameters
    ----------
    html : str
        The page, with `SIZE` where the size belongs.
    page : Path
        The page's own file; the PDF has its name.
    """
    data = brief_pdf(html)
    page.with_suffix(".pdf").write_bytes(data)
    return html.replace(SIZE, kilobytes(len(data), html))


def kilobytes(size: int, html: str) -> str:
    """Return a size in whole kB as the page's language writes it."""
    language = next(code for code in LANGUAGES if f'<html lang="{code}"' in html)
    return number(size / 1000, language, 0)


def render_report(out: Path) -> list[Path]:
    """Make the PDF of the brief again, in every language, from the pages of a finished report.

    Parameters
    ----------
    out : Path
        The report's folder.

    Returns
    -------
    list of Path
        The files, each beside its page.

    Raises
    ------
    UserError
        If there is no such folder, it is no report, its brief is missing, or a page is not as a run left it.
    """
    if not out.is_dir():
        raise _refusal("pdf.no_folder", out)
    pages = [page for code in LANGUAGES for page in sorted((out / code).glob("*.html")) if _is_brief(page)]
    if not pages:
        raise _refusal("pdf.no_brief" if (out / MANIFEST).is_file() else "pdf.not_report", out)
    made = [(page.with_suffix(".pdf"), _made(page)) for page in pages]
    for file, data in made:
        _write_whole(file, data)
    return [file for file, _ in made]


def _is_brief(page: Path) -> bool:
    return is_brief_page(page.read_text(encoding="utf-8", errors="replace"))


def _made(page: Path) -> bytes:
    try:
        return brief_pdf(page.read_text(encoding="utf-8"))
    except ValueError:
        raise _refusal("pdf.page_changed", page) from None


def _write_whole(file: Path, data: bytes) -> None:
    """Write a file so that it holds all of `data` or is as it was."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(data)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _refusal(key: str, path: Path) -> UserError:
    return UserError([Problem(what=Message.of(key, out=str(path)), value=str(path))])
