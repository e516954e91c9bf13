"""The functions of the job language: one table, made of one table for each family.

In come a call's arguments, converted to what the table says; out goes a value, or an `ExpressionError`.

Source: Nomad's job specification, HCL functions; what each does in every corner is cty's standard library
and go-cty-funcs, which Nomad uses.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from qemu_run.expressions.scope import Function


@cache
def _all() -> Mapping[str, Function]:
    from qemu_run.expressions.functions import (
        collections,
        conditions,
        crypto,
        dates,
        encoding,
        files,
        formatting,
        network,
        numbers,
        sets,
        text,
    )

    return {
        **collections.FUNCTIONS,
        **conditions.FUNCTIONS,
        **crypto.FUNCTIONS,
        **dates.FUNCTIONS,
        **encoding.FUNCTIONS,
        **files.FUNCTIONS,
        **formatting.FUNCTIONS,
        **network.FUNCTIONS,
        **numbers.FUNCTIONS,
        **sets.FUNCTIONS,
        **text.FUNCTIONS,
    }


class _Table(Mapping[str, Function]):
    """The functions, loaded when one is looked up: most job files call none."""

    def __getitem__(self, name: str) -> Function:
        return _all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_all())

    def __len__(self) -> int:
        return len(_all())


FUNCTIONS: Mapping[str, Function] = _Table()
"""By name."""


@cache
def without_files() -> Mapping[str, Function]:
    """The functions that neither look at files nor speak of them: all that a variable's rules may call."""
    from qemu_run.expressions.functions import files

    return {name: function for name, function in _all().items() if name not in files.FUNCTIONS}


@cache
def refusing_files() -> Mapping[str, Function]:
    """All functions, for a job that may not look at files of this host: those that would say so."""
    from qemu_run.expressions.functions import files

    return {**_all(), **files.REFUSING}
