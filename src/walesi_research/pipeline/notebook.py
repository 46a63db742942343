"""Notebooks as documents: reading, setting parameters, what is code and what is prose."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from walesi_research.findings import FINDINGS_MIME, Finding
from walesi_research.pipeline.quick_nbformat import NotebookNode, nbformat

__all__ = ["code_digest", "declared", "findings_of", "prepare", "read", "text_digest", "with_outputs"]

PARAMETERS, INJECTED = "parameters", "injected-parameters"


def read(path: Path) -> NotebookNode:
    """Return the notebook in `path`, without any outputs it was saved with."""
    notebook = nbformat.read(path, as_version=4)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def declared(notebook: NotebookNode) -> dict[str, Any]:
    """Return the names and values that the parameters cell assigns (literals only)."""
    sources = [cell.source for cell in code_cells(notebook) if PARAMETERS in tags(cell)]
    values: dict[str, Any] = {}
    for node in ast.parse("\n".join(sources)).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(targets[0], ast.Name) and getattr(node, "value", None) is not None:
            values[targets[0].id] = ast.literal_eval(node.value)
    return values


def prepare(notebook: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """Return `notebook` with a cell that sets `parameters`, after its parameters cell or before all else."""
    where = [i for i, cell in enumerate(notebook.cells) if PARAMETERS in tags(cell)]
    source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cell = nbformat.v4.new_code_cell(source, id=INJECTED, metadata={"tags": [INJECTED]})
    at = where[0] + 1 if where else 0
    return NotebookNode(notebook | {"cells": [*notebook.cells[:at], cell, *notebook.cells[at:]]})


def code_digest(notebook: NotebookNode) -> str:
    """Return the SHA-256 of the code cells and of which holds parameters: not of prose or outputs."""
    digest = hashlib.sha256()
    for cell in code_cells(notebook):
        digest.update(cell.source.encode() + (b"\1" if PARAMETERS in tags(cell) else b"\0"))
    return digest.hexdigest()


def text_digest(notebook: NotebookNode) -> str:
    """Return the SHA-256 of all that a page is made of but outputs: every cell's source and tags."""
    digest = hashlib.sha256()
    for cell in notebook.cells:
        digest.update(json.dumps([cell.cell_type, cell.source, tags(cell)]).encode() + b"\0")
    return digest.hexdigest()


def with_outputs(fresh: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Return the prose and tags of `fresh` with the outputs of `executed`, whose code is the same."""
    for cell, done in zip(code_cells(fresh), code_cells(executed), strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    fresh.metadata = executed.metadata
    return fresh


def findings_of(notebook: NotebookNode) -> list[Finding]:
    """Return the findings that the notebook's outputs carry.

    Raises
    ------
    ValueError, TypeError
        If a record is not a finding.
    """
    records = [
        record
        for cell in code_cells(notebook)
        for output in cell.outputs
        for record in output.get("data", {}).get(FINDINGS_MIME, ())
    ]
    return [Finding(**record) for record in records]
