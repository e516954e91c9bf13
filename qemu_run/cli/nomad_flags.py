"""Nomad's spelling of options, rewritten to ours before anything else reads them.

Source: Nomad's command line: flags take one dash, `-var k=v` or `-var=k=v`; booleans take `=false`.
"""

from collections.abc import Sequence

from qemu_run.golang.text import FALSE_WORDS

COMMANDS = ("run", "validate", "plan", "inspect", "fingerprint", "config", "cache", "init")

_NOMAD_OPTIONS = {
    "-var": "--var",
    "-var-file": "--var-file",
    "-meta": "--meta",
    "-json": "--json-job",
    "-hcl2-strict": "--hcl2-strict",
    "--hcl2-strict": "--hcl2-strict",
}
_SWITCHES = {"--hcl2-strict": ["--no-hcl2-strict"], "--json-job": []}
"""Ours that take no value, with what says no."""


def our_spelling(arguments: Sequence[str]) -> list[str]:
    """`arguments` as our own parser takes them; a job file without a command means `run`."""
    rewritten: list[str] = []
    for position, argument in enumerate(arguments):
        if argument == "--":
            rewritten += arguments[position:]
            break
        rewritten += _rewrite(argument)
    if rewritten and rewritten[0] not in COMMANDS and not _is_for_the_program(rewritten[0]):
        return ["run", *rewritten]
    return rewritten


def _is_for_the_program(argument: str) -> bool:
    return argument in {"--help", "-h", "--version", "--install-completion", "--show-completion"}


def _rewrite(argument: str) -> list[str]:
    name, equals, value = argument.partition("=")
    ours = _NOMAD_OPTIONS.get(name)
    if ours is None:
        return [argument]
    if ours in _SWITCHES and equals:
        return _SWITCHES[ours] if value in FALSE_WORDS else [ours]
    return [ours + equals + value]
