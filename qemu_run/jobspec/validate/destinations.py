"""Where in an allocation a path leads."""

from qemu_run.golang.paths import clean


def escapes(path: str) -> bool:
    """Whether a path below the task's directory leads out of the allocation around it."""
    inside = clean(f"alloc/task/{path.lstrip('/')}")
    return not (inside == "alloc" or inside.startswith("alloc/"))
