"""The server that kernels are forked from: a script of its own, run by path, that never imports our package.

It imports third-party libraries once, says that it is ready, and forks a kernel for every line of JSON on its
standard input. On its standard output it tells each fork's process, and how it ended. Libraries only: what a
researcher changes in ``walesi_research`` is read anew by every kernel. When its input ends, because whoever
started it closed it or died, it kills the kernels that are left.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import sys
from typing import Any, NoReturn

LIBRARIES = (
    "numpy", "pandas", "scipy.stats", "scipy.optimize", "scipy.sparse.linalg", "pyarrow.parquet",
    "statsmodels.api", "seaborn", "matplotlib.figure", "matplotlib.backends.backend_svg", "matplotlib.ticker",
    "pydantic", "babel.numbers", "babel.dates", "babel.messages.pofile", "jinja2", "diff_diff",
    "IPython", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "comm", "debugpy",
)  # fmt: skip
"""What kernels find imported; one that is missing is left to them."""
STATUS = "/proc/self/status"
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Import, say so, and fork until the input ends."""
    sys.path.pop(0)  # this script's folder
    tell = os.fdopen(os.dup(1), "w", buffering=1)
    ask = os.dup(0)
    _silence()
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    _tell(tell, ready=os.getpid(), threads=_threads())
    _serve(ask, tell)


def _silence() -> None:
    """Point the standard streams at nothing: kernels inherit them."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)


def _threads() -> int:
    """Return how many threads run: a fork copies only the one that asks."""
    with open(STATUS, encoding="ascii") as lines:  # noqa: PTH123 (nothing imported before it is needed)
        return next(int(line.split()[1]) for line in lines if line.startswith("Threads:"))


def _tell(where: Any, **news: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        where.write(json.dumps(news) + "\n")


def _serve(ask: int, tell: Any) -> None:
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal is for whoever started us
    kernels: set[int] = set()
    chooser = selectors.DefaultSelector()
    for end in (ask, woken):
        chooser.register(end, selectors.EVENT_READ)
    pending = b""
    while True:
        for key, _ in chooser.select():
            if key.fd == woken:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 4096)
                _reap(kernels, tell)
            elif not (read := os.read(ask, 1 << 20)):
                _end(kernels)
                return
            else:
                *lines, pending = (pending + read).split(b"\n")
                for line in lines:
                    kernels.add(_fork(json.loads(line), (ask, woken, wake), tell))


def _reap(kernels: set[int], tell: Any) -> None:
    for kernel in sorted(kernels):
        pid, status = os.waitpid(kernel, os.WNOHANG)
        if pid:
            kernels.discard(pid)
            _tell(tell, ended=pid, code=os.waitstatus_to_exitcode(status))


def _end(kernels: set[int]) -> None:
    for kernel in kernels:
        with contextlib.suppress(OSError):
            os.killpg(kernel, signal.SIGKILL)


def _fork(request: dict[str, Any], own: tuple[int, ...], tell: Any) -> int:
    ready, go = os.pipe()
    server = os.getpid()
    pid = os.fork()
    if not pid:
        _end_with(server)
        os.close(ready)
        _become_kernel(request, own, tell, go)
    os.close(go)
    os.read(ready, 1)  # the child leads a group of its own from here on, or is dead
    os.close(ready)
    _tell(tell, number=request["number"], pid=pid)
    return pid


def _end_with(server: int) -> None:
    """Let this kernel be killed when the server is: nobody else would, and ipykernel watches no fork."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != server:
        os._exit(1)


def _become_kernel(request: dict[str, Any], own: tuple[int, ...], tell: Any, go: int) -> NoReturn:
    """Be as a fresh process would be, then run the kernel; never return."""
    try:
        os.setsid()
        os.close(go)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else signal.default_int_handler)
        os.close(tell.fileno())
        for end in own:
            os.close(end)
        os.environ.clear()
        os.environ.update(request["env"] | {"JPY_PARENT_PID": str(os.getppid())})
        os.chdir(request["cwd"])
        _reseed()
        sys.argv = ["ipykernel_launcher", *request["argv"]]
        from ipykernel.kernelapp import IPKernelApp

        gc.enable()
        IPKernelApp.launch_instance(argv=request["argv"])
        os._exit(0)
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 0 if end.code is None else 1)
    except BaseException:
        os._exit(1)


def _reseed() -> None:
    """Give the kernel's global generators states of their own: forks share the server's."""
    import random

    import numpy as np

    random.seed()
    np.random.seed()  # noqa: NPY002 (it is the legacy generator that forks share)


if __name__ == "__main__":
    main()
