"""QEMU's own cage of system calls, and the options that do not live in it.

Measured on QEMU 7.2, 10.0 and 11.1: the first four words cost nothing; `spawn=deny` kills QEMU, or the
network in mid-run, where it has to start a program.
"""

from qemu_run.qemu.own_options import OwnOptions
from qemu_run.records import record

FULL = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"
WITH_PROGRAMS = "on,obsolete=deny,elevateprivileges=deny,resourcecontrol=deny"
WITH_RIGHTS = "on,obsolete=deny,resourcecontrol=deny"
"""Also for a bridge: its helper has rights of its own, which the cage would take."""
_DESKTOPS = frozenset({"gtk", "sdl", "egl-headless", "dbus", "spice-app", "cocoa", "default"})


@record(kw_only=True)
class Sandbox:
    """What stands behind `-sandbox`, and why it is not all that there is."""

    value: str
    """Empty: nothing is added, because the job says it itself."""
    left_off: str = ""
    """What needs a program, for a person; empty when nothing is left off."""


def sandbox(own: OwnOptions) -> Sandbox:
    """The sandbox for a guest with these options, on a QEMU that was built with it."""
    if own.sandbox_index is not None:
        return Sandbox(value="")
    for option in own.networks:
        kind = option.properties.get("type")
        if kind == "bridge" or (kind == "tap" and option.properties.has("helper")):
            return Sandbox(value=WITH_RIGHTS, left_off="the helper of a bridge")
        if kind == "passt":
            return Sandbox(value=WITH_PROGRAMS, left_off="passt")
        if kind == "tap" and not _has_its_tap(option.properties.pairs):
            return Sandbox(value=WITH_PROGRAMS, left_off="the script of a tap network")
        if option.properties.has("smb"):
            return Sandbox(value=WITH_PROGRAMS, left_off="smb")
        if any("-cmd:" in rule for rule in option.properties.all("guestfwd")):
            return Sandbox(value=WITH_PROGRAMS, left_off="guestfwd")
    desktop = _desktop(own)
    if desktop:
        return Sandbox(value=WITH_PROGRAMS, left_off=desktop)
    return Sandbox(value=FULL)


def _has_its_tap(pairs: tuple[tuple[str, str], ...]) -> bool:
    properties = dict(pairs)
    return (
        "fd" in properties
        or "fds" in properties
        or (properties.get("script") == "no" and properties.get("downscript") == "no")
    )


def _desktop(own: OwnOptions) -> str:
    """What opens a window, or draws with the host's graphics card."""
    for name, _ in own.displays:
        if name in _DESKTOPS:
            return f"-display {name}"
    for option in own.options:
        if option.name in {"display", "spice"} and option.properties.get("gl", "off") != "off":
            return "drawing with GL"
    for device in own.devices:
        if "-gl" in device.driver or "rutabaga" in device.driver:
            return f"-device {device.driver}"
    return ""
