"""consul-template's functions for text, and for what a text stands for.

Source: consul-template's documentation.
"""

import re
from typing import TYPE_CHECKING

from qemu_run.golang.durations import DIGITS
from qemu_run.golang.times import format_time, moment
from qemu_run.templates.declare import Functions, pure, working
from qemu_run.templates.functions.regular import matches, replace_all
from qemu_run.templates.numbers import parse_float, parse_integer
from qemu_run.templates.values import Int64, Map, Slice, Uint64, joined
from qemu_run.templates.work import FunctionError

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation

UNICODE_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
UNICODE_SPACES += "\u2028\u2029\u202f\u205f\u3000"
"""What Go takes for a blank."""
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False", ""})
_LETTER = r"[^\W\d_]"
_WORD = re.compile(rf"[\w\u0300-\u036f]+(?:(?<={_LETTER})['\u2019.:\u00b7](?={_LETTER})[\w\u0300-\u036f]+)*")
"""As Unicode divides text: a dot, colon or apostrophe between letters divides nothing."""
_CASED = re.compile(_LETTER)
_SPECIAL_FLOATS = {"inf": "inf", "infinity": "inf", "nan": "nan"}


def replace(evaluation: "Evaluation", old: str, new: str, text: str) -> str:
    """Every occurrence replaced."""
    count = text.count(old) if old else len(text) + 1
    evaluation.work.text(len(text) + count * len(new))
    return text.replace(old, new)


def split(separator: str, text: str) -> Slice:
    """The parts of a text; of an empty one there are none. Blanks around the text go."""
    text = text.strip(UNICODE_SPACES)
    if not text:
        return Slice((), "string")
    return Slice(text.split(separator) if separator else list(text), "string")


def split_to_map(pair_separator: str, separator: str, text: str) -> Map:
    """`a:b,c:d` as a map; parts without a separator are left out."""
    result = Map((), "string")
    for part in split(pair_separator, text):
        if isinstance(part, str) and separator in part:
            name, _, value = part.partition(separator) if separator else ("", "", part)
            result[name] = value
    return result


def join(evaluation: "Evaluation", separator: str, items: Slice) -> str:
    """The parts with a separator between them."""
    texts = [item for item in items if isinstance(item, str)]
    evaluation.work.text(sum(map(len, texts)) + len(separator) * len(texts))
    return joined([separator.join(texts)])


def indent(evaluation: "Evaluation", spaces: int, text: str) -> str:
    """Every line that is not empty, so many blanks further in."""
    if spaces < 0:
        raise FunctionError("the number of blanks cannot be negative")
    lines = text.split("\n")
    evaluation.work.text(len(text) + spaces * len(lines))
    return "\n".join(" " * spaces + line if line else line for line in lines)


def title(text: str) -> str:
    """The first letter of each word in title case; the others stay."""
    return _WORD.sub(lambda word: _CASED.sub(lambda letter: letter[0].title(), word[0], count=1), text)


def upper(text: str) -> str:
    """Capitals, letter by letter as Go does: a letter without a capital of one letter stays."""
    return text.upper() if text.isascii() else "".join(_one(c.upper(), c) for c in text)


def lower(text: str) -> str:
    """Small letters, letter by letter as Go does."""
    return (
        text.lower()
        if text.isascii()
        else "".join("i" if c == "\u0130" else _one(c.lower(), c) for c in text)
    )


def _one(changed: str, character: str) -> str:
    return changed if len(changed) == 1 else character


def parse_bool(text: str) -> bool:
    """`true`, `T`, `1`, ...; an empty text is false."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise FunctionError(f'"{text[:40]}" is not a boolean')


def parse_a_float(text: str) -> float:
    """A Go float; an empty text is 0."""
    if not text:
        return 0.0
    special = _SPECIAL_FLOATS.get(text.lstrip("+-").lower()) if text[:2].strip("+-") else None
    value = float(("-" if text[0] == "-" else "") + special) if special else parse_float(text)
    if value is None or (not special and re.search(r"\s", text)):
        raise FunctionError(f'"{text[:40]}" is not a number')
    return value


def parse_int(text: str) -> Int64:
    """A decimal integer; an empty text is 0."""
    value = parse_integer(text, 10) if text else 0
    if value is None or set(text.lstrip("+-")) - set(DIGITS):
        raise FunctionError(f'"{text[:40]}" is not an integer')
    if not -(2**63) <= value < 2**63:
        raise FunctionError(f"{text[:40]} is too large")
    return Int64(value)


def parse_uint(text: str) -> Uint64:
    """A decimal integer without a sign; an empty text is 0."""
    value = parse_integer(text, 10) if text else 0
    if value is None or set(text) - set(DIGITS):
        raise FunctionError(f'"{text[:40]}" is not an integer without a sign')
    if value >= 2**64:
        raise FunctionError(f"{text[:40]} is too large")
    return Uint64(value)


def timestamp(evaluation: "Evaluation", *layouts: str) -> str:
    """The time: `unix` for seconds, a Go layout, or `2006-01-02T15:04:05Z`."""
    if len(layouts) > 1:
        raise FunctionError(f"one layout at most, not {len(layouts)}")
    now = moment(evaluation.inputs.now)
    if layouts == ("unix",):
        return str(now.unix)
    return format_time(now, layouts[0] if layouts else "2006-01-02T15:04:05Z")


def environment(evaluation: "Evaluation", name: str) -> str:
    """A variable of the task; empty where there is none."""
    return evaluation.inputs.environment.get(name, "")


def required_environment(evaluation: "Evaluation", name: str) -> str:
    """A variable of the task that must not be empty."""
    value = environment(evaluation, name)
    if not value:
        raise FunctionError(f'the task has no variable "{name}", or it is empty')
    return value


def environment_or(evaluation: "Evaluation", name: str, default: str) -> str:
    """A variable of the task, or what is used without one; an empty one counts."""
    return evaluation.inputs.environment.get(name, default)


def read_file(evaluation: "Evaluation", path: str) -> str:
    """The text of a file of the task."""
    if evaluation.inputs.read_file is None:
        raise FunctionError("files can be read only when the task starts")
    try:
        return evaluation.inputs.read_file(path)
    except OSError as error:
        raise FunctionError(f'cannot read "{path[:80]}": {error.strerror or error}') from None
    except ValueError:
        raise FunctionError(f'"{path[:80]}" is not a path') from None


FUNCTIONS: Functions = {
    "env": working("string", environment),
    "mustEnv": working("string", required_environment),
    "envOrDefault": working("string, string", environment_or),
    "file": working("string", read_file),
    "indent": working("int, string", indent),
    "join": working("string, []string", join),
    "parseBool": pure("string", parse_bool),
    "parseFloat": pure("string", parse_a_float),
    "parseInt": pure("string", parse_int),
    "parseUint": pure("string", parse_uint),
    "regexMatch": pure("string, string", matches),
    "regexReplaceAll": working("string, string, string", replace_all),
    "replaceAll": working("string, string, string", replace),
    "split": pure("string, string", split),
    "splitToMap": pure("string, string, string", split_to_map),
    "timestamp": working("...string", timestamp),
    "toLower": pure("string", lower),
    "toTitle": pure("string", title),
    "toUpper": pure("string", upper),
    "trim": pure("string, string", lambda characters, text: text.strip(characters) if characters else text),
    "trimPrefix": pure("string, string", lambda prefix, text: text.removeprefix(prefix)),
    "trimSpace": pure("string", lambda text: text.strip(UNICODE_SPACES)),
    "trimSuffix": pure("string, string", lambda suffix, text: text.removesuffix(suffix)),
}
