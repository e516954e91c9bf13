"""Clones of repositories, kept in the cache by the commit that was checked out.

A ref that is a whole commit hash means the same for ever: its clone is used without asking anybody. Of a
branch or tag the server is asked which commit it has now.
"""

import hashlib
import stat
from collections.abc import Mapping
from pathlib import Path

from qemu_run.artifacts.cache import Cache, Held
from qemu_run.artifacts.contents import remove_tree
from qemu_run.artifacts.failures import FetchError, storing_error
from qemu_run.artifacts.folders import read_record
from qemu_run.artifacts.git import clone, named_commit, remote_commit
from qemu_run.artifacts.request import Fetched, Request, not_here
from qemu_run.artifacts.terms import Terms
from qemu_run.artifacts.unpack import check_links
from qemu_run.artifacts.words import clean

_RUNS = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


def cloned(request: Request, cache: Cache, terms: Terms) -> Fetched:
    """A repository at the commit that is wanted.

    Raises:
        FetchError: git failed, or a link in it leads out.
        StorageError: this host cannot keep it.
        StoppedError: all is to end.
    """
    pointer, commit = _pointer(request, cache), _known_commit(request, cache, offline=terms.offline)
    if not commit and not terms.offline:
        commit = remote_commit(request.location, request.options, terms.stop)
    if commit and (held := cache.find(_key(request, commit), terms.stop)) is not None:
        cache.point(pointer, {"key": held.key, "commit": commit})
        return _fetched(held, was_cached=True)
    if terms.offline:
        raise not_here(request)
    with cache.alone(f"git-{_source(request)}", terms.stop, folder=True) as (part, descriptor):
        held = cache.find(_key(request, commit), terms.stop) if commit else None
        was_cached = held is not None  # another run was quicker
        if held is None:
            held, commit = _clone(request, cache, (part, descriptor), terms)
        else:
            remove_tree(part)
    cache.point(pointer, {"key": held.key, "commit": commit})
    return _fetched(held, was_cached=was_cached)


def last_key(request: Request, cache: Cache) -> str:
    """The key of the clone that an earlier run made of it; empty when there was none."""
    commit = _known_commit(request, cache, offline=True)
    return _key(request, commit) if commit else ""


def _known_commit(request: Request, cache: Cache, *, offline: bool) -> str:
    """The commit that is wanted, if that is known without asking; offline a branch stays where it was."""
    commit = named_commit(request.options.get("ref", ""))
    if commit or not offline:
        return commit
    return named_commit(str(read_record(_pointer(request, cache)).get("commit", "")))


def _pointer(request: Request, cache: Cache) -> Path:
    """Where it is kept what a repository had at a ref."""
    wanted = (f"{name}={request.options.get(name, '')}" for name in ("ref", "depth", "sshkey"))
    return cache.pointer("git", request.location.url, *wanted)


def _key(request: Request, commit: str) -> str:
    """The key of a clone: its commit, and what else makes a difference to the folder."""
    return f"git-{commit}.{_source(request)}"


def _source(request: Request) -> str:
    """What tells one source of clones from another, in a few characters that tell nothing else."""
    about = f"{request.location.url}\0{request.options.get('depth', '')}"
    return hashlib.sha256(about.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _fetched(held: Held, *, was_cached: bool) -> Fetched:
    modes = held.record.get("modes")
    return Fetched(
        name=str(held.record.get("name", "")),
        path=held.path,
        size_bytes=held.size_bytes,
        was_cached=was_cached,
        key=held.key,
        held=held,
        is_folder=True,
        modes=modes if isinstance(modes, dict) else {},
    )


def _clone(request: Request, cache: Cache, opened: tuple[Path, int], terms: Terms) -> tuple[Held, str]:
    """Clone into a part, which becomes content of the cache; and the commit that came."""
    part, descriptor = opened
    for leftover in part.iterdir():
        remove_tree(leftover)
    try:
        commit = clone(request.location, request.options, part, descriptor, terms.stop)
        everything = list(part.rglob("*"))
        check_links(part, [str(each.relative_to(part)) for each in everything if each.is_symlink()])
        key = _key(request, commit)
        if (held := cache.find(key, terms.stop)) is not None:  # the ref is another name of a commit we have
            remove_tree(part)
            return held, commit
        cache.adopt(part, descriptor, key, _about(request, part, everything))
    except OSError as error:
        remove_tree(part)
        raise storing_error("keep the repository", error) from error
    except BaseException:
        remove_tree(part)
        raise
    if (held := cache.find(key, terms.stop)) is None:
        raise FetchError("the repository is gone already", hints=("run it again",))
    return held, commit


def _about(request: Request, part: Path, everything: list[Path]) -> Mapping[str, object]:
    files = {each: each.lstat() for each in everything}
    regular = {path: found for path, found in files.items() if stat.S_ISREG(found.st_mode)}
    return {
        "name": clean(request.location.file_name),
        "source": clean(request.location.printable),
        "size": sum(found.st_size for found in regular.values()),
        "modes": {
            str(path.relative_to(part)): 0o755 for path, found in regular.items() if found.st_mode & _RUNS
        },
    }
