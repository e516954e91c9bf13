"""A command that runs on the host beside the guests: it begins when they are ready, and its end is theirs."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence

from qemu_run.records import record
from qemu_run.runtime import keeper

_END_SECONDS = 10.0
"""More than the keeper takes to end all that is left of a command."""


@record
class BesideCommand:
    """The command, and what it is told of the guests."""

    arguments: Sequence[str]
    environment: Mapping[str, str]

    async def run(self) -> int:
        """Run it with our own standard streams; its exit code, 128 and the signal's number if it died of one.

        Nothing that it has started is left then. Cancelled, it is ended.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", keeper.__file__, f"{os.getpid()}"),
            *self.arguments,
            env=dict(self.environment),
        )
        try:
            return await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _END_SECONDS)
            return
        process.kill()
        await process.wait()
