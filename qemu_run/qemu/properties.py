"""QEMU's `key=value,key=value` and its JSON, as the pairs they stand for.

Source: QEMU's `util/qemu-option.c`, `util/keyval.c` and `util/cutils.c`.
"""

import json
import re
from collections.abc import Iterator, Mapping

from qemu_run.records import record

IMPLIED_KEYS: Mapping[str, str] = {
    "M": "type",
    "accel": "accel",
    "audio": "driver",
    "audiodev": "driver",
    "blockdev": "driver",
    "boot": "order",
    "chardev": "backend",
    "cpu": "model",
    "device": "driver",
    "display": "type",
    "fsdev": "fsdriver",
    "fw_cfg": "name",
    "icount": "shift",
    "m": "size",
    "machine": "type",
    "mon": "chardev",
    "name": "guest",
    "net": "type",
    "netdev": "type",
    "nic": "type",
    "numa": "type",
    "object": "qom-type",
    "option-rom": "romfile",
    "plugin": "file",
    "rtc": "base",
    "sandbox": "enable",
    "smp": "cpus",
    "tpmdev": "type",
    "trace": "enable",
    "virtfs": "fsdriver",
    "vnc": "vnc",
}
"""What the first item of an option's value is when it has no key."""
_SIZE = re.compile(r"\s*(0x[0-9a-fA-F]+|\d+(?:\.\d+)?)\s*([bBkKmMgGtTpPeE]?)\s*", re.ASCII)
_UNITS = {"b": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50, "e": 60}
_DEEPEST = 32


@record
class Properties:
    """The pairs of an option's value in their order; nested JSON has its keys joined by dots."""

    pairs: tuple[tuple[str, str], ...]
    is_json: bool = False

    def get(self, key: str, default: str = "") -> str:
        """The last value of a key, which is the one that counts."""
        return next((value for name, value in reversed(self.pairs) if name == key), default)

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of a key that may be repeated, also as a list in JSON."""
        listed = re.compile(rf"{re.escape(key)}\.\d+(?:\.str)?")
        return tuple(value for name, value in self.pairs if name == key or listed.fullmatch(name))

    def has(self, key: str) -> bool:
        """Whether it is there."""
        return any(name == key for name, _ in self.pairs)

    def is_on(self, key: str, *, default: bool = False) -> bool:
        """A switch: on, yes, true, y; or its name alone."""
        value = self.get(key, "on" if default else "off")
        return value.lower() in {"on", "yes", "true", "y"}


def read_properties(text: str, implied: str = "") -> Properties:
    """The pairs in an option's value.

    A key alone is a switch, `nokey` switches off, and a first item without `=` is the value of the implied
    key. Text that begins with a brace is JSON; JSON that is broken has no pairs.
    """
    if text.startswith("{"):
        return _read_json(text)
    pairs = []
    for number, item in enumerate(_items(text)):
        key, equals, value = item.partition("=")
        if equals:
            pairs.append((key, value))
        elif number == 0 and implied:
            pairs.append((implied, item))
        elif key.startswith("no") and len(key) > 2:
            pairs.append((key[2:], "off"))
        elif key:
            pairs.append((key, "on"))
    return Properties(tuple(pairs))


def _items(text: str) -> Iterator[str]:
    """What stands between single commas; a doubled one is a comma."""
    item = ""
    at = 0
    while at < len(text):
        if text[at] != ",":
            item += text[at]
        elif text[at + 1 : at + 2] == ",":
            item += ","
            at += 1
        else:
            yield item
            item = ""
        at += 1
    if item or text:
        yield item


def _read_json(text: str) -> Properties:
    try:
        return Properties(tuple(_flat(json.loads(text), "", 0)), is_json=True)
    except (ValueError, RecursionError):
        return Properties((), is_json=True)


def _flat(value: object, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    below = f"{path}." if path else ""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(each, f"{below}{key}", depth + 1)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _flat(each, f"{below}{index}", depth + 1)
    elif isinstance(value, bool):
        yield path, "on" if value else "off"
    elif value is not None:
        yield path, str(value)


def read_size(text: str, unit: str = "b") -> int | None:
    """A size in bytes: `2G`, `512` (in `unit`), `1.5g`; None for what is not one."""
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    number, suffix = match.groups()
    shift = _UNITS[(suffix or unit).lower()]
    if number.startswith("0x"):
        return int(number, 16) << shift
    whole, _, fraction = number.partition(".")
    part: int = int(fraction or "0") * (1 << shift) // 10 ** len(fraction)
    return (int(whole) << shift) + part


def quote(value: str) -> str:
    """`value` inside a list of QEMU's pairs: commas are doubled."""
    return value.replace(",", ",,")
