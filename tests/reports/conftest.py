import json

import pytest

from qemu_run.guests.tiny import End

NO_REBOOT = 'args = ["-nodefaults", "-no-reboot"]'


@pytest.fixture
def resetting(guest, job):
    """A job whose guest says something and then ends badly; its file."""
    guest(end_at_once=True, end=End.RESET, banner="last words\r\n")
    return job(config=NO_REBOOT)


@pytest.fixture
def json_lines(qemu_run):
    """The objects in a file of the test's folder, a line each."""

    def read(name):
        return [json.loads(line) for line in (qemu_run.folder / name).read_text().splitlines()]

    return read
