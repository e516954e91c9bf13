"""A job's options in the words of the QEMU that runs."""

from collections.abc import Callable, Iterable, Mapping

from qemu_run.qemu.arguments import Option
from qemu_run.qemu.properties import quote
from qemu_run.qemu.removed import ADDED, REMOVED, Removed, Version
from qemu_run.records import record


@record(kw_only=True)
class Translated:
    """A job's options in words that the QEMU at hand knows."""

    arguments: tuple[str, ...]
    warnings: tuple[tuple[str, int], ...] = ()
    """What was replaced, each with the index of the argument."""
    problems: tuple[tuple[str, str, int], ...] = ()
    """What this QEMU lacks and nothing replaces: the fact, what to do, the index."""


def read_version(text: str) -> Version:
    """`7.2.22` as (7, 2); an unknown version counts as the oldest that is supported, 7.2."""
    numbers = text.split(".")
    if len(numbers) < 2 or not (numbers[0].isdecimal() and numbers[1].isdecimal()):
        return (7, 2)
    return int(numbers[0]), int(numbers[1])


def translate(options: Iterable[Option], version: Version) -> Translated:
    """These options for a QEMU of this version.

    Options that are gone from it are replaced by what says the same, with a warning, or are a problem;
    values that changed their spelling are written so that the version takes them without a word.
    """
    arguments: list[str] = []
    warnings: list[tuple[str, int]] = []
    problems: list[tuple[str, str, int]] = []
    for option in options:
        removed = REMOVED.get(option.name)
        added = ADDED.get(option.name)
        if added is not None and version < added[0]:
            problems.append((f"-{option.name} came with QEMU {_dotted(added[0])}", added[1], option.index))
        elif removed is not None and version >= removed.version:
            _replace(option, removed, arguments, warnings, problems)
        elif removed is not None and removed.before is not None:
            arguments += removed.before
        else:
            text, words = _value(option, version)
            warnings += ((word, option.index) for word in words)
            arguments += (f"-{option.name}",) * bool(option.name) + (() if text is None else (text,))
    return Translated(arguments=tuple(arguments), warnings=tuple(warnings), problems=tuple(problems))


def _dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def _replace(
    option: Option,
    removed: Removed,
    arguments: list[str],
    warnings: list[tuple[str, int]],
    problems: list[tuple[str, str, int]],
) -> None:
    gone = f'"-{option.name}" was removed in QEMU {_dotted(removed.version)}'
    value = option.value or ""
    if not removed.today:
        problems.append((gone, removed.advice.format(value), option.index))
        return
    today = tuple(part.format(quote(value)) for part in removed.today if part)
    arguments += today
    instead = f'using "{" ".join(today)}" instead' if today else "it is left out"
    warnings.append((f"{gone}; {instead}", option.index))


_Change = Callable[[str, Version], str]


def _value(option: Option, version: Version) -> tuple[str | None, list[str]]:
    """A value in the spelling of the version, and what was changed in it."""
    value = option.value
    if value is None or value.startswith("{"):
        return value, []
    words: list[str] = []
    for name, change in _CHANGES:
        if name == option.name:
            changed = change(value, version)
            if changed != value and change not in _SILENT:
                words.append(f'"-{option.name} {value}" is written "{changed}" today')
            value = changed
    return value, words


def _items(value: str) -> list[str]:
    """What stands between commas, doubled ones kept as they are."""
    return value.replace(",,", "\0").split(",")


def _joined(items: Iterable[str]) -> str:
    return ",".join(items).replace("\0", ",,")


_SHORT_SWITCHES: Mapping[str, frozenset[str]] = {
    "chardev": frozenset(
        {"server", "wait", "telnet", "websocket", "mux", "nodelay", "ipv4", "ipv6", "logappend"}
    ),
    "serial": frozenset({"server", "wait", "nodelay", "telnet"}),
    "parallel": frozenset({"server", "wait", "nodelay"}),
    "monitor": frozenset({"server", "wait", "nodelay"}),
    "qmp": frozenset({"server", "wait", "nodelay"}),
    "qmp-pretty": frozenset({"server", "wait", "nodelay"}),
    "gdb": frozenset({"server", "wait", "nodelay"}),
    "drive": frozenset({"readonly", "snapshot"}),
    "virtfs": frozenset({"readonly"}),
    "fsdev": frozenset({"readonly"}),
    "vnc": frozenset({"password", "lossy", "reverse", "websocket", "sasl"}),
    "spice": frozenset({"disable-ticketing", "sasl", "ipv4", "ipv6", "disable-copy-paste"}),
    "boot": frozenset({"menu", "strict"}),
}
"""Switches that are warned of when they are written without `=on`."""


def _long_switches(name: str) -> _Change:
    known = _SHORT_SWITCHES[name]

    def change(value: str, _: Version) -> str:
        first, *rest = _items(value)
        return _joined([first, *(_long(item, known) for item in rest)])

    return change


def _long(item: str, known: frozenset[str]) -> str:
    if item in known:
        return f"{item}=on"
    if item.startswith("no") and item[2:] in known:
        return f"{item[2:]}=off"
    return item


def _reconnect(value: str, version: Version) -> str:
    """Seconds until 10.x, thousandths since."""
    if version < (9, 2):
        return value
    items = _items(value)
    return _joined(
        f"reconnect-ms={int(item[10:]) * 1000}"
        if item.startswith("reconnect=") and item[10:].isdecimal()
        else item
        for item in items
    )


def _memory_decimal(value: str, _: Version) -> str:
    first, *rest = _items(value)
    key, equals, number = first.rpartition("=")
    if not number.lower().startswith("0x"):
        return value
    try:
        return _joined([f"{key}{equals}{int(number, 16)}", *rest])
    except ValueError:
        return value


def _no_zeros(value: str, _: Version) -> str:
    return _joined(item for item in _items(value) if not item.endswith("=0"))


def _no_scsi(value: str, version: Version) -> str:
    if not value.startswith("virtio-blk") or version < (9, 1):
        return value
    return _joined(item for item in _items(value) if item != "scsi=off")


def _renamed(names: Mapping[str, str]) -> _Change:
    def change(value: str, _: Version) -> str:
        first, *rest = _items(value)
        return _joined([names.get(first, first), *rest])

    return change


_SWITCHES = {name: _long_switches(name) for name in _SHORT_SWITCHES}
_SILENT = frozenset(_SWITCHES.values())
"""Changes that leave the meaning as it is, of which there is nothing to say."""
_CHANGES: tuple[tuple[str, _Change], ...] = (
    *_SWITCHES.items(),
    ("chardev", _reconnect),
    ("chardev", _renamed({"tty": "serial", "parport": "parallel"})),
    ("m", _memory_decimal),
    ("smp", _no_zeros),
    ("device", _no_scsi),
    ("device", _renamed({"ide-drive": "ide-hd", "scsi-disk": "scsi-hd"})),
)
