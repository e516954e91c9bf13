"""Records, the frozen dataclasses that one stage hands to the next, and those that change: cheap to define.

For `dataclass(frozen=True)` Python compiles six methods a class. A command that takes a tenth of a second
defines two hundred classes, makes a few objects of half of them, and would spend a third of its time on that.
Of a record only `__init__` is compiled, and only once there are many objects of it; the other methods are
functions that all share. Nothing is assigned to a record's fields: it is the type checker, to which records
are frozen dataclasses, that sees to it, not each assignment at run time.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from operator import attrgetter
from typing import Any, ClassVar, Protocol, TypeVar, cast, dataclass_transform, get_origin, overload

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

    def finish(cls: type[Any], *, init: bool = True) -> type[Any]:
        finished = dataclass(kw_only=kw_only, eq=False, repr=False, init=init)(cls)
        methods = {"__repr__": _repr} | (_by_value(finished) if eq else {})
        for name in methods.keys() - vars(finished).keys():
            setattr(finished, name, methods[name])
        return finished

    def made(cls: Class) -> Class:
        return cast("Class", _slotted(cls, finish) if slots else finish(cls))

    return made if cls is None else made(cls)


@overload
@dataclass_transform(field_specifiers=(field,))
def mutable(cls: Class, /) -> Class: ...


@overload
@dataclass_transform(field_specifiers=(field,))
def mutable(*, kw_only: bool = ..., eq: bool = ...) -> Callable[[Class], Class]: ...


def mutable(
    cls: Class | None = None, /, *, kw_only: bool = False, eq: bool = True
) -> Class | Callable[[Class], Class]:
    """Make a class a dataclass with slots whose fields may change; it costs no more than a record.

    The options mean what they mean to `record`. What is compared by a value that changes has no hash.
    """

    def made(cls: Class) -> Class:
        if eq:
            cls.__hash__ = None  # type: ignore[assignment]  # as dataclasses have it
        return record(kw_only=kw_only, eq=eq)(cls)

    return made if cls is None else made(cls)


_OF_A_DATACLASS = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
_METHODS = ("__repr__", "__eq__", "__hash__")
_A_FEW = 16
"""Objects of a class that are made without its own `__init__`: together they cost less than compiling it."""


class _Later:
    """An attribute of a class that is there when it is first asked for."""

    def __init__(self, name: str, be_finished: Callable[[], None]) -> None:
        self._name = name
        self._be_finished = be_finished

    def __get__(self, _: object, cls: type[Any]) -> object:
        self._be_finished()
        return getattr(cls, self._name)


class _Finish(Protocol):
    def __call__(self, cls: type[Any], /, *, init: bool) -> type[Any]: ...


def _slotted(cls: type[Any], finish: _Finish) -> type[Any]:
    """The class with slots for its fields; `finish` makes a dataclass of it when it is first used."""
    names = [name for name, kind in _annotations(cls).items() if get_origin(kind) is not ClassVar]
    inherited = {name for base in cls.__mro__[1:] for name in vars(base).get("__slots__", ())}
    whole = {name: value for name, value in vars(cls).items() if name not in {"__dict__", "__weakref__"}}
    whole |= {"__qualname__": cls.__qualname__, "__doc__": cls.__doc__ or ""}
    left = _A_FEW

    def be_finished(*, init: bool = False) -> None:
        finished = vars(finish(_class(cls, whole), init=init))  # whose defaults stand where slots are here
        for name in (*_OF_A_DATACLASS, *_METHODS, *(("__init__",) if init else ())):
            if name in finished:
                setattr(slotted, name, finished[name])

    def first_inits(self: object, *positional: object, **named: object) -> None:
        nonlocal left
        left -= 1
        if left < 0 or not _is_filled(self, fields(slotted), positional, named):
            be_finished(init=True)
            slotted.__init__(self, *positional, **named)

    own = {name: value for name, value in whole.items() if name not in names}
    own |= {name: _Later(name, be_finished) for name in _OF_A_DATACLASS}
    own |= {"__init__": first_inits, "__slots__": tuple(name for name in names if name not in inherited)}
    slotted = _class(cls, own)
    return slotted


def _is_filled(
    made: object, known: "tuple[Field[Any], ...]", positional: tuple[object, ...], named: dict[str, object]
) -> bool:
    """Give a new object its fields; False if the arguments are not right, which its own `__init__` tells."""
    by_place = [each.name for each in known if not each.kw_only]
    given = {**dict(zip(by_place, positional, strict=False)), **named}
    if len(given) < len(positional) + len(named):
        return False
    for each in known:
        if each.name in given:
            value = given.pop(each.name)
        elif each.default is not MISSING:
            value = each.default
        elif each.default_factory is not MISSING:
            value = each.default_factory()
        else:
            return False
        setattr(made, each.name, value)
    if given:
        return False
    if (after := getattr(made, "__post_init__", None)) is not None:
        after()
    return True


def _class(like: type[Any], namespace: dict[str, Any]) -> type[Any]:
    return cast("type[Any]", cast("Any", type(like))(like.__name__, like.__bases__, namespace))


def _annotations(cls: type[Any]) -> Mapping[str, object]:
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        return get_annotations(cls, format=Format.FORWARDREF)
    return cast("Mapping[str, object]", vars(cls).get("__annotations__", {}))


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
