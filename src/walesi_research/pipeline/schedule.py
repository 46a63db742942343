"""Running notebooks beside and after one another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Literal

from walesi_research.pipeline.engine import Failure, NotebookFailed
from walesi_research.pipeline.quick_nbformat import NotebookNode

__all__ = ["Done", "Step", "run_in_order"]

WAKE = 0.5
"""Seconds after which the waiting thread looks up: a signal that another thread received does not wake it."""

State = Literal["running", "executed", "cached", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """News of a run: a notebook's state, and how many of its code cells have begun."""

    notebook: str
    state: State
    cell: int = 0
    cells: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How one notebook ended.

    Parameters
    ----------
    state : {"executed", "cached", "failed", "skipped"}
        ``skipped`` when one that it needs did not end well.
    executed : NotebookNode or None
        The notebook with its outputs, where there are any.
    failure : Failure or None
        Why it failed.
    seconds : float
        Time it took.
    """

    state: State
    executed: NotebookNode | None = None
    failure: Failure | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether there are outputs."""
        return self.executed is not None


def run_in_order(
    needs: Mapping[str, Sequence[str]],
    run: Callable[[str], NotebookNode],
    jobs: int,
    ended: Callable[[str, Done], None],
    stop: Callable[[], None],
) -> dict[str, Done]:
    """Run every notebook after those it needs, at most `jobs` at once.

    Parameters
    ----------
    needs : mapping of str to sequence of str
        Names that each name needs; those that are no keys count as done.
    run : callable
        Runs one by name, in a thread of its own; raises `NotebookFailed`.
    jobs : int
        How many may run at once.
    ended : callable
        Told of each end, in this thread.
    stop : callable
        Called again and again, when this thread is interrupted, until nothing runs.

    Returns
    -------
    dict of str to Done
    """
    sorter = TopologicalSorter({name: [n for n in needs[name] if n in needs] for name in needs})
    sorter.prepare()
    done: dict[str, Done] = {}
    running: dict[Future[Done], str] = {}
    own = f"notebook-{id(done)}-"
    pool = ThreadPoolExecutor(jobs, thread_name_prefix=own)

    def end(name: str, result: Done) -> None:
        done[name] = result
        sorter.done(name)
        ended(name, result)

    try:
        while sorter.is_active():
            for name in sorter.get_ready():
                if all(done[n].ok for n in needs[name] if n in needs):
                    running[pool.submit(_timed, run, name)] = name
                else:
                    end(name, Done(state="skipped"))
            for future in wait(running, WAKE, FIRST_COMPLETED).done if running else ():
                end(running.pop(future), future.result())
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        while threads := [t for t in threading.enumerate() if t.name.startswith(own)]:
            stop()  # threads, not futures: one may have begun that is not noted in `running` yet
            threads[0].join(0.1)
        raise
    finally:
        pool.shutdown()
    return done


def _timed(run: Callable[[str], NotebookNode], name: str) -> Done:
    began = time.monotonic()
    try:
        executed, failure = run(name), None
    except NotebookFailed as error:
        executed, failure = None, error.failure
    seconds = round(time.monotonic() - began, 3)
    return Done(
        state="failed" if failure else "executed", executed=executed, failure=failure, seconds=seconds
    )
