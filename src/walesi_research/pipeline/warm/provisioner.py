"""How Jupyter starts a forked kernel: everything but the start is as with any local one."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

__all__ = ["WarmProvisioner"]

LAUNCHER = "ipykernel_launcher"
PAUSE = 0.005


class WarmProvisioner(LocalProvisioner):
    """Forks kernels from this process's server, which imports the libraries once.

    Raises
    ------
    walesi_research.pipeline.warm.client.Unfit
        On launch, where kernels cannot be forked.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel in place of running its command."""
        from walesi_research.pipeline.kernel import start_server

        arguments = cmd[cmd.index(LAUNCHER) + 1 :]
        cwd = os.path.abspath(kwargs.get("cwd") or ".")  # noqa: PTH100 (a str; the server is elsewhere)
        env = kwargs.get("env") or os.environ
        loop = asyncio.get_running_loop()
        self.process = await loop.run_in_executor(
            None, lambda: start_server().launch(arguments, dict(env), cwd)
        )
        self.pid = self.pgid = self.process.pid  # a kernel leads a group of its own
        self.cwd = cwd
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel to end, and see it at once."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(PAUSE)
        return await super().wait()
