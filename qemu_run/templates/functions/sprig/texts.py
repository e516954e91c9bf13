"""Functions of sprig for text, and for any value.

Source: sprig's documentation.
"""

import posixpath
import re
from typing import TYPE_CHECKING

from qemu_run.golang.quoting import quote
from qemu_run.templates.declare import Functions, pure, working
from qemu_run.templates.functions import regular, text
from qemu_run.templates.functions.sprig import words
from qemu_run.templates.functions.sprig.common import (
    deep_equal,
    given,
    is_empty,
    text_of,
    texts_of,
)
from qemu_run.templates.functions.text import UNICODE_SPACES
from qemu_run.templates.values import (
    Map,
    Slice,
    Value,
    from_bytes,
    joined,
    kind_name,
    to_bytes,
    type_name,
)
from qemu_run.templates.work import FunctionError

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation


def truncated(length: int, value: str) -> str:
    """The first bytes of a text, or by a negative number the last."""
    data = to_bytes(value)
    if length < 0 and len(data) + length > 0:
        return from_bytes(data[length:])
    return from_bytes(data[:length]) if 0 <= length < len(data) else value


def substring(start: int, end: int, value: str) -> str:
    """The bytes from `start` up to `end`."""
    data = to_bytes(value)
    if start < 0:
        start = 0
    elif end < 0 or end > len(data):
        end = len(data)
    if not 0 <= start <= end <= len(data):
        raise FunctionError(f"the text has no bytes from {start} to {end}")
    return from_bytes(data[start:end])


def abbreviated(width: int, value: str, offset: int = 0) -> str:
    """A text shortened to a width by dots."""
    data = to_bytes(value)
    if width < 4 or (offset > 0 and width < 7) or len(data) <= width:
        return value
    offset = min(offset, len(data))
    if len(data) - offset < width - 3:
        offset = len(data) - (width - 3)
    if offset <= 4:
        return from_bytes(data[: width - 3]) + "..."
    if offset + width - 3 < len(data):
        return "..." + abbreviated(width - 3, from_bytes(data[offset:]))
    return "..." + from_bytes(data[len(data) - (width - 3) :])


def repeated(evaluation: "Evaluation", count: int, value: str) -> str:
    """A text so many times."""
    if count < 0:
        raise FunctionError("the number of times cannot be negative")
    evaluation.work.text(count * len(value))
    return joined([value * count])


def indented(evaluation: "Evaluation", spaces: int, value: str) -> str:
    """Every line so many blanks further in."""
    if spaces < 0:
        raise FunctionError("the number of blanks cannot be negative")
    evaluation.work.text(len(value) + spaces * (value.count("\n") + 1))
    blanks = " " * spaces
    return blanks + value.replace("\n", "\n" + blanks)


def parts(separator: str, value: str, most: int = -1) -> list[str]:
    """The parts of a text, so many at most; less than 0: all."""
    if most == 0:
        return []
    if separator:
        return value.split(separator, most - 1 if most > 0 else -1)
    return [*value[: most - 1], value[most - 1 :]] if 0 < most < len(value) else list(value)


def _in_order(values: list[str]) -> Slice:
    ordered = sorted(values, key=to_bytes)
    return Slice(ordered, "string")


def _numbered(values: list[str]) -> Map:
    return Map({f"_{number}": value for number, value in enumerate(values)}, "string")


def _joined(evaluation: "Evaluation", separator: str, value: Value) -> str:
    values = texts_of(evaluation, value)
    evaluation.work.text(sum(map(len, values)) + len(separator) * len(values))
    return joined([separator.join(values)])


def _concatenated(evaluation: "Evaluation", *values: Value) -> str:
    return " ".join(text_of(evaluation, value) for value in given(values))


def _quoted(evaluation: "Evaluation", *values: Value) -> str:
    return " ".join(quote(text_of(evaluation, value)) for value in given(values))


def _single_quoted(evaluation: "Evaluation", *values: Value) -> str:
    return " ".join(f"'{text_of(evaluation, value)}'" for value in given(values))


def _default(default: Value, *values: Value) -> Value:
    return default if not values or is_empty(values[0]) else values[0]


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if not is_empty(value)), None)


def _fail(message: str) -> str:
    raise FunctionError(message)


