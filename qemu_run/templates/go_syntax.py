"""Values as Go source text: the verb `%#v`.

Source: Go's package `fmt`.
"""

from qemu_run.golang.floats import format_float
from qemu_run.golang.quoting import can_backquote, quote
from qemu_run.templates.values import UNSIGNED, Map, NoValue, Slice, Value, in_order, type_name
from qemu_run.templates.work import Work


def go_syntax(value: Value, work: Work) -> str:
    """The value as it would be written in a Go program."""
    work.step()
    match value:
        case None | NoValue():
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case int():
            return f"0x{int(value):x}" if isinstance(value, UNSIGNED) else str(int(value))
        case str():
            work.text(len(value))
            return quote(value)
        case float():
            return _float(value)
        case complex():
            return f"({_float(value.real)}{'' if value.imag < 0 else '+'}{_float(value.imag)}i)"
        case Slice() | Map() if value.is_nil:
            return f"{type_name(value)}(nil)"
        case Slice():
            with work.deeper():
                return _braced(value, [_element(item, value.elem, work) for item in value], work)
        case Map():
            with work.deeper():
                pairs = [
                    f"{go_syntax(name, work)}:{_element(value[name], value.elem, work)}"
                    for name in in_order(value)
                ]
                return _braced(value, pairs, work)
        case _:
            return str(value)


def _element(value: Value, type_: str, work: Work) -> str:
    return f"{type_}(nil)" if value is None else go_syntax(value, work)


def _braced(value: Value, items: list[str], work: Work) -> str:
    work.text(sum(map(len, items)))
    return f"{type_name(value)}{{{', '.join(items)}}}"


def _float(value: float) -> str:
    text = format_float(value, "g")
    return text


def back_or_quoted(text: str) -> str:
    """In backquotes where that is possible."""
    return f"`{text}`" if can_backquote(text) else quote(text)
