"""The kernel that notebooks run in: this Python, one BLAS thread, nothing of the user's own settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import Lock
from typing import Any, ClassVar

from filelock import FileLock, Timeout
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from walesi_research.pipeline.warm.client import Server, server

__all__ = ["Kernel", "WarmKernel", "clear_abandoned", "kill_all", "start_server"]

ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
PREFIX = "walesi-"
LOCK = "lock"
"""A file in a kernel's folder that is locked for as long as the process that runs the kernel lives."""
FRESH = 60.0
"""Seconds for which a folder may be on its way to its lock."""
WARM = "walesi-warm"
"""The provisioner's entry point; see pyproject.toml."""
LONGEST_SOCKET = 90  # an address of a Unix socket holds 104 bytes on macOS, 108 on Linux

_alive: set[Kernel] = set()
_guard = Lock()


class Kernel(AsyncKernelManager):
    """A kernel of the running Python, in a private folder for its sockets and settings.

    Sockets are files where the system has them: TCP ports chosen in advance can be taken by another
    process before the kernel binds them.
    """

    how: ClassVar[dict[str, Any]] = {}
    """Metadata of the specification: by which provisioner the kernel is started, where not the usual."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._private = TemporaryDirectory(prefix=PREFIX)
        self._claim = FileLock(Path(self._private.name) / LOCK, thread_local=False)
        self._claim.acquire()
        self.connection_file = os.path.join(self._private.name, "k.json")  # noqa: PTH118 (a str is wanted)
        if os.name == "posix" and len(self.connection_file) < LONGEST_SOCKET:
            self.transport = "ipc"
        with _guard:
            _alive.add(self)

    @property
    def kernel_spec(self) -> KernelSpec:
        """How the kernel is started; whatever kernels the user has installed play no part."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
            env=ENVIRONMENT | {"IPYTHONDIR": self._private.name},
            metadata=self.how,
        )

    async def start_kernel(self, **options: Any) -> None:
        """Start the kernel; what it prints beside its messages is nothing for a terminal or a log."""
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        await super().start_kernel(**(options | silent))

    async def cleanup_resources(self, restart: bool = False) -> None:
        """Let go of the sockets and their folder."""
        await super().cleanup_resources(restart=restart)
        with _guard:
            _alive.discard(self)
        self._claim.release()
        self._private.cleanup()


class WarmKernel(Kernel):
    """A kernel forked from a server that has the libraries imported: see `walesi_research.pipeline.warm`."""

    how: ClassVar[dict[str, Any]] = {"kernel_provisioner": {"provisioner_name": WARM}}


def start_server() -> Server:
    """Return the server that warm kernels are forked from, started if there is none."""
    return server(ENVIRONMENT)


def kill_all() -> None:
    """Kill every kernel that this process has running."""
    with _guard:
        kernels = tuple(_alive)
    for kernel in kernels:
        process = getattr(kernel.provisioner, "process", None)
        if process is not None:
            process.kill()


def clear_abandoned() -> None:
    """Delete the folders of kernels whose process was killed before it could."""
    for lock in Path(gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError, Timeout):
            if time.time() - lock.stat().st_mtime > FRESH:
                with FileLock(lock, timeout=0):
                    shutil.rmtree(lock.parent, ignore_errors=True)
