"""What the reader of standard output has not taken yet: kept up to a limit, so that no guest waits for it."""

from collections import deque

_MOST_BYTES = 8 << 20


class Backlog:
    """Text in its order. What there is no room for is left out, and a line in its place says how much."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._bytes = 0
        self._missing = 0
        self.left_out = 0
        """Bytes that nobody will ever see here."""

    @property
    def unread(self) -> int:
        """Bytes that the reader has not taken, nor will."""
        return self._bytes + self.left_out

    def put(self, data: bytes) -> None:
        """Add text, if there is room."""
        if self._bytes + len(data) > _MOST_BYTES:
            self._missing += len(data)
            self.left_out += len(data)
            return
        self._note()
        self._append(data)

    def take(self) -> bytes:
        """The text that comes next; empty: there is no more."""
        if not self._pieces:
            self._note()
        if not self._pieces:
            return b""
        data = self._pieces.popleft()
        self._bytes -= len(data)
        return data

    def _append(self, data: bytes) -> None:
        self._pieces.append(data)
        self._bytes += len(data)

    def _note(self) -> None:
        if self._missing:
            self._append(f"\n[{self._missing} bytes are left out here: nobody read them in time]\n".encode())
            self._missing = 0
