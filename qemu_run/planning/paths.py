"""Paths below a task directory, as Nomad's client takes them."""

from pathlib import Path


def below(directory: Path, path: str) -> Path:
    """Where a path of the job leads from a task directory; an absolute one from outside starts there too.

    `..` is folded textually: nothing on disk is asked. The result may lie outside; whoever calls looks.
    """
    wanted = Path(path)
    if wanted.is_absolute() and not wanted.is_relative_to(directory.parent):
        wanted = Path(*wanted.parts[1:])
    return normal(directory / wanted)


def normal(path: Path) -> Path:
    """`path` with `..` folded textually: nothing on disk is asked."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and len(parts) > 1:
            parts.pop()
        elif part != "..":
            parts.append(part)
    return Path(*parts)
