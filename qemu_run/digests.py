"""Names made of content."""

try:
    from _blake2 import blake2b  # what hashlib has, without OpenSSL: four megabytes of each run's memory
except ImportError:
    from hashlib import blake2b

_BYTES = 32


def name_of(content: bytes) -> str:
    """A name in 64 letters that no other content has."""
    return blake2b(content, digest_size=_BYTES).hexdigest()
