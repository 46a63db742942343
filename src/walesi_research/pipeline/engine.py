"""Running one notebook, through papermill, and saying where it failed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from walesi_research.pipeline import notebook as document
from walesi_research.pipeline.quick_nbformat import NotebookNode

__all__ = ["Failure", "NotebookFailed", "execute"]

KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}
LONGEST_MESSAGE = 600

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CELL_LINE = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_OUR_LINE = re.compile(r"(walesi_research/\S+?\.py):(\d+), in ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Where and why a notebook stopped.

    Parameters
    ----------
    notebook : str
        Its name.
    cell, line : int or None
        Code cell (from 1, as in the file) and line within it (from 1).
    source : str
        That line.
    error, message : str
        Name of the exception and what it says, shortened to fit a screen.
    where : str or None
        The innermost line of this package that was running.
    """

    notebook: str
    cell: int | None = None
    line: int | None = None
    source: str = ""
    error: str
    message: str
    where: str | None = None


class NotebookFailed(Exception):
    """A notebook stopped with an error; `failure` says where."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def execute(
    name: str,
    notebook: NotebookNode,
    folder: Path,
    on_cell: Callable[[int], None] = lambda cell: None,
    *,
    warm: bool = False,
) -> NotebookNode:
    """Return `notebook` executed in a kernel of this Python whose working folder is `folder`.

    Parameters
    ----------
    name : str
        The notebook's name, for `Failure`.
    notebook : NotebookNode
        A prepared notebook (`notebook.prepare`); not changed.
    folder : Path
        Working folder of the kernel.
    on_cell : callable
        Called with the number of code cells begun, from the thread that runs the notebook.
    warm : bool
        Fork the kernel from a server that has imported the libraries, in place of starting it anew.

    Raises
    ------
    NotebookFailed
        If a cell raises, the kernel dies, or the notebook cannot be run at all.
    """
    from papermill import PapermillExecutionError, execute_notebook

    logging.getLogger("papermill").addHandler(logging.NullHandler())  # a failure is told once, by us
    from walesi_research.pipeline.kernel import Kernel, WarmKernel
    from walesi_research.pipeline.warm.client import Unfit

    begun: list[int] = []

    def count(cell: NotebookNode, cell_index: int) -> None:
        begun.append(cell_index)
        on_cell(len(begun))

    options = {"kernel_manager_class": WarmKernel if warm else Kernel}
    try:
        executed = execute_notebook(
            notebook, None, kernel_name=KERNELSPEC["name"], language="python", progress_bar=False,
            resources={"metadata": {"path": str(folder)}}, record_timing=False, on_cell_execute=count,
            shutdown_kernel="immediate", **options,
        )  # fmt: skip
    except Unfit:
        return execute(name, notebook, folder, on_cell)
    except PapermillExecutionError as error:
        raise NotebookFailed(_failure(name, notebook, error)) from None
    except Exception as error:
        cell = _number(notebook, begun[-1]) if begun else None
        kind, message = type(error).__name__, _short(str(error))
        raise NotebookFailed(Failure(notebook=name, cell=cell, error=kind, message=message)) from error
    return _clean(executed)


def _failure(name: str, notebook: NotebookNode, error) -> Failure:
    """Return what papermill's error says of the cell, counted as in the file."""
    trace = _COLOUR.sub("", "\n".join(error.traceback))
    lines = [int(line) for cell, line in _CELL_LINE.findall(trace) if int(cell) == error.exec_count]
    line = lines[0] if lines else None
    written = error.source.splitlines()
    ours = _OUR_LINE.findall(trace)
    return Failure(
        notebook=name,
        cell=_number(notebook, error.cell_index),
        line=line,
        source=written[line - 1].strip() if line and line <= len(written) else "",
        error=error.ename,
        message=_short(_COLOUR.sub("", error.evalue)),
        where=":".join(ours[-1]) if ours else None,
    )


def _number(notebook: NotebookNode, index: int) -> int:
    """Return which code cell of the file stands at `index`; the injected one does not count."""
    before = notebook.cells[: index + 1]
    return sum(cell.cell_type == "code" and document.INJECTED not in document.tags(cell) for cell in before)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + " …"


def _clean(notebook: NotebookNode) -> NotebookNode:
    """Take away what papermill notes of this machine and moment."""
    language = notebook.metadata.get("language_info", {})
    notebook.metadata = NotebookNode(kernelspec=KERNELSPEC, language_info=language)
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
    return notebook
