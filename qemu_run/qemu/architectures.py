"""What each emulator needs when a job says nothing: measured by booting real guests on QEMU 7.2.

Nomad's own defaults (`pc`, `ide`) fit x86 alone. Elsewhere they fail, or the guest stays silent for ever.
"""

from collections.abc import Mapping

from qemu_run.records import record


@record(kw_only=True)
class Architecture:
    """The defaults of one emulator."""

    machine_type: str
    """With properties behind commas, where it needs them."""
    cpu: str = ""
    """What `-cpu` must say; empty where QEMU's default works."""
    tcg_cpu_properties: str = ""
    """Behind `-cpu max` where nothing but QEMU's translator runs it."""
    drive_interface: str = "virtio"
    nic: str = "virtio-net-pci"
    """The device that a `-netdev` is given to."""
    bus: str = "pci"
    """Virtio's: pci or ccw; a serial bus is `virtio-serial-BUS`."""
    console: str
    """What the guest calls its serial port."""
    firmware: tuple[str, ...] = ()
    """Files for `-bios` or flash memory, the first that exists; none where QEMU brings its own."""
    firmware_option: str = ""
    """`bios`, or `kernel` where the firmware goes in a kernel's place."""
    power_button: bool = True
    """Whether a guest can hear QEMU's power button."""
    exits_at_poweroff: bool = False
    """Its QEMU ends like a program when the guest powers off, up to 7.2 without a word on the monitor."""
    needs_no_vga: bool = False
    """The kernel speaks on the serial port only if there is no screen."""
    least_memory_mb: int = 128
    """To reach userspace from a disk."""
    package: str
    """Debian's, with the emulator and QEMU's own firmware."""
    firmware_package: str = ""
    note: str = ""
    """What a person should know at the start, a sentence without a full stop."""


_X86 = Architecture(
    machine_type="pc",
    drive_interface="ide",
    console="ttyS0",
    package="qemu-system-x86",
)
_VIRT_FIRMWARE = "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"

ARCHITECTURES: Mapping[str, Architecture] = {
    "x86_64": _X86,
    "i386": _X86,
    "aarch64": Architecture(
        machine_type="virt",
        cpu="max",
        tcg_cpu_properties="pauth-impdef=on",
        console="ttyAMA0",
        firmware=(_VIRT_FIRMWARE, "/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/edk2/aarch64/QEMU_EFI.fd"),
        firmware_option="bios",
        package="qemu-system-arm",
        firmware_package="qemu-efi-aarch64",
    ),
    "arm": Architecture(
        machine_type="virt",
        console="ttyAMA0",
        firmware=("/usr/lib/u-boot/qemu_arm/u-boot.bin",),
        firmware_option="bios",
        package="qemu-system-arm",
        firmware_package="u-boot-qemu",
    ),
    "riscv64": Architecture(
        machine_type="virt",
        console="ttyS0",
        firmware=("/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin",),
        firmware_option="kernel",
        power_button=False,
        exits_at_poweroff=True,
        least_memory_mb=256,
        package="qemu-system-misc",
        firmware_package="u-boot-qemu",
        note="this machine has no power button: a guest ends by its own poweroff, or is killed",
    ),
    "ppc64": Architecture(
        machine_type="pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off",
        console="hvc0",
        needs_no_vga=True,
        least_memory_mb=256,
        package="qemu-system-ppc",
    ),
    "s390x": Architecture(
        machine_type="s390-ccw-virtio",
        nic="virtio-net-ccw",
        bus="ccw",
        console="ttysclp0",
        package="qemu-system-misc",
    ),
}
"""By the emulator's name without `qemu-system-`."""
DEFAULT_MACHINES: Mapping[str, str] = {
    "loongarch64": "virt",
    "mips": "malta",
    "mipsel": "malta",
    "mips64": "malta",
    "mips64el": "malta",
    "ppc": "g3beige",
    "ppc64le": "pseries",
    "riscv32": "virt",
    "sparc": "SS-5",
    "sparc64": "sun4u",
    "m68k": "mcf5208evb",
    "alpha": "clipper",
    "hppa": "hppa",
    "cris": "axis-dev88",
    "microblaze": "petalogix-s3adsp1800",
    "nios2": "10m50-ghrd",
    "or1k": "or1k-sim",
    "sh4": "shix",
    "xtensa": "sim",
}
"""Emulators that are known by name only, and the machine to ask them for."""
_ALIASES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "armhf": "arm",
    "armv7l": "arm",
    "i686": "i386",
    "ppc64le": "ppc64",
}
INTERFACES: Mapping[str, tuple[str, ...]] = {
    "pc": ("ide", "virtio", "floppy", "none", "pflash"),
    "q35": ("ide", "virtio", "floppy", "none", "pflash"),
    "isapc": ("ide", "floppy", "none", "pflash"),
    "microvm": ("none",),
    "virt": ("virtio", "none", "pflash"),
    "pseries": ("scsi", "virtio", "none"),
    "s390-ccw-virtio": ("virtio", "none"),
}
"""What `if=` may say on a machine: what is not here QEMU refuses, or attaches to nothing."""


def defaults(architecture: str) -> Architecture | None:
    """What an emulator needs, by QEMU's name or Debian's; None of those that are known by name only."""
    name = architecture.removeprefix("qemu-system-")
    return ARCHITECTURES.get(_ALIASES.get(name, name))


def machine_family(machine_type: str) -> str:
    """`pc` of pc-i440fx-7.2, `virt` of virt-8.0; the name itself of others. Properties do not count."""
    name = machine_type.partition(",")[0]
    for prefix, family in (
        ("pc-i440fx", "pc"),
        ("pc-q35", "q35"),
        ("virt-", "virt"),
        ("pseries-", "pseries"),
    ):
        if name.startswith(prefix):
            return family
    return "s390-ccw-virtio" if name.startswith("s390-ccw-virtio") else name


def interface_mistake(machine_type: str, interface: str) -> tuple[str, ...]:
    """The drive interfaces of a machine, when the one asked for is not among them; else nothing."""
    known = INTERFACES.get(machine_family(machine_type), ())
    return () if not known or interface in known else known
