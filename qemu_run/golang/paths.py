"""Paths by their text alone, as Go sees them.

Source: the package `path` of Go's standard library.
"""

import posixpath


def clean(path: str) -> str:
    """The shortest path of the same meaning; `.` for an empty one."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def base(path: str) -> str:
    """The last element of a path: `.` for an empty one, `/` for slashes only."""
    stripped = path.rstrip("/")
    if not stripped:
        return "/" if path else "."
    return stripped.rpartition("/")[2]


def directory(path: str) -> str:
    """All but the last element of a path, cleaned."""
    return clean(path[: path.rfind("/") + 1])
