"""Words of a file in both languages, where the file has both: ``Saya puas / I am satisfied``."""

from __future__ import annotations

import re

from walesi_research.errands.init.names import plain

__all__ = ["in_both", "language_in"]

_INDONESIAN = frozenset(
    [
        "yang",
        "di",
        "dan",
        "saya",
        "tidak",
        "untuk",
        "dengan",
        "dalam",
        "pada",
        "kerja",
        "kami",
        "adalah",
        "dari",
        "ini",
        "itu",
        "anda",
        "atasan",
        "kantor",
        "akan",
        "telah",
        "sudah",
        "oleh",
        "sebagai",
        "atau",
        "lebih",
        "merasa",
        "pegawai",
        "ke",
        "bagi",
    ]
)
_ENGLISH = frozenset(
    [
        "the",
        "i",
        "my",
        "is",
        "are",
        "of",
        "to",
        "and",
        "in",
        "for",
        "with",
        "at",
        "by",
        "am",
        "me",
        "we",
        "our",
        "work",
        "have",
        "has",
        "not",
        "their",
        "this",
        "that",
        "be",
        "do",
        "it",
        "on",
        "from",
    ]
)


def language_in(text: str) -> str:
    """Return ``id`` or ``en`` by the small words of a text; nothing where they do not tell."""
    words = plain(text).split()
    indonesian, english = sum(w in _INDONESIAN for w in words), sum(w in _ENGLISH for w in words)
    return "" if indonesian == english else "id" if indonesian > english else "en"


def in_both(text: str) -> tuple[str, str]:
    """Return a text in Indonesian and in English: the file's own, else the same twice."""
    text = " ".join(text.split())
    parts = re.split(r"\s+[/|]\s+|\s*\n\s*", text)
    if len(parts) == 2:
        found = {language_in(part): part for part in parts}
        if set(found) == {"id", "en"}:
            return found["id"], found["en"]
    return text, text
