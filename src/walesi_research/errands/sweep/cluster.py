"""Places run on a Dask cluster, whose workers must see the same folders and have the same program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walesi_research import __version__
from walesi_research.errands.sweep.run import Ended, Job
from walesi_research.language import Message, say
from walesi_research.problems import Problem, UserError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Cluster", "connected"]

PATIENCE = 10.0
"""Seconds within which a scheduler answers, and its first worker is there."""
SOURCES = "sources"
SHORT = 8
"""Letters of a digest that people compare."""


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Give a Dask cluster whose workers have the same program as this process.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    UserError
        If ``distributed`` is not installed, the address does not answer, no worker is there, or a worker has
        another version of this package, of Python or of a library that results depend on.
    """
    try:
        from distributed import Client
    except ImportError:
        raise _refusal("no_distributed", command='pip install "walesi-research[scale]"') from None
    try:
        asyncio.run(_reach(address))
    except Exception:  # a web server's answer, read as a length, even asks for too much memory
        raise _refusal("no_answer", address=address, seconds=int(PATIENCE)) from None
    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise _refusal("no_workers", address=address) from None
        cluster = Cluster(client, address)
        cluster.refuse_others()
        yield cluster


async def _reach(address: str) -> None:
    """Raise whatever keeps a scheduler from being there."""
    from distributed.comm import connect

    comm = await connect(address, timeout=PATIENCE)
    await comm.close()


class Cluster:
    """A Dask cluster that places can be run on; see `connected`.

    Parameters
    ----------
    client : distributed.Client
    address : str
        Of its scheduler, as the user gave it.
    """

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address

    @property
    def width(self) -> int:
        """How many workers it has: each runs one place at a time, beside which more threads do nothing."""
        return len(self._client.nthreads())

    def start(self, width: int) -> Executor:
        """Return the cluster as an executor; how many workers there are is its own affair.

        Raises
        ------
        UserError
            If the cluster is lost.
        """
        if self._client.status != "running":
            raise _refusal("cluster_lost", address=self._address)
        return _Places(self._client)

    def refuse_others(self) -> None:
        """Refuse a cluster with workers on which the same notebooks could find something else.

        Raises
        ------
        UserError
            With every difference and a worker that has it.
        """
        here = program()
        found = {_difference(here, there): worker for worker, there in reversed(self._ask(program))}
        _raise_all(
            Message.of("sweep.other_program", worker=worker, difference=difference)
            for difference, worker in sorted(found.items())
            if difference
        )

    def refuse_blind(self, room: Path, folders: Sequence[Path]) -> None:
        """Refuse a cluster with workers that do not see the same files, or do not heed each other's locks.

        Parameters
        ----------
        room : Path
            The sweep's own room, claimed by this process.
        folders : sequence of Path
            Study folders.

        Raises
        ------
        UserError
            With every such worker.
        """
        told = self._ask(partial(_trouble, room, tuple(folders)))
        _raise_all(
            Message.of(f"sweep.{key}", worker=worker, folder=str(folder))
            for worker, trouble in told
            if trouble is not None
            for key, folder in [trouble if isinstance(trouble, tuple) else ("blind", room)]
        )

    def _ask(self, question: Callable[[], Any]) -> list[tuple[str, Any]]:
        """Return each worker's answer, or what kept it from answering, by address."""
        return sorted(self._client.run(question, on_error="return").items())


class _Places(Executor):
    """A cluster as an executor of jobs; a worker that comes later is asked for its program too."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)

    def submit(self, run: Callable[[Job], Ended], job: Job, /) -> Future[Ended]:
        """Send a job."""
        if self._client.status != "running":
            raise BrokenExecutor
        return self._executor.submit(_in_the_same, program(), run, job)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster; what runs there ends by itself."""
        self._executor.shutdown(wait=wait)


def _in_the_same(here: Mapping[str, str], run: Callable[[Job], Ended], job: Job) -> Ended:
    """Run a job on a worker, unless its versions are not those of whoever sent it.

    Files of this package edited since the sweep began do not stop it, as they do not on this machine.
    """
    if difference := _difference(here, program() | {SOURCES: here[SOURCES]}):
        from distributed import get_worker

        words = {"worker": get_worker().address, "difference": difference}
        return Ended(name=job.name, state="failed", told=say(job.language, "sweep.other_program", **words))
    return run(job)


@cache
def program() -> dict[str, str]:
    """Return what results depend on beside data: this package, by version and files, Python, libraries.

    Once a process: files that are edited later are not those that it has loaded.
    """
    from walesi_research.pipeline.cache import versions
    from walesi_research.pipeline.reach import Package

    return {"walesi_research": __version__, **versions(), SOURCES: Package().digest[:SHORT]}


def _difference(here: Mapping[str, str], there: Any) -> str:
    """Return in what a worker's program differs: ``python 3.12.1 (3.11.7)``; empty where in nothing.

    A worker that cannot even answer has another version of this package, or none.
    """
    if not isinstance(there, Mapping):
        return f"walesi_research – ({__version__})"
    names = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    return ", ".join(f"{name} {there.get(name, '–')} ({here.get(name, '–')})" for name in names)


def _trouble(room: Path, folders: Sequence[Path]) -> tuple[str, Path] | None:
    """Return what keeps this process from running places, as the name of a message and a folder."""
    from filelock import FileLock, Timeout

    from walesi_research.pipeline.outbox import LOCK

    for folder, seen in {room: (room / LOCK).is_file(), **{f: f.is_dir() for f in folders}}.items():
        if not seen:
            return "blind", folder
    try:
        with FileLock(room / LOCK, timeout=0):  # whoever asks holds it: who can have it too sees another file
            return "no_locks", room
    except Timeout:
        return None
    except (OSError, NotImplementedError):
        return "no_locks", room


def _raise_all(messages: Iterable[Message]) -> None:
    """Raise one error of all messages, if there are any."""
    if problems := [Problem(what=message) for message in messages]:
        raise UserError(problems)


def _refusal(key: str, **values: Any) -> UserError:
    return UserError([Problem(what=Message.of(f"sweep.{key}", **values))])
