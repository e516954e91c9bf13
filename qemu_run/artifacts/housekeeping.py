"""What is in the cache, whether it is still right, and how it is made smaller: never by what is in use."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.contents import remove_tree
from qemu_run.artifacts.folders import read_record
from qemu_run.artifacts.locks import held_alone
from qemu_run.artifacts.stop import Stop
from qemu_run.records import record

_RESUMABLE_SECONDS = 7 * 24 * 3600
"""A part that nobody went on with for so long is not resumed any more."""


@record(kw_only=True)
class Entry:
    """A content of the cache, as its record tells."""

    key: str
    name: str
    source: str
    size_bytes: int
    used_at: float
    """When a run used it last, in seconds since the epoch."""


def entries(cache: Cache) -> list[Entry]:
    """All contents, those used last first."""
    folder = cache.folder / "content"
    keys = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    found = [entry for key in keys if (entry := _entry(cache, key)) is not None]
    return sorted(found, key=lambda entry: (-entry.used_at, entry.key))


def _entry(cache: Cache, key: str) -> Entry | None:
    record_ = read_record(cache.index(key))
    with suppress(OSError):
        path = cache.index(key) if record_ else cache.content(key)
        size = record_.get("size")
        return Entry(
            key=key,
            name=str(record_.get("name", "")),
            source=str(record_.get("source", "") or record_.get("from", "")),
            size_bytes=size if isinstance(size, int) else cache.content(key).stat().st_size,
            used_at=path.stat().st_mtime,
        )
    return None


def prune(
    cache: Cache, in_use: Iterable[Path], *, older_seconds: float | None, most_bytes: int | None
) -> tuple[list[Entry], list[Entry]]:
    """Remove contents, and what is left of fetches nobody goes on with; gives what went and what is in use.

    Args:
        cache: The cache.
        in_use: Files that guests stand on.
        older_seconds: Only what was not used for so long.
        most_bytes: Only until the rest is not larger, what was used last remaining.
    """
    spared = {_key_of(cache, path) for path in in_use}
    everything = entries(cache)
    total = sum(entry.size_bytes for entry in everything)
    removed: list[Entry] = []
    kept: list[Entry] = []
    for entry in reversed(everything):
        is_young = older_seconds is not None and time.time() - entry.used_at < older_seconds
        if is_young or (most_bytes is not None and total <= most_bytes):
            continue
        if entry.key in spared or not _remove_unheld(cache, entry.key):
            kept.append(entry)
            continue
        removed.append(entry)
        total -= entry.size_bytes
    sweep(cache, 0 if older_seconds is None and most_bytes is None else _RESUMABLE_SECONDS)
    return removed, kept


def _key_of(cache: Cache, path: Path) -> str:
    """The key of the content that a file belongs to; empty when it is not of this cache."""
    folder = (cache.folder / "content").resolve()
    with suppress(OSError, ValueError):
        return path.resolve().relative_to(folder).parts[0]
    return ""


def _remove_unheld(cache: Cache, key: str) -> bool:
    """Remove a content that no run holds; False when one does."""
    with held_alone(cache.content(key)) as is_ours:
        if is_ours:
            cache.remove(key)
    return is_ours


def sweep(cache: Cache, older_seconds: float = _RESUMABLE_SECONDS) -> None:
    """Remove what fetches that were killed have left, and notes about what is gone."""
    before = time.time() - older_seconds
    folder = cache.folder / "parts"
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        with suppress(OSError):
            if path.name.endswith(".note"):
                if not path.with_name(path.name.removesuffix(".note")).exists():
                    path.unlink()
            elif path.stat().st_mtime <= before:
                with held_alone(path) as is_ours:
                    if is_ours:
                        remove_tree(path)
                        path.with_name(path.name + ".note").unlink(missing_ok=True)
    _forget(cache, before, everything=not older_seconds)


def _forget(cache: Cache, before: float, *, everything: bool) -> None:
    """Remove records of contents that are gone, pointers to them, and drafts that were never finished."""
    for room in ("index", "urls"):
        folder = cache.folder / room
        for path in list(folder.iterdir()) if folder.is_dir() else []:
            with suppress(OSError):
                key = path.name if room == "index" else read_record(path).get("key")
                is_draft = path.name.startswith(".") or (room == "urls" and everything)
                is_gone = isinstance(key, str) and "/" not in key and not cache.content(key).exists()
                if (is_draft or is_gone) and path.stat().st_mtime <= before:
                    path.unlink()


def verify(cache: Cache, stop: Stop) -> Iterator[tuple[Entry, bool]]:
    """Hash every content anew and remove what is not what its name says; gives each, and if it was right.

    Raises:
        StorageError: one cannot be read.
    """
    for entry in entries(cache):
        held = cache.find(entry.key, stop, anew=True)
        if held is not None:
            held.release()
        yield entry, held is not None
