"""Where qemu-run keeps things of its user: cache, state and configuration, each named once.

    {cache}/qemu-run/     artifacts/  jobs/  starts/  probes.json
    {state}/qemu-run/     allocations/  image-formats/  firmware/  runs/  ports
    {config}/qemu-run/    client.hcl

All of it is for its owner alone. Source: the XDG Base Directory Specification.
"""

import os
import stat
from errno import ENOTDIR
from pathlib import Path

INSTEAD_OF_CACHE = "let XDG_CACHE_HOME (or HOME) name a folder of yours that can be written"
INSTEAD_OF_STATE = "let XDG_STATE_HOME (or HOME) name a folder of yours that can be written"
"""What to do where such a folder cannot be used."""

_NAME = "qemu-run"
_OPEN_TO_OTHERS = 0o077


def cache() -> Path:
    """What can be made again: verified artifacts, answers of emulators."""
    return _base("XDG_CACHE_HOME", ".cache") / _NAME


def state() -> Path:
    """What one run leaves for the next."""
    return _base("XDG_STATE_HOME", ".local/state") / _NAME


def configurations() -> tuple[Path, ...]:
    """What users and the owner of the machine want to be so, the user's own first."""
    of_all = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    bases = (_base("XDG_CONFIG_HOME", ".config"), *map(Path, of_all.split(os.pathsep)), Path("/etc"))
    return tuple(base / _NAME for base in bases)


def firmware_descriptors() -> Path:
    """What a user has told QEMU of firmware. Source: QEMU's `docs/interop/firmware.json`."""
    return _base("XDG_CONFIG_HOME", ".config") / "qemu/firmware"


def _base(variable: str, otherwise: str) -> Path:
    """A user's folder for things of a kind; one that is named by a relative path is not meant."""
    named = os.environ.get(variable, "")
    return Path(named if named.startswith("/") else os.path.expanduser(f"~/{otherwise}"))  # noqa: PTH111  # homeless


def artifacts() -> Path:
    """Verified artifacts, by digest."""
    return cache() / "artifacts"


def jobs() -> Path:
    """Jobs that were read, by digest."""
    return cache() / "jobs"


def starts() -> Path:
    """How the last runs started, by command line."""
    return cache() / "starts"


def allocations() -> Path:
    """The allocation directories of this user's runs."""
    return state() / "allocations"


def image_formats() -> Path:
    """The formats of images that were started in place."""
    return state() / "image-formats"


def firmware_variables() -> Path:
    """What firmware remembers of images that were started in place."""
    return state() / "firmware"


def runs() -> Path:
    """The logs of the last runs that ended badly."""
    return state() / "runs"


def make_private(folder: Path) -> Path:
    """Make `folder`, and what is missing above it, for its owner alone, whatever the umask; return it.

    A folder of ours that is open to others is tightened.

    Raises:
        OSError: it cannot be made, or belongs to somebody else.
    """
    missing = [folder, *folder.parents]
    for path in reversed(missing[: next((i for i, each in enumerate(missing) if each.is_dir()), 0)]):
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(path)) from error
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise PermissionError(0, "the folder belongs to another user", str(folder))
    if stat.S_IMODE(found.st_mode) & _OPEN_TO_OTHERS:
        folder.chmod(0o700)
    return folder
