"""Where what a guest says goes: a terminal, a file that is kept, whoever watches for words.

A sink that fails is closed and noted. It never ends the reading: a guest whose console nobody drains stands
still.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from qemu_run.records import record


class Sink(Protocol):
    """Takes what comes, in the order in which it comes."""

    def write(self, data: bytes) -> None:
        """Take some bytes.

        Raises:
            OSError: there will be no more room for any.
        """

    def close(self) -> None:
        """No more will come."""


class Input(Protocol):
    """Where a person types to the guest."""

    descriptor: int

    def listen(self) -> None:
        """From now on it is read."""

    def typed(self) -> bytes:
        """What was typed for the guest since."""


class Sinks:
    """Several sinks that all get the same from one thread."""

    def __init__(self, sinks: Sequence[Sink], failed: Callable[[Sink, Exception], None]) -> None:
        """`failed` hears of a sink that takes no more."""
        self._open = list(sinks)
        self._failed = failed

    def write(self, data: bytes) -> None:
        """Give `data` to each sink that still takes some."""
        for sink in tuple(self._open):
            try:
                sink.write(data)
            except Exception as error:  # noqa: BLE001  # whatever goes wrong in one: the others go on
                self._open.remove(sink)
                self._failed(sink, error)
                with suppress(Exception):  # what it still held cannot be written either, which was said
                    sink.close()

    def close(self) -> None:
        """No more will come: each sink is closed."""
        for sink in self._open:
            self._close(sink)
        self._open = []

    def _close(self, sink: Sink) -> None:
        try:
            sink.close()
        except Exception as error:  # noqa: BLE001  # as above
            self._failed(sink, error)


@record(kw_only=True)
class TaskSinks:
    """Where what a task says goes."""

    console: Sequence[Sink]
    stderr: Sequence[Sink]
    picture: Path | None = None
    """Where a picture of the guest's screen goes before a running guest is ended."""
