"""QEMU on this machine: where its emulators are, and what they say about themselves.

Source: Nomad 2.0, `drivers/qemu/driver.go` (search and version); QEMU's `--version`, `-machine help` and
`-accel help`.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

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
    "machine_types": (("-machine", "help"), _first_words),
    "accelerators": (("-accel", "help"), _first_words),
}
"""What an emulator is asked: its arguments, and how its answer is read. Lists have commas between."""


def ask(emulator: Path, questions: Iterable[str], cache: ProbeCache) -> dict[str, str]:
    """The emulator's answers to some of QUESTIONS, all asked at once; one it has no answer to is left out.

    Answers are kept in `cache` for as long as the file at `emulator` stays the same.
    """
    try:
        key = identity(emulator)
    except OSError:
        return {}
    answers = {name: cache.get(f"{name} {key}") for name in questions}
    unknown = [name for name, answer in answers.items() if answer is None]
    new = _run(emulator, unknown) if unknown else {}
    cache.keep({f"{name} {key}": answer for name, answer in new.items()})
    return {name: answer for name, answer in (answers | new).items() if answer}


def _run(emulator: Path, questions: Iterable[str]) -> dict[str, str]:
    """Ask the emulator itself. What it does not answer in time, or at all, is left out."""
    import subprocess

    from qemu_run.node.processes import started

    answers = {}
    deadline = time.monotonic() + _ANSWER_SECONDS
    with ExitStack() as stack:
        try:
            children = {
                name: stack.enter_context(started([str(emulator), *QUESTIONS[name][0]])) for name in questions
            }
        except OSError:
            return {}
        for name, child in children.items():
            try:
                output, _ = child.communicate(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
            if child.returncode == 0:
                answers[name] = QUESTIONS[name][1](output.decode(errors="replace"))
    return {name: answer for name, answer in answers.items() if answer}
