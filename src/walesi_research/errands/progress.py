"""The progress of a run: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from walesi_research.language import say

if TYPE_CHECKING:
    from walesi_research.pipeline.schedule import Step

__all__ = ["shown"]


@contextmanager
def shown(language: str) -> Iterator[Callable[[Step], None]]:
    """Show the steps of a run on standard error; give what is to be told of them."""
    if sys.stderr.isatty():
        with _live(language) as tell:
            yield tell
    else:
        yield lambda step: _line(step, language)


def _line(step: Step, language: str) -> None:
    """Print that a notebook began or ended; its cells in between would fill a log."""
    if step.state != "running" or step.cell == 0:
        # one write a line: notebooks run in threads of their own
        sys.stderr.write(f"{step.notebook}: {say(language, f'cli.state_{step.state}')}\n")
        sys.stderr.flush()


@contextmanager
def _live(language: str) -> Iterator[Callable[[Step], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = ("{task.description}", "{task.fields[state]}")
    bars = (BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    rows: dict[str, int] = {}
    with Progress(*(TextColumn(c) for c in columns), *bars, console=Console(stderr=True)) as display:

        def tell(step: Step) -> None:
            state = say(language, f"cli.state_{step.state}")
            if step.notebook not in rows:
                rows[step.notebook] = display.add_task(step.notebook, total=step.cells or 1, state=state)
            row = rows[step.notebook]
            if step.state == "running":
                display.update(row, state=state, completed=max(step.cell - 1, 0), total=step.cells)
            else:
                total = display.tasks[row].total
                reached = total if step.state in ("executed", "cached") else None
                display.update(row, state=state, completed=reached)
                display.stop_task(row)

        yield tell
