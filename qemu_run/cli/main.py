"""The way in and the only way out: every failure becomes words on standard error and an exit code."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from qemu_run.errors import ExitCode, QemuRunError
from qemu_run.terminal.screen import Screen


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line in `arguments` (those of the process by default) and exit.

    By then all is closed and written. Python would take itself apart for five milliseconds more, and wait for
    threads that a stalled reader of ours holds up.
    """
    code = _guarded(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed by whoever reads us, or by our caller
            stream.flush()
    os._exit(code)


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
    except BrokenPipeError:
        # Whoever read us has gone. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.TERMINATED
    except Exception as error:  # noqa: BLE001  # the one place where a bug becomes a report
        from qemu_run.terminal.bug import report

        report(error, Screen())
        return ExitCode.BUG
    return code


def _run(arguments: Sequence[str]) -> int:
    from qemu_run.cli.fast_path import quick
    from qemu_run.cli.nomad_flags import our_spelling

    spelled = our_spelling(arguments)
    plain = None if os.environ.get("QEMU_RUN_NO_QUICK_START") else quick(spelled)
    if plain is not None:
        return plain()
    from qemu_run.cli.app import app

    try:
        app(spelled, prog_name="qemu-run")
    except SystemExit as exit_:  # Typer exits with a command's result, and with 2 for wrong usage
        return exit_.code if isinstance(exit_.code, int) else int(bool(exit_.code))
    return ExitCode.OK
