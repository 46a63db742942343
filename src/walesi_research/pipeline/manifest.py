"""The manifest: what a run read, ran and wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from walesi_research import __version__
from walesi_research.pipeline import files
from walesi_research.pipeline.outbox import MANIFEST, TOOL

__all__ = ["now", "write_manifest"]


def now() -> str:
    """Return the present moment as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_manifest(stage: Path, *, facts: Mapping[str, Any], started: str) -> None:
    """Write ``manifest.json`` beside the staged files, after all of them.

    Parameters
    ----------
    stage : Path
        Folder of the finished outputs; the manifest holds the SHA-256 of each.
    facts : mapping of str to object
        Study, data, code, parameters, versions and the notebooks' states.
    started : str
        When the run began.
    """
    outputs = {name: files.digest_of(stage / name) for name in files.relative_files(stage)}
    record = {
        "tool": TOOL, "version": __version__, "started": started, "ended": now(), **facts, "outputs": outputs
    }  # fmt: skip
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    (stage / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
