"""Firmware by QEMU's own descriptors: which files, for which machine, with which abilities.

Source: QEMU's `docs/interop/firmware.json`; a file of an earlier folder hides one of the same name, and an
empty one hides it altogether.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from qemu_run.qemu.properties import quote
from qemu_run.records import record

FOLDERS = (
    Path("/etc/qemu/firmware"),
    Path("/usr/local/share/qemu/firmware"),
    Path("/usr/share/qemu/firmware"),
)
"""Where descriptors lie, the first first; a user's own are in `$XDG_CONFIG_HOME/qemu/firmware`."""
_LARGEST_DESCRIPTOR = 1 << 20
_SECURE = frozenset({"secure-boot", "enrolled-keys"})
_CONFIDENTIAL = frozenset({"amd-sev", "amd-sev-es", "amd-sev-snp", "intel-tdx"})
_HEAD_BYTES = 64
_VOLUME_KIND_AT, _VOLUME_SIZE_AT, _VOLUME_MAGIC_AT, _VOLUME_MAGIC = 0x10, 0x20, 0x28, b"_FVH"
_VARIABLES = bytes.fromhex("8d2bf1ff96768b4ca9852747075b4f50")  # fff12b8d-7696-4c8b-a985-2747075b4f50
"""The kind of a volume that holds variables, and not code."""


@record(kw_only=True)
class Firmware:
    """One descriptor: a way to start a guest by UEFI."""

    descriptor: Path
    description: str
    targets: tuple[tuple[str, tuple[str, ...]], ...]
    """Architectures, each with the machine types that it fits, `*` in them for anything."""
    features: frozenset[str]
    """secure-boot, enrolled-keys, requires-smm, acpi-s3, ..."""
    code: Path
    variables: Path | None
    """What a guest's own variables begin as; None where the firmware keeps none, or is one file."""
    in_flash: bool
    """It goes into flash memory; otherwise behind `-bios`."""
    code_format: str = "raw"

    @property
    def files(self) -> tuple[Path, ...]:
        """All that must exist."""
        return (self.code,) if self.variables is None else (self.code, self.variables)

    @property
    def is_confidential(self) -> bool:
        """Whether it is for guests that are closed to their host alone; others merely know how to be."""
        return not self.in_flash and bool(self.features & _CONFIDENTIAL)

    def fits(self, architecture: str, machine_type: str) -> bool:
        """Whether it is for this machine; the name may be short (`q35`), or have a version."""
        wanted = {"pc": "pc-i440fx-0", "q35": "pc-q35-0", "virt": "virt-0"}.get(machine_type, machine_type)
        return any(
            name == architecture
            and any(fnmatchcase(each, pattern) for each in (machine_type, wanted) for pattern in types)
            for name, types in self.targets
        )


def read_firmware(folders: Iterable[Path]) -> tuple[Firmware, ...]:
    """All descriptors in `folders` in the order of their names; those that make no sense are left out."""
    by_name: dict[str, Path] = {}
    for folder in folders:
        try:
            names = sorted(folder.glob("*.json"))
        except OSError:
            continue
        for path in names:
            by_name.setdefault(path.name, path)
    found = (_read(by_name[name]) for name in sorted(by_name))
    return tuple(firmware for firmware in found if firmware is not None)


def _read(path: Path) -> Firmware | None:
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_LARGEST_DESCRIPTOR))
        return _firmware(path, content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _firmware(path: Path, content: Any) -> Firmware | None:  # noqa: ANN401 - JSON of any shape
    mapping = content["mapping"]
    if "uefi" not in content["interface-types"] or mapping["device"] not in {"flash", "memory"}:
        return None
    in_flash = mapping["device"] == "flash"
    code = mapping["executable"] if in_flash else mapping
    template = mapping.get("nvram-template") if in_flash else None
    return Firmware(
        descriptor=path,
        description=str(content.get("description", "")),
        targets=tuple(
            (str(target["architecture"]), tuple(map(str, target["machines"])))
            for target in content["targets"]
        ),
        features=frozenset(map(str, content["features"])),
        code=Path(code["filename"]),
        variables=Path(template["filename"]) if template else None,
        in_flash=in_flash,
        code_format=str(code.get("format", "raw")),
    )


def choose_firmware(
    known: Sequence[Firmware],
    architecture: str,
    machine_type: str,
    *,
    secure_boot: bool = False,
    exists: Callable[[Path], bool] = Path.is_file,
) -> Firmware | None:
    """The firmware for a machine: the first that fits, whose files exist; None if there is none.

    Without secure boot one that knows nothing of it comes first: enrolled keys refuse every disk that is
    not signed.

    Args:
        known: In their order.
        architecture: QEMU's name.
        machine_type: Short, or with a version.
        secure_boot: Whether the job asks for it; then keys must be enrolled.
        exists: Whether a file is there.
    """
    fitting = [
        firmware
        for firmware in known
        if firmware.fits(architecture, machine_type)
        and not firmware.is_confidential
        and all(map(exists, firmware.files))
    ]
    if secure_boot:
        return next((firmware for firmware in fitting if "enrolled-keys" in firmware.features), None)
    plain = (firmware for firmware in fitting if not firmware.features & _SECURE)
    # Better one that could do secure boot, with keys of nobody, than none: i386 has no other.
    without_keys = (firmware for firmware in fitting if "enrolled-keys" not in firmware.features)
    return next(plain, None) or next(without_keys, None)


def firmware_arguments(firmware: Firmware, variables: Path | None) -> tuple[str, ...]:
    """The arguments for a firmware; `variables` is the guest's own copy of them.

    What a machine type must say besides (`smm=on`) is `machine_properties`.
    """
    if not firmware.in_flash:
        return ("-bios", str(firmware.code))
    code = f"if=pflash,unit=0,format={firmware.code_format},readonly=on,file={quote(str(firmware.code))}"
    arguments = ["-drive", code]
    if variables is not None:
        arguments += ["-drive", f"if=pflash,unit=1,format=raw,file={quote(str(variables))}"]
    if "requires-smm" in firmware.features:
        arguments += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
    return tuple(arguments)


def machine_properties(firmware: Firmware) -> tuple[str, ...]:
    """What `-machine` must say for it."""
    return ("smm=on",) if "requires-smm" in firmware.features else ()


def are_variables(head: bytes, size_bytes: int) -> bool:
    """Whether a file may be UEFI variables: wrong ones fail in silence.

    An empty beginning is fine: firmware makes its volume there, as on ARM at each first start.

    Args:
        head: Its first 64 bytes.
        size_bytes: Of the whole file. Variables of ARM are padded to the size of their flash memory.
    """
    if len(head) < _HEAD_BYTES:
        return False
    if not any(head[:_HEAD_BYTES]):
        return True
    if head[_VOLUME_KIND_AT : _VOLUME_KIND_AT + 16] != _VARIABLES:
        return False
    if head[_VOLUME_MAGIC_AT : _VOLUME_MAGIC_AT + 4] != _VOLUME_MAGIC:
        return False
    return 0 < int.from_bytes(head[_VOLUME_SIZE_AT : _VOLUME_SIZE_AT + 8], "little") <= size_bytes
