"""When a file was made, which Python's `os.stat` does not tell on Linux.

Source: statx(2); the structure is the same on every architecture.
"""

import ctypes
import struct

_AT_EMPTY_PATH = 0x1000
_STATX_BTIME = 0x800
_STATX_BYTES = 256
_BTIME = struct.Struct("=qI")
_BTIME_OFFSET = 0x50
"""After the mask and counters (0x28 bytes), the attributes' mask, and the time of the last access."""
_libc = ctypes.CDLL(None)
_statx = getattr(_libc, "statx", None)


def birth_time_ns(descriptor: int) -> int | None:
    """Nanoseconds since 1970; None where the system or the file system does not know."""
    if _statx is None:
        return None
    answer = ctypes.create_string_buffer(_STATX_BYTES)
    if _statx(descriptor, b"", _AT_EMPTY_PATH, _STATX_BTIME, answer) != 0:
        return None
    (mask,) = struct.unpack_from("=I", answer)
    if not mask & _STATX_BTIME:
        return None
    seconds, nanoseconds = _BTIME.unpack_from(answer, _BTIME_OFFSET)
    return int(seconds * 10**9 + nanoseconds)
