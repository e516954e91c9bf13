"""Checksums as artifacts state them: `sha256:9f86d0...`."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

HEX_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""The algorithms an artifact may name, with the length of their digests in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes must hash to."""

    algorithm: str
    digest: str
    """In lower-case hexadecimal."""

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"

    def hasher(self) -> "hashlib._Hash":
        """A fresh hash of this algorithm."""
        return hashlib.new(self.algorithm, usedforsecurity=False)

    def of_file(self, path: Path) -> str:
        """The digest of a file by this algorithm.

        Raises:
            OSError: the file cannot be read.
        """
        with path.open("rb") as file:
            return hashlib.file_digest(file, self.hasher).hexdigest()


def parse(text: str) -> Checksum:
    """Read `algorithm:digest`.

    Raises:
        ValueError: with what is wrong and what would be right.
    """
    algorithm, colon, digest = text.partition(":")
    if not colon:
        raise ValueError(f'write it as "algorithm:digest", with one of {", ".join(HEX_DIGITS)}')
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
