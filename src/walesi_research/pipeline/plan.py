"""What a run starts from: each notebook with its parameters set, and the key of its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from walesi_research.pipeline import cache, graph, outbox
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.inputs import input_digests
from walesi_research.pipeline.parameters import resolve
from walesi_research.pipeline.quick_nbformat import NotebookNode
from walesi_research.pipeline.reach import MEMORY, Package

__all__ = ["SNAPSHOT", "OpenStudy", "OpenedStudy", "Plan", "Task", "make_plan"]

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
    needs: tuple[str, ...]
    parts: Mapping[str, Any]
    key: str

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Values by name."""
        return self.parts["parameters"]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run starts from."""

    study: OpenedStudy
    data: Mapping[str, Any]
    package: Package
    tasks: Mapping[str, Task]
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

    Raises
    ------
    UserError
        If the study, a parameter or a notebook's name is refused.
    """
    chosen = graph.select(every, only)
    values = resolve({n.name: n.parameters for n in chosen}, parameters or {})
    where = notebooks or graph.resources("notebooks")
    study = open_study(folder, tables)
    data = input_digests(folder, tables, study.hashes)
    package = Package(memory=out / outbox.ROOM / MEMORY)
    tasks: dict[str, Task] = {}
    for notebook in chosen:
        raw = document.read(where / f"{notebook.name}.ipynb")
        parts = {
            "code": document.code_digest(raw),
            "sources": package.digests_reached(cell.source for cell in document.code_cells(raw)),
            "data": data,
            "seed": study.seed,
            "parameters": dict(values[notebook.name]) | notebook.handed,
            "needs": {need: tasks[need].key for need in notebook.needs},
            "versions": dict(cache.versions()),
        }
        prepared = document.prepare(raw, {graph.STUDY.name: SNAPSHOT, **parts["parameters"]})
        tasks[notebook.name] = Task(prepared, notebook.needs, parts, cache.key(**parts))
    return Plan(study, data, package, tasks, complete=len(chosen) == len(every))
