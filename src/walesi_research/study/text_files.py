"""CSV and its kin: encoding and delimiter are found out, rows keep their numbers."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from walesi_research.study.header import DEPTH
from walesi_research.study.records import sheet_of_records
from walesi_research.study.sheets import Sheet, Unreadable

__all__ = ["read_text"]

DELIMITERS = (",", ";", "\t", "|")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


def read_text(content: bytes, path: Path, wanted: frozenset[str]) -> list[Sheet]:
    """Read a text table: UTF-8, UTF-16 or Windows-1252; comma, semicolon, tab or bar.

    Parameters
    ----------
    content : bytes
        The file.
    path : Path
        Unused: the content tells everything.
    wanted : frozenset of str
        Names of the columns to keep, case-folded.

    Raises
    ------
    Unreadable
        If nothing can be read of it.
    """
    text = _decoded(content)
    if not text.strip():
        raise Unreadable("check.file_empty")
    hint = re.match(r"sep=(.)\r?\n", text)
    text = text[hint.end() :] if hint else text
    delimiter = hint[1] if hint else _delimiter(text, wanted)
    if (row := _open_quote(text, delimiter)) is not None:
        raise Unreadable("check.quote_open", row=row)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [sheet_of_records("", _checked(records), wanted)]


def _checked(records: Any) -> Iterator[list[str]]:
    """Yield records; a record that the csv module cannot read ends the file with the reason."""
    for row in itertools.count(1):
        try:
            yield next(records)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable("check.csv_broken", row=row) from error


def _open_quote(text: str, delimiter: str) -> int | None:
    """Return the row in which a quotation mark is opened that nothing closes."""
    if text.count('"') % 2 == 0:
        return None
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 1
    try:
        for row, _ in enumerate(records, start=2):  # noqa: B007 - the row after the last whole one
            pass
    except csv.Error as error:
        return row if "unexpected end" in str(error) else None
    return None


def _decoded(content: bytes) -> str:
    for mark, encoding in _UTF16.items():
        if content.startswith(mark):
            return _decode(content, encoding)
    if (encoding := _utf16_without_mark(content)) is not None:
        return _decode(content, encoding)
    if _CONTROL.search(content[:100_000]):
        raise Unreadable("check.not_text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _UTF8_SEQUENCE.search(content):
            row = content[: error.start].count(b"\n") + 1
            raise Unreadable("check.encoding_mixed", row=row) from error
        return _decode(content, "cp1252")


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise Unreadable("check.encoding_unknown", row=row, allowed="UTF-8, UTF-16, Windows-1252") from error


def _utf16_without_mark(content: bytes) -> str | None:
    start = content[:2000]
    half = len(start) // 2
    for encoding, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if half > 4 and zeros.count(0) > 0.8 * half:
            return encoding
    return None


def _delimiter(text: str, wanted: frozenset[str]) -> str:
    """Return the delimiter that finds most known names, then gives most rows one width, then the widest."""
    start = text[:200_000]

    def fit(delimiter: str) -> tuple[int, int, int]:
        records = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        try:
            rows = [row for row in itertools.islice(records, 50) if row]
        except csv.Error:
            return (0, 0, 0)
        known = max(len({cell.strip().casefold() for cell in row} & wanted) for row in rows[:DEPTH])
        widths = [len(row) for row in rows if len(row) > 1]
        width = max(set(widths), key=lambda w: (widths.count(w), w), default=1)
        return (known, widths.count(width), width)

    return max(DELIMITERS, key=fit)
