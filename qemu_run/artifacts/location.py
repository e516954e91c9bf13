"""Where an artifact is: a web address, or a file of this machine."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

WEB_SCHEMES = ("http", "https")
ARCHIVE_SUFFIXES = (
    *("tar", "tar.gz", "tgz", "tar.bz2", "tbz2", "tar.xz", "txz", "tar.zst", "tzst"),
    *("zip", "gz", "bz2", "xz", "zst"),
)


@dataclass(frozen=True, slots=True)
class Location:
    """A source, taken apart."""

    url: str
    """The address to fetch, or an empty string for a local file."""
    path: Path | None
    """The local file, or None for an address."""
    file_name: str
    """The last part of the path: the name the artifact gets when nothing else names it."""

    @property
    def printable(self) -> str:
        """The source without passwords and query, which may hold secrets."""
        if self.path is not None:
            return str(self.path)
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "...=..." if parts.query else "", ""))

    @property
    def archive_suffix(self) -> str | None:
        """The longest suffix of the name that says it is an archive."""
        fitting = [suffix for suffix in ARCHIVE_SUFFIXES if self.file_name.lower().endswith("." + suffix)]
        return max(fitting, key=len, default=None)


def locate(source: str, folder: Path) -> Location:
    """Take `source` apart; relative paths are relative to `folder`.

    Raises:
        ValueError: the scheme is none we have.
    """
    parts = urlsplit(source)
    if parts.scheme in WEB_SCHEMES:
        if not parts.hostname:
            raise ValueError(f'"{source}" names no host')
        return Location(source, None, unquote(parts.path).rpartition("/")[2])
    if parts.scheme == "file":
        path = Path(unquote(parts.netloc + parts.path))
    elif "://" in source or "::" in source:
        scheme = source.partition("::")[0] if "::" in source else parts.scheme
        raise ValueError(f'no "{scheme}" sources; there are http, https, file and paths')
    else:
        path = Path(source).expanduser()
    return Location("", folder / path, path.name)
