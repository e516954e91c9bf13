"""The options of a job's args in whatever spelling they are written, read together.

Source: QEMU's manual page; `machine_parse_smp_config` of its `hw/core/machine-smp.c`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from qemu_run.qemu.accelerators import read_accelerators
from qemu_run.qemu.arguments import Option
from qemu_run.qemu.chardevs import read_chardev, read_short
from qemu_run.qemu.files import file_references
from qemu_run.qemu.listeners import read_forwards, read_listeners
from qemu_run.qemu.own_options import OwnCharDevice, OwnDevice, OwnDisk, OwnOptions
from qemu_run.qemu.properties import Properties, read_size

_MIB = 1 << 20
_TOPOLOGY = ("drawers", "books", "sockets", "dies", "clusters", "modules", "cores", "threads")
_DISK_OPTIONS = {
    "cdrom": "ide",
    "fda": "floppy",
    "fdb": "floppy",
    "hda": "ide",
    "hdb": "ide",
    "hdc": "ide",
    "hdd": "ide",
    "mtdblock": "mtd",
    "pflash": "pflash",
    "sd": "sd",
    "": "ide",
}
Changes = dict[str, Any]
"""Fields of OwnOptions with their new values."""


def read_own_options(options: Iterable[Option]) -> OwnOptions:
    """What these options say together; of what is said twice the last counts, as for QEMU."""
    own = OwnOptions(options=tuple(options))
    for option in own.options:
        reader = _READERS.get(option.name)
        if reader is not None and (option.name or option.is_bare_word):
            own = replace(own, **reader(own, option))
        listeners = tuple(read_listeners(option))
        if listeners:
            own = replace(own, listeners=(*own.listeners, *listeners))
    return own


def memory_mb(text: str) -> int | None:
    """The memory behind `-m`, in MB and rounded up; None if it is not a size."""
    size = read_size(Option("m", text, 0).properties.get("size"), "m")
    return None if size is None else -(-size // _MIB)


def cores(properties: Properties) -> int | None:
    """The processors behind `-smp`; None if a number is not one."""
    values = {key: value for key, value in properties.pairs if key in {"cpus", "maxcpus", *_TOPOLOGY}}
    if not all(value.isascii() and value.isdecimal() for value in values.values()):
        return None
    numbers = {key: int(value) for key, value in values.items()}
    product = 1
    for key in _TOPOLOGY:
        product *= numbers.get(key) or 1
    return numbers.get("cpus") or numbers.get("maxcpus") or product


def _memory(_: OwnOptions, option: Option) -> Changes:
    found = memory_mb(option.value or "")
    return {} if found is None else {"memory_mb": found, "memory_index": option.index}


def _cores(_: OwnOptions, option: Option) -> Changes:
    return {"cores": cores(option.properties), "cores_index": option.index}


def _machine(own: OwnOptions, option: Option) -> Changes:
    changes: Changes = {"machine_index": option.index}
    further = dict(own.machine_properties)
    for key, value in option.properties.pairs:
        if key == "type":
            changes["machine_type"] = value
        elif key == "accel":
            changes |= {"accelerators": read_accelerators(value), "accelerators_index": option.index}
        else:
            further[key] = value
    return {**changes, "machine_properties": tuple(further.items())}


def _accel(own: OwnOptions, option: Option) -> Changes:
    earlier = own.accelerators if own.accelerators_index is not None else ()
    name = option.properties.get("accel")
    return {"accelerators": (*earlier, *read_accelerators(name)), "accelerators_index": option.index}


def _enable_kvm(_: OwnOptions, option: Option) -> Changes:
    return {"accelerators": ("kvm",), "accelerators_index": option.index}


def _display(own: OwnOptions, option: Option) -> Changes:
    name = option.name if option.name in {"vnc", "spice"} else option.properties.get("type")
    if option.name == "display" and (option.value or "").startswith("vnc"):
        name = "vnc"
    if option.name == "vnc" and option.value == "none":
        return {}
    return {"displays": (*own.displays, (name, option.index))}


def _serial(own: OwnOptions, option: Option) -> Changes:
    return {"serials": (*own.serials, _device(option))}


def _monitor(own: OwnOptions, option: Option) -> Changes:
    return {"monitors": (*own.monitors, _device(option))}


def _device(option: Option) -> OwnCharDevice:
    text = option.value or ""
    if option.name == "mon":
        text = f"chardev:{option.properties.get('chardev')}"
    return OwnCharDevice(option=option.name, text=text, device=read_short(text), index=option.index)


def _chardev(own: OwnOptions, option: Option) -> Changes:
    device = read_chardev(option.properties)
    found = OwnCharDevice(option="chardev", text=option.value or "", device=device, index=option.index)
    return {"chardevs": (*own.chardevs, found)}


def _network(own: OwnOptions, option: Option) -> Changes:
    forwards, wrong = read_forwards(option)
    return {
        "networks": (*own.networks, option),
        "forwards": (*own.forwards, *forwards),
        "wrong_forwards": (*own.wrong_forwards, *((rule, option.index) for rule in wrong)),
    }


def _disk(own: OwnOptions, option: Option) -> Changes:
    properties = option.properties
    interface = _DISK_OPTIONS.get(option.name, properties.get("if", "" if option.name == "drive" else "none"))
    disk = OwnDisk(
        option=option.name,
        files=file_references(option),
        interface=interface,
        name=properties.get("id") or properties.get("node-name"),
        is_cdrom=option.name == "cdrom" or (option.name == "drive" and properties.get("media") == "cdrom"),
        index=option.index,
    )
    return {"disks": (*own.disks, disk)}


def _add_device(own: OwnOptions, option: Option) -> Changes:
    properties = option.properties
    device = OwnDevice(driver=properties.get("driver"), properties=properties, index=option.index)
    return {"devices": (*own.devices, device)}


def _action(_: OwnOptions, option: Option) -> Changes:
    found: Changes = {}
    for key, value in option.properties.pairs:
        if (key, value) == ("shutdown", "pause"):
            found["keeps_after_shutdown_index"] = option.index
        elif (key, value) == ("reboot", "shutdown"):
            found["no_reboot_index"] = option.index
        elif (key, value) == ("panic", "pause"):
            found["pauses_on_panic_index"] = option.index
    return found


def _no_shutdown(_: OwnOptions, option: Option) -> Changes:
    return {"keeps_after_shutdown_index": option.index, "pauses_on_panic_index": option.index}


_READERS: Mapping[str, Callable[[OwnOptions, Option], Changes]] = {
    "m": _memory,
    "smp": _cores,
    "cpu": lambda _, option: {"cpu": option.value or "", "cpu_index": option.index},
    "machine": _machine,
    "M": _machine,
    "accel": _accel,
    "enable-kvm": _enable_kvm,
    "name": lambda _, option: {"name": option.properties.get("guest"), "name_index": option.index},
    "display": _display,
    "vnc": _display,
    "spice": _display,
    "nographic": lambda _, option: {"nographic_index": option.index},
    "serial": _serial,
    **dict.fromkeys(["monitor", "qmp", "qmp-pretty", "mon"], _monitor),
    "chardev": _chardev,
    **dict.fromkeys(("netdev", "nic", "net"), _network),
    **dict.fromkeys((*_DISK_OPTIONS, "drive", "blockdev"), _disk),
    "device": _add_device,
    "kernel": lambda _, option: {"kernel": option.value or "", "kernel_index": option.index},
    "initrd": lambda _, option: {"initrd": option.value or ""},
    "bios": lambda _, option: {"bios": option.value or "", "bios_index": option.index},
    "boot": lambda own, option: {
        "boot_order": option.properties.get("order") or option.properties.get("once") or own.boot_order
    },
    "nodefaults": lambda _own, _: {"has_defaults": False},
    "S": lambda _, option: {"paused_index": option.index},
    "no-shutdown": _no_shutdown,
    "no-reboot": lambda _, option: {"no_reboot_index": option.index},
    "action": _action,
    "snapshot": lambda _, option: {"snapshot_index": option.index},
    "sandbox": lambda _, option: {"sandbox": option.value or "", "sandbox_index": option.index},
    "readconfig": lambda _, option: {"config_file_index": option.index},
}
