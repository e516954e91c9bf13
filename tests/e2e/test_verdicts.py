"""Every verdict, each earned by a real guest: the exit code, and the words of the last line.

The host can be as busy as one likes: with `--times N` each is earned N times while every core is busy.

.venv/bin/pytest tests/e2e/test_verdicts.py --times 20
"""

import os
import queue
import re
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from qemu_run.errors import ExitCode
from qemu_run.guests.tiny import End, TinyGuest
from tests.busy import a_busy_host
from tests.conftest import JOB, Program, Running

AT_ONCE = 4

Disk = Callable[[Path], object]
"""Writes what is to be booted."""


def tiny(**behaviour: object) -> Disk:
    return TinyGuest(**behaviour).write


def zeros(path: Path) -> None:
    path.write_bytes(bytes(1 << 20))


def signature_without_a_loader(path: Path) -> None:
    path.write_bytes(bytes(510) + b"\x55\xaa" + bytes((1 << 20) - 512))


def linux(path: Path) -> None:
    """The test puts the disk there: what it does is said in `args`, by `then`."""


def then(command: str) -> tuple[str, ...]:
    """QEMU's options by which the Linux is told what to do once it has booted."""
    return ("-smbios", f"type=1,serial=run={command.replace(',', ',,')}")


def crash(panic: int) -> tuple[str, ...]:
    """The same for a panic under `panic=N`: 0 stands still, -1 resets at once."""
    return then(f"echo {panic} >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger")


def result(number: int) -> tuple[str, ...]:
    """The same for a number written to the result port."""
    port = "/sys/class/virtio-ports/*"
    find = f"for p in {port}; do grep -q qemu-run $p/name && echo {number} >/dev/$(basename $p); done"
    return then(f"{find}; poweroff -f")


def interrupt(running: Running) -> None:
    running.wait_for("ready")
    running.send(signal.SIGINT)


