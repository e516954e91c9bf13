"""Whether KVM works here: proved by a guest of our own, since a /dev/kvm that opens may still be broken.

The guest switches paging on and counts for a while, which takes a millisecond where the processor does it and
for ever where it is only pretended; some machines reset it, or stop it with an internal error.
"""

import json
import os
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.node.probe_cache import identity
from qemu_run.records import mutable

if TYPE_CHECKING:
    import socket
    import subprocess

USABLE = "usable"
_DEVICE = Path("/dev/kvm")
_GUEST_SECONDS = 2.0
"""From QEMU's greeting on; the guest needs a thousandth of it."""
_START_SECONDS = 5.0
_TURNS = 3_000_000
_EXIT_BYTE = 21
_EXIT_STATUS = _EXIT_BYTE << 1 | 1
"""What QEMU's isa-debug-exit makes of the byte."""


def firmware() -> bytes:
    """64 KiB of x86 firmware: real mode, protected mode, paging, `_TURNS` turns of a loop, exit.

    The image lies at F0000h and starts at its offset FFF0h. Its descriptor table is at offset 100h, the page
    directory, one page of 4 MiB that maps to itself, at 10000h.
    """
    protected = 0x20
    code = {
        0x00: b"\xfa"  # cli
        b"\x2e\x66\x0f\x01\x16\x00\x01"  # lgdt cs:[100h]
        b"\x0f\x20\xc0\x0c\x01\x0f\x22\xc0"  # cr0 |= PE
        b"\x66\xea" + struct.pack("<IH", 0xF0000 + protected, 8),  # jmp 8:protected
        protected: b"\x66\xb8\x10\x00\x8e\xd8\x8e\xd0"  # ds = ss = 10h
        + (b"\xc7\x05" + struct.pack("<II", 0x10000, 0x83))  # mov [10000h], 83h: present, writable, 4 MiB
        + b"\x0f\x20\xe0\x83\xc8\x10\x0f\x22\xe0"  # cr4 |= PSE
        + (b"\xb8" + struct.pack("<I", 0x10000) + b"\x0f\x22\xd8")  # cr3 = 10000h
        + (b"\x0f\x20\xc0\x0d" + struct.pack("<I", 1 << 31) + b"\x0f\x22\xc0\xeb\x00")  # cr0 |= PG
        + (b"\xb9" + struct.pack("<I", _TURNS) + b"\x49\x75\xfd")  # count ecx down
        + bytes((0xB0, _EXIT_BYTE, 0xE6, 0xF4, 0xF4, 0xEB, 0xFD)),  # out 0F4h, the byte; hlt for ever
        0x100: struct.pack("<HI", 23, 0xF0108),
        0x108: struct.pack("<QQQ", 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF),  # flat code, flat data
        0xFFF0: b"\xea\x00\x00\x00\xf0",  # jmp F000:0000
    }
    image = bytearray(b"\x90" * 0x10000)
    for offset, content in code.items():
        image[offset : offset + len(content)] = content
    return bytes(image)


def at_a_glance(architecture: str) -> str | None:
    """What needs no guest to tell; None: only a guest can. The guest is for x86, so others go unproved."""
    if not _DEVICE.exists():
        return f"there is no {_DEVICE}"
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return f"{_DEVICE} may not be opened; is the user in the group kvm?"
    return None if architecture in {"x86_64", "i386"} else USABLE


def without_support() -> str:
    """Words to add where the processor itself shows no support."""
    try:
        flags = Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split()
    except OSError:
        return ""
    return "" if {"vmx", "svm"} & set(flags) else "; the processor shows neither vmx nor svm"


def cache_key(emulator: Path) -> str:
    """A proof holds for this boot of the machine and this very file of QEMU's."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"kvm {identity(emulator)} {boot.read_text().strip() if boot.exists() else ''}"


@mutable
class Trial:
    """A guest under KVM, running."""

    child: "subprocess.Popen[bytes]"
    monitor: "socket.socket"
    """QMP, with which QEMU also ends."""
    events: dict[str, str] = field(default_factory=dict)
    """QMP's events by name, with the reason if one was given; and, as `status`, a stopped guest's."""
    greeted: bool = False
    _unread: bytes = b""

    def result(self) -> tuple[str, bool]:
        """`usable`, or why not, and whether it is the guest that told; waits for it, at most seconds."""
        import subprocess

        try:
            self._watch()
            if "STOP" in self.events:
                return f"a test guest stopped with {self.events.get('status', 'an error')}", True
            _, errors = self.child.communicate(timeout=_GUEST_SECONDS)
        except (TimeoutError, subprocess.TimeoutExpired):
            if not self.greeted:
                return f"QEMU said nothing for {_START_SECONDS:.0f}s", False
            return f"a test guest that needs a millisecond was not done after {_GUEST_SECONDS:.0f}s", True
        if self.child.returncode == _EXIT_STATUS:
            return USABLE, True
        if "SHUTDOWN" in self.events:
            return f"a test guest crashed ({self.events['SHUTDOWN']})", True
        lines = errors.decode(errors="replace").splitlines()
        said = [line.partition(": ")[2] or line for line in lines if "warning: " not in line]
        return said[-1] if said else "QEMU ended at once", False

    def _watch(self) -> None:
        """Listen until QEMU is gone or its guest stops.

        Raises:
            TimeoutError: if neither happens in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        with suppress(ConnectionError):
            self._say("qmp_capabilities", "cont")  # the guest waits, or its end would go unreported
            while "status" not in self.events:
                self.monitor.settimeout(max(0.001, deadline - time.monotonic()))
                received = self.monitor.recv(65536)
                if not received:
                    return
                waited = not self.greeted
                self._take(received)
                if waited and self.greeted:
                    deadline = time.monotonic() + _GUEST_SECONDS

    def _take(self, received: bytes) -> None:
        """Note what QEMU says."""
        *lines, self._unread = (self._unread + received).split(b"\n")
        messages = [json.loads(line) for line in lines if line.strip()]
        for message in messages:
            if "event" in message:
                self.events[message["event"]] = message.get("data", {}).get("reason", "")
            elif "QMP" in message:
                self.greeted = True
            elif message.get("return"):
                self.events["status"] = message["return"].get("status", "")
        if "STOP" in self.events:
            self._say("query-status")

    def _say(self, *commands: str) -> None:
        self.monitor.sendall(b"".join(b'{"execute": "%s"}\n' % command.encode() for command in commands))


@contextmanager
def trial(emulator: Path) -> Iterator[Trial]:
    """Start the proof; the guest is gone when the block ends.

    Raises:
        OSError: if the emulator can't be started.
    """
    import socket
    import tempfile

    from qemu_run.node.processes import started

    with tempfile.NamedTemporaryFile(prefix="qemu-run-", suffix=".rom") as image, ExitStack() as stack:
        image.write(firmware())
        image.flush()
        ours, theirs = socket.socketpair()
        stack.enter_context(ours)
        with theirs:
            child = stack.enter_context(started([str(emulator), *_arguments(image.name)], theirs))
        yield Trial(child, ours)


def _arguments(image: str) -> list[str]:
    """-nodefaults ... -accel kvm -machine q35 -m 2 -bios IMAGE -device isa-debug-exit,... -qmp stdio."""
    return [
        *("-nodefaults", "-no-user-config", "-no-reboot", "-S"),
        *("-display", "none"),
        *("-machine", "q35"),
        *("-accel", "kvm"),
        *("-m", "2"),
        *("-bios", image),
        *("-device", "isa-debug-exit,iobase=0xf4,iosize=1"),
        *("-qmp", "stdio"),
    ]
