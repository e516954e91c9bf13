"""Records: the frozen dataclasses that one stage hands to the next, made so that defining them costs little.

For `dataclass(frozen=True)` Python compiles six methods a class. A command that takes a tenth of a second
defines a hundred classes and would spend half its time on that. Of a record only `__init__` is compiled; the
other methods are functions that all share. Nothing is assigned to a record's fields: it is the type checker,
to which records are frozen dataclasses, that sees to it, not each assignment at run time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, cast, dataclass_transform, overload

Class = TypeVar("Class", bound=type[Any])


@overload
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: Class, /) -> Class: ...


@overload
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(*, kw_only: bool = ..., eq: bool = ..., slots: bool = ...) -> Callable[[Class], Class]: ...


def record(
    cls: Class | None = None, /, *, kw_only: bool = False, eq: bool = True, slots: bool = True
) -> Class | Callable[[Class], Class]:
    """Make a class a frozen dataclass; the options mean what they mean to `dataclasses.dataclass`.

    Args:
        cls: The class, where the decorator stands without options.
        kw_only: Whether fields are given by name only.
        eq: Whether equal fields make equal records; if not, a record equals itself alone.
        slots: Whether there is room for the fields and for nothing else, such as a `cached_property`.
    """

    def made(cls: Class) -> Class:
        decorated = cast("Class", dataclass(kw_only=kw_only, slots=slots, eq=False, repr=False)(cls))
        methods = {"__repr__": _repr} | (_by_value(decorated) if eq else {})
        for name in methods.keys() - vars(decorated).keys():
            setattr(decorated, name, methods[name])
        return decorated

    return made if cls is None else made(cls)


def _by_value(cls: type[Any]) -> dict[str, Callable[..., object]]:
    """What compares and hashes records of a class by their fields."""
    names = [one.name for one in fields(cls) if one.compare]
    content = attrgetter(*names or ["__class__"])

    def equal(self: object, other: object) -> bool:
        return content(self) == content(other) if other.__class__ is self.__class__ else NotImplemented

    return {"__eq__": equal, "__hash__": lambda self: hash(content(self))}


def _repr(self: Any) -> str:  # noqa: ANN401 - any record
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"
