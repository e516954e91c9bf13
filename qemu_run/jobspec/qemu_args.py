"""A job's `args` as QEMU reads them: options with their values, and slips that QEMU can only refuse.

A word with a dash is an option, which may take the next word as its value, whatever that begins with; any
other word is the name of a disk image.

Source: QEMU's manual page, and how QEMU walks its arguments (`system/vl.c`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from qemu_run.errors import Diagnostic
from qemu_run.records import record

_WITHOUT_VALUE = """
alt-grab audio-help ctrl-grab curses daemonize enable-fips enable-kvm enable-sync-profile full-screen h help
localtime mem-prealloc no-acpi no-fd-bootchk no-frame no-hpet no-kvm no-quit no-reboot no-shutdown
no-user-config nodefaults nodefconfig nographic old-param only-migratable portrait preconfig s S sdl
semihosting singlestep snapshot usb version win2k-hack xen-attach xen-domid-restrict
"""
_WITH_VALUE = """
D L accel acpitable action add-fd append async-teardown audio audiodev balloon bios blockdev boot bt cdrom
chardev chroot clock compat cpu cpu-throttle d debugcon device dfilter display drive dtb dump-vmstate echr
fda fdb fsdev fw_cfg g gdb global hda hdachs hdb hdc hdd icount incoming initrd iscsi k kernel loadvm m
machine mem-path mon monitor msg mtdblock name net netdev nic numa object option-rom overcommit parallel
pflash pidfile plugin prom-env qmp qmp-pretty qtest qtest-log readconfig rotate rtc run-with runas sandbox
sd seed semihosting-config serial set shim smbios smp soundhw spice startdate tb-size tpmdev trace usbdevice
uuid vga virtfs virtioserial vnc watchdog watchdog-action writeconfig xen-domid
"""
WITHOUT_VALUE = frozenset(_WITHOUT_VALUE.split())
"""Options that stand alone, of QEMU today and before."""
WITH_VALUE = frozenset(_WITH_VALUE.split())
"""Options that take the next word as their value."""
OPTIONS = WITHOUT_VALUE | WITH_VALUE

DISKS = frozenset(
    {"blockdev", "cdrom", "drive", "fda", "fdb", "hda", "hdb", "hdc", "hdd", "mtdblock", "pflash", "sd"}
)
PROGRAMS = frozenset(["bios", "incoming", "kernel"])
"""Options that give a guest something to run which is not a disk."""
NETWORK_BOOT = r"(?:^|,)(?:(?:order|once)=)?[a-d]*n[a-dn]*(?:,|$)"
"""A value of `-boot` with the network among the devices."""


@record
class Replaced:
    """An option that is gone from QEMU."""

    version: str
    """The QEMU that did not have it any more."""
    today: tuple[str, ...]
    """What says the same."""


REPLACED: Mapping[str, Replaced] = {"-nodefconfig": Replaced("3.1", ("-no-user-config",))}
"""By the option with one dash."""


@record
class Option:
    """One word that QEMU acts on, and the value that belongs to it."""

    index: int
    """Where it stands in `args`."""
    name: str
    """Without its dashes; empty for a bare word, which names an image."""
    text: str
    """The word as it is written."""
    value: str | None = None


def has_reference(text: str) -> bool:
    """Whether a text is not known before the run."""
    return "${" in text


def options(args: Sequence[str]) -> Iterator[Option]:
    """The options and bare words in `args`, in order; an unknown option is taken to stand alone."""
    index = 0
    while index < len(args):
        text = args[index]
        name = text.removeprefix("-").removeprefix("-") if text.startswith("-") else ""
        if name in WITH_VALUE and index + 1 < len(args):
            yield Option(index, name, text, args[index + 1])
            index += 2
        else:
            yield Option(index, name, text)
            index += 1


def brings_something_to_boot(args: Sequence[str]) -> bool:
    """Whether a guest with these `args` can start without an image of the driver's."""
    return any(_boots(option) for option in options(args))


def _boots(option: Option) -> bool:
    name = re.split("[ =]", option.name, maxsplit=1)[0]
    if not name:
        return option.text not in {"", "-"}
    if name == "boot":
        return re.search(NETWORK_BOOT, option.value or "") is not None
    if name == "device":
        return (option.value or "").startswith("loader")
    return name in DISKS | PROGRAMS


def replaced(args: Sequence[str]) -> Iterator[tuple[int, Diagnostic]]:
    """The options that are gone from QEMU, by index, and what is used for them."""
    for option in options(args):
        if gone := REPLACED.get(f"-{option.name}"):
            label = f"using {' '.join(gone.today)} instead"
            summary = f'"{option.text}" was removed in QEMU {gone.version}'
            yield option.index, Diagnostic(summary, None, label, severity="warning")


def slips(args: Sequence[str]) -> Iterator[tuple[int, Diagnostic]]:
    """What QEMU can only refuse, by the index of its element, with the way to write it."""
    sure = True
    for option in options(args):
        found = _glued(option) if option.name else _bare(option)
        if found is not None and sure:
            yield option.index, found
        # What follows an option we do not know, or one known at run time only, may be its value.
        sure = found is not None or (
            option.name in OPTIONS if option.name else not has_reference(option.text)
        )


def _glued(option: Option) -> Diagnostic | None:
    """An option with its value in the same element: `-smp 2`, `-smp=2`."""
    if re.search(r"\s", option.text):
        return _slip(option, "QEMU would take this for the name of one option")
    name, equals, value = option.name.partition("=")
    if equals and name in WITH_VALUE:
        return _slip(option, "QEMU's options take no =", written=[f"-{name}", value])
    return None


def _bare(option: Option) -> Diagnostic | None:
    """A word without a dash that looks like an option: `net nic,model=e1000`."""
    words = option.text.split()
    if option.text.startswith((" ", "\t", "\n")) and words and words[0].startswith("-"):
        return _slip(option, "a blank before the dash makes it the name of a disk image")
    if len(words) > 1 and words[0] in OPTIONS and not words[0].isupper():
        return _slip(option, "a dash is missing: this would be the name of a disk image", dash="-")
    return None


def _slip(option: Option, label: str, *, dash: str = "", written: list[str] | None = None) -> Diagnostic:
    elements = written or split_words(dash + option.text.strip())
    shown = ", ".join(_quoted(element) for element in elements)
    return Diagnostic(
        f'QEMU cannot read "{option.text}"',
        None,
        label,
        hints=(f"write it as separate elements: {shown}",),
        severity="warning",
    )


def split_words(line: str) -> list[str]:
    """A line as one would type it in a shell, as elements of `args`.

    Words behind an option that takes a value belong to that value up to the next option.
    """
    elements: list[str] = []
    is_open = False
    for word in _words(line):
        name = word.removeprefix("-").removeprefix("-") if word.startswith("-") else ""
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


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
