"""What a job's own options make of its guest: the record of it.

Source: QEMU's manual page.
"""

from typing import TYPE_CHECKING

from qemu_run.qemu.arguments import Option
from qemu_run.qemu.properties import Properties
from qemu_run.records import record

if TYPE_CHECKING:
    from qemu_run.qemu.chardevs import CharDevice
    from qemu_run.qemu.files import FileReference
    from qemu_run.qemu.listeners import HostForward, Listener


@record(kw_only=True)
class OwnDisk:
    """A disk that a job gives to QEMU itself."""

    option: str
    """Without a dash; empty for a bare word."""
    files: "tuple[FileReference, ...] | None"
    """None where it may be any file, or not a file at all."""
    interface: str
    """What stands behind `if=`, empty where the machine decides; none of a `-blockdev`, for a `-device`."""
    is_cdrom: bool
    name: str
    """Its id or its node's name, by which a device takes it."""
    index: int


@record(kw_only=True)
class OwnCharDevice:
    """A serial port, a monitor or a chardev of the job's own."""

    option: str
    text: str
    device: "CharDevice"
    index: int


@record(kw_only=True)
class OwnDevice:
    """A `-device`."""

    driver: str
    properties: Properties
    index: int


@record(kw_only=True)
class OwnOptions:
    """The guest as the job's args describe it; None and empty where they say nothing.

    `..._index` tells which of the args said it last, which is the one that counts.
    """

    options: tuple[Option, ...] = ()
    memory_mb: int | None = None
    memory_index: int | None = None
    cores: int | None = None
    cores_index: int | None = None
    cpu: str = ""
    cpu_index: int | None = None
    machine_type: str = ""
    machine_index: int | None = None
    machine_properties: tuple[tuple[str, str], ...] = ()
    """Further properties of `-machine`: `(("smm", "on"),)`."""
    accelerators: tuple[str, ...] = ()
    accelerators_index: int | None = None
    name: str = ""
    name_index: int | None = None
    displays: tuple[tuple[str, int], ...] = ()
    """`none`, `gtk`, `vnc`, `spice`, `curses`, ..., each with its index."""
    nographic_index: int | None = None
    serials: tuple[OwnCharDevice, ...] = ()
    monitors: tuple[OwnCharDevice, ...] = ()
    chardevs: tuple[OwnCharDevice, ...] = ()
    networks: tuple[Option, ...] = ()
    """`-netdev`, `-nic` and `-net` in their order."""
    forwards: tuple["HostForward", ...] = ()
    wrong_forwards: tuple[tuple[str, int], ...] = ()
    """Rules behind `hostfwd=` that are not one, each with its index."""
    listeners: tuple["Listener", ...] = ()
    disks: tuple[OwnDisk, ...] = ()
    devices: tuple[OwnDevice, ...] = ()
    kernel: str = ""
    kernel_index: int | None = None
    initrd: str = ""
    bios: str = ""
    bios_index: int | None = None
    boot_order: str = ""
    has_defaults: bool = True
    """False under `-nodefaults`: no network, screen or serial port but those that are named."""
    paused_index: int | None = None
    """`-S`: the guest stands still until someone lets it run."""
    keeps_after_shutdown_index: int | None = None
    """`-no-shutdown`, `-action shutdown=pause`: QEMU stays when its guest has ended."""
    pauses_on_panic_index: int | None = None
    no_reboot_index: int | None = None
    snapshot_index: int | None = None
    sandbox: str = ""
    sandbox_index: int | None = None
    config_file_index: int | None = None
    """`-readconfig`: what is in it is not known here."""

    @property
    def has_network(self) -> bool:
        """Whether the job says anything about its network, be it that there is none."""
        return bool(self.networks)

    @property
    def has_no_network(self) -> bool:
        """Whether all that it says is that there is none."""
        kinds = [option.properties.get("type") for option in self.networks]
        return bool(kinds) and set(kinds) == {"none"}

    @property
    def devices_by_driver(self) -> dict[str, OwnDevice]:
        """The last device of each driver."""
        return {device.driver: device for device in self.devices}

    @property
    def debug_exit(self) -> OwnDevice | None:
        """The port through which the guest can report a number."""
        return self.devices_by_driver.get("isa-debug-exit")

    @property
    def has_panic_device(self) -> bool:
        """Whether the guest can tell of its panic."""
        return any(device.driver.startswith("pvpanic") for device in self.devices)

    @property
    def has_virtio_serial(self) -> bool:
        """Whether there is a bus for further virtio serial ports."""
        return any(device.driver.startswith("virtio-serial") for device in self.devices)

    @property
    def has_uefi_firmware(self) -> bool:
        """Whether the job brings flash memory with firmware."""
        in_machine = any(key in {"pflash0", "firmware"} for key, _ in self.machine_properties)
        return in_machine or any(disk.interface == "pflash" for disk in self.disks)

    @property
    def brings_boot(self) -> bool:
        """Whether there is something to start without `image_path`: a disk, a kernel, the network."""
        taken = {device.properties.get("drive") for device in self.devices}
        bootable = any(
            disk.name in taken if disk.interface == "none" else disk.interface != "pflash"
            for disk in self.disks
        )
        over_network = "n" in self.boot_order or any(
            option.properties.has("bootfile") for option in self.networks
        )
        return bool(self.kernel or bootable or over_network or self.config_file_index is not None)

    @property
    def stdio_indexes(self) -> tuple[int, ...]:
        """The arguments that want QEMU's own input and output."""
        ours = [*self.serials, *self.monitors, *self.chardevs]
        curses = [index for name, index in self.displays if name == "curses"]
        return tuple(sorted([*(each.index for each in ours if each.device.is_stdio), *curses]))

    @property
    def waits_for_client(self) -> "tuple[Listener, ...]":
        """The sockets that somebody has to connect to before the guest starts."""
        return tuple(listener for listener in self.listeners if listener.waits_for_client)
