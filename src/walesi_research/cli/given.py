"""What was given on the command line, as values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from walesi_research.language import Message
from walesi_research.pipeline import NOTEBOOKS, assignments
from walesi_research.pipeline.parameters import resolve
from walesi_research.problems import Problem, UserError

__all__ = ["must_exist", "names_of", "parameters_of_all", "tables_of"]


def parameters_of_all(texts: Sequence[str] | None) -> dict[str, Any]:
    """Return the parameters of all notebooks: what was given, else their defaults."""
    declared = {n.name: n.parameters for n in NOTEBOOKS}
    resolved = resolve(declared, assignments(texts or ()))
    return {name: value for values in resolved.values() for name, value in values.items()}


def names_of(only: Sequence[str] | None) -> list[str]:
    """Return names given one by one or with commas between them."""
    return [name for text in only or () for name in text.split(",") if name]


def tables_of(texts: Sequence[str] | None) -> dict[str, Path]:
    """Return ``name=FILE`` texts as a mapping."""
    pairs = [(text, *text.partition("=")) for text in texts or ()]
    if wrong := [text for text, name, _, file in pairs if not (name and file)]:
        raise UserError([Problem(what=Message.of("cli.table_form", text=text), value=text) for text in wrong])
    return {name.strip(): Path(file) for _, name, _, file in pairs}


def must_exist(study: Path) -> None:
    """Refuse a study folder that is not there."""
    if not study.is_dir():
        raise UserError([Problem(what=Message.of("cli.no_study", study=str(study)), value=str(study))])
