"""Values as TOML, in the form that consul-template writes.

Source: the TOML specification 1.0; the layout (tables after values, further in by two blanks) was asked of
consul-template.
"""

import re
from collections.abc import Iterator

from qemu_run.golang.floats import format_float
from qemu_run.templates.values import Map, NoValue, Slice, Value, described, in_order
from qemu_run.templates.work import FunctionError, Work

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SHORT = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def write(value: Value, work: Work) -> str:
    """A value in TOML.

    Raises:
        FunctionError: TOML has no such value.
    """
    if isinstance(value, Map) and value.key != "string":
        raise FunctionError("TOML has no maps but those of strings")
    if isinstance(value, Map):
        return "\n".join(_table(value, (), work))
    return _value(value, work)


def _is_table(value: Value) -> bool:
    return isinstance(value, Map)


def _is_tables(value: Value) -> bool:
    return isinstance(value, Slice) and bool(value) and all(map(_is_table, value))


def _table(table: Map, path: tuple[str, ...], work: Work) -> Iterator[str]:
    """The lines of a table: values first, tables behind."""
    indent = "  " * len(path)
    later: list[tuple[str, Value]] = []
    with work.deeper():
        for name in in_order(table):
            value = table[name]
            if not isinstance(name, str):
                raise FunctionError("TOML has no names but strings")
            if value is None or isinstance(value, NoValue):
                continue
            if _is_table(value) or _is_tables(value):
                later.append((name, value))
            else:
                yield f"{indent}{_key(name)} = {_value(value, work)}"
        for name, value in later:
            yield from _inner(value, (*path, name), work)


def _inner(value: Value, path: tuple[str, ...], work: Work) -> Iterator[str]:
    header = ".".join(map(_key, path))
    indent = "  " * (len(path) - 1)
    tables = [value] if isinstance(value, Map) else value if isinstance(value, Slice) else []
    left, right = ("[", "]") if isinstance(value, Map) else ("[[", "]]")
    for table in tables:
        if isinstance(table, Map):
            if table.key != "string":
                raise FunctionError("TOML has no maps but those of strings")
            if len(path) == 1 or not isinstance(value, Map):
                yield ""
            yield f"{indent}{left}{header}{right}"
            yield from _table(table, path, work)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _value(value: Value, work: Work) -> str:
    work.step()
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(int(value))
        case float():
            return _float(value)
        case str():
            work.text(len(value))
            return _quoted(value)
        case Slice():
            with work.deeper():
                items = [_value(item, work) for item in value]
            work.text(sum(map(len, items)))
            return f"[{', '.join(items)}]"
        case Map():
            with work.deeper():
                pairs = [f"{_key(str(name))} = {_value(value[name], work)}" for name in in_order(value)]
            work.text(sum(map(len, pairs)))
            return f"{{{', '.join(pairs)}}}"
        case _:
            pass
    raise FunctionError(f"TOML has no {described(value)}")


def _float(value: float) -> str:
    text = format_float(value, "f")
    if text in {"NaN", "+Inf", "-Inf"}:
        return text.lower().replace("+", "")
    return text if "." in text else f"{text}.0"


def _quoted(text: str) -> str:
    def one(character: str) -> str:
        if character in _SHORT:
            return _SHORT[character]
        return f"\\u{ord(character):04x}" if character < " " or character == "\x7f" else character

    return f'"{"".join(map(one, text))}"'
