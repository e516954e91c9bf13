"""The way in and the only way out: every failure becomes words on standard error and an exit code."""

import errno
import os
import signal

for _number, _code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)):
    # From the first line on a signal is an end, never a traceback out of somebody's import.
    if signal.getsignal(_number) is not signal.SIG_IGN:
        signal.signal(_number, lambda *_, code=_code: os._exit(code))

import sys  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from contextlib import suppress  # noqa: E402
from typing import NoReturn  # noqa: E402

from qemu_run.errors import Diagnostic, ExitCode, QemuRunError, UsageError  # noqa: E402
from qemu_run.terminal.output import ReaderLeftError  # noqa: E402
from qemu_run.terminal.screen import Screen  # noqa: E402

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Nobody's mistake, wherever it is met."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line in `arguments` (those of the process by default) and exit.

    By then all is closed and written. Python would take itself apart for five milliseconds more, and wait for
    threads that a stalled reader of ours holds up.
    """
    _open_streams()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    code = _guarded(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed by whoever reads us, or by our caller
            stream.flush()
    os._exit(code)


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


def _guarded(arguments: Sequence[str]) -> int:
    """The exit code of a command, whatever happens in it."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except QemuRunError as error:
        from qemu_run.terminal.diagnostics import show

        show(error.diagnostics, Screen())
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except (BrokenPipeError, ReaderLeftError):
        return ExitCode.READER_LEFT
    except Exception as error:  # noqa: BLE001  # the one place where a bug becomes a report
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            Screen().line(("error: ", "bold red"), f"the host has no room: {error.strerror}")
            return ExitCode.HOST
        from qemu_run.terminal.bug import report

        report(error, Screen())
        return ExitCode.BUG
    return code


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...] | None]:
    """Our arguments, and the command that stands behind `--`; None without one."""
    if "--" not in arguments:
        return arguments, None
    at = list(arguments).index("--")
    return arguments[:at], tuple(arguments[at + 1 :])


def _run(arguments: Sequence[str]) -> int:
    from qemu_run.cli.nomad_flags import our_spelling

    arguments, command = _split(arguments)
    spelled = our_spelling(arguments)
    from qemu_run.cli.fast_path import fast_path

    if command is not None and spelled[:1] != ["run"]:
        raise UsageError(Diagnostic("only run takes a command after --"))
    plain = None if command or os.environ.get("QEMU_RUN_NO_QUICK_START") else fast_path(spelled)
    if plain is not None:
        return plain()
    from qemu_run.cli.app import app

    try:
        app(spelled, prog_name="qemu-run", obj=command)
    except SystemExit as exit_:  # Typer exits with a command's result, and with 2 for wrong usage
        return exit_.code if isinstance(exit_.code, int) else int(bool(exit_.code))
    return ExitCode.OK
