"""QEMU on this machine: where its emulators are, and what they say about themselves.

Source: Nomad 2.0, `drivers/qemu/driver.go` (search and version); QEMU's `--version`, `-machine help` and
`-accel help`.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeAlias

from qemu_run.node.probe_cache import ProbeCache, identity

PREFIX = "qemu-system-"
OTHER_PLACES = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/opt/local/bin")
"""Where packages put emulators that PATH may not name."""
HOST_ONLY = "/usr/libexec/qemu-kvm"
"""The one emulator of Red Hat's distributions, for the host's own architecture."""
_ANSWER_SECONDS = 5.0

_ARCHITECTURES = {"arm64": "aarch64", "amd64": "x86_64", "i686": "i386", "armv7l": "arm", "ppc64le": "ppc64"}


def host_architecture() -> str:
    """QEMU's name for this machine's processor: `x86_64`, `aarch64`."""
    machine = os.uname().machine
    return _ARCHITECTURES.get(machine, machine)


def _folders(search_path: str) -> list[str]:
    """Where to look; never in the current folder, which may be anyone's."""
    named = [folder for folder in search_path.split(os.pathsep) if folder.startswith("/")]
    return [*named, *OTHER_PLACES]


def list_emulators(search_path: str) -> dict[str, Path]:
    """The emulators by their names without `qemu-system-`, sorted.

    They are those of the first folder of `search_path` that has any, executable or not, as Nomad sees it;
    if PATH has none, those where distributions put them.
    """
    for folder in _folders(search_path):
        found = sorted(Path(folder).glob(f"{PREFIX}*"))
        if found:
            return {path.name.removeprefix(PREFIX): path for path in found}
    return {host_architecture(): Path(HOST_ONLY)} if Path(HOST_ONLY).exists() else {}


def find_emulator(name: str, search_path: str) -> Path | None:
    """The executable for `x86_64` or `qemu-system-x86_64`, links resolved; None if there is none."""
    name = name.removeprefix(PREFIX)
    if not name or "/" in name:
        return None
    found = shutil.which(PREFIX + name, path=os.pathsep.join(_folders(search_path)))
    if found is None and name == host_architecture():
        found = shutil.which(HOST_ONLY)
    return Path(found).resolve() if found else None


def _version(text: str) -> str:
    match = re.search(r"version ([0-9][0-9.]*)", text)
    return match[1].rstrip(".") if match else ""


def _first_words(text: str) -> str:
    """The names in a listing below its heading."""
    return ",".join(line.split()[0] for line in text.splitlines()[1:] if line.strip())


QUESTIONS: Mapping[str, tuple[tuple[str, ...], Callable[[str], str]]] = {
    "version": (("--version",), _version),
    "sandbox": (("-sandbox", "on", "-version"), _version),
    "machine_types": (("-machine", "help"), _first_words),
    "accelerators": (("-accel", "help"), _first_words),
}
"""What an emulator is asked: its arguments, and how its answer is read. Lists have commas between."""

Asked: TypeAlias = tuple[Path, str]
"""An emulator, and the name of a question."""


def ask(emulator: Path, questions: Iterable[str], cache: ProbeCache) -> dict[str, str]:
    """The emulator's answers to some of QUESTIONS; one it has no answer to is left out."""
    answers = ask_all([(emulator, question) for question in questions], cache)
    return {question: answer for (_, question), answer in answers.items()}


def ask_all(wanted: Iterable[Asked], cache: ProbeCache) -> dict[Asked, str]:
    """The answers of several emulators, all asked at once; what one does not tell is left out.

    Answers are kept in `cache` for as long as the emulator's file stays the same.
    """
    keys: dict[Asked, str] = {}
    for emulator, question in wanted:
        with suppress(OSError):
            keys[emulator, question] = f"{question} {identity(emulator)}"
    known = {asked: answer for asked, key in keys.items() if (answer := cache.get(key))}
    new = _run([asked for asked in keys if asked not in known])
    cache.keep({keys[asked]: answer for asked, answer in new.items()})
    return known | new


def _run(wanted: Sequence[Asked]) -> dict[Asked, str]:
    """Ask the emulators themselves. What is not answered in time, or at all, is left out."""
    if not wanted:
        return {}
    import subprocess

    from qemu_run.node.processes import started

    answers = {}
    deadline = time.monotonic() + _ANSWER_SECONDS
    with ExitStack() as stack:
        children = {}
        for emulator, question in wanted:
            with suppress(OSError):
                child = stack.enter_context(started([str(emulator), *QUESTIONS[question][0]]))
                children[emulator, question] = child
        for asked, child in children.items():
            try:
                output, _ = child.communicate(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
            if child.returncode == 0:
                answers[asked] = QUESTIONS[asked[1]][1](output.decode(errors="replace"))
    return {asked: answer for asked, answer in answers.items() if answer}