def _base(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _clean(path: str) -> str:
    cleaned = posixpath.normpath(path) if path else "."
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _folder(path: str) -> str:
    return _clean(path[: path.rfind("/") + 1])


def _extension(path: str) -> str:
    name = path.rpartition("/")[2]
    return name[name.rindex(".") :] if "." in name else ""


def _trim_all(characters: str, value: str) -> str:
    return value.strip(characters) if characters else value


def _regular_replace(evaluation: "Evaluation", pattern: str, value: str, replacement: str) -> str:
    return regular.replace_all(evaluation, pattern, replacement, value)


def _regular_matches(pattern: str, value: str) -> bool:
    """A pattern that is none matches nothing."""
    try:
        return regular.matches(pattern, value)
    except FunctionError:
        return False


_REGULAR: Functions = {
    "regexFind": pure("string, string", regular.find),
    "regexFindAll": working("string, string, int", regular.find_all),
    "regexMatch": pure("string, string", regular.matches),
    "regexReplaceAll": working("string, string, string", _regular_replace),
    "regexReplaceAllLiteral": working("string, string, string", regular.replace_literal),
    "regexSplit": working("string, string, int", regular.split),
}
_PATHS: Functions = {
    "base": pure("string", _base),
    "clean": pure("string", _clean),
    "dir": pure("string", _folder),
    "ext": pure("string", _extension),
    "isAbs": pure("string", lambda path: path.startswith("/")),
}
_ANY: Functions = {
    "all": pure("...any", lambda *values: not any(map(is_empty, values))),
    "any": pure("...any", lambda *values: not all(map(is_empty, values))),
    "coalesce": pure("...any", _coalesce),
    "deepEqual": working("any, any", lambda evaluation, a, b: deep_equal(a, b, evaluation.work)),
    "default": pure("any, ...any", _default),
    "empty": pure("any", is_empty),
    "fail": pure("string", _fail),
    "kindIs": pure("string, any", lambda name, value: kind_name(value) == name),
    "kindOf": pure("any", kind_name),
    "ternary": pure("any, any, bool", lambda yes, no, condition: yes if condition else no),
    "toString": working("any", text_of),
    "toStrings": working("any", lambda evaluation, value: Slice(texts_of(evaluation, value), "string")),
    "typeIs": pure("string, any", lambda name, value: type_name(value) == name),
    "typeIsLike": pure("string, any", lambda name, value: type_name(value) in {name, f"*{name}"}),
    "typeOf": pure("any", type_name),
}
FUNCTIONS: Functions = {
    **_ANY,
    **_PATHS,
    **{f"os{name[0].upper()}{name[1:]}": function for name, function in _PATHS.items()},
    **_REGULAR,
    **{f"must{name[0].upper()}{name[1:]}": function for name, function in _REGULAR.items()},
    "regexMatch": pure("string, string", _regular_matches),
    "abbrev": pure("int, string", abbreviated),
    "abbrevboth": pure("int, int, string", lambda left, right, value: abbreviated(right, value, left)),
    "camelcase": pure("string", words.camel),
    "cat": working("...any", _concatenated),
    "contains": pure("string, string", lambda part, value: part in value),
    "hasPrefix": pure("string, string", lambda part, value: value.startswith(part)),
    "hasSuffix": pure("string, string", lambda part, value: value.endswith(part)),
    "hello": pure("", lambda: "Hello!"),
    "indent": working("int, string", indented),
    "initials": pure("string", words.initials),
    "join": working("string, any", _joined),
    "kebabcase": pure("string", lambda value: words.snake(value, "-")),
    "lower": pure("string", text.lower),
    "nindent": working("int, string", lambda evaluation, n, value: "\n" + indented(evaluation, n, value)),
    "nospace": pure("string", lambda value: re.sub(f"[{UNICODE_SPACES}]", "", value)),
    "plural": pure("string, string, int", lambda one, many, count: one if count == 1 else many),
    "quote": working("...any", _quoted),
    "regexQuoteMeta": pure("string", regular.quoted),
    "repeat": working("int, string", repeated),
    "replace": working("string, string, string", text.replace),
    "snakecase": pure("string", words.snake),
    "sortAlpha": working(
        "any",
        lambda evaluation, v: _in_order(
            texts_of(evaluation, v) if isinstance(v, Slice) else [text_of(evaluation, v)]
        ),
    ),
    "split": pure("string, string", lambda separator, value: _numbered(parts(separator, value))),
    "splitList": pure("string, string", lambda separator, value: Slice(parts(separator, value), "string")),
    "splitn": pure("string, int, string", lambda separator, n, value: _numbered(parts(separator, value, n))),
    "squote": working("...any", _single_quoted),
    "substr": pure("int, int, string", substring),
    "swapcase": pure("string", words.swapped),
    "title": pure("string", words.title),
    "trim": pure("string", lambda value: value.strip(UNICODE_SPACES)),
    "trimAll": pure("string, string", _trim_all),
    "trimPrefix": pure("string, string", lambda part, value: value.removeprefix(part)),
    "trimSuffix": pure("string, string", lambda part, value: value.removesuffix(part)),
    "trimall": pure("string, string", _trim_all),
    "trunc": pure("int, string", truncated),
    "untitle": pure("string", words.untitled),
    "upper": pure("string", text.upper),
    "wrap": working("int, string", lambda evaluation, n, value: words.wrap(evaluation.work, value, n)),
    "wrapWith": working(
        "int, string, string",
        lambda evaluation, n, end, value: words.wrap(evaluation.work, value, n, end, cut=True),
    ),
}
