"""What is wrong with the value of an option: each check gives the mistake, or None."""

from collections.abc import Sequence
from dataclasses import replace

from qemu_run.cli.near import near
from qemu_run.errors import Diagnostic


def variable(value: str) -> Diagnostic | None:
    """`NAME=VALUE`; the value may be empty."""
    name, equals, _ = value.partition("=")
    if equals and name.strip():
        return None
    example = f"--var {name or 'NAME'}=VALUE"
    return Diagnostic(f'--var takes NAME=VALUE, not "{value}"', hints=(f"write {example}",))


def accelerator(value: str) -> Diagnostic | None:
    """A name that QEMU knows, or several with colons between them."""
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


def one_of(option: str, words: Sequence[str], value: str) -> Diagnostic | None:
    """One of a few words."""
    if value in words:
        return None
    close = near(value, words)
    hints = (f'did you mean "{close}"?',) if close else ()
    return Diagnostic(f'{option} takes {_either(words)}, not "{value}"', hints=hints)


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
