"""Many jobs on an executor: a process that dies costs its own job at most, never the sweep."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)

from walesi_research.errands.sweep.run import Ended, Job
from walesi_research.language import say

__all__ = ["local", "work_through"]

KILLED = "KilledWorker"
"""What a cluster raises of a job whose workers died again and again; by name, for it may not be installed."""


def local(processes: int) -> Executor:
    """Return so many fresh processes of this machine."""
    return ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
    )


def _end_with_parent() -> None:
    """Let this worker end when the sweep does, however: else it would keep its place from the next sweep."""

    def watch() -> None:
        parent.join()
        os._exit(1)

    parent = multiprocessing.parent_process()
    threading.Thread(target=watch, daemon=True).start()


def work_through(
    jobs: Iterable[Job],
    run: Callable[[Job], Ended],
    start: Callable[[int], Executor],
    width: int,
    tell: Callable[[Ended], None],
    language: str = "id",
) -> dict[str, Ended]:
    """Run every job and return how each ended, by name.

    Parameters
    ----------
    jobs : iterable of Job
    run : callable
        A function of a module, so that it can be sent.
    start : callable
        Gives an executor of so many workers: `local`, or that of a `cluster.Cluster`.
    width : int
        How many jobs are with the executor at once.
    tell : callable
        Told of each job that ended, in the order of ending.
    language : str
        Language of what is told.

    Notes
    -----
    When a worker dies, an executor of processes gives up all it holds. Those jobs are run again one by one,
    each alone, so that only the one that kills its worker fails. A cluster runs the job of a dead worker on
    another by itself, and says so only of a job whose workers die again and again.
    """
    waiting, ended = deque(jobs), {}

    def note(end: Ended) -> None:
        ended[end.name] = end
        tell(end)

    while waiting:
        for job in _until_broken(waiting, run, start, width, note, language):
            if _until_broken(deque([job]), run, start, 1, note, language):
                note(_lost(job.name, language))
    return ended


def _lost(name: str, language: str) -> Ended:
    return Ended(name=name, state="failed", told=say(language, "sweep.worker_died"))


def _until_broken(
    waiting: deque[Job],
    run: Callable[[Job], Ended],
    start: Callable[[int], Executor],
    width: int,
    note: Callable[[Ended], None],
    language: str,
) -> list[Job]:
    """Work through `waiting`; return the jobs that were in the air when the executor broke."""
    flying: dict[Future[Ended], Job] = {}
    executor = start(width)
    try:
        while waiting or flying:
            while waiting and len(flying) < width:
                future = executor.submit(run, waiting[0])  # a broken executor refuses: the job still waits
                flying[future] = waiting.popleft()
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                note(_end(future, flying[future].name, language))
                del flying[future]
    except BrokenExecutor:
        return list(flying.values())
    finally:
        _stop(executor, at_once=bool(flying))
    return []


def _end(future: Future[Ended], name: str, language: str) -> Ended:
    """Return how a job ended; whatever it raised is its own failure."""
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except CancelledError as error:  # nobody here cancels: a cluster does, when it is lost
        raise BrokenExecutor from error
    except Exception as error:
        kind = type(error).__name__
        return _lost(name, language) if kind == KILLED else Ended(name=name, state="failed", told=kind)


def _stop(executor: Executor, at_once: bool) -> None:
    """Let the workers go; when something went wrong, without waiting for places that take minutes."""
    processes = list((getattr(executor, "_processes", None) or {}).values()) if at_once else []
    for process in processes:
        process.terminate()
    executor.shutdown(wait=not at_once or bool(processes), cancel_futures=True)
