"""Nomad's comparison of two texts, one function an operator; a missing value is None.

Source: Nomad 2.0, `scheduler/feasible/feasible.go`; numbers as Go's `strconv` reads them.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from qemu_run.golang.regexps import as_bytes, compile_regexp
from qemu_run.golang.text import SPACES
from qemu_run.golang.versions import (
    VersionConstraint,
    parse_int64,
    parse_semver_constraint,
    parse_version,
    parse_version_constraint,
)

_DIGITS = "[0-9](?:_?[0-9])*"
_HEX = "[0-9a-f](?:_?[0-9a-f])*"
_FLOAT = rf"""(?xia) nan | [+-]?(?:
        (?P<infinity>inf(?:inity)?)
      | (?:{_DIGITS}(?:\.(?:{_DIGITS})?)? | \.{_DIGITS}) (?:e[+-]?{_DIGITS})?
      | (?P<hex>0x(?:_?{_HEX}(?:\.(?:{_HEX})?)? | \.{_HEX}) p[+-]?{_DIGITS})
    )"""

Text = str | None
Check = Callable[[Text, Text], bool]


def parse_float64(text: str) -> float | None:
    """The number `text` writes, or None: underscores between digits and hex floats count, blanks don't.

    A number out of range is none. Source: Go's `strconv.ParseFloat(text, 64)`.
    """
    match = re.fullmatch(_FLOAT, text)
    if match is None:
        return None
    plain = text.replace("_", "")
    try:
        number = float.fromhex(plain) if match["hex"] else float(plain)
    except OverflowError:
        return None
    return None if math.isinf(number) and not match["infinity"] else number


def check(operand: str, left: Text, right: Text) -> bool:
    """Whether `left operand right` holds on a Nomad cluster, to the letter; an unknown operator never does.

    None stands for a target that was not found.
    """
    compare = OPERATORS.get(operand)
    return compare is not None and compare(left, right)


def _equal(left: Text, right: Text) -> bool:
    return left is not None and left == right


def _different(left: Text, right: Text) -> bool:
    """A missing value counts as an empty one here, and only here."""
    return (left or "") != (right or "")


def _order(holds: Callable[[Any, Any], bool], left: Text, right: Text) -> bool:
    """As whole numbers if both are, else as floating-point numbers if both are, else byte by byte."""
    if left is None or right is None:
        return False
    for parse in (parse_int64, parse_float64):
        numbers = parse(left), parse(right)
        if None not in numbers:
            return holds(*numbers)
    return holds(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def _version(parse: Callable[[str], VersionConstraint], left: Text, right: Text) -> bool:
    """The left side is read leniently for both operators."""
    if left is None or right is None:
        return False
    try:
        return parse(right).allows(parse_version(left))
    except ValueError:
        return False


def _regexp(left: Text, right: Text) -> bool:
    """An unanchored search; a pattern that RE2 refuses matches nothing."""
    if left is None or right is None:
        return False
    try:
        pattern = compile_regexp(as_bytes(right))
    except ValueError:
        return False
    return pattern.search(as_bytes(left)) is not None


def _items(text: str) -> set[str]:
    return {item.strip(SPACES) for item in text.split(",")}


def _all_of(left: Text, right: Text) -> bool:
    return left is not None and right is not None and _items(right) <= _items(left)


def _any_of(left: Text, right: Text) -> bool:
    return left is not None and right is not None and not _items(right).isdisjoint(_items(left))


def _always(_left: Text, _right: Text) -> bool:
    """How often a job may be on one node is not this table's business."""
    return True


ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS: Mapping[str, Check] = {
    **dict.fromkeys(("=", "==", "is"), _equal),
    **dict.fromkeys(("!=", "not"), _different),
    **{sign: partial(_order, holds) for sign, holds in ORDERINGS.items()},
    "version": partial(_version, parse_version_constraint),
    "semver": partial(_version, parse_semver_constraint),
    "regexp": _regexp,
    **dict.fromkeys(("set_contains", "set_contains_all"), _all_of),
    "set_contains_any": _any_of,
    "is_set": lambda left, _right: left is not None,
    "is_not_set": lambda left, _right: left is None,
    **dict.fromkeys(("distinct_hosts", "distinct_property"), _always),
}
