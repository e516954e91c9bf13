"""Checksums as artifacts state them, in every form go-getter has.

`sha256:9f86d0...`, the bare digits, whose number tells the algorithm, and `file:URL` for a file of checksums.
Source: go-getter's `checksum.go`; the formats of `sha256sum` and of BSD's `sha256 --tag`.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.records import record

if TYPE_CHECKING:
    import hashlib

HEX_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""The algorithms an artifact may name, with the length of their digests in hexadecimal."""
_BY_LENGTH = {length: algorithm for algorithm, length in HEX_DIGITS.items()}
_MOST_NAMED = 5
_GNU = re.compile(r"\\?([0-9A-Fa-f]+)[ \t]+[ *]?(\S.*)")
_OF_OPENSSL = re.compile("^sha2-")
_BSD = re.compile(r"([A-Za-z0-9-]+) ?\((.+)\) ?= ?([0-9A-Fa-f]+)")


@record
class Checksum:
    """What the bytes must hash to."""

    algorithm: str
    digest: str
    """In lower-case hexadecimal."""

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"

    @property
    def key(self) -> str:
        """What the cache calls the bytes."""
        return f"{self.algorithm}-{self.digest}"

    def hasher(self) -> "hashlib._Hash":
        """A fresh hash of this algorithm."""
        import hashlib  # ten milliseconds, which a plan has no use for

        return hashlib.new(self.algorithm, usedforsecurity=False)

    def of_file(self, path: Path) -> str:
        """The digest of a file by this algorithm.

        Raises:
            OSError: the file cannot be read.
        """
        import hashlib

        with path.open("rb") as file:
            return hashlib.file_digest(file, self.hasher).hexdigest()


@record
class ChecksumFile:
    """A file that says what the bytes must hash to: `file:https://host/SHA256SUMS`."""

    source: str
    algorithm = "a checksum file"

    def __str__(self) -> str:
        from qemu_run.artifacts.words import masked

        return f"file:{masked(self.source)}"


def parse(text: str) -> "Checksum | ChecksumFile":
    """Read `algorithm:digest`, a bare digest, or `file:SOURCE`.

    Raises:
        ValueError: with what is wrong and what would be right.
    """
    text = text.strip()
    algorithm, colon, digest = text.partition(":")
    if not colon:
        if len(text) not in _BY_LENGTH:
            raise ValueError(f'write it as "algorithm:digest", with one of {", ".join(HEX_DIGITS)}')
        algorithm, digest = _BY_LENGTH[len(text)], text
    if algorithm == "file":
        if not digest:
            raise ValueError("the address of a checksum file comes after the colon")
        return ChecksumFile(digest)
    if algorithm not in HEX_DIGITS:
        raise ValueError(f'"{algorithm}" is none of {", ".join(HEX_DIGITS)}')
    digest = digest.lower()
    if len(digest) != HEX_DIGITS[algorithm]:
        raise ValueError(
            f"a digest of {algorithm} has {HEX_DIGITS[algorithm]} hexadecimal digits, this one {len(digest)}"
        )
    if not set(digest) <= set("0123456789abcdef"):
        raise ValueError("a digest is written in hexadecimal: 0-9 and a-f")
    return Checksum(algorithm, digest)


def find_in(text: str, source: str) -> Checksum:
    """What a checksum file says about the file at the path `source`; a lone digest is about any.

    Of several files of that name the one counts whose folders are the source's too, of several digests of
    one file the longest.

    Raises:
        ValueError: it says nothing about it, or not one thing.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("#", "-"))]
    entries = [entry for line in lines if (entry := _entry(line)) is not None]
    file_name = source.rpartition("/")[2]
    fitting = [(_closeness(name, source), each) for name, each in entries if _last(name) == file_name]
    if fitting:
        best = max((closeness, len(each.digest)) for closeness, each in fitting)
        found = {each for closeness, each in fitting if (closeness, len(each.digest)) == best}
        if len(found) > 1:
            raise ValueError(f'it has {len(found)} different sums for files named "{file_name}"')
        return found.pop()
    lone = [line for line in lines if len(line) in _BY_LENGTH]
    if len(lines) == len(lone) == 1:
        checksum_alone = parse(lone[0])
        if isinstance(checksum_alone, Checksum):
            return checksum_alone
    names = ", ".join(name for name, _ in entries[:_MOST_NAMED])
    there = f"; it names {names}" if names else "; it has no checksum of a kind we know"
    raise ValueError(f'it says nothing about "{file_name}"{there}')


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _closeness(name: str, source: str) -> tuple[bool, int]:
    """How much the name of a file in a list has in common with where it came from."""
    steps = [step for step in reversed(name.split("/")) if step not in {"", "."}]
    common = 0
    for step, other in zip(steps, reversed(source.split("/")), strict=False):
        if step != other:
            break
        common += 1
    return common == len(steps), common


def _entry(line: str) -> tuple[str, Checksum] | None:
    """The file a line is about and its checksum; None when it is no such line."""
    if bsd := _BSD.fullmatch(line):
        algorithm, name, digest = _OF_OPENSSL.sub("sha", bsd[1].lower()).replace("-", ""), bsd[2], bsd[3]
    elif gnu := _GNU.fullmatch(line):
        algorithm, name, digest = _BY_LENGTH.get(len(gnu[1]), ""), gnu[2], gnu[1]
    else:
        return None
    if HEX_DIGITS.get(algorithm) != len(digest):
        return None
    return name.strip(), Checksum(algorithm, digest.lower())
