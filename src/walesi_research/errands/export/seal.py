"""A text file sealed with its digest in the first line, so that our own can be told."""

from __future__ import annotations

import hashlib

__all__ = ["is_sealed_text", "sealed_text"]

MARK = b"% walesi_research:"


def sealed_text(text: str) -> bytes:
    """Return `text` as UTF-8 under a line of comment that holds its digest."""
    body = text.encode("utf-8")
    return MARK + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def is_sealed_text(data: bytes) -> bool:
    """Tell whether a file is as `sealed_text` wrote it."""
    first, _, body = data.partition(b"\n")
    return first == MARK + hashlib.sha256(body).hexdigest().encode()
