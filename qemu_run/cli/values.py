"""What is wrong with the value of an option: each check gives the mistake, or None."""

import re
from collections.abc import Sequence
from dataclasses import replace

from qemu_run.cli.near import near
from qemu_run.errors import Diagnostic

_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}
_BINARY = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def variable(value: str) -> Diagnostic | None:
    """`NAME=VALUE`; the value may be empty."""
    name, equals, _ = value.partition("=")
    if equals and name.strip():
        return None
    example = f"--var {name or 'NAME'}=VALUE"
    return Diagnostic(f'--var takes NAME=VALUE, not "{value}"', hints=(f"write {example}",))


def meta(value: str) -> Diagnostic | None:
    """`KEY=VALUE`; the value may be empty."""
    key, equals, _ = value.partition("=")
    if equals and key:
        return None
    return Diagnostic(f'--meta takes KEY=VALUE, not "{value}"', hints=(f"write --meta {key or 'KEY'}=VALUE",))


def accelerator(value: str) -> Diagnostic | None:
    """A name that QEMU knows, or several with colons between them."""
    if value == "auto":
        return None
    from qemu_run.jobspec.qemu_names import unknown_accelerator

    mistake = unknown_accelerator(value)
    if mistake is None:
        return None
    hints = (*mistake.hints, mistake.label) if mistake.label else mistake.hints
    return replace(mistake, label="", hints=hints)


def ipv4_address(value: str) -> Diagnostic | None:
    """QEMU's user-mode network forwards from IPv4 addresses only."""
    from ipaddress import AddressValueError, IPv4Address

    try:
        IPv4Address(value)
    except AddressValueError:
        hint = "write an address of this machine, or 0.0.0.0 for all of them"
        return Diagnostic(f'--bind takes an IPv4 address, not "{value}"', hints=(hint,))
    return None


def size_in_bytes(text: str) -> int | None:
    """`20G` (decimal) or `20GiB` as bytes; None when it is not a size."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(i?)b?", text.strip().lower())
    if match is None or (match[3] and not match[2]):
        return None
    unit = (_BINARY if match[3] else _UNITS)[match[2]]
    return int(float(match[1]) * unit)


def size(option: str, value: str) -> Diagnostic | None:
    """A size that has a unit, or is a number of bytes."""
    if size_in_bytes(value) is not None:
        return None
    return Diagnostic(f'{option} takes a size, not "{value}"', hints=("write 500M, 20G or 20GiB",))


def age_in_seconds(text: str) -> float | None:
    """`30d` as seconds; None when it is not an age."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([smhdw])", text.strip().lower())
    return None if match is None else float(match[1]) * _AGES[match[2]]


def age(option: str, value: str) -> Diagnostic | None:
    """How long ago something was."""
    if age_in_seconds(value) is not None:
        return None
    return Diagnostic(f'{option} takes an age, not "{value}"', hints=("write 12h, 30d or 4w",))


def disk_size(option: str, value: str) -> Diagnostic | None:
    """A size that a disk can have."""
    from qemu_run.planning.asked import disk_bytes

    try:
        disk_bytes(value)
    except ValueError:
        return Diagnostic(f'{option} takes the size of a disk, not "{value}"', hints=("write 512M or 20G",))
    return None


def image_format(option: str, value: str) -> Diagnostic | None:
    """A format that QEMU reads."""
    from qemu_run.planning import asked

    try:
        asked.image_format(value)
    except ValueError as error:
        return Diagnostic(f'{option} takes the format of an image, not "{value}"', hints=(str(error),))
    return None


def report(value: str) -> Diagnostic | None:
    """A file for a report: standard output is the guests'."""
    if value != "-":
        return None
    hints = ("name a file, or /dev/stderr",)
    return Diagnostic("standard output is the guest's, and has no room for a report", hints=hints)


def one_of(option: str, words: Sequence[str], value: str) -> Diagnostic | None:
    """One of a few words."""
    if value in words:
        return None
    close = near(value, words)
    hints = (f'did you mean "{close}"?',) if close else ()
    return Diagnostic(f'{option} takes {_either(words)}, not "{value}"', hints=hints)


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
