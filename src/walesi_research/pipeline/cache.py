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

from walesi_research.pipeline import files
from walesi_research.pipeline.quick_nbformat import NotebookNode, nbformat

__all__ = [
    "FOLDER", "digest", "kept", "key", "load", "parts_kept", "prune", "store", "there", "versions",
]  # fmt: skip

LIBRARIES = (
    "babel", "diff-diff", "ipykernel", "ipython", "markupsafe", "matplotlib", "matplotlib-inline", "nbclient",
    "numpy", "openpyxl", "pandas", "pandera", "papermill", "pillow", "pyarrow", "pydantic", "pyreadstat",
    "scipy", "seaborn", "statsmodels",
)  # fmt: skip
OF_PAGES = ("jinja2", "nbconvert", "typst")
"""Libraries that pages depend on, and results do not."""
LENGTH = 32
"""Letters of a key in a file's name."""
FOLDER = "executed"
"""Where entries are, in the pipeline's own room."""
KEPT = 4
"""Executed versions kept of each notebook: enough to go back and forth between settings."""


def key(**parts: Any) -> str:
    """Return the key of an executed notebook.

    Parameters
    ----------
    **parts
        All that its outputs depend on, as values of JSON: digests of its code, of the sources that it
        reaches and of the study; parameters; seed; keys of the notebooks it needs; versions.
    """
    return digest(parts)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """Return the SHA-256 of a value of JSON."""
    return hashlib.sha256(_canonical(value)).hexdigest()


@cache
def versions(libraries: tuple[str, ...] = LIBRARIES) -> Mapping[str, str]:
    """Return the versions of Python and of libraries: by default those that results depend on."""
    found = {"python": platform.python_version()}
    for library in libraries:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def _path(folder: Path, name: str, key: str) -> Path:
    return folder / f"{name}-{key[:LENGTH]}.ipynb"


def store(folder: Path, name: str, parts: Mapping[str, Any], executed: NotebookNode) -> None:
    """Keep an executed notebook under the key of `parts`, with them and a checksum of its content."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {"parts": dict(parts), "checksum": digest(executed), "notebook": executed}
    files.write_whole(_path(folder, name, key(**parts)), json.dumps(record, ensure_ascii=False))


def load(folder: Path, name: str, key: str) -> NotebookNode | None:
    """Return the executed notebook kept under `key`, or None if there is none that is sound."""
    record = _sound(_path(folder, name, key))
    return record["notebook"] if record and digest(record["parts"]) == key else None


def _sound(path: Path) -> dict[str, Any] | None:
    """Return what an entry holds, or None where it cannot be read or is not what was written."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        notebook = nbformat.from_dict(record["notebook"])
        sound = digest(record["parts"])[:LENGTH] == path.stem[-LENGTH:]
        sound = sound and record["checksum"] == digest(notebook)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return {"parts": record["parts"], "notebook": notebook} if sound else None


def there(folder: Path, name: str, key: str) -> bool:
    """Tell whether there is an entry under `key`, sound or not."""
    return _path(folder, name, key).exists()


def kept(folder: Path, name: str) -> list[Path]:
    """Return the entries of a notebook, the oldest first; sound or not."""
    found = [path for path in folder.glob(f"{name}-*.ipynb") if len(path.stem) == len(name) + 1 + LENGTH]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def parts_kept(folder: Path, name: str, key: str | None = None) -> dict[str, Any] | None:
    """Return the parts of the key of the entry under `key`, else of the newest that is sound."""
    entries = [_path(folder, name, key)] if key else []
    for path in [*entries, *reversed(kept(folder, name))]:
        if record := _sound(path):
            return record["parts"]
    return None


def prune(folder: Path, name: str) -> None:
    """Delete all but the newest versions of a notebook."""
    for path in kept(folder, name)[:-KEPT]:
        path.unlink(missing_ok=True)
