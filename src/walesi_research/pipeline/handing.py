"""What a notebook is handed of those that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from walesi_research.findings import dumps_findings
from walesi_research.pipeline import graph, holm
from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.plan import Task
from walesi_research.pipeline.quick_nbformat import NotebookNode

__all__ = ["hand_findings"]


def hand_findings(name: str, task: Task, ended: Mapping[str, NotebookNode], work: Path) -> None:
    """Write what the notebooks that this one needs have found, adjusted together, where it asks for them."""
    if graph.FINDINGS.name in task.parameters:
        found = [f for need in task.needs for f in document.findings_of(ended[need])]
        text = dumps_findings(holm.adjust(found))
        (work / task.notebook.room / task.parameters[graph.FINDINGS.name]).write_text(
            text, encoding="utf-8", newline="\n"
        )
