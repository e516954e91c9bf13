"""What planning asks of the host, answered by this machine."""

import os
import random
from pathlib import Path

from qemu_run import folders
from qemu_run.errors import Diagnostic, PlacementError
from qemu_run.images.chain import open_chain
from qemu_run.images.formats import Image
from qemu_run.images.problems import ImageError
from qemu_run.node.addresses import host_network_address, port_obstacle
from qemu_run.node.client_config import ClientConfig
from qemu_run.node.emulators import ask, find_emulator
from qemu_run.node.fingerprint import memory_total
from qemu_run.node.probe_cache import user_cache
from qemu_run.planning.host import Host, ImageFinding
from qemu_run.planning.ports import ChoosePort
from qemu_run.workflow.job_file import JobFile


def host(config: ClientConfig, file: JobFile) -> Host:
    """This machine, for the job of a file."""
    networks = {name: host_network_address(network) for name, network in config.host_networks.items()}
    return Host(
        allocations=folders.allocations(),
        job_folder=file.folder,
        job_url=file.url,
        may_name_files=file.may_name_files,
        choose_port=_chooser(config),
        port_obstacle=_obstacle,
        find_emulator=lambda name: find_emulator(name, os.environ.get("PATH", os.defpath)),
        inspect_image=_inspect,
        memory_bytes=lambda: memory_total(config),
        resolve=Path.resolve,
        machine_types=_machine_types,
        environment=os.environ,
        network_addresses={name: address for name, address in networks.items() if address},
    )


def _chooser(config: ClientConfig) -> ChoosePort:
    """Chooses dynamic ports at random among those that are free, each once."""
    ports = list(range(config.min_dynamic_port, config.max_dynamic_port))
    random.shuffle(ports)

    def choose(ip: str) -> int:
        while ports:
            port = ports.pop()
            if _obstacle(ip, port) is None:
                return port
        span = f"{config.min_dynamic_port} to {config.max_dynamic_port}"
        raise PlacementError(Diagnostic(f"no port from {span} is free on {ip}"))

    return choose


def _obstacle(ip: str, port: int) -> str | None:
    return port_obstacle(ip, port, "tcp") or port_obstacle(ip, port, "udp")


def _inspect(path: Path, is_artifact: bool) -> ImageFinding:  # noqa: FBT001  # as planning asks
    """What comes from elsewhere may refer to no other file; an image of the host to files beside it."""
    try:
        with open_chain(path, allowed_folders=[] if is_artifact else None) as chain:
            top = chain.top
            return ImageFinding(image=Image(top.format, top.virtual_bytes))
    except ImageError as error:
        return ImageFinding(problem=error.summary, detail=error.detail, hint=error.cure)


def _machine_types(emulator: Path) -> tuple[str, ...]:
    answer = ask(emulator, ("machine_types",), user_cache()).get("machine_types", "")
    return tuple(answer.split(",")) if answer else ()
