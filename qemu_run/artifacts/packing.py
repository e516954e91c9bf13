"""Bytes packed with gzip, bzip2, xz or zstd, unpacked as they are read, within a small machine's memory."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_READ_BYTES = 256 << 10
_MOST_XZ_MEMORY_BYTES = 512 << 20
_OF_ZLIB = "Error -3 while decompressing data: "


class PackingError(Exception):
    """The bytes are not what they should be: cut, damaged, or of another kind."""


class _Gzip:
    """zlib's way of saying it, in the words that the others share."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, most: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, most)

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


def _zstd() -> Any:  # noqa: ANN401  # the module is one of two
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]  # from Python 3.14
    except ImportError:
        from backports import zstd
    return zstd.ZstdDecompressor()


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "gz": _Gzip,
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=_MOST_XZ_MEMORY_BYTES),
    "zst": _zstd,
}


class _Unpacked(RawIOBase):
    """What comes out, as a file to be read once; several packed streams in a row are one."""

    def __init__(self, packed: BinaryIO, kind: str) -> None:
        self._packed = packed
        self._new = _DECOMPRESSORS[kind]
        self._inner: Any = self._new()
        self._kind = kind
        self._is_at_start = True
        self._is_behind_end = False
        """A stream has ended, and nothing came of what follows it."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._next(len(view))
        except (zlib.error, lzma.LZMAError, ValueError, EOFError) as error:
            raise self._damage(error) from error
        except OSError as error:
            if error.errno is not None:  # the file itself cannot be read
                raise
            raise self._damage(error) from error
        except Exception as error:
            if type(error).__name__ != "ZstdError":
                raise
            raise self._damage(error) from error
        view[: len(data)] = data
        return len(data)

    def _damage(self, error: Exception) -> PackingError:
        if self._is_behind_end:
            return PackingError(f"its .{self._kind} is followed by bytes that do not belong to it")
        return PackingError(f"its .{self._kind} is damaged: {str(error).removeprefix(_OF_ZLIB)}")

    def _next_stream(self) -> bytes:
        """The beginning of what follows a stream that has ended; nothing at the end.

        In between there may be padding: of xz itself, or as tapes and blocks leave it.
        """
        rest: bytes = self._inner.unused_data.lstrip(b"\0")
        while not rest:
            read = self._packed.read(_READ_BYTES)
            if not read:
                break
            rest = read.lstrip(b"\0")
        return rest

    def _next(self, most: int) -> bytes:
        """Some unpacked bytes, nothing at the end."""
        while True:
            if self._inner.eof:
                fed = self._next_stream()
                if not fed:
                    return b""
                self._inner = self._new()
                self._is_behind_end = True
            else:
                fed = self._packed.read(_READ_BYTES) if self._inner.needs_input or self._is_at_start else b""
                if not fed and self._inner.needs_input:
                    raise EOFError("it ends before its end")
            self._is_at_start = False
            if data := self._inner.decompress(fed, most):
                self._is_behind_end = False
                return bytes(data)


def unpacked_stream(packed: BinaryIO, kind: str) -> BinaryIO:
    """A file to be read once, of what is packed in another; as it is when `kind` is empty.

    Reading it raises PackingError when the bytes are damaged.
    """
    return BufferedReader(_Unpacked(packed, kind), _READ_BYTES) if kind else packed
