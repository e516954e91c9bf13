"""Requests to stop: SIGINT, SIGTERM and SIGHUP, heard from the first moment of a run to its last."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Literal, Self

from qemu_run.verdict.outcome import StoppedBy

_HEARD: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequestedError(Exception):
    """The run is to stop before there is a machine to be asked."""

    def __init__(self, by: StoppedBy) -> None:
        super().__init__(by)
        self.by = by


class Stops:
    """Listens for signals while it is entered.

    While the host is being prepared the first signal raises StopRequestedError where the main thread happens
    to be; a further one would only disturb the cleaning up.
    From `hold` on signals are counted, and told to whoever listens.
    """

    def __init__(self) -> None:
        self.received: list[StoppedBy] = []
        self._holding = False
        self._listener: Callable[[], None] | None = None
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for number in _HEARD:
            if signal.getsignal(number) is not signal.SIG_IGN or number is signal.SIGINT:
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal returned
        return False

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        by: StoppedBy = signal.Signals(number).name  # type: ignore[assignment]  # one of _HEARD
        self.received.append(by)
        if self._listener is not None:
            self._listener()
        elif not self._holding and len(self.received) == 1:
            raise StopRequestedError(by)

    def hold(self) -> None:
        """From now on count signals instead of raising: machines are being started."""
        self._holding = True

    def tell(self, listener: Callable[[], None]) -> None:
        """Call `listener` for every signal from now on, and at once if some came before."""
        self._listener = listener
        if self.received:
            listener()
