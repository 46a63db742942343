"""How a run ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from walesi_research.findings import Finding
from walesi_research.pipeline import graph
from walesi_research.pipeline.engine import Failure
from walesi_research.pipeline.quick_nbformat import NotebookNode
from walesi_research.pipeline.schedule import Done

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended.

    Parameters
    ----------
    out : Path
        The output folder.
    notebooks : mapping of str to Done
        How each notebook ended, in order.
    findings : tuple of Finding
        What they found.
    every : tuple of Notebook
        All notebooks that there are, those left out of the run too.
    parts : mapping of str to mapping
        What the outputs of each notebook of the run depend on: the parts of its key.
    """

    out: Path
    notebooks: Mapping[str, Done]
    findings: tuple[Finding, ...]
    every: tuple[graph.Notebook, ...] = graph.NOTEBOOKS
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Why notebooks failed, in order."""
        return tuple(done.failure for done in self.notebooks.values() if done.failure)

    @property
    def executed(self) -> dict[str, NotebookNode]:
        """Notebooks that have outputs, in order."""
        return {name: done.executed for name, done in self.notebooks.items() if done.executed}

    @property
    def ok(self) -> bool:
        """Whether every notebook ended well."""
        return all(done.ok for done in self.notebooks.values())

    @property
    def unchanged(self) -> bool:
        """Whether no notebook had to run."""
        return all(done.state == "cached" for done in self.notebooks.values())

    @property
    def published(self) -> bool:
        """Whether there were outputs to put in place; else those of the run before still stand."""
        return bool(self.executed)
