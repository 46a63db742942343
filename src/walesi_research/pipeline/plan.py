"""What a run starts from: each notebook with its parameters set, and the key of its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from walesi_research.pipeline import cache, files, graph, outbox, own
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.inputs import input_digests
from walesi_research.pipeline.parameters import resolve
from walesi_research.pipeline.quick_nbformat import NotebookNode
from walesi_research.pipeline.reach import MEMORY, Package

__all__ = ["SNAPSHOT", "OpenStudy", "OpenedStudy", "Plan", "Task", "make_plan", "sources_of"]

SNAPSHOT = "study"
"""Where notebooks find the study, from the folder they run in."""


class OpenedStudy(Protocol):
    """What the pipeline asks of a study: who it is, the digests of its tables' files, and a snapshot."""

    id: str
    seed: int
    hashes: Mapping[str, str]

    def save(self, folder: Path) -> Any:
        """Write the pseudonymised study as a study folder."""


@dataclass(frozen=True, slots=True)
class Task:
    """A notebook about to run: its document with parameters set, and what its outputs depend on."""

    document: NotebookNode
    notebook: graph.Notebook
    parts: Mapping[str, Any]
    key: str
    beside: Mapping[str, Path]

    @property
    def needs(self) -> tuple[str, ...]:
        """Notebooks that run before it."""
        return self.notebook.needs

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Values by name."""
        return self.parts["parameters"]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run starts from; `complete` where it has all notebooks but a researcher's own."""

    study: OpenedStudy
    data: Mapping[str, Any]
    package: Package
    tasks: Mapping[str, Task]
    every: tuple[graph.Notebook, ...]
    complete: bool


OpenStudy = Callable[[Path, Mapping[str, Path] | None], OpenedStudy]


def make_plan(
    folder: Path,
    out: Path,
    *,
    open_study: OpenStudy,
    tables: Mapping[str, Path] | None = None,
    only: Iterable[str] = (),
    parameters: Mapping[str, Any] | None = None,
    notebooks: Path | None = None,
    every: Sequence[graph.Notebook] = graph.NOTEBOOKS,
) -> Plan:
    """Open a study, read the notebooks and work out the key of each; parameters are those of `run_study`.

    The notebooks of `every` study come first, then a researcher's own.

    Raises
    ------
    UserError
        If the study, a parameter or a notebook's name is refused.
    """
    every = (*every, *own.own_notebooks(folder, every))
    chosen = graph.select(every, only)
    values = resolve({n.name: n.parameters for n in chosen}, parameters or {})
    where = notebooks or graph.resources("notebooks")
    study = open_study(folder, tables)
    data = input_digests(folder, tables, study.hashes)
    package = Package(memory=out / outbox.ROOM / MEMORY)
    tasks: dict[str, Task] = {}
    for notebook in chosen:
        raw = document.read((notebook.home or where) / f"{notebook.name}.ipynb")
        beside = own.beside(notebook)
        parts = {
            "code": document.code_digest(raw),
            "sources": sources_of(package, raw, beside),
            "data": data,
            "seed": study.seed,
            "parameters": dict(values[notebook.name]) | notebook.handed,
            "needs": {need: tasks[need].key for need in notebook.needs},
            "versions": dict(cache.versions()),
        }
        given = {graph.STUDY.name: f"{notebook.up}{SNAPSHOT}", **parts["parameters"]}
        tasks[notebook.name] = Task(document.prepare(raw, given), notebook, parts, cache.key(**parts), beside)
    complete = {n.name for n in every if not n.own} <= set(tasks)
    return Plan(study, data, package, tasks, every, complete)


def sources_of(package: Package, raw: NotebookNode, beside: Mapping[str, Path]) -> dict[str, str]:
    """Return path and SHA-256 of the code that a notebook reaches: ours, and all that lies beside its own."""
    cells = [cell.source for cell in document.code_cells(raw)]
    modules = [
        path.read_text(encoding="utf-8", errors="replace") for n, path in beside.items() if n.endswith(".py")
    ]
    theirs = {f"{own.FOLDER}/{name}": files.digest_of(path) for name, path in beside.items()}
    return package.digests_reached([*cells, *modules]) | theirs
