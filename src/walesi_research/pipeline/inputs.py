"""Digests of a study's files: what a run read, by name and never by place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from walesi_research.pipeline import files
from walesi_research.problems import covered

__all__ = ["input_digests"]


def input_digests(
    folder: Path, tables: Mapping[str, Path] | None, hashes: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return file name and SHA-256 of the settings, the codebook and every table of a study.

    Parameters
    ----------
    folder : Path
        A study folder that opens.
    tables : mapping of str to Path or None
        Tables kept outside the folder.
    hashes : mapping of str to str
        SHA-256 of the bytes that were read of each table.
    """
    settings = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8-sig"))
    named = settings.get("tables", {}) | dict(tables or {})
    read = {
        table: {"file": covered(Path(named[table]).name), "sha256": digest}
        for table, digest in hashes.items()
    }
    about = {"settings": folder / "study.toml", "codebook": folder / "codebook.toml"}
    return {
        name: {"file": path.name, "sha256": files.digest_of(path)}
        for name, path in about.items()
        if path.exists()
    } | read
