"""Office files as bytes that depend on nothing but what is in them, sealed so that our own can be told.

Word and spreadsheet files are zip archives. Ours are written again without times and with one set of
properties, in which stands a digest of all else: a file whose digest still fits is as this program wrote it
and may be replaced; one that somebody has changed since may not.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from xml.sax.saxutils import escape

from walesi_research.exhibits.text import clean

__all__ = ["is_sealed", "sealed"]

CORE = "docProps/core.xml"
TOOL = "walesi_research"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_DIGEST = re.compile(rf"<dc:identifier>{TOOL}:([0-9a-f]{{64}})</dc:identifier>")
_PROPERTIES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>{title}</dc:title><dc:creator>" + TOOL + "</dc:creator>"
    "<dc:identifier>" + TOOL + ":{digest}</dc:identifier>"
    "<dc:language>{language}</dc:language></cp:coreProperties>"
)


def sealed(archive: bytes, title: str, language: str) -> bytes:
    """Return an office file without times, with our properties and the digest of all else.

    Parameters
    ----------
    archive : bytes
        As a library wrote it.
    title : str
        Any text.
    language : str
    """
    parts = _parts(archive)
    properties = _PROPERTIES.format(title=escape(clean(title)), language=language, digest=_digest(parts))
    parts[CORE] = properties.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3  # the same on every system
            written.writestr(entry, data)
    return out.getvalue()


def is_sealed(archive: bytes) -> bool:
    """Tell whether an office file is as `sealed` wrote it."""
    try:
        parts = _parts(archive)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        return False
    found = _DIGEST.search(parts.get(CORE, b"").decode("utf-8", "replace"))
    return found is not None and found[1] == _digest(parts)


def _parts(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        return {name: read.read(name) for name in read.namelist()}


def _digest(parts: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(parts.items()):
        if name != CORE:
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
