"""Bring a task's artifacts into its directory: three at a time, and ended at once when the run is to stop.

The main thread waits and tells what happens; a signal raises where it waits. The other threads write to the
cache, and into the task directory only what is whole and verified.
Source: Nomad's client fetches three artifacts of a task at the same time.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from errno import EDQUOT, ENOSPC
from queue import SimpleQueue
from typing import TYPE_CHECKING

from qemu_run.artifacts.failures import FetchError, StorageError, is_artifacts_own
from qemu_run.artifacts.request import Fetched
from qemu_run.artifacts.terms import MOST_BYTES, Terms
from qemu_run.errors import ArtifactError, Diagnostic, HostError
from qemu_run.planning.plan import ArtifactPlan, TaskPlan
from qemu_run.records import record
from qemu_run.runtime.events import ArtifactReady, Downloading, Report
from qemu_run.runtime.supply import Supply

if TYPE_CHECKING:
    from qemu_run.artifacts.cache import Cache

_AT_ONCE = 3
_ROOM = ("make room, or let XDG_STATE_HOME name a folder with more: runs have their files there",)
_PROGRESS_SECONDS = 0.1
"""A download reports at most this often."""
_PARTING_SECONDS = 0.5
"""How long threads that were told to stop may take; after that they end with the process."""


@record(kw_only=True)
class _Done:
    """An artifact is in its place, or why it is not."""

    artifact: ArtifactPlan
    failure: BaseException | None = None


_News = Downloading | ArtifactReady | _Done


def bring(plan: TaskPlan, supply: Supply, report: Report) -> None:
    """Fetch the task's artifacts and put them where the job wants them.

    Raises:
        ArtifactError: an artifact did not come, or is not what its checksum says.
        HostError: this host cannot keep it.
    """
    from qemu_run.artifacts.cache import Cache

    crew = _Crew(plan=plan, cache=Cache(supply.cache), supply=supply, waiting=list(plan.artifacts))
    with crew.at_work():
        left = len(plan.artifacts)
        while left:
            news = crew.news.get()  # a signal raises here
            if not isinstance(news, _Done):
                report(news)
                continue
            left -= 1
            if news.failure is not None:
                failure = _explained(news.artifact, news.failure)
                raise failure from (None if failure is news.failure else news.failure)


@record(kw_only=True, eq=False)
class _Crew:
    """The threads that fetch for one task."""

    plan: TaskPlan
    cache: "Cache"
    supply: Supply
    waiting: list[ArtifactPlan]
    terms: Terms = field(default_factory=Terms)
    news: "SimpleQueue[_News]" = field(default_factory=SimpleQueue)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Fetch while this is entered; at its end all stops."""
        count = min(_AT_ONCE, len(self.waiting))
        threads = [threading.Thread(target=self._work, name="artifacts", daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.terms.stop.request()
            end = time.monotonic() + _PARTING_SECONDS
            for thread in threads:
                thread.join(max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        while not self.terms.stop.is_requested:
            try:
                artifact = self.waiting.pop(0)
            except IndexError:
                return
            try:
                self.news.put(self._bring(artifact))
            except BaseException as error:  # noqa: BLE001  # the main thread decides what it is
                self.news.put(_Done(artifact=artifact, failure=error))
            else:
                self.news.put(_Done(artifact=artifact))

    def _bring(self, artifact: ArtifactPlan) -> ArtifactReady:
        from qemu_run.artifacts.fetch import fetch
        from qemu_run.artifacts.unpacked import unpacked
        from qemu_run.runtime.placing import kind_of, put

        terms = Terms(
            stop=self.terms.stop,
            progress=self._progress(artifact),
            most_bytes=MOST_BYTES if self.supply.most_bytes is None else self.supply.most_bytes,
            offline=self.supply.offline,
        )
        held: list[Fetched] = []
        try:
            fetched = fetch(artifact.request, self.cache, terms)
            held.append(fetched)
            size = fetched.size_bytes
            if (kind := kind_of(artifact, fetched)) is not None:
                fetched = unpacked(fetched, kind, self.cache, terms)
                held.append(fetched)
            put(self.plan, artifact, fetched)
        finally:
            for each in held:
                each.release()
        return ArtifactReady(
            task=self.plan.id,
            file_name=_name(artifact),
            size_bytes=size,
            algorithm=fetched.checksum.algorithm if fetched.checksum else None,
            was_cached=fetched.was_cached,
            may_be_cut=fetched.may_be_cut,
            was_asked_for=not self.supply.offline or artifact.request.location.path is not None,
        )

    def _progress(self, artifact: ArtifactPlan) -> Callable[[int, int | None], None]:
        reported_at = 0.0

        def progress(received: int, total: int | None) -> None:
            nonlocal reported_at
            now = time.monotonic()
            if now - reported_at >= _PROGRESS_SECONDS or received == total:
                reported_at = now
                self.news.put(
                    Downloading(
                        task=self.plan.id,
                        file_name=_name(artifact),
                        received_bytes=received,
                        total_bytes=total,
                    )
                )

        return progress


def _name(artifact: ArtifactPlan) -> str:
    from qemu_run.artifacts.words import clean

    return clean(artifact.request.location.file_name or artifact.destination.name)


def _explained(artifact: ArtifactPlan, failure: BaseException) -> BaseException:
    """A thread's failure as the run's."""
    if isinstance(failure, FetchError):
        text = Diagnostic(failure.summary, artifact.span, detail=failure.detail, hints=failure.hints)
        return HostError(text) if isinstance(failure, StorageError) else ArtifactError(text)
    if isinstance(failure, OSError):
        words = f'cannot place artifact "{_name(artifact)}": {failure.strerror or failure}'
        kind = ArtifactError if is_artifacts_own(failure) else HostError
        hints = _ROOM if failure.errno in {ENOSPC, EDQUOT} else ()
        return kind(Diagnostic(words, artifact.span, hints=hints))
    return failure
