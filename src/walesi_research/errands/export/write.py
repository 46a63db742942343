"""An export written whole, never over what is not ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from walesi_research.errands.about import default_out
from walesi_research.errands.export.archive import is_sealed
from walesi_research.errands.export.document import Document
from walesi_research.errands.export.docx import docx_bytes
from walesi_research.errands.export.latex import latex_bytes
from walesi_research.errands.export.seal import is_sealed_text
from walesi_research.errands.export.xlsx import xlsx_bytes
from walesi_research.language import Message
from walesi_research.pipeline.files import sync
from walesi_research.problems import Problem, UserError

__all__ = ["FORMATS", "Format", "destination", "write_export"]


@dataclass(frozen=True)
class Format:
    """What an export can be written as: the ending of its files, what writes and what knows them again."""

    ending: str
    bytes_of: Callable[[Document], bytes]
    knows: Callable[[bytes], bool]


FORMATS = {
    "docx": Format(".docx", docx_bytes, is_sealed),
    "xlsx": Format(".xlsx", xlsx_bytes, is_sealed),
    "latex": Format(".tex", latex_bytes, is_sealed_text),
}


def destination(study: Path, format: Format, out: Path | None) -> Path:
    """Return the file to write: `out`, or ``export-<study id>`` below the current folder.

    Raises
    ------
    UserError
        If it lies in the study's folder, has another format's ending, is a folder or in none, or is a file
        that this program did not write or that somebody has changed since.
    """
    if out is None:
        name = default_out(study).name.replace("report-", "export-", 1)
        out = Path(name + format.ending)
    if out.suffix.lower() != format.ending:
        raise _refusal("export.other_ending", out, ending=format.ending)
    if out.resolve().is_relative_to(study.resolve()):
        raise _refusal("export.out_in_study", out)
    if not out.resolve().parent.is_dir():
        raise _refusal("export.no_folder", out, folder=str(out.parent))
    if out.exists() and not (out.is_file() and format.knows(out.read_bytes())):
        raise _refusal("export.out_not_ours", out)
    return out


def _refusal(key: str, out: Path, **values: str) -> UserError:
    return UserError([Problem(what=Message.of(key, out=str(out), **values), value=str(out))])


def write_export(document: Document, format: Format, out: Path) -> None:
    """Write a document so that the file holds all of it or is as it was."""
    beside = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(format.bytes_of(document))
        sync(beside)
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    sync(out.resolve().parent)
