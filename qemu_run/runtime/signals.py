"""Signals that ask for the end, heard from the first moment of a run to its last."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Literal, Self

from qemu_run.endings import to_hear
from qemu_run.verdict.cause import Signalled, TimeLimit


class StopRequestedError(Exception):
    """The run is to stop before there is a guest to be asked."""

    def __init__(self, by: Signalled | TimeLimit) -> None:
        super().__init__(by.words(""))
        self.by = by


class Signals:
    """Listens for signals while it is entered.

    While the host is being prepared the first signal raises StopRequestedError where the main thread happens
    to be; a further one would only disturb the cleaning up.
    From `hold` on signals are counted, and told to whoever listens.
    """

    def __init__(self, heard: Callable[[], None] = lambda: None) -> None:
        """`heard` is called for each signal, before anything else."""
        self.received: list[Signalled] = []
        self._heard = [heard]
        self._holding = False
        self._raised = False
        self._listener: Callable[[], None] | None = None
        self._before: dict[int, object] = {}
        self._key = ""

    @property
    def is_interrupted(self) -> bool:
        """Whether a person has asked for the end already."""
        return any(each.number == signal.SIGINT for each in self.received)

    def typed(self, key: str) -> None:
        """A person has asked for the end by a key that the terminal makes no signal of."""
        self._key = key
        signal.raise_signal(signal.SIGINT)

    def __enter__(self) -> Self:
        for number in to_hear():
            self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal returned
        return False

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        by, self._key = Signalled(number, self._key), ""
        self.received.append(by)
        for heard in self._heard:
            heard()
        if self._listener is not None:
            self._listener()
        else:
            self._stop(by)

    def _stop(self, by: Signalled | TimeLimit) -> None:
        if not self._holding and not self._raised:
            self._raised = True
            raise StopRequestedError(by)

    @contextmanager
    def limited(self, seconds: float | None) -> Iterator[None]:
        """Let preparing take at most so many seconds; from `hold` on others look at the time."""
        if seconds is None:
            yield
            return
        cause = TimeLimit("run", seconds)

        def hear(number: int, frame: FrameType | None) -> None:
            is_ours = not signal.getitimer(signal.ITIMER_REAL)[0]
            self._stop(cause) if is_ours else self._hear(number, frame)

        before = signal.signal(signal.SIGALRM, hear)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def heard_also(self, heard: Callable[[], None]) -> None:
        """Call this as well for each signal."""
        self._heard.append(heard)

    def hold(self) -> None:
        """From now on count signals instead of raising: guests are being started."""
        self._holding = True

    def resume(self) -> None:
        """Guests are prepared again: raise once more.

        Raises:
            StopRequestedError: a signal came meanwhile.
        """
        self._holding = False
        if self.received:
            self._stop(self.received[0])

    @contextmanager
    def told_to(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call `listener` for every signal meanwhile, and at once if some came before."""
        self._holding = True
        self._listener = listener
        if self.received:
            listener()
        try:
            yield
        finally:
            self._listener = None
