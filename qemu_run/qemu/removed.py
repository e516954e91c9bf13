"""Options that came and went: since when, and what says the same today.

Measured on QEMU 7.2, 10.0 and 11.1; older ones from QEMU's `docs/about/removed-features.rst`.
"""

from collections.abc import Mapping

from qemu_run.records import record

Version = tuple[int, int]
"""Major and minor."""


@record(kw_only=True)
class Removed:
    """An option, or a value of one, that QEMU no longer has."""

    version: Version
    """The first version without it."""
    today: tuple[str, ...] = ()
    """The arguments that say the same since that version; `{}` stands for the value."""
    advice: str = ""
    """What a person can do, where nothing says the same."""
    has_value: bool = False
    before: tuple[str, ...] | None = None
    """What says the same in versions that still have it, when it is better never used; None: itself."""


_DROP: tuple[str, ...] = ("",)
"""Says the same by saying nothing."""

REMOVED: Mapping[str, Removed] = {
    "nodefconfig": Removed(version=(3, 1), today=("-no-user-config",)),
    "no-hpet": Removed(version=(9, 0), today=("-machine", "hpet=off"), before=("-machine", "hpet=off")),
    "no-acpi": Removed(version=(9, 0), today=("-machine", "acpi=off"), before=("-machine", "acpi=off")),
    "no-kvm": Removed(version=(5, 2), today=("-accel", "tcg")),
    "no-kvm-irqchip": Removed(version=(5, 2), today=("-machine", "kernel_irqchip=off")),
    "no-kvm-pit-reinjection": Removed(version=(3, 1), today=("-global", "kvm-pit.lost_tick_policy=discard")),
    "no-kvm-pit": Removed(version=(3, 0), today=_DROP),
    "tdf": Removed(version=(3, 0), today=_DROP),
    "tb-size": Removed(version=(6, 0), today=("-accel", "tcg,tb-size={}"), has_value=True),
    "singlestep": Removed(version=(9, 0), today=("-accel", "tcg,one-insn-per-tb=on")),
    "async-teardown": Removed(version=(9, 0), today=("-run-with", "async-teardown=on")),
    "localtime": Removed(version=(3, 1), today=("-rtc", "base=localtime")),
    "startdate": Removed(version=(3, 1), today=("-rtc", "base={}"), has_value=True),
    "rtc-td-hack": Removed(version=(3, 1), today=("-rtc", "driftfix=slew")),
    "balloon": Removed(version=(4, 0), today=("-device", "virtio-balloon"), has_value=True),
    "realtime": Removed(version=(6, 0), today=("-overcommit", "mem-lock=on"), has_value=True),
    "soundhw": Removed(
        version=(7, 1), advice="-audio driver=none,model={}, or -audiodev with -device", has_value=True
    ),
    "watchdog": Removed(version=(7, 2), today=("-device", "{}"), has_value=True),
    "sdl": Removed(version=(7, 1), today=("-display", "sdl")),
    "curses": Removed(version=(7, 1), today=("-display", "curses")),
    "no-frame": Removed(version=(6, 0), today=_DROP),
    "alt-grab": Removed(version=(7, 1), advice="-display sdl,grab-mod=lshift-lctrl-lalt"),
    "ctrl-grab": Removed(version=(7, 1), advice="-display sdl,grab-mod=rctrl"),
    "no-quit": Removed(version=(7, 1), advice="-display gtk,window-close=off"),
    "show-cursor": Removed(version=(6, 0), advice="-display sdl,show-cursor=on"),
    "writeconfig": Removed(version=(7, 0), advice="write the options into the job", has_value=True),
    "redir": Removed(
        version=(3, 1), advice="a port in the network block, or -netdev user,hostfwd=...", has_value=True
    ),
    "tftp": Removed(version=(3, 1), advice="-netdev user,tftp={}", has_value=True),
    "bootp": Removed(version=(3, 1), advice="-netdev user,bootfile={}", has_value=True),
    "smb": Removed(version=(3, 1), advice="-netdev user,smb={}", has_value=True),
    "enable-fips": Removed(version=(7, 1), today=_DROP),
    "old-param": Removed(version=(11, 0), advice="only kernels older than 2.4 need it"),
    "portrait": Removed(version=(9, 2), advice="turn the picture in the guest"),
    "rotate": Removed(version=(9, 2), advice="turn the picture in the guest", has_value=True),
    "audio-help": Removed(version=(8, 2), advice="-audiodev help, by hand"),
}
"""By the name without a dash."""

ADDED: Mapping[str, tuple[Version, str]] = {
    "run-with": ((8, 1), "leave it out, or use a newer QEMU"),
    "jitdump": ((9, 0), "use a newer QEMU"),
    "perfmap": ((9, 0), "use a newer QEMU"),
    "shim": ((10, 0), "use a newer QEMU"),
}
"""Options that older versions lack: since when, and the way out."""
