"""A QEMU that stands still, for tests of what it makes of a command line."""

import contextlib
import json
import subprocess

import pytest

QEMU_SECONDS = 20


class Paused:
    """A QEMU that does not run its guest: what it says of its disks."""

    def __init__(self, process):
        self._process = process

    def ask(self, command):
        """The answer to a QMP command."""
        self._process.stdin.write(json.dumps({"execute": command}).encode())
        self._process.stdin.flush()
        for line in self._process.stdout:
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
        raise AssertionError(f"QEMU ended: {self._process.stderr.read().decode()}")


@pytest.fixture
def paused_qemu():
    """Starts a QEMU that stands still: `with paused_qemu("-drive", ...) as qemu: qemu.ask("query-block")`."""

    @contextlib.contextmanager
    def start(*arguments, emulator="qemu-system-x86_64", inherited=()):
        command = [
            emulator,
            "-S",
            "-accel",
            "tcg",
            "-display",
            "none",
            "-nodefaults",
            "-qmp",
            "stdio",
            *arguments,
        ]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(["timeout", str(QEMU_SECONDS), *command], pass_fds=inherited, **pipes)
        try:
            qemu = Paused(process)
            qemu.ask("qmp_capabilities")
            yield qemu
        finally:
            process.terminate()
            process.communicate(timeout=QEMU_SECONDS)

    return start
