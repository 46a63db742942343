"""A researcher's own notebooks: those in the folder ``notebooks`` of a study, after all others.

They run in a folder of their own, with the files that lie beside them, so that a module of theirs can be
imported there and shadows nothing elsewhere.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from walesi_research.findings import Finding
from walesi_research.language import LANGUAGES, Message
from walesi_research.pipeline import files, graph
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.parameters import Parameter
from walesi_research.problems import Problem, UserError

__all__ = ["FOLDER", "PREFIX", "RESERVED", "beside", "check_findings", "fault_of", "lay_out", "own_notebooks"]

FOLDER = "notebooks"
"""Where they are, in the study's folder."""
PREFIX = "own"
"""What the ids of their findings begin with."""
RESERVED = ("index", "reading", "dictionary", "verification")
"""Pages that every report has."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
DRAFT = re.compile(r"Untitled\d*|.+-Copy\d+|[._].*")
"""What Jupyter calls a notebook that nobody has named, and what is hidden: not run."""
_TITLE = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*\n?$", re.MULTILINE)
_KNOWN = {p.name: p for p in (graph.STUDY, graph.FINDINGS, graph.LEVEL, graph.DRAWS, graph.PLS)}
_KINDS = {bool: "bool", int: "int", float: "float", str: "text"}


def own_notebooks(study: Path, others: Sequence[graph.Notebook]) -> tuple[graph.Notebook, ...]:
    """Return the notebooks in a study's folder, by name.

    Parameters
    ----------
    study : Path
        The study's folder.
    others : sequence of Notebook
        The notebooks of every study. One's own that takes the parameter ``findings`` is handed theirs.

    Raises
    ------
    UserError
        With every file that has a name no notebook may have, or that cannot be read.
    """
    made, problems = [], []
    for path in sorted((study / FOLDER).glob("*.ipynb")):
        if DRAFT.fullmatch(path.stem):
            continue
        fault = fault_of(path.stem, others)
        found = fault or _notebook(path, others)
        if isinstance(found, graph.Notebook):
            made.append(found)
        else:
            problems.append(replace(found, file=f"{FOLDER}/{path.name}"))
    if problems:
        raise UserError(problems)
    return tuple(made)


def fault_of(name: str, others: Iterable[graph.Notebook]) -> Problem | None:
    """Return what is wrong with a notebook's name, if anything."""
    if NAME.fullmatch(name) is None:
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_0123456789")
        what = Message.of("scaffold.bad_name", name=name)
        return Problem(what=what, value=name, guess=plain or None)
    if name in RESERVED or name in {n.name for n in others}:
        return Problem(what=Message.of("scaffold.name_taken", name=name), value=name)
    return None


def _notebook(path: Path, others: Sequence[graph.Notebook]) -> graph.Notebook | Problem:
    try:
        raw = document.read(path)
        parameters = tuple(_parameters(document.declared(raw)))
    except Exception as error:  # whatever a file that is no notebook happens to cause
        return Problem(what=Message.of("scaffold.unreadable", why=type(error).__name__))
    makers = tuple(n.name for n in others if graph.FINDINGS not in n.parameters)
    asks = any(p.name == graph.FINDINGS.name for p in parameters)
    return graph.Notebook(
        name=path.stem,
        title_key="",
        titles=_titles(raw, path.stem),
        parameters=parameters,
        needs=makers if asks else (),
        home=path.parent,
    )


def _parameters(declared: Mapping[str, Any]) -> Iterator[Parameter]:
    """Yield what may be varied: what other notebooks declare too, and any other number, word or yes/no."""
    for name, value in declared.items():
        if name in (graph.STUDY.name, graph.FINDINGS.name):
            yield _KNOWN[name]
        elif name in _KNOWN:
            yield replace(_KNOWN[name], default=value)
        elif type(value) in _KINDS:
            yield Parameter(name=name, kind=_KINDS[type(value)], default=value)


def _titles(raw: Any, name: str) -> dict[str, str]:
    """Return the title in each language: the first heading of a cell tagged with it, else the file's name."""
    titles = dict.fromkeys(LANGUAGES, name)
    cells = [cell for cell in raw.cells if cell.cell_type == "markdown"]
    for cell in reversed(cells):
        if found := _TITLE.match(cell.source):
            tagged = [code for code in LANGUAGES if code in document.tags(cell)]
            titles |= dict.fromkeys(tagged or LANGUAGES, found[1])
    return titles


def beside(notebook: graph.Notebook) -> dict[str, Path]:
    """Return the files that lie beside one's own notebook, by their path from there; no other notebooks."""
    if notebook.home is None:
        return {}
    return {
        name: notebook.home / name
        for name in files.relative_files(notebook.home)
        if not name.endswith((".ipynb", ".pyc"))
        and not any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))
    }


def lay_out(found: Mapping[str, Path], folder: Path) -> None:
    """Copy the files that lie beside one's own notebooks to where these run."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)


def check_findings(name: str, found: Iterable[Finding]) -> None:
    """Refuse findings that could be taken for those of another notebook.

    Raises
    ------
    ValueError
        Saying which, and what its id must begin with.
    """
    seen: set[str] = set()
    for finding in found:
        if not finding.id.startswith(f"{PREFIX}.{name}."):
            raise ValueError(f"the id of finding {finding.id!r} must begin with '{PREFIX}.{name}.'")
        if finding.notebook != name:
            raise ValueError(f"finding {finding.id!r} says it is of {finding.notebook!r}, not of {name!r}")
        if finding.id in seen:
            raise ValueError(f"finding {finding.id!r} was made twice")
        seen.add(finding.id)
