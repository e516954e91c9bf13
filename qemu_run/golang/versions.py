"""Versions and version constraints, read as Nomad's operators `version` and `semver` read them.

Text in, frozen values out. Neither reading is PEP 440's nor quite SemVer's, so no library stands in for it.

Source: hashicorp/go-version 1.9 (`version.go`, `constraint.go`) and Nomad's `helper/constraints/semver`.
"""

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import zip_longest

from qemu_run.records import record

_INT64 = range(-(2**63), 2**63)
_BLANKS = " \t\n\f\r"

_WORD = "[0-9A-Za-z~-]+"


@cache
def _shape(dash: str) -> re.Pattern[str]:
    """`v?SEGMENTS(-PRERELEASE)?(+METADATA)?`; `dash` is what stands before a prerelease of letters."""
    more = rf"(?:\.{_WORD})*"
    return re.compile(
        rf"v?(?P<segments>[0-9]+(?:\.[0-9]+)*?)"
        rf"(?:-(?P<digits>[0-9][0-9A-Za-z~-]*{more})|{dash}(?P<letters>[A-Za-z~-][0-9A-Za-z~-]*{more}))?"
        rf"(?:\+(?P<metadata>{_WORD}{more}))?"
    )


def parse_int64(text: str) -> int | None:
    """The whole number `text` writes in base ten, or None: no blanks, no underscores, 64 bits.

    Source: Go's `strconv.ParseInt(text, 10, 64)`.
    """
    if not re.fullmatch(r"[+-]?[0-9]+", text) or len(text.lstrip("+-0")) > 19:
        return None
    number = int(text)
    return number if number in _INT64 else None


@record
class Version:
    """A version of any number of segments."""

    segments: tuple[int, ...]
    """At least three: missing ones are 0."""
    written: int
    """How many segments the text had."""
    prerelease: str = ""

    def compare(self, other: "Version") -> int:
        """-1, 0 or 1: this version is lower than, the same as, or higher than the other.

        The prerelease counts only between versions of equally many segments.
        """
        if self.segments == other.segments:
            return _compare_prereleases(self.prerelease, other.prerelease)
        width = max(len(self.segments), len(other.segments))
        mine = self.segments + (0,) * (width - len(self.segments))
        theirs = other.segments + (0,) * (width - len(other.segments))
        return (mine > theirs) - (mine < theirs)


def _compare_prereleases(left: str, right: str) -> int:
    """A version without a prerelease is higher than one with; else the first differing part decides."""
    if left == right:
        return 0
    if not left or not right:
        return -1 if left else 1
    parts = zip_longest(left.split("."), right.split("."))
    return next((_compare_parts(mine, theirs) for mine, theirs in parts if mine != theirs), 0)


def _compare_parts(left: str | None, right: str | None) -> int:
    """Numbers come before words; a missing part comes before a number, but after a word."""
    mine, theirs = (None if part is None else parse_int64(part) for part in (left, right))
    if left is None:
        return 1 if theirs is None else -1
    if right is None:
        return -1 if mine is None else 1
    if mine is not None and theirs is not None:
        return 1 if mine > theirs else -1
    if mine is None and theirs is None:
        return 1 if left > right else -1
    return 1 if mine is None else -1


def parse_version(text: str) -> Version:
    """A version in the lenient reading: `v1.2`, `6.1.0-18-amd64`, `1.2.3beta`, `1.9.3+ent`.

    Raises:
        ValueError: if `text` is not a version.
    """
    return _parse(text, _shape(dash="-?"))


def parse_semver(text: str) -> Version:
    """A version whose prerelease must be set off by a dash.

    Raises:
        ValueError: if `text` is not such a version.
    """
    return _parse(text, _shape(dash="-"))


def _parse(text: str, shape: re.Pattern[str]) -> Version:
    match = shape.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a version')
    numbers = [parse_int64(segment) for segment in match["segments"].split(".")]
    segments = tuple(number for number in numbers if number is not None)
    if len(segments) < len(numbers):
        raise ValueError(f'"{text}" has a number that is too large for a version')
    return Version(
        segments=segments + (0,) * (3 - len(segments)),
        written=len(segments),
        prerelease=match["letters"] or match["digits"] or "",
    )


