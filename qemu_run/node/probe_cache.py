"""What was learnt by running programs, kept on disk between runs: a small JSON file, text to text."""

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from qemu_run.files import read_private_json, replace_file

_ENTRIES = 200
"""More than all emulators of a machine have to say; older answers go first."""


class ProbeCache:
    """Answers by question. A damaged, foreign or unwritable file is no error: it is as if there were none."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        """None: remember for this run only."""

    @cached_property
    def _answers(self) -> dict[str, str]:
        return self._read()

    def _read(self) -> dict[str, str]:
        if self.path is None:
            return {}
        with suppress(OSError, ValueError):
            found = read_private_json(self.path)
            if isinstance(found, dict) and all(isinstance(answer, str) for answer in found.values()):
                return found
        return {}

    def get(self, question: str) -> str | None:
        """The answer that was kept."""
        return self._answers.get(question)

    def keep(self, answers: Mapping[str, str]) -> None:
        """Remember more answers; what another run has written in the meantime stays."""
        if not answers:
            return
        self._answers.update(answers)
        if self.path is None:
            return
        merged = {**self._read(), **answers}
        newest = dict(list(merged.items())[-_ENTRIES:])
        with suppress(OSError):
            replace_file(self.path, json.dumps(newest, indent=1).encode())


def user_cache() -> ProbeCache:
    """The cache in the user's cache folder."""
    from qemu_run import folders

    return ProbeCache(folders.cache() / "probes.json")


def identity(path: Path) -> str:
    """What changes when the program at `path` is another one."""
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"
