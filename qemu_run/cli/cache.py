"""`qemu-run cache`: what is kept of artifacts, and how to be rid of it."""

from qemu_run import folders
from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.failures import StorageError
from qemu_run.artifacts.housekeeping import Entry, entries, prune, sweep, verify
from qemu_run.artifacts.stop import Stop
from qemu_run.errors import Diagnostic, ExitCode, HostError
from qemu_run.terminal.output import say
from qemu_run.workflow import artifact_cache


def list_cache(*, json: bool) -> int:
    """What is kept, what was used last first."""
    found = entries(Cache(folders.artifacts()))
    if json:
        from qemu_run.terminal.documents import write

        write({"folder": str(folders.artifacts()), "entries": [_document(each) for each in found]})
        return ExitCode.OK
    from qemu_run.artifacts.words import size_in_words
    from qemu_run.terminal.tables import show_rows

    show_rows([(_day(each.used_at), size_in_words(each.size_bytes), each.name, each.key) for each in found])
    total = sum(each.size_bytes for each in found)
    say(f"{_count(len(found))}, {size_in_words(total)}, in {folders.artifacts()}\n")
    return ExitCode.OK


def _document(entry: Entry) -> dict[str, object]:
    return {
        "key": entry.key,
        "name": entry.name,
        "source": entry.source,
        "size_bytes": entry.size_bytes,
        "used_at": int(entry.used_at),
    }


def _day(seconds: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _count(number: int) -> str:
    return f"{number} " + ("entry" if number == 1 else "entries")


def prune_cache(*, older_seconds: float | None, most_bytes: int | None) -> int:
    """Remove what is not in use."""
    from qemu_run.artifacts.words import size_in_words

    cache = Cache(folders.artifacts())
    removed, kept = prune(cache, artifact_cache.in_use(), older_seconds=older_seconds, most_bytes=most_bytes)
    for trifle in artifact_cache.trifles():
        trifle.unlink(missing_ok=True)
    freed = size_in_words(sum(each.size_bytes for each in removed))
    say(f"removed {_count(len(removed))}, {freed}\n")
    for each in kept:
        say(f"in use: {each.name or each.key}, {size_in_words(each.size_bytes)}\n")
    return ExitCode.OK


def verify_cache() -> int:
    """Hash all that is kept; what is not right is removed, and fetched again when a job needs it."""
    cache, count, wrong = Cache(folders.artifacts()), 0, 0
    try:
        for entry, is_right in verify(cache, Stop()):
            count, wrong = count + 1, wrong + (not is_right)
            say(f"{'right' if is_right else 'WRONG, removed'}  {entry.key}  {entry.name}\n")
    except StorageError as error:
        raise HostError(Diagnostic(error.summary, detail=error.detail, hints=error.hints)) from error
    sweep(cache)
    say(f"{_count(count)}, {wrong} wrong, in {folders.artifacts()}\n")
    return ExitCode.ARTIFACT if wrong else ExitCode.OK


def show_path() -> int:
    """Where it is."""
    say(f"{folders.artifacts()}\n")
    return ExitCode.OK
