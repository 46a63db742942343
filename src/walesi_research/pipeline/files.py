"""Files written so that a crash leaves the old or the new, and digests of files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["all_files", "digest_of", "relative_files", "sync", "write_whole"]


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def all_files(folder: Path) -> Iterator[Path]:
    """Yield every file below `folder`, sorted."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def relative_files(folder: Path) -> list[str]:
    """Return the files below `folder` as paths relative to it, with ``/``."""
    return [path.relative_to(folder).as_posix() for path in all_files(folder)]


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of entries, is on the disk."""
    if os.name != "posix" and path.is_dir():  # Windows cannot open a folder
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` so that the file holds all of it or is as it was."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    beside.write_text(text, encoding="utf-8", newline="\n")
    sync(beside)
    os.replace(beside, path)  # noqa: PTH105 (tests stop the process here)
    sync(path.parent)
