"""The way in and the only way out: every failure becomes words on standard error and an exit code."""

import _signal  # type: ignore[import-not-found]  # the heart of signal, which is there at once

# From our first line on an interruption is no traceback.
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import gc
import os
import signal

from qemu_run.endings import ENDING, EndedBySignal, code_of, made_of, to_hear

gc.disable()  # what a command is made of stays to its end; a run that watches guests enables it again


TYPE_CHECKING = False  # typing takes two milliseconds, and a head start comes before
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType
    from typing import NoReturn


def _end(number: int, _: "FrameType | None") -> "NoReturn":
    """End at once: nothing is to be cleaned up yet, or it was being cleaned up already."""
    os._exit(code_of(number))


def _interrupt(number: int, _: "FrameType | None") -> "NoReturn":
    """End as after an error, so that nothing is left; the next signal is not as patient."""
    for each in ENDING:
        signal.signal(each, _end)
    raise EndedBySignal(number)


for _number in to_hear():
    # From the first line on a signal is an end, never a traceback out of somebody's import.
    signal.signal(_number, _end)

import sys  # noqa: E402
from contextlib import suppress  # noqa: E402

from qemu_run.late_imports import import_late  # noqa: E402

# What dataclasses, socket and shutil import: ten milliseconds of a run that has no use for them.
import_late("inspect", "selectors", "bz2", "lzma")

from qemu_run.runtime.head_start import HeadStart  # noqa: E402


def main(arguments: "Sequence[str] | None" = None) -> "NoReturn":
    """Run the command line in `arguments` (those of the process by default) and exit.

    By then all is closed and written. Python would take itself apart for five milliseconds more, and wait for
    threads that a stalled reader of ours holds up.
    """
    _open_streams()
    sys.unraisablehook = _unraisable
    code = _guarded(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed by whoever reads us, or by our caller
            stream.flush()
    os._exit(code)


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    """An exception where Python cannot raise it: one of a signal is no mistake to tell of."""
    if isinstance(found.exc_value, EndedBySignal):
        os._exit(found.exc_value.code)
    if not found.exc_type.__module__.startswith("qemu_run."):
        sys.__unraisablehook__(found)


def _open_streams() -> None:
    """Put /dev/null where a standard stream was closed: no file of ours may come to stand in its place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  # a descriptor, for the life of the process
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def _guarded(arguments: "Sequence[str]") -> int:
    """The exit code of a command, whatever happens in it."""
    try:
        for number in to_hear():
            signal.signal(number, _interrupt)
        head_start = HeadStart(arguments)
        try:
            head_start.begin()
            return _carried_out(arguments, head_start)
        finally:
            head_start.cancel()
    except (EndedBySignal, RuntimeError) as error:
        if (end := made_of(error, EndedBySignal)) is None:
            raise
        return end.code


def _carried_out(arguments: "Sequence[str]", head_start: HeadStart) -> int:
    """The exit code of a command; its failures are told."""
    from qemu_run.errors import ExitCode, QemuRunError
    from qemu_run.terminal.output import ReaderLeftError

    try:
        code = _run(arguments, head_start)
        sys.stdout.flush()
    except QemuRunError as error:
        from qemu_run.cli.failure import tell

        return tell(error, arguments)
    except (BrokenPipeError, ReaderLeftError):
        return ExitCode.READER_LEFT
    except Exception as error:  # the one place where a bug becomes a report
        if made_of(error, EndedBySignal) is not None:
            raise
        from qemu_run.cli.failure import of_the_host, tell, tell_bug

        known = of_the_host(error)
        return tell_bug(error, arguments) if known is None else tell(known, arguments)
    return code


def _run(arguments: "Sequence[str]", head_start: HeadStart) -> int:
    """Understand the command line, and do what it says."""
    from qemu_run.cli.first_word import command_of
    from qemu_run.cli.nomad_flags import our_spelling
    from qemu_run.errors import ExitCode, UsageError

    if not arguments:
        from qemu_run.cli.help import overview

        sys.stderr.write(overview())
        return ExitCode.USAGE
    if arguments[0] == "__offers":
        from qemu_run.cli.offers import print_offers

        return print_offers(arguments[1:])
    spelled, notes = our_spelling(arguments)
    name, words = command_of(spelled)
    from qemu_run.cli.app import carry_out
    from qemu_run.cli.commands import COMMANDS
    from qemu_run.cli.fast_path import understand

    try:
        line = understand(COMMANDS[name], words)
    except UsageError as error:
        raise UsageError(*notes, *error.diagnostics) from error
    line.notes = tuple(notes)
    line.head_start = head_start
    return carry_out(line)