Comparison = Callable[[Version, Version], bool]


def _ordering(holds: Callable[[int, int], bool]) -> Comparison:
    return lambda version, bound: holds(version.compare(bound), 0)


def _comparable(version: Version, bound: Version) -> bool:
    """A prerelease is only ordered against prereleases of the same version."""
    if not version.prerelease:
        return True
    return bool(bound.prerelease) and version.segments == bound.segments


def _careful(comparison: Comparison) -> Comparison:
    return lambda version, bound: _comparable(version, bound) and comparison(version, bound)


def _pessimistic(version: Version, bound: Version) -> bool:
    """`~>`: not lower, and equal in all but the last segment that was written."""
    pinned = bound.written - 1
    return (
        bool(version.prerelease) == bool(bound.prerelease)
        and _comparable(version, bound)
        and version.compare(bound) >= 0
        and len(version.segments) >= len(bound.segments)
        and version.segments[:pinned] == bound.segments[:pinned]
        and version.segments[len(bound.segments) - 1] >= bound.segments[-1]
    )


SEMVER_OPERATORS: Mapping[str, Comparison] = {
    "": _ordering(operator.eq),
    "=": _ordering(operator.eq),
    "!=": _ordering(operator.ne),
    ">": _ordering(operator.gt),
    "<": _ordering(operator.lt),
    ">=": _ordering(operator.ge),
    "<=": _ordering(operator.le),
}
VERSION_OPERATORS: Mapping[str, Comparison] = {
    "~>": _pessimistic,
    **{
        sign: comparison if sign in {"", "=", "!="} else _careful(comparison)
        for sign, comparison in SEMVER_OPERATORS.items()
    },
}


@record
class VersionConstraint:
    """Bounds that must all hold."""

    bounds: tuple[tuple[Comparison, Version], ...]

    def allows(self, version: Version) -> bool:
        """Whether every bound holds for `version`."""
        return all(comparison(version, bound) for comparison, bound in self.bounds)


def parse_version_constraint(text: str) -> VersionConstraint:
    """What the operator `version` takes: `>= 7.2, < 8`, with `= != > < >= <= ~>` or no sign.

    Raises:
        ValueError: if a part of the list is not a sign and a version; the message names the part.
    """
    return _parse_constraint(text, VERSION_OPERATORS, parse_version)


def parse_semver_constraint(text: str) -> VersionConstraint:
    """What the operator `semver` takes: the same without `~>`, and stricter about prereleases.

    Raises:
        ValueError: if a part of the list is not a sign and a version; the message names the part.
    """
    return _parse_constraint(text, SEMVER_OPERATORS, parse_semver)


def _parse_constraint(
    text: str, operators: Mapping[str, Comparison], parse: Callable[[str], Version]
) -> VersionConstraint:
    bounds = []
    for part in text.split(","):
        bound = part.strip(_BLANKS)
        if not bound:
            raise ValueError("a version is missing beside a comma" if "," in text else "no version given")
        version = bound.lstrip("=!<>~")
        sign = bound[: len(bound) - len(version)]
        if sign not in operators:
            raise ValueError(_unknown_sign(sign, operators))
        if not version:
            raise ValueError(f'no version after "{sign}"')
        if len(version.split()) > 1:
            raise ValueError(f'a comma is missing in "{bound}"')
        bounds.append((operators[sign], parse(version.lstrip(_BLANKS))))
    return VersionConstraint(tuple(bounds))


def _unknown_sign(sign: str, operators: Mapping[str, Comparison]) -> str:
    if sign in VERSION_OPERATORS:
        return f'"{sign}" is for the operator "version"'
    known = [name for name in operators if name]
    swapped = [name for name in known if sorted(name) == sorted(sign)]
    guess = f'did you mean "{swapped[0]}"?' if swapped else f"use one of {' '.join(known)}"
    return f'"{sign}" compares no versions: {guess}'
