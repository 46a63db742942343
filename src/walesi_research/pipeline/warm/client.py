"""The other side of the server: started once for a process, asked for kernels, and closed with it."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition, Lock, Thread

__all__ = ["Forked", "Server", "Unfit", "close", "server", "supported"]

SCRIPT = Path(__file__).with_name("server.py")
QUIET = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Settings under which importing the libraries starts no thread (pyarrow's allocator would)."""
LONGEST = 120.0
"""Seconds that the server may take to import its libraries, and a fork to begin."""


class Unfit(Exception):
    """Kernels cannot be forked here; the stock engine runs them."""


def supported() -> bool:
    """Tell whether kernels can be forked on this system: Linux only."""
    return sys.platform == "linux"


class Forked:
    """A kernel's process, with as much of `subprocess.Popen` as a kernel's provisioner asks for."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, server: Server) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._server = server

    def poll(self) -> int | None:
        """Return how the process ended, None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.ended(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return how the process ended, once it has."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("kernel", timeout)
            time.sleep(0.005)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send the process a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(15)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(9)


class Server:
    """A running server; see ``server.py``.

    Parameters
    ----------
    env : mapping of str to str
        Environment of the server itself: what libraries read as they are imported.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **env, **QUIET},
            cwd=SCRIPT.parent,
            start_new_session=True,
        )
        self._news = Condition()
        self._ready: dict[str, int] | None = None
        self._pids: dict[int, int] = {}
        self._codes: dict[int, int] = {}
        self._gone = False
        self._asked = 0
        Thread(target=self._listen, daemon=True, name="warm-kernels").start()

    def _listen(self) -> None:
        for line in self._process.stdout:
            news = json.loads(line)
            with self._news:
                if "ready" in news:
                    self._ready = news
                elif "number" in news:
                    self._pids[news["number"]] = news["pid"]
                else:
                    self._codes[news["ended"]] = news["code"]
                self._news.notify_all()
        with self._news:
            self._gone = True
            self._news.notify_all()

    def launch(self, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Forked:
        """Fork a kernel.

        Parameters
        ----------
        argv : sequence of str
            Arguments of ``ipykernel_launcher``.
        env : mapping of str to str
            The kernel's whole environment.
        cwd : str
            The folder it works in.

        Raises
        ------
        Unfit
            If the server is gone, or runs threads that a fork would lose.
        """
        with self._news:
            self._await(lambda: self._ready is not None)
            if self._ready["threads"] != 1:
                raise Unfit(f"the server runs {self._ready['threads']} threads")
            self._asked += 1
            number = self._asked
            request = {"number": number, "argv": list(argv), "env": dict(env), "cwd": cwd}
            try:
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
            except OSError as error:
                raise Unfit("the server is gone") from error
            self._await(lambda: number in self._pids)
            return Forked(self._pids.pop(number), self)

    def _await(self, happened) -> None:
        if not self._news.wait_for(lambda: happened() or self._gone, LONGEST) or not happened():
            raise Unfit("the server is gone")

    def ended(self, pid: int) -> int | None:
        """Return how a kernel ended, None while it runs; where the server is gone, so is the kernel."""
        with self._news:
            return self._codes.get(pid, -9 if self._gone else None)

    @property
    def alive(self) -> bool:
        """Whether it can fork."""
        return not self._gone

    def close(self) -> None:
        """End the server, and with it the kernels that are left."""
        with suppress(OSError):
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


_server: Server | None = None
_guard = Lock()


def server(env: Mapping[str, str]) -> Server:
    """Return this process's server, started if there is none."""
    global _server
    with _guard:
        if _server is None or not _server.alive:
            _server = Server(env)
            atexit.register(_server.close)
        return _server


def close() -> None:
    """End this process's server, if there is one."""
    global _server
    with _guard:
        if _server is not None:
            _server.close()
            _server = None
