"""The scaffold written: two files beside whatever else is in the study's folder of notebooks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from walesi_research.errands.new_notebook.cells import notebook
from walesi_research.language import LANGUAGES, Message, say
from walesi_research.pipeline.files import write_whole
from walesi_research.pipeline.graph import NOTEBOOKS
from walesi_research.pipeline.own import FOLDER, fault_of
from walesi_research.problems import Problem, UserError
from walesi_research.study.places import SETTINGS_FILE

__all__ = ["Scaffold", "write_scaffold"]

SPOKEN = (
    "docstring", "about_answer", "about_findings", "about_sentence", "about_measures", "about_ask",
    "about_without",
)  # fmt: skip
"""What the researcher reads in the module."""
TOLD = (
    "question", "score", "achievement", "together", "against", "cannot_tell", "range", "missing", "few",
    "flat",
)  # fmt: skip
"""What readers of the page read, in both languages."""
LEFT_OPEN = {name: f"{{{name}}}" for name in ("first", "second", "size", "ends")}
"""Placeholders that the module itself fills."""


@dataclass(frozen=True)
class Scaffold:
    """Where the notebook and the module of its question are."""

    notebook: Path
    module: Path


def write_scaffold(study: Path, name: str, language: str) -> Scaffold:
    """Write a notebook that already runs, and the module of its question, into a study.

    Parameters
    ----------
    study : Path
        The study's folder; nothing but its ``notebooks`` is touched.
    name : str
        The notebook's name: small letters, digits and ``_``.
    language : {"id", "en"}
        Language of what the researcher reads in the module.

    Raises
    ------
    UserError
        If the folder is no study, or the name cannot be a notebook's or is taken.
    """
    if not (study / SETTINGS_FILE).is_file():
        raise _refusal("scaffold.no_study", str(study), study=str(study))
    if fault := fault_of(name, NOTEBOOKS):
        raise UserError([fault])
    module = f"{name}_question"
    made = Scaffold(study / FOLDER / f"{name}.ipynb", study / FOLDER / f"{module}.py")
    if there := [path for path in (made.notebook, made.module) if path.exists()]:
        raise _refusal("scaffold.exists", str(there[0]), file=str(there[0]))
    made.notebook.parent.mkdir(exist_ok=True)
    write_whole(made.module, _module(name, language))
    write_whole(made.notebook, json.dumps(notebook(module), ensure_ascii=False, indent=1) + "\n")
    return made


def _module(name: str, language: str) -> str:
    template = (files(__package__) / "question.txt").read_text(encoding="utf-8")
    spoken = {key: say(language, f"scaffold.{key}", name=name) for key in SPOKEN}
    told = {
        f"{key}_{code}": json.dumps(say(code, f"scaffold.{key}", **LEFT_OPEN), ensure_ascii=False)[1:-1]
        for key in TOLD
        for code in LANGUAGES
    }
    return Template(template).substitute(spoken | told, name=name)


def _refusal(key: str, value: str, **values: Any) -> UserError:
    return UserError([Problem(what=Message.of(key, **values), value=value)])
