"""Ending what threads wait for, at once and from outside."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from qemu_run.artifacts.failures import StoppedError


class Stop:
    """A request to stop that many threads look at; whoever waits in the meantime is woken."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], object]] = []

    def request(self) -> None:
        """Stop all."""
        with self._lock:
            self._event.set()
            wakers = list(self._wakers)
        for wake in wakers:
            with suppress(OSError, ValueError):
                wake()

    @property
    def is_requested(self) -> bool:
        """Whether all is to end."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise StoppedError if all is to end."""
        if self._event.is_set():
            raise StoppedError

    def wait(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            StoppedError: all is to end.
        """
        if self._event.wait(seconds):
            raise StoppedError

    @contextmanager
    def waking(self, wake: Callable[[], object]) -> Iterator[None]:
        """Call `wake` when a stop is requested while this is entered."""
        with self._lock:
            self._wakers.append(wake)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)
