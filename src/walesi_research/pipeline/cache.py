"""Executed notebooks kept for the next run, under a key of everything that their outputs depend on."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from walesi_research.pipeline import files

__all__ = ["key", "load", "package_digest", "prune", "store", "versions"]

LIBRARIES = (
    "ipykernel", "matplotlib", "nbclient", "numpy", "pandas", "papermill", "pyarrow", "scipy", "seaborn",
    "statsmodels",
)  # fmt: skip
KEPT = 4
"""Executed versions kept of each notebook: enough to go back and forth between settings."""


def key(**parts: Any) -> str:
    """Return the key of an executed notebook.

    Parameters
    ----------
    **parts
        All that its outputs depend on, as values of JSON: digests of its code, of the package and of the
        study; parameters; seed; keys of the notebooks it needs; versions.
    """
    return hashlib.sha256(_canonical(parts)).hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def package_digest() -> str:
    """Return a digest of every file of this package: code, words and styles."""
    package = Path(__file__).resolve().parents[1]
    names = [n for n in files.relative_files(package) if "__pycache__" not in n and not n.endswith(".pyc")]
    return hashlib.sha256(_canonical({n: files.digest_of(package / n) for n in names})).hexdigest()


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of Python and of the libraries that results depend on."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def _path(folder: Path, name: str, key: str) -> Path:
    return folder / f"{name}-{key[:32]}.ipynb"


def _checksum(notebook: NotebookNode) -> str:
    return hashlib.sha256(_canonical(notebook)).hexdigest()


def store(folder: Path, name: str, key: str, executed: NotebookNode) -> None:
    """Keep an executed notebook, with a checksum of its content."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {"key": key, "checksum": _checksum(executed), "notebook": executed}
    files.write_whole(_path(folder, name, key), json.dumps(record, ensure_ascii=False))


def load(folder: Path, name: str, key: str) -> NotebookNode | None:
    """Return the executed notebook kept under `key`, or None if there is none that is sound."""
    try:
        record = json.loads(_path(folder, name, key).read_text(encoding="utf-8"))
        notebook = nbformat.from_dict(record["notebook"])
        sound = record["key"] == key and record["checksum"] == _checksum(notebook)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return notebook if sound else None


def prune(folder: Path, name: str) -> None:
    """Delete all but the newest versions of a notebook."""
    kept = [path for path in folder.glob(f"{name}-*.ipynb") if len(path.stem) == len(name) + 33]
    for path in sorted(kept, key=lambda p: p.stat().st_mtime_ns)[:-KEPT]:
        path.unlink(missing_ok=True)
