"""Values as Go source text: the verb `%#v`.

Source: Go's package `fmt`.
"""

from qemu_run.golang.floats import format_float
from qemu_run.golang.quoting import quote
from qemu_run.templates.values import UNSIGNED, Map, NoValue, Slice, Value, in_order, type_name
from qemu_run.templates.work import Work


def go_syntax(value: Value, work: Work) -> str:
    """The value as it would be written in a Go program."""
    work.step()
    match value:
        case None | NoValue():
            text = "<nil>"
        case bool():
            text = "true" if value else "false"
        case int():
            text = f"0x{int(value):x}" if isinstance(value, UNSIGNED) else str(int(value))
        case str():
            work.text(len(value))
            text = quote(value)
        case float():
            text = format_float(value, "g")
        case complex():
            plus = "" if value.imag < 0 else "+"
            text = f"({format_float(value.real, 'g')}{plus}{format_float(value.imag, 'g')}i)"
        case Slice() | Map():
            text = _collection(value, work)
        case _:
            text = str(value)
    return text


def _collection(value: Slice | Map, work: Work) -> str:
    if value.is_nil:
        return f"{type_name(value)}(nil)"
    with work.deeper():
        if isinstance(value, Slice):
            items = [_element(item, value.elem, work) for item in value]
        else:
            items = [
                f"{go_syntax(name, work)}:{_element(value[name], value.elem, work)}"
                for name in in_order(value)
            ]
    work.text(sum(map(len, items)))
    return f"{type_name(value)}{{{', '.join(items)}}}"


def _element(value: Value, type_: str, work: Work) -> str:
    return f"{type_}(nil)" if value is None else go_syntax(value, work)
