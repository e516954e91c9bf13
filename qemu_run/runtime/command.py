"""A command that runs on the host beside the guests: it begins when they are ready, and its end is theirs."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from qemu_run.records import record

CANNOT_START, NOT_FOUND = 126, 127
"""What shells exit with."""
_TERMINATE_SECONDS = 2.0


@record
class BesideCommand:
    """The command, and what it is told of the guests."""

    arguments: Sequence[str]
    environment: Mapping[str, str]

    async def run(self) -> int:
        """Run it with our own standard streams; its exit code, 128 and the signal's number if it died of one.

        Cancelled, it is ended.
        """
        try:
            process = await asyncio.create_subprocess_exec(*self.arguments, env=dict(self.environment))
        except FileNotFoundError:
            return NOT_FOUND
        except OSError:
            return CANNOT_START
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        return code if code >= 0 else 128 - code


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _TERMINATE_SECONDS)
            return
        process.kill()
        await process.wait()
