"""What is asked of a run: by options of the command line, and by `qemu_run_*` keys of the job's `meta`.

One table has both names of each thing; the command line wins. A file with such keys stays valid for Nomad.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from qemu_run.errors import Diagnostic, Diagnostics, UsageError, did_you_mean
from qemu_run.golang.durations import parse_duration
from qemu_run.golang.regexps import compile_regexp
from qemu_run.jobspec.model import NAME, Job, Task, TaskGroup
from qemu_run.records import record
from qemu_run.verdict.expectations import Expectations
from qemu_run.verdict.signatures import SIGNATURES

_PREFIX = "qemu_run_"
_NANOSECONDS = 1_000_000_000
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})

Given: TypeAlias = Mapping[str, tuple[str, ...]]
"""The texts that were given on the command line, by field of Expectations; a field without any is absent."""


def _pattern(text: str) -> str:
    if text.startswith("@"):
        names = [each.name for each in SIGNATURES]
        if text[1:] not in names:
            raise ValueError(f'"{text}" is not one of {", ".join(f"@{name}" for name in names)}')
    else:
        compile_regexp(text)
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = parse_duration(text) / _NANOSECONDS
    if not 0 < seconds < 1e9:
        raise ValueError("a time like 90s, 5m or 1h30m is wanted")
    return seconds


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise ValueError("a whole number is wanted")
    return int(text)


def _switch(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError("true or false is wanted")
    return text.lower() in _TRUE


@record
class _Wanted:
    """What a value has to be, in words."""

    what: str
    hint: str = ""
    """How it is written; empty where the reader's own words say more."""


_WANTED: Mapping[Callable[[str], Any], _Wanted] = {
    _pattern: _Wanted("a regular expression"),
    _seconds: _Wanted("a time", "write 90s, 5m or 1h30m"),
    _number: _Wanted("a whole number", "write 0, 1 or 42"),
    _switch: _Wanted("true or false"),
}


@record
class Asked:
    """One thing that can be asked of a run."""

    option: str
    field: str
    read: Callable[[str], Any]
    repeats: bool = False

    @property
    def meta_key(self) -> str:
        """Its name in a job's `meta`."""
        return _PREFIX + self.option.removeprefix("--").replace("-", "_")


ASKED: tuple[Asked, ...] = (
    Asked("--expect", "expect", _pattern, repeats=True),
    Asked("--forbid", "forbid", _pattern, repeats=True),
    Asked("--ready", "ready", _pattern),
    Asked("--expect-result", "result", _number),
    Asked("--timeout", "run_seconds", _seconds),
    Asked("--boot-timeout", "boot_seconds", _seconds),
    Asked("--silence-timeout", "silence_seconds", _seconds),
    Asked("--max-reboots", "most_reboots", _number),
    Asked("--reboot-ends", "reboot_is_end", _switch),
)
OTHER_META_KEYS = ("qemu_run_image_format", "qemu_run_disk_size", "qemu_run_firmware")
"""Keys of `meta` that planning reads."""


def from_options(given: Given) -> dict[str, Any]:
    """The fields that the command line sets.

    Raises:
        UsageError: a value is not what its option wants.
    """
    fields: dict[str, Any] = {}
    for asked in ASKED:
        texts = given.get(asked.field, ())
        values = tuple(_value(asked, text) for text in texts)
        if values:
            fields[asked.field] = values if asked.repeats else values[-1]
    return fields


def _value(asked: Asked, text: str) -> object:
    try:
        return asked.read(text)
    except ValueError as error:
        wanted = _WANTED[asked.read]
        summary = f'{asked.option} takes {wanted.what}, not "{text}"'
        if wanted.hint:
            raise UsageError(Diagnostic(summary, hints=(wanted.hint,))) from error
        raise UsageError(Diagnostic(summary, detail=str(error))) from error


def from_meta(job: Job, diagnostics: Diagnostics) -> dict[str, Any]:
    """The fields that the job's `meta` sets; mistakes in it go to `diagnostics`."""
    by_key = {asked.meta_key: asked for asked in ASKED}
    fields: dict[str, Any] = {}
    for owner, key, text in _meta(job):
        if (asked := by_key.get(key)) is not None:
            try:
                value = asked.read(text)
            except ValueError as error:
                diagnostics.error(f'meta key "{key}" cannot be "{text}"', owner.at("Meta", key), str(error))
                continue
            fields[asked.field] = (value,) if asked.repeats else value
        elif key.startswith(_PREFIX) and key not in OTHER_META_KEYS:
            known = [each.removeprefix(_PREFIX) for each in (*by_key, *OTHER_META_KEYS)]
            close = did_you_mean(key.removeprefix(_PREFIX), known, before=_PREFIX)
            label = close or "it has no effect"
            diagnostics.warning(f'unknown meta key "{key}"', owner.at("Meta", key, NAME), label)
    return fields


def _meta(job: Job) -> list[tuple[Job | TaskGroup | Task, str, str]]:
    """The keys of the job's, its groups' and its tasks' `meta` with their texts, from the outside in."""
    owners: list[Job | TaskGroup | Task] = [
        job,
        *job.groups,
        *(task for group in job.groups for task in group.tasks),
    ]
    return [(owner, key, text) for owner in owners for key, text in owner.meta.items()]


def expectations(job: Job, given: Given, diagnostics: Diagnostics) -> Expectations:
    """All that is asked of a run of `job`.

    Raises:
        UsageError: a value on the command line is not what its option wants.
    """
    return Expectations(**{**from_meta(job, diagnostics), **from_options(given)})
