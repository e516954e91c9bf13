"""The functions of the job language: one table, made of one table for each family.

Source: Nomad's job specification, HCL functions; what each does in every corner is cty's standard library
and go-cty-funcs, which Nomad uses.
"""

from collections.abc import Mapping

from qemu_run.expressions.functions import (
    collections,
    conditions,
    crypto,
    dates,
    encoding,
    files,
    network,
    numbers,
    sets,
    text,
)
from qemu_run.expressions.scope import Function

FUNCTIONS: Mapping[str, Function] = {
    **collections.FUNCTIONS,
    **conditions.FUNCTIONS,
    **crypto.FUNCTIONS,
    **dates.FUNCTIONS,
    **encoding.FUNCTIONS,
    **files.FUNCTIONS,
    **network.FUNCTIONS,
    **numbers.FUNCTIONS,
    **sets.FUNCTIONS,
    **text.FUNCTIONS,
}
"""By name."""

FILESYSTEM: frozenset[str] = frozenset(files.FUNCTIONS)
"""Those that look at files or speak of them: not allowed where a variable's value is checked."""
