"""Put what was fetched where the job wants it, and leave what it came from as it is.

The image a guest boots from is linked: only its overlay is written. Anything else becomes the task's own,
sharing blocks with the original where the file system can.
"""

import os
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from qemu_run.artifacts import archives
from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.request import Fetched
from qemu_run.artifacts.words import clean
from qemu_run.planning.plan import ArtifactPlan, TaskPlan

_FICLONE = 0x40049409
"""The ioctl that makes one file share the blocks of another (btrfs, xfs)."""
_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
_COPY_BYTES = 1 << 30
_MOST_NAMED = 5


def kind_of(artifact: ArtifactPlan, fetched: Fetched) -> str | None:
    """As what a fetched file is to be unpacked: as the job or the name says, or, for an image, its content.

    Raises:
        FetchError: a web page came in place of an image or archive.
        OSError: it cannot be read.
    """
    if fetched.is_folder:
        return None
    is_image = artifact.image == artifact.destination
    if (is_image or artifact.unpack) and archives.looks_like_a_page(fetched.path):
        raise FetchError(
            "a web page came instead of the artifact",
            detail=f"from {artifact.request.location.printable}\nsize {fetched.size_bytes} bytes",
            hints=("open the address in a browser: it may ask to log in, or lead to the file",),
        )
    if artifact.unpack is not None:
        return artifact.unpack
    if is_image and artifact.request.options.get("archive") not in archives.NEVER:
        content = archives.by_content(fetched.path)
        return content if content in archives.PACKED else None
    return None


def put(plan: TaskPlan, artifact: ArtifactPlan, fetched: Fetched) -> None:
    """Put a fetched file or folder in its place.

    Raises:
        FetchError: it is not what the job takes it for.
        OSError: the files cannot be written.
    """
    image = plan.launch.disk.base if plan.launch.disk is not None else None
    source = _chosen(artifact, fetched)
    if source.is_dir():
        if not artifact.fills_folder:
            source = _only_file(source)
        else:
            _make_parents(artifact.destination, plan.layout.directory)
            _fill(artifact.destination, source, fetched, image)
    if not source.is_dir():
        target = artifact.destination / source.name if artifact.fills_folder else artifact.destination
        _make_parents(target, plan.layout.directory)
        _place(source, target, _mode(source, fetched, fetched.path), is_image=target == image)
    if artifact.chown:
        _give(artifact.destination, plan.task.user)


def _chosen(artifact: ArtifactPlan, fetched: Fetched) -> Path:
    """What is wanted of it: all, or the part after `//`.

    Raises:
        FetchError: there is no such part.
    """
    wanted = artifact.request.location.subfolder
    if not wanted:
        return fetched.path
    chosen = fetched.path / wanted
    if not chosen.exists() or not chosen.resolve().is_relative_to(fetched.path.resolve()):
        raise FetchError(
            f'the artifact has no "{wanted}"', detail=f"from {artifact.request.location.printable}"
        )
    return chosen


def _only_file(folder: Path) -> Path:
    """The one file of an archive that is to become one.

    Raises:
        FetchError: it has none, or several.
    """
    files = [each for each in folder.rglob("*") if each.is_file()]
    names = {str(each.relative_to(folder)): each for each in files}
    wanted = sorted(name for name in names if not name.startswith(".git/"))
    if len(wanted) == 1:
        return names[wanted[0]]
    raise FetchError(
        f'with mode = "file" an artifact holds one file, and this one {len(wanted)}',
        detail=f"it holds {', '.join(map(clean, wanted[:_MOST_NAMED]))}" if wanted else "",
        hints=('//NAME behind the source takes one; without mode = "file" all land in a folder',),
    )


def _fill(target: Path, source: Path, fetched: Fetched, image: Path | None) -> None:
    """Bring all that is in a folder into another, which may have files already."""
    _make_folder(target)
    for each in sorted(source.rglob("*")):
        place = target / each.relative_to(source)
        if each.is_symlink():
            place.unlink(missing_ok=True)
            place.symlink_to(each.readlink())
        elif each.is_dir():
            _make_folder(place)
        elif each.is_file():
            _place(each, place, _mode(each, fetched, fetched.path), is_image=place == image)
    for name, mode in fetched.modes.items():
        folder = fetched.path / name
        if folder.is_dir() and folder.is_relative_to(source):
            (target / folder.relative_to(source)).chmod(mode | stat.S_IRWXU)


def _mode(source: Path, fetched: Fetched, root: Path) -> int:
    """The permissions in the task directory: an archive's own; else those of a plain file, as on Nomad."""
    modes: Mapping[str, int] = fetched.modes
    name = str(source.relative_to(root)) if source != root else ""
    if name in modes:
        return modes[name]
    with suppress(OSError):
        return _FILE_MODE | (source.stat().st_mode & 0o111 if fetched.held is None else 0)
    return _FILE_MODE


def _make_folder(folder: Path) -> None:
    if not folder.is_dir() or folder.is_symlink():
        folder.unlink(missing_ok=True)
        folder.mkdir(parents=True)
        folder.chmod(_FOLDER_MODE)


def _make_parents(target: Path, directory: Path) -> None:
    for parent in reversed(target.parents):
        if parent.is_relative_to(directory.parent):
            _make_folder(parent)


def _place(source: Path, target: Path, mode: int, *, is_image: bool) -> None:
    """One file: linked when it is the image, else the task's own."""
    with suppress(FileNotFoundError):
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink()
    if is_image:
        target.symlink_to(source.resolve())
        return
    original = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        copy = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _copy(original, copy)
            os.fchmod(copy, mode)
        finally:
            os.close(copy)
    finally:
        os.close(original)


def _copy(original: int, copy: int) -> None:
    """The content: the same blocks where the file system can share them, holes kept where it cannot."""
    import fcntl

    try:
        fcntl.ioctl(copy, _FICLONE, original)
    except OSError:
        _copy_data(original, copy, os.fstat(original).st_size)


def _copy_data(original: int, copy: int, size: int) -> None:
    os.ftruncate(copy, size)
    offset = 0
    while offset < size:
        try:
            offset = os.lseek(original, offset, os.SEEK_DATA)
        except OSError:  # only a hole is left
            return
        end = os.lseek(original, offset, os.SEEK_HOLE)
        while offset < end:
            copied = _copy_some(original, copy, offset, end - offset)
            if not copied:
                return
            offset += copied


def _copy_some(original: int, copy: int, offset: int, count: int) -> int:
    with suppress(OSError):
        if copied := os.copy_file_range(original, copy, min(count, _COPY_BYTES), offset, offset):
            return copied
    return os.pwrite(copy, os.pread(original, min(count, 1 << 20), offset), offset)


def _give(path: Path, user: str) -> None:
    """Give a tree to the task's user, which only root can; a task without one keeps it.

    Raises:
        FetchError: there is no such user.
    """
    if os.geteuid() != 0 or not user:
        return
    everything = [path, *path.rglob("*")] if path.is_dir() and not path.is_symlink() else [path]
    try:
        for each in everything:
            if not each.is_symlink():  # what a link leads to is the cache's, or the host's
                shutil.chown(each, int(user) if user.isdecimal() else user)
    except LookupError as error:
        raise FetchError(f'chown: this machine has no user "{user}"') from error
