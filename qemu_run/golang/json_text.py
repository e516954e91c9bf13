"""JSON as Go's encoding/json writes it, byte for byte.

Source: Go's encoding/json (`encode.go`): what HTML takes for markup is escaped, as are U+2028 and U+2029, and
a float has an exponent below 1e-6 and from 1e21 on.
"""

import math
import re
from collections.abc import Iterator, Mapping

ESCAPED = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029\ud800-\udfff]')
SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def json_string(characters: str) -> str:
    """A string in quotes, escaped as Go escapes it: also what HTML would take for markup."""
    return f'"{ESCAPED.sub(_escape, characters)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return "\\ufffd"
    return SHORT.get(character) or f"\\u{ord(character):04x}"


def json_document(value: object, indent: int = 4) -> str:
    """A document as `json.MarshalIndent` writes it, keys in the order they have.

    Args:
        value: Mappings, lists, strings, numbers, bools and None.
        indent: Blanks a level.

    Raises:
        ValueError: a number is infinite or not a number, which JSON cannot say.
    """
    return "".join(_written(value, "\n", " " * indent))


def _written(value: object, line: str, step: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        separator = "{"
        for name, item in value.items():
            yield f"{separator}{line}{step}{json_string(name)}: "
            yield from _written(item, line + step, step)
            separator = ","
        yield f"{line}}}"
    elif isinstance(value, list | tuple) and value:
        separator = "["
        for item in value:
            yield f"{separator}{line}{step}"
            yield from _written(item, line + step, step)
            separator = ","
        yield f"{line}]"
    else:
        yield _leaf(value)


def _leaf(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return float_text(value)
        case str():
            return json_string(value)
        case Mapping():
            return "{}"
        case _:
            return "[]"


def float_text(number: float) -> str:
    """The shortest decimal that reads back as the number.

    Raises:
        ValueError: there is none, the number is infinite or not a number.
    """
    if not math.isfinite(number):
        msg = f"JSON has no number {number}"
        raise ValueError(msg)
    sign, digits, exponent = _decimal(number)
    point = len(digits) + exponent
    if number and not -6 < point <= 21:
        mantissa = f"{digits[0]}.{digits[1:]}".rstrip(".")
        power = point - 1
        return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}".replace("e-0", "e-")
    if exponent >= 0:
        return sign + digits + "0" * exponent
    whole, fraction = (digits[:point], digits[point:]) if point > 0 else ("0", "0" * -point + digits)
    return f"{sign}{whole}.{fraction}"


def _decimal(number: float) -> tuple[str, str, int]:
    """The sign, the digits without zeros at either end, and the power of ten they are multiplied by."""
    mantissa, _, power = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0")
    digits = (whole + fraction).lstrip("0")
    exponent = int(power or 0) - len(fraction)
    trimmed = digits.rstrip("0")
    exponent += len(digits) - len(trimmed)
    sign = "-" if math.copysign(1, number) < 0 else ""
    return (sign, trimmed, exponent) if trimmed else (sign, "0", 0)
