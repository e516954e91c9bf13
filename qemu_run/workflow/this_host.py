"""What planning asks of the host, answered by this machine."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run import folders
from qemu_run.errors import Diagnostic, PlacementError
from qemu_run.images.block_options import named_layers
from qemu_run.images.boot_records import has_no_loader, needs_uefi
from qemu_run.images.chain import Chain, open_chain
from qemu_run.images.file import open_image
from qemu_run.images.memory import FormatMemory, decide_format
from qemu_run.images.problems import ImageError
from qemu_run.node import memory
from qemu_run.node.addresses import host_network_address, port_obstacle
from qemu_run.node.client_config import ClientConfig
from qemu_run.node.emulators import ask, find_emulator
from qemu_run.node.fingerprint import memory_total
from qemu_run.node.port_locks import PortLocks
from qemu_run.node.probe_cache import user_cache
from qemu_run.planning.host import Host, ImageFinding, ImageWanted
from qemu_run.planning.ports import ChoosePort
from qemu_run.workflow.job_file import JobFile

if TYPE_CHECKING:
    from qemu_run.qemu.firmware import Firmware
    from qemu_run.runtime.head_start import HeadStart


def host(config: ClientConfig, file: JobFile, ahead: "HeadStart | None" = None) -> Host:
    """This machine, for the job of a file; what was started `ahead` is not in the way of its own run."""

    def obstacle(ip: str, port: int, protocols: tuple[str, ...]) -> str | None:
        return None if ahead and ahead.listens(ip, port) else _obstacle(ip, port, protocols)

    def inspect(wanted: ImageWanted) -> ImageFinding:
        return _inspect(wanted, ahead)

    networks = {name: host_network_address(network) for name, network in config.host_networks.items()}
    return Host(
        allocations=folders.allocations(),
        job_folder=file.folder,
        job_url=file.url,
        may_name_files=file.may_name_files,
        choose_port=_chooser(config),
        port_obstacle=obstacle,
        find_emulator=lambda name: find_emulator(name, os.environ.get("PATH", os.defpath)),
        inspect_image=inspect,
        memory_bytes=lambda: memory_total(config),
        swap_bytes=memory.swap_total,
        available_bytes=memory.available,
        resolve=Path.resolve,
        machine_types=lambda emulator: _answers(emulator, "machine_types"),
        accelerators=lambda emulator: _answers(emulator, "accelerators"),
        version=lambda emulator: "".join(_answers(emulator, "version")),
        has_sandbox=lambda emulator: bool(_answers(emulator, "sandbox")),
        firmware=_firmware,
        is_file=os.path.isfile,
        firmware_variables=folders.firmware_variables(),
        environment=dict(os.environ),  # whose texts are made anew each time they are asked for
        network_addresses={name: address for name, address in networks.items() if address},
    )


def _chooser(config: ClientConfig) -> ChoosePort:
    """Chooses dynamic ports at random among those that are free, each once and for one run."""
    locks = PortLocks(folders.state() / "ports")

    @cache
    def in_disorder() -> Iterator[int]:
        import random

        ports = range(config.min_dynamic_port, config.max_dynamic_port)
        return iter(random.sample(ports, len(ports)))

    def choose(ip: str) -> int:
        for port in in_disorder():
            if _obstacle(ip, port) is None and locks.take(port):
                return port
        span = f"{config.min_dynamic_port} to {config.max_dynamic_port}"
        raise PlacementError(Diagnostic(f"no port from {span} is free on {ip}"))

    return choose


def _obstacle(ip: str, port: int, protocols: tuple[str, ...] = ("tcp", "udp")) -> str | None:
    return next((found for each in protocols if (found := port_obstacle(ip, port, each))), None)


def _inspect(wanted: ImageWanted, ahead: "HeadStart | None") -> ImageFinding:
    try:
        if wanted.is_artifact:
            _check_place(wanted)
        said = wanted.format
        if said is None and wanted.is_written:
            said = _remembered(wanted.path)
        with open_chain(
            wanted.path, said=said, allowed_folders=wanted.folders, writable=wanted.is_written
        ) as chain:
            return _finding(chain, wanted, ahead)
    except ImageError as error:
        return _unfit(wanted, error)
    except OSError as error:  # it opens and cannot be read: /proc/self/mem, a disk that fails
        detail = f"{wanted.path}: {error.strerror}"
        return ImageFinding(problem="the image cannot be read", detail=detail, hint="look at image_path")


def _unfit(wanted: ImageWanted, error: ImageError) -> ImageFinding:
    """Why an image is not fit, and what to do about it; of an artifact's, what came in its place."""
    if not wanted.is_artifact:
        return ImageFinding(problem=error.summary, detail=error.detail, hint=error.cure)
    from qemu_run.workflow.brought import cure, from_task, is_no_disk

    return ImageFinding(
        brought_none=is_no_disk(wanted.path),
        problem=error.summary,
        detail=from_task(error.detail, wanted.path),
        hint=cure(wanted.path) or from_task(error.cure, wanted.path),
    )


def _finding(chain: Chain, wanted: ImageWanted, ahead: "HeadStart | None") -> ImageFinding:
    top = chain.top.file
    is_ours = ahead is not None and ahead.holds(top.key)
    is_cd = chain.top.image.format == "iso"
    return ImageFinding(
        layers=named_layers(chain),
        virtual_bytes=chain.virtual_bytes,
        identity=f"{top.identity}",
        is_cd=is_cd,
        needs_uefi=needs_uefi(chain),
        has_no_loader=not is_cd and has_no_loader(chain),
        in_use=not is_ours and top.is_in_use(for_writing=wanted.is_written and not is_cd),
    )


def _remembered(path: Path) -> str | None:
    """The format that a guest may not change by itself; None of an image that was never started in place.

    Raises:
        ImageError: it was raw and looks like something else.
    """
    formats = FormatMemory(folders.image_formats())
    try:
        with open_image(path) as file:
            if formats.last(file) != "raw":
                return None
            decide_format(file, formats, None)
            return "raw"
    except OSError:
        return None  # said when it is opened for good


def _check_place(wanted: ImageWanted) -> None:
    """What an artifact brings may be a link, but not to a file that no artifact brought.

    Raises:
        ImageError: it leads elsewhere.
    """
    real = wanted.path.resolve()
    places = (folders.allocations().resolve(), folders.artifacts().resolve())
    is_source = any(real.is_relative_to(source.resolve()) for source in wanted.sources)
    if not is_source and not any(real.is_relative_to(place) for place in places):
        raise ImageError(
            "the image is a link to another file of this host",
            detail=f"{wanted.path} leads to {real}",
            cure="name the file itself as image_path",
        )


def _answers(emulator: Path, question: str) -> tuple[str, ...]:
    answer = ask(emulator, (question,), user_cache()).get(question, "")
    return tuple(answer.split(",")) if answer else ()


def _firmware() -> "tuple[Firmware, ...]":
    from qemu_run.qemu.firmware import FOLDERS, read_firmware

    return read_firmware((folders.firmware_descriptors(), *FOLDERS))
