"""Slips in `args`, each with the way to write it: what QEMU can only refuse, and what is gone from it.

QEMU refuses them when the task starts, here and on a cluster; the job file itself is valid to Nomad.
"""

import re
from collections.abc import Iterator, Sequence

from qemu_run.errors import Diagnostic
from qemu_run.jobspec.qemu_args import OPTIONS, WITH_VALUE, Option, has_reference, option_name, options
from qemu_run.qemu.arguments import read_args, refusal
from qemu_run.qemu.removed import REMOVED

Slip = tuple[int, Diagnostic]
"""The index of an element of `args`, and what to say of it."""

FREE_TEXT = frozenset({"append", "fw_cfg", "name", "prom-env", "set", "smbios"})
"""Options whose value is the guest's or the user's own text."""


_OLDEST = (7, 2)
"""The oldest QEMU that is supported: what it lacks nobody has."""


def replaced(args: Sequence[str]) -> Iterator[Slip]:
    """The options that are gone from every QEMU, by index, and what is used for them."""
    for option in options(args):
        gone = REMOVED.get(option.name)
        if gone is None or gone.version > _OLDEST or not option.name:
            continue
        today = " ".join(gone.today).format(option.value or "")
        label = f"using {today} instead" if today else "it is left out" if gone.today else gone.advice
        version = ".".join(map(str, gone.version))
        summary = f'"{option.text}" was removed in QEMU {version}'
        yield option.index, Diagnostic(summary, None, label.format(option.value or ""), severity="warning")


def refused(args: Sequence[str]) -> Iterator[Slip]:
    """What is not given to QEMU: it would leave our hands, or not run a guest at all."""
    for option in read_args(args):
        found = refusal(option)
        if found is not None and (option.name or option.is_bare_word):
            why, cure = found
            yield option.index, Diagnostic(why, None, "not given to QEMU", hints=(cure,) if cure else ())


def slips(args: Sequence[str]) -> Iterator[Slip]:
    """What QEMU can only refuse."""
    sure = True
    for option in options(args):
        found = (_glued(option) or _swallowed(option) or _none(option)) if option.name else _bare(option)
        if found is not None and sure:
            yield found
        # What follows an option we do not know, or one known at run time only, may be its value.
        sure = found is not None or (
            option.name in OPTIONS if option.name else not has_reference(option.text)
        )


def _glued(option: Option) -> Slip | None:
    """An option with its value in the same element: `-smp 2`, `-smp=2`."""
    if re.search(r"\s", option.text):
        label = "QEMU would take this for the name of one option"
        return _slip(option.index, option.text, label, split_words(option.text))
    name, equals, value = option.name.partition("=")
    if equals and name in WITH_VALUE:
        return _slip(option.index, option.text, "QEMU's options take no =", [f"-{name}", value])
    return None


def _swallowed(option: Option) -> Slip | None:
    """A value with the next option in it: `-smp`, `2 -m 512`."""
    value = option.value or ""
    if option.name in FREE_TEXT or not any(option_name(word) in OPTIONS for word in value.split()[1:]):
        return None
    label = f"the value of {option.text} goes on into the next option"
    return _slip(option.index + 1, value, label, split_words(f"{option.text} {value}"))


def _none(option: Option) -> Slip | None:
    """A guest without a processor: `-smp 0`."""
    cpus = (option.value or "").partition(",")[0].removeprefix("cpus=")
    if option.name != "smp" or not re.fullmatch("0+", cpus):
        return None
    summary = f'"-smp {option.value}" gives the guest no processor'
    label = "QEMU takes it for one up to 8.2, and refuses it later"
    return option.index + 1, Diagnostic(summary, None, label, hints=('write "1"',), severity="warning")


def _bare(option: Option) -> Slip | None:
    """A word without a dash that looks like an option: `net nic,model=e1000`."""
    words = option.text.split()
    if option.text[:1].isspace() and words and words[0].startswith("-"):
        label = "a blank before the dash makes it the name of a disk image"
        return _slip(option.index, option.text, label, split_words(option.text))
    if len(words) > 1 and words[0] in OPTIONS and not words[0].isupper():
        label = "a dash is missing: this would be the name of a disk image"
        return _slip(option.index, option.text, label, split_words(f"-{option.text}"))
    return None


def _slip(index: int, text: str, label: str, elements: list[str]) -> Slip:
    hint = f"write it as separate elements: {in_quotes(elements)}"
    return index, Diagnostic(f'QEMU cannot read "{text}"', None, label, hints=(hint,), severity="warning")


def split_words(line: str) -> list[str]:
    """A line as one would type it in a shell, as elements of `args`.

    Words behind an option that takes a value belong to that value up to the next option.
    """
    elements: list[str] = []
    is_open = False
    for word in _words(line):
        name = option_name(word)
        if is_open and elements and name not in OPTIONS:
            elements[-1] += f" {word}"
        else:
            elements.append(word)
            is_open = not name and len(elements) > 1
    return elements


def _words(line: str) -> list[str]:
    import shlex

    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def in_quotes(elements: Sequence[str]) -> str:
    """Elements as they stand in a list of a job file."""
    escaped = (element.replace("\\", "\\\\").replace('"', '\\"') for element in elements)
    return ", ".join(f'"{element}"' for element in escaped)
