"""A first glance at a study, before it is checked: enough to name its report and speak its language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from walesi_research.language import LANGUAGES

__all__ = ["default_out", "language_of"]


def _settings(folder: Path) -> dict[str, Any]:
    """Return the table ``[study]``, or nothing where it cannot be read: the check will say why."""
    try:
        about = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8-sig")).get("study", {})
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def language_of(folder: Path) -> str:
    """Return the study's language, Indonesian where it says none."""
    language = _settings(folder).get("language")
    return language if language in LANGUAGES else LANGUAGES[0]


def default_out(folder: Path) -> Path:
    """Return the folder that a study's report goes to, below the current one: ``report-<study id>``."""
    name = str(_settings(folder).get("id", folder.resolve().name))
    return Path("report-" + re.sub(r"[^a-z0-9_-]+", "-", name.lower()))
