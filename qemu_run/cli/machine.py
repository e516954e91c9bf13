"""This machine, as the commands ask about it: its configuration, its node, and planning's questions."""

import os
import random
import socket
from pathlib import Path

from qemu_run.errors import Diagnostics, JobError
from qemu_run.images.formats import Image, inspect
from qemu_run.node import client_config
from qemu_run.node.client_config import ClientConfig
from qemu_run.node.node import Node
from qemu_run.planning.host import Host

_TRIES = 200


def configuration(explicit: Path | None) -> ClientConfig:
    """The client configuration in force.

    Raises:
        JobError: the file that was named is not there, or has mistakes.
    """
    from qemu_run.cli.job_file import read

    path = client_config.find(str(explicit) if explicit else None, os.environ)
    if path is None:
        return ClientConfig()
    diagnostics = Diagnostics()
    config = client_config.load(read(str(path)), diagnostics)
    if diagnostics.errors:
        raise JobError(*diagnostics)
    return config


def node(config: ClientConfig) -> Node:
    """This machine."""
    from qemu_run.node.fingerprint import Fingerprint

    return Node(config, Fingerprint(config))


def host(config: ClientConfig, job_folder: Path) -> Host:
    """What planning asks of this machine."""
    from qemu_run.node.emulators import find_emulator
    from qemu_run.runtime import allocation

    chosen: set[tuple[str, int]] = set()

    def choose_port(ip: str) -> int:
        """A free dynamic port, another one each time."""
        ports = range(config.min_dynamic_port, config.max_dynamic_port)
        for _ in range(_TRIES):
            port = random.choice(ports)  # noqa: S311  # a guess at what is free, not a secret
            if (ip, port) not in chosen and _is_free(ip, port):
                chosen.add((ip, port))
                return port
        raise OSError(f"no free port between {ports.start} and {ports.stop} on {ip}")

    return Host(
        allocations=allocation.folder(),
        job_folder=job_folder,
        choose_port=choose_port,
        port_holder=_holder,
        find_emulator=lambda name: find_emulator(name, os.environ.get("PATH", os.defpath)),
        inspect_image=_inspect,
        machine_types=_machine_types,
    )


def _is_free(ip: str, port: int) -> bool:
    """Whether QEMU could listen there with TCP and UDP, asked by doing it."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(family, kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ip, port))
            except OSError:
                return False
    return True


def _holder(ip: str, port: int) -> str | None:
    from qemu_run.node.addresses import who_holds

    if _is_free(ip, port):
        return None
    return who_holds(ip, port, "tcp") or who_holds(ip, port, "udp") or ""


def _inspect(path: Path) -> Image | None:
    try:
        return inspect(path)
    except OSError:
        return None


def _machine_types(emulator: Path) -> tuple[str, ...]:
    from qemu_run.node.emulators import ask
    from qemu_run.node.probe_cache import user_cache

    return tuple(ask(emulator, ("machine_types",), user_cache()).get("machine_types", "").split(","))
