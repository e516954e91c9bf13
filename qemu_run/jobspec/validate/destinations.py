"""Where in an allocation a path leads."""

from qemu_run.golang.paths import clean


def escapes(path: str) -> bool:
    """Whether a path below the task's directory leads out of the allocation around it."""
    inside = clean(f"alloc/task/{path.lstrip('/')}")
    return not (inside == "alloc" or inside.startswith("alloc/"))


_FOLDERS = frozenset(
    {
        *("alloc", "alloc/alloc", "alloc/alloc/data", "alloc/alloc/logs", "alloc/alloc/tmp"),
        *("alloc/task", "alloc/task/local", "alloc/task/secrets", "alloc/task/tmp"),
    }
)
_LONGEST_NAME_BYTES = 255
_LONGEST_PATH_BYTES = 3072
"""Of the 4096 that Linux takes, the folder of the allocation needs some."""


def why_no_file(path: str) -> str:
    """Why there cannot be a file at a path below the task's directory; empty when there can be one."""
    inside = clean(f"alloc/task/{path.lstrip('/')}")
    if inside in _FOLDERS:
        return "it is a folder of the allocation"
    if any(len(step.encode("utf-8", "surrogateescape")) > _LONGEST_NAME_BYTES for step in inside.split("/")):
        return f"a name in it has more than {_LONGEST_NAME_BYTES} bytes"
    if len(inside.encode("utf-8", "surrogateescape")) > _LONGEST_PATH_BYTES:
        return f"it has more than {_LONGEST_PATH_BYTES} bytes"
    return ""
