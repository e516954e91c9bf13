"""The functions of the job language."""

from collections.abc import Mapping

from qemu_run.expressions.scope import Function

FUNCTIONS: Mapping[str, Function] = {}

FILESYSTEM: frozenset[str] = frozenset(
    {"abspath", "basename", "dirname", "file", "filebase64", "fileexists", "fileset", "pathexpand"}
)
"""Those that look at files, or speak of them: not allowed where a variable's value is checked."""
