"""`format` and `formatlist`: Go's verbs for cty's values."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from qemu_run.expressions.convert import ConversionError, convert
from qemu_run.expressions.decimals import compact, exact, general, scientific
from qemu_run.expressions.functions.arguments import string
from qemu_run.expressions.functions.characters import characters
from qemu_run.expressions.functions.json_text import to_json
from qemu_run.expressions.numbers import number_text
from qemu_run.expressions.scope import Function, Parameter
from qemu_run.expressions.types import BOOL, DYNAMIC, NUMBER, STRING
from qemu_run.expressions.values import SEQUENCES, ExpressionError, ListValue, Null, Number, Value, is_number
from qemu_run.records import record

VERB = re.compile(
    r"%(?P<flags>[0#+ -]*)(?:\[(?P<argument>[1-9][0-9]*)\])?(?P<width>[1-9][0-9]*)?"
    r"(?:\.(?P<precision>[0-9]*))?(?P<mode>[a-zA-Z])"
)
WIDEST = 10_000


@record
class Verb:
    """One `%...x` of a format."""

    raw: str
    flags: str
    width: int
    """0 when there is none."""
    precision: int | None
    mode: str


def format_values(template: str, *values: Value) -> str:
    """The template with its verbs replaced by values."""
    parts: list[str] = []
    position, next_argument, highest = 0, 0, 0
    while position < len(template):
        percent = template.find("%", position)
        if percent < 0:
            parts.append(template[position:])
            break
        parts.append(template[position:percent])
        if template.startswith("%%", percent):
            parts.append("%")
            position = percent + 2
            continue
        match = VERB.match(template, percent)
        if match is None:
            raise ExpressionError(f'"{template[percent : percent + 5]}" is not a format verb', 0)
        argument = int(match["argument"]) - 1 if match["argument"] else next_argument
        if argument >= len(values):
            raise ExpressionError(f"{match[0]} has no argument: there are only {len(values)}", 0)
        parts.append(_formatted(_verb(match), values[argument], argument + 1))
        next_argument = argument + 1
        highest = max(highest, next_argument)
        position = match.end()
    if highest < len(values):
        raise ExpressionError(f"{len(values)} arguments, but the format takes {highest}", highest + 1)
    return "".join(parts)


def _verb(match: re.Match[str]) -> Verb:
    width, precision = (match["width"] or "0")[:8], match["precision"]
    places = None if precision is None else int(precision[:8] or "0")
    if int(width) > WIDEST or (places or 0) > WIDEST:
        raise ExpressionError(f"{match[0][:20]} is too wide", 0)
    return Verb(match[0], match["flags"], int(width), places, match["mode"])


def _formatted(verb: Verb, value: Value, argument: int) -> str:
    if isinstance(value, Null) and verb.mode != "v":
        raise ExpressionError(f"{verb.raw} cannot show null", argument)
    try:
        if verb.mode == "v":
            return _padded(verb, _as_is(verb, value))
        if verb.mode == "t":
            return "true" if convert(value, BOOL) else "false"
        if verb.mode in "bdoxX":
            return _integer(verb, _number(value), argument)
        if verb.mode in "eEfgG":
            return _real(verb, _number(value))
        if verb.mode in "sq":
            return _string(verb, str(convert(value, STRING)))
    except ConversionError as error:
        raise ExpressionError(f"{verb.raw}: {error}", argument) from None
    raise ExpressionError(f"{verb.raw} is not a format verb", 0)


def _number(value: Value) -> Number:
    converted = convert(value, NUMBER)
    assert isinstance(converted, int | Fraction | float)  # noqa: S101 - that is what NUMBER means
    return converted


def _padded(verb: Verb, text: str) -> str:
    """The text as wide as the verb asks, counted in characters as a reader sees them."""
    if not verb.width:
        return text
    pads = ("0" if "0" in verb.flags else " ") * (verb.width - len(characters(text)))
    return text + pads if "-" in verb.flags else pads + text


def _as_is(verb: Verb, value: Value) -> str:
    if "#" not in verb.flags:
        if isinstance(value, str):
            return value
        if is_number(value):
            return _shortest(_number(value))
    return to_json(value)


def _string(verb: Verb, text: str) -> str:
    if verb.precision:
        text = "".join(characters(text)[: verb.precision])
    return _padded(verb, to_json(text) if verb.mode == "q" else text)


PREFIX = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}


def _integer(verb: Verb, number: Number, argument: int) -> str:
    if isinstance(number, float) and number in (float("inf"), float("-inf")):
        raise ExpressionError(f"{verb.raw} cannot show infinity", argument)
    if number != int(number):
        raise ExpressionError(f"{verb.raw} wants a whole number, not {number_text(number)[:40]}", argument)
    if verb.precision == 0 and number == 0:
        return ""
    digits = format(abs(int(number)), verb.mode).rjust(verb.precision or 0, "0")
    prefix = PREFIX.get(verb.mode, "") if "#" in verb.flags else ""
    zeros = "0" in verb.flags and verb.precision is None
    return _signed(verb, digits, prefix, negative=number < 0, zeros=zeros)


def _signed(verb: Verb, digits: str, prefix: str = "", *, negative: bool, zeros: bool) -> str:
    """Digits with their sign, as wide as the verb asks."""
    sign = ("-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else "") + prefix
    if "-" in verb.flags:
        return (sign + digits).ljust(verb.width)
    if zeros:
        return sign + digits.rjust(verb.width - len(sign), "0")
    return (sign + digits).rjust(verb.width)


def _real(verb: Verb, number: Number) -> str:
    """`%e %f %g` with the precision Go gives them when none is asked for."""
    if isinstance(number, float) and number in (float("inf"), float("-inf")):
        return _signed(verb, "Inf", negative=number < 0, zeros=False)
    digits = _digits(verb, -number if number < 0 else number)
    if verb.mode in "EG":
        digits = digits.upper()
    negative = number < 0 or str(number) == "-0.0"
    return _signed(verb, digits, negative=negative, zeros="0" in verb.flags)


def _digits(verb: Verb, number: Number) -> str:
    if verb.mode in "gG":
        return _shortest(number) if verb.precision is None else general(number, verb.precision or 1)
    places = 6 if verb.precision is None else verb.precision
    every = exact(number)
    if verb.mode == "f":
        rounded = every.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, Context(prec=30_000))
        return format(rounded, "f")
    return scientific(Context(prec=places + 1, rounding=ROUND_HALF_EVEN).plus(every), places)


def _shortest(number: Number) -> str:
    """`%g` of its own: as many digits as tell the number from others."""
    negative = number < 0
    text = compact(Decimal(number_text(number).removeprefix("-")), None)
    return f"-{text}" if negative else text


def format_list(template: str, *values: Value) -> ListValue:
    """The template filled in once for each place in the lists among the values."""
    lengths = {place: len(value.items) for place, value in enumerate(values) if isinstance(value, SEQUENCES)}
    for place, count in lengths.items():
        first = next(iter(lengths))
        if count != lengths[first]:
            raise ExpressionError(
                f"this list has {count} elements, that of argument {first + 2} has {lengths[first]}",
                place + 1,
            )
    rounds = next(iter(lengths.values())) if lengths else 1
    results = [
        format_values(
            template, *(value.items[turn] if isinstance(value, SEQUENCES) else value for value in values)
        )
        for turn in range(rounds)
    ]
    return ListValue(STRING, tuple(results))


VALUES = Parameter("args", DYNAMIC, nullable=True)
FUNCTIONS = {
    "format": Function(format_values, (string("format"),), VALUES),
    "formatlist": Function(format_list, (string("format"),), VALUES),
}
