"""A folder that appears whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["holds_something", "staged"]


def holds_something(folder: Path) -> bool:
    """Tell whether a folder cannot be written anew: it is a file, or has files."""
    return folder.is_file() or (folder.is_dir() and any(folder.iterdir()))


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a folder beside `folder` to write to; in the end it takes its name, after an error it is gone.

    `folder` must not exist or be empty.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield staging
        if folder.exists():
            folder.rmdir()
        staging.replace(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
