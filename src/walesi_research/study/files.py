"""A file is read once: its bytes, its format by the ending of its name, its sheets."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from walesi_research.study.mask import shown
from walesi_research.study.sheets import Sheet, Unreadable
from walesi_research.study.text_files import read_text
from walesi_research.study.typed_files import read_dta, read_parquet, read_sav
from walesi_research.study.workbooks import read_workbook

__all__ = ["ENDINGS", "Book", "read_book"]

READERS: Mapping[str, Callable[[bytes, Path, frozenset[str]], list[Sheet]]] = {
    ".csv": read_text,
    ".tsv": read_text,
    ".xlsx": read_workbook,
    ".sav": read_sav,
    ".dta": read_dta,
    ".parquet": read_parquet,
}
"""Reader by ending: (bytes, path, case-folded names of the wanted columns) -> sheets."""


TEXT_ENDINGS = (".csv", ".tsv")
ENDINGS = tuple(READERS)

_MAGIC = {
    b"PK\x03\x04": ".xlsx",
    b"PAR1": ".parquet",
    b"$FL2": ".sav",
    b"$FL3": ".sav",
    b"<stata_dta>": ".dta",
    b"\x1f\x8b": ".gz",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"%PDF": ".pdf",
}


@dataclass(frozen=True)
class Book:
    """One file, read once: its sheets (one, unless it is a workbook) and the SHA-256 of its bytes."""

    sheets: tuple[Sheet, ...]
    sha256: str


def read_book(path: Path, wanted: Collection[str]) -> Book:
    """Read a file once.

    Parameters
    ----------
    path : Path
        The file; its ending tells the format.
    wanted : collection of str
        Names of the columns to keep, in any letter case; all others are left unread.

    Raises
    ------
    Unreadable
        If nothing can be read of it.
    """
    ending = _ending(path)
    raw = _bytes_of(path)
    content = _unpacked(raw) if path.suffix.lower() == ".gz" else raw
    _refuse_other_content(content, ending)
    sheets = READERS[ending](content, path, frozenset(name.casefold() for name in wanted))
    return Book(tuple(sheets), hashlib.sha256(raw).hexdigest())


def _ending(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    ending = (suffixes[:-1] if packed else suffixes)[-1:]
    if not ending or ending[0] not in ENDINGS or (packed and ending[0] in (".sav", ".dta")):
        key = "check.ending_xls" if ending and ending[0] in (".xls", ".ods") else "check.ending_unknown"
        raise Unreadable(
            key, value=shown("".join(suffixes[-2:]) or path.name), allowed=" ".join(ENDINGS) + " .csv.gz"
        )
    return ending[0]


def _bytes_of(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable("check.file_unreadable") from error
    if not content:
        raise Unreadable("check.file_empty")
    return content


def _unpacked(packed: bytes) -> bytes:
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable("check.gzip_broken") from error
    if not content:
        raise Unreadable("check.file_empty")
    return content


def _refuse_other_content(content: bytes, ending: str) -> None:
    found = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    if found == ".xls":
        raise Unreadable("check.looks_protected")
    if ending in TEXT_ENDINGS and content[:200].lstrip().lower().startswith(
        (b"<html", b"<table", b"<!doctype")
    ):
        raise Unreadable("check.looks_html")
    if found not in (None, ending) or (found is None and ending == ".parquet"):
        raise Unreadable("check.looks_other", {"ending": ending}, value=ending, guess=found)
    if found is None and ending in (".xlsx", ".sav"):
        raise Unreadable("check.looks_other", {"ending": ending}, value=ending)
