"""The memory of this machine that is free, as far as it is ours to use.

Source: Linux's `Documentation/filesystems/proc.rst` and `admin-guide/cgroup-v2.rst`.
"""

from contextlib import suppress
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_CGROUPS = Path("/sys/fs/cgroup")
_NO_LIMIT = 1 << 62


def _kilobytes(key: str) -> int | None:
    with suppress(OSError, ValueError):
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1])
    return None


def swap_total() -> int:
    """The swap of the machine in bytes; 0 where it is not known."""
    return (_kilobytes("SwapTotal") or 0) << 10


def available() -> int:
    """What a new process can have without swapping, in bytes: less where a cgroup around us has a limit."""
    free = _kilobytes("MemAvailable")
    return min(_NO_LIMIT if free is None else free << 10, _cgroup_room())


def _cgroup_room() -> int:
    """What the cgroups around us leave; much where there is no limit."""
    room = _NO_LIMIT
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            if line.startswith("0::"):
                group = _CGROUPS / line.removeprefix("0::").lstrip("/")
                for folder in (group, *group.parents):
                    if folder.is_relative_to(_CGROUPS):
                        room = min(room, _room_in(folder))
    return room


def _room_in(folder: Path) -> int:
    with suppress(OSError, ValueError):
        limit = int((folder / "memory.max").read_text())
        return max(0, limit - int((folder / "memory.current").read_text()))
    return _NO_LIMIT
