"""What exit codes are called in help: a few words each."""

from collections.abc import Iterable

from qemu_run.errors import ExitCode

MEANINGS = {
    ExitCode.OK: "as asked",
    ExitCode.USAGE: "wrong usage",
    ExitCode.TASK_FAILED: "task failed",
    ExitCode.NO_RESULT: "no result",
    ExitCode.PANIC: "panic",
    ExitCode.NO_BOOT: "no boot",
    ExitCode.REBOOT_LOOP: "reboots",
    ExitCode.FORBIDDEN_OUTPUT: "forbidden",
    ExitCode.JOB: "job file",
    ExitCode.PLACEMENT: "cannot run here",
    ExitCode.ARTIFACT: "artifact",
    ExitCode.HOST: "host",
    ExitCode.QEMU: "QEMU",
    ExitCode.BUG: "bug",
    ExitCode.TIME_LIMIT: "time limit",
    ExitCode.INTERRUPTED: "Ctrl-C",
    ExitCode.KILLED: "killed",
    ExitCode.READER_LEFT: "the reader left",
    ExitCode.TERMINATED: "SIGTERM",
}

GUEST = (1, "to 99 the guest's")


def exit_codes(codes: Iterable[ExitCode], *, with_guest: bool) -> list[str]:
    """The codes with their names, as words that are not to be broken."""
    numbered = [(int(code), MEANINGS[code]) for code in codes]
    return [f"{code} {words}" for code, words in sorted(numbered + [GUEST] * with_guest)]
