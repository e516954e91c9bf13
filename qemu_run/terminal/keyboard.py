"""What a person types while a guest runs, and the terminal it is typed at, left as it was found.

`interactive`: it goes to the guest; Ctrl-C is the power button, Ctrl-] the escape. `raw`: Ctrl-C goes to the
guest, too. Otherwise it is thrown away: what was typed at a guest's prompt must never run in the shell later.
"""

import contextlib
import os
import signal
import termios
from collections.abc import Callable
from types import FrameType
from typing import Literal, TypeAlias

ConsoleMode: TypeAlias = Literal["interactive", "raw", "follow", "none"]

_INTERRUPT, _ESCAPE = 0x03, 0x1D
_CHUNK_BYTES = 4096
HELP = (
    "Ctrl-] is the key for qemu-run. After it:",
    "  q        presses the power button; once more ends the guest at once",
    "  Ctrl-C   goes to the guest, and so does Ctrl-]",
    "  z        suspends qemu-run, ? shows this",
)


def is_at_hand(descriptor: int) -> bool:
    """Whether a person can type here: a terminal, and this is its foreground process group."""
    with contextlib.suppress(OSError):
        return os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp()
    return False


class Keyboard:
    """A terminal's input while it is entered: silent from then on, and the guest's once somebody reads it."""

    def __init__(
        self,
        descriptor: int,
        mode: ConsoleMode,
        say: Callable[[str], None],
        end: Callable[[str], None],
    ) -> None:
        """`say` writes a line, `end` is called with the key by which the end was asked for."""
        self.on_typed: Callable[[], None] = lambda: None
        """Called when something was typed for the guest, before the guest gets it."""
        self.descriptor = descriptor
        self.mode: ConsoleMode = mode
        self._say = say
        self._end = end
        self._before: list[object] = []
        self._continued: object = None
        self._escaped = False
        self._is_read = False

    @property
    def is_typed_to_guest(self) -> bool:
        """Whether the guest gets what is typed."""
        return self.mode in {"interactive", "raw"}

    def __enter__(self) -> "Keyboard":
        self._before = termios.tcgetattr(self.descriptor)
        self._apply()
        self._continued = signal.signal(signal.SIGCONT, self._apply_again)
        return self

    def _apply_again(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        if is_at_hand(self.descriptor):
            self._apply()

    def _apply(self) -> None:
        """No echo; what is typed comes at once and unchanged where it is read for the guest."""
        settings = termios.tcgetattr(self.descriptor)
        flags = termios.ECHO
        if self._is_read and self.is_typed_to_guest:
            flags |= termios.ICANON | termios.ISIG | termios.IEXTEN
            settings[0] &= ~(termios.ICRNL | termios.IXON | termios.INLCR)
        settings[3] &= ~flags
        termios.tcsetattr(self.descriptor, termios.TCSADRAIN, settings)

    def __exit__(self, *_: object) -> None:
        self._restore()
        signal.signal(signal.SIGCONT, self._continued)  # type: ignore[arg-type]  # what signal.signal returned

    def _restore(self) -> None:
        """As it was, and nothing that was typed is left for the shell."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self.descriptor, termios.TCSAFLUSH, self._before)  # type: ignore[arg-type]  # from tcgetattr

    def listen(self) -> None:
        """From now on `typed` is called. Before, Ctrl-C is the terminal's own, and ends a download."""
        self._is_read = True
        self._apply_again()

    def typed(self) -> bytes:
        """What was typed for the guest; keys for us are obeyed."""
        try:
            data = os.read(self.descriptor, _CHUNK_BYTES)
        except OSError:
            return b""
        keys = b"".join(self._key(key) for key in data)
        if keys:
            self.on_typed()
        return keys

    def _key(self, key: int) -> bytes:
        if self._escaped:
            self._escaped = False
            return self._obey(key)
        if key == _ESCAPE:
            self._escaped = True
            return b""
        if key == _INTERRUPT and self.mode == "interactive":
            self._end("Ctrl-C")
            return b""
        return bytes([key])

    def _obey(self, key: int) -> bytes:
        match key:
            case 0x03 | 0x1D:
                return bytes([key])
            case 0x71:  # q
                self._end("Ctrl-] q")
            case 0x7A:  # z
                self._restore()
                os.kill(0, signal.SIGTSTP)  # all that the shell takes for one job
                self._apply_again()  # nobody may be there to suspend it
            case _:
                for line in HELP:
                    self._say(line)
        return b""