def machine_of(running: Running) -> psutil.Process:
    running.wait_for("ready")
    (machine,) = psutil.Process(running.process.pid).children()
    return machine


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a run is given, and how it has to end."""

    code: int
    words: str
    """A regular expression for the last line."""
    below: str = ""
    """What stands somewhere else, if it matters."""
    disk: Disk
    options: Sequence[str] = ()
    beside: Sequence[str] = ()
    """The command that is run on the host once the guest is ready."""
    args: Sequence[str] = ()
    accelerator: str = "tcg"
    task: str = ""
    meanwhile: Callable[[Running], object] = field(default=lambda _: None)
    """What happens to it from outside."""
    disk_room: str = ""
    """How much room the host has for what the guest writes."""

    @property
    def job(self) -> str:
        is_linux = self.disk is linux
        listed = ", ".join(f'"{each}"' for each in self.args)
        return JOB.format(
            image="disk.img",
            memory=192 if is_linux or self.task.count("uefi") else 128,
            group="",
            task=self.task,
            config=('drive_interface = "virtio"\n' if is_linux else "") + f"args = [{listed}]",
        ).replace('"tcg"', f'"{self.accelerator}"')

    def command(self, program: Program) -> list[str]:
        run = [sys.executable, "-m", "qemu_run", "run", "--snapshot", *self.options, "web.nomad.hcl"]
        run += ["--", *self.beside] if self.beside else []
        if not self.disk_room:
            return run
        alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
        script = f'mount -t tmpfs -o size={self.disk_room} none "$0" && exec "$@"'
        return [*alone, "sh", "-c", script, str(program.folder / "state"), *run]


DEBUG_EXIT = ("-device", "isa-debug-exit,iobase=0xf4,iosize=1")
NO_NETWORK = ("-nic", "none")
"""Without a card there is no boot from the network to wait for."""
LONG = 'kill_timeout = "50s"'
SHORT = 'kill_timeout = "1s"'

VERDICTS: Mapping[str, Verdict] = {
    "a clean power-off": Verdict(code=0, words="ended well: the guest powered off", disk=tiny(auto_ticks=5)),
    "a clean power-off of a Linux": Verdict(
        code=0, words="ended well: the guest powered off", disk=linux, args=then("poweroff -f")
    ),
    "result 0": Verdict(
        code=0,
        words="ended well: the guest reported 0",
        disk=linux,
        args=result(0),
        options=("--expect-result", "0"),
    ),
    "result 42": Verdict(
        code=42, words="the guest reported 42", disk=linux, args=result(42), options=("--expect-result", "0")
    ),
    "result 0 through isa-debug-exit": Verdict(
        code=0,
        words="ended well: the guest reported 0",
        disk=tiny(end_at_once=True, end=End.DEBUG_EXIT),
        args=DEBUG_EXIT,
    ),
    "result 42 through isa-debug-exit": Verdict(
        code=42,
        words="the guest reported 42",
        disk=tiny(end_at_once=True, end=End.DEBUG_EXIT, exit_value=42),
        args=DEBUG_EXIT,
    ),
    "the expected result 16": Verdict(
        code=0,
        words="ended well: the guest reported 16",
        disk=tiny(end_at_once=True, end=End.DEBUG_EXIT, exit_value=16),
        args=DEBUG_EXIT,
        options=("--expect-result", "16"),
    ),
    "another result than the expected": Verdict(
        code=ExitCode.TASK_FAILED,
        words="the guest reported 0",
        disk=tiny(end_at_once=True, end=End.DEBUG_EXIT),
        args=DEBUG_EXIT,
        options=("--expect-result", "16"),
    ),
    "no result": Verdict(
        code=ExitCode.NO_RESULT,
        words="FAILED: .*result",
        disk=linux,
        args=then("poweroff -f"),
        options=("--expect-result", "0"),
    ),
    "a panic": Verdict(
        code=ExitCode.PANIC, words="FAILED: the guest panicked", disk=linux, args=crash(panic=0)
    ),
    "a panic that resets": Verdict(
        code=ExitCode.PANIC, words="FAILED: the guest panicked", disk=linux, args=crash(panic=-1)
    ),
    "a panic that resets, and ends QEMU": Verdict(
        code=ExitCode.PANIC,
        words="FAILED: the guest panicked",
        disk=linux,
        args=(*crash(panic=-1), "-no-reboot"),
    ),
    "a panic that words alone tell": Verdict(
        code=ExitCode.PANIC,
        words='FAILED: the guest panicked .*Kernel panic - not syncing: sysrq triggered crash"',
        disk=linux,
        args=(*crash(panic=0), "-machine", "pc"),  # a board of the job's own gets no panic device
    ),
    "a loop of triple faults": Verdict(
        code=ExitCode.REBOOT_LOOP,
        words="FAILED: the guest reset itself 10 times",
        disk=tiny(end_at_once=True, end=End.TRIPLE_FAULT),
        args=("-nodefaults",),
    ),
    "a triple fault under -no-reboot": Verdict(
        code=ExitCode.REBOOT_LOOP,
        words="FAILED: the guest reset .* -no-reboot ended the run",
        disk=tiny(end_at_once=True, end=End.TRIPLE_FAULT),
        args=("-no-reboot",),
    ),
    "a disk of zeros": Verdict(
        code=ExitCode.NO_BOOT, words="FAILED: nothing to boot: ", disk=zeros, args=NO_NETWORK
    ),
    "a disk of zeros, and a network without a server": Verdict(
        code=ExitCode.NO_BOOT, words="FAILED: nothing to boot: ", disk=zeros
    ),
    "a boot signature without a loader": Verdict(
        code=ExitCode.NO_BOOT,
        words="FAILED: nothing to boot: ",
        below="no loader",
        disk=signature_without_a_loader,
        args=NO_NETWORK,
    ),
    "UEFI without a loader": Verdict(
        code=ExitCode.NO_BOOT,
        words="FAILED: nothing to boot: (UEFI|BdsDxe)",  # its shell does not always begin on a busy host
        disk=zeros,
        args=NO_NETWORK,
        task='meta {\n qemu_run_firmware = "uefi"\n }',
    ),
    "a power button that is heard": Verdict(
        code=ExitCode.INTERRUPTED,
        words="stopped by Ctrl-C after",
        below="guest powered off after",
        disk=tiny(),
        task=LONG,
        meanwhile=interrupt,
    ),
    "a power button that is ignored": Verdict(
        code=ExitCode.KILLED,
        words="the guest ignored its power button and was killed",
        disk=tiny(ignore_power_button=True),
        task=SHORT,
        meanwhile=interrupt,
    ),
    "a hung guest": Verdict(
        code=ExitCode.TIME_LIMIT,
        words="FAILED: the console was silent for 2s",
        below="ended after",
        disk=tiny(ignore_power_button=True),
        options=("--silence-timeout", "2s"),
        task=SHORT,
    ),
    "a Linux that stands still": Verdict(
        code=ExitCode.TIME_LIMIT,
        words="FAILED: the run took longer than 15s",
        disk=linux,
        args=then("halt -f"),
        options=("--timeout", "15s"),
        task=SHORT,
    ),
    "a guest that is never ready": Verdict(
        code=ExitCode.TIME_LIMIT,
        words="FAILED: the guest was not ready within 3s",
        disk=tiny(),
        options=("--boot-timeout", "3s", "--ready", "never said"),
        task=LONG,
    ),
    "forbidden words": Verdict(
        code=ExitCode.FORBIDDEN_OUTPUT,
        words='FAILED: the console said what is forbidden .*a bad word"',
        disk=tiny(banner="a \x1b[31mbad\x1b[0m word\r\n"),
        options=("--forbid", "bad"),
        task=LONG,
    ),
    "expected words": Verdict(
        code=0,
        words='ended well: the console said "re.dy\\$"',
        disk=tiny(),
        options=("--expect", "re.dy$"),
        task=LONG,
    ),
    "expected words in the middle of a line that has no end": Verdict(
        code=0,
        words='ended well: the console said "of ti"',
        disk=tiny(banner="\r\nlogin of tiny: "),
        options=("--expect", "of ti"),
        task=LONG,
    ),
    "expected words that do not come": Verdict(
        code=ExitCode.NO_RESULT,
        words='FAILED: .*never said "never"',
        disk=tiny(end_at_once=True),
        options=("--expect", "never"),
    ),
    "a command beside it": Verdict(
        code=7,
        words="FAILED: the command ended with 7",
        disk=tiny(),
        options=("--ready", "ready"),
        beside=("sh", "-c", "exit 7"),
        task=LONG,
    ),
    "a host without room for what the guest writes": Verdict(
        code=ExitCode.HOST,
        words="FAILED: the guest's disk failed on the host",
        disk=tiny(count_boots=True),
        args=NO_NETWORK,
        disk_room="128k",
    ),
    "QEMU killed from outside": Verdict(
        code=ExitCode.QEMU,
        words="FAILED: QEMU was killed by signal 9",
        disk=tiny(),
        meanwhile=lambda running: machine_of(running).kill(),
    ),
    "QEMU asked from outside to end": Verdict(
        code=ExitCode.QEMU,
        words="FAILED: QEMU was stopped from outside",
        disk=tiny(),
        meanwhile=lambda running: machine_of(running).terminate(),
    ),
    "QEMU that refuses": Verdict(
        code=ExitCode.QEMU,
        words="FAILED: QEMU refused its options",
        below="does not have the device",
        disk=tiny(),
        args=("-device", "nonsense"),
    ),
}
"""By what the guest, the host or QEMU does."""


def earn(program: Program, verdict: Verdict, number: int) -> str:
    """Run it once; what is wrong with its end, or nothing."""
    with program.start_command(verdict.command(program)) as running:
        try:
            verdict.meanwhile(running)
            done = running.finish()
        except queue.Empty:
            return f"run {number} said no more:\n" + "\n".join(running.seen)
    last = re.findall(rf"^web +(.*)  \(exit {int(verdict.code)}\)$", done.out, re.MULTILINE)
    if done.code != verdict.code or len(last) != 1 or not re.search(verdict.words, last[0]):
        return f"run {number} ended with {done.code}:\n{done.out}"
    if "Traceback" in done.out or verdict.below not in done.out:
        return f"run {number} said:\n{done.out}"
    return ""


@pytest.mark.parametrize("name", VERDICTS)
def test_it_is_earned(qemu_run, linux_guest, request, name):
    verdict = VERDICTS[name]
    if verdict.disk is linux:
        shutil.copy(linux_guest, qemu_run.folder / "disk.img")
    earn_it(qemu_run, verdict, request.config.getoption("--times"))


def earn_it(program: Program, verdict: Verdict, times: int) -> None:
    """Earn a verdict so many times; more than once on a busy host."""
    (program.folder / "state").mkdir(exist_ok=True)
    (program.folder / "web.nomad.hcl").write_text(verdict.job)
    verdict.disk(program.folder / "disk.img")
    with a_busy_host() if times > 1 else nullcontext(), ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = list(filter(None, pool.map(lambda number: earn(program, verdict, number), range(times))))
    assert not wrong, f"{len(wrong)} of {times}\n\n" + "\n\n".join(wrong)
