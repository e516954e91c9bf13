"""What a parameterized job is dispatched with, as the command line gives it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from qemu_run.errors import Diagnostic, UsageError
from qemu_run.planning.dispatch import LARGEST_PAYLOAD_BYTES


def given_meta(assignments: Sequence[str]) -> dict[str, str]:
    """`--meta KEY=VALUE`, the last of a key counts."""
    return {key: value for key, _, value in (each.partition("=") for each in assignments)}


def given_payload(path: Path | None) -> bytes | None:
    """The bytes of `--payload FILE`, little more of them than a payload may have.

    Raises:
        UsageError: it cannot be read.
    """
    if path is None:
        return None
    if str(path) == "-":
        return sys.stdin.buffer.read(LARGEST_PAYLOAD_BYTES + 1)
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_PAYLOAD_BYTES + 1)
    except OSError as error:
        raise UsageError(Diagnostic(f'cannot read the payload "{path}": {error.strerror}')) from error
