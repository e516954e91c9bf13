"""This machine, as the commands ask about it: its configuration and its node."""

import os
from pathlib import Path

from qemu_run.errors import Diagnostics, JobError
from qemu_run.node import client_config
from qemu_run.node.client_config import ClientConfig
from qemu_run.node.node import Node


def configuration(explicit: Path | None) -> ClientConfig:
    """The client configuration in force.

    Raises:
        JobError: the file that was named is not there, or has mistakes.
    """
    from qemu_run.workflow.job_file import CONFIGURATION, read

    path = client_config.find(str(explicit) if explicit else None, os.environ)
    if path is None:
        return ClientConfig()
    diagnostics = Diagnostics()
    config = client_config.load(read(str(path), CONFIGURATION), diagnostics)
    if diagnostics.errors:
        raise JobError(*diagnostics)
    return config


def node(config: ClientConfig) -> Node:
    """This machine."""
    from qemu_run.node.fingerprint import Fingerprint

    return Node(config, Fingerprint(config))
