import json
import os

import pytest

from qemu_run.guests.tiny import End


@pytest.fixture
def failing(guest, job):
    """Makes a job whose guest says `banner` and then ends badly; its file."""

    def make(banner: str) -> str:
        guest(end_at_once=True, end=End.RESET, banner=banner)
        return job(config='args = ["-nodefaults", "-no-reboot"]')

    return make


@pytest.fixture
def resetting(failing):
    """A job whose guest says something and then ends badly; its file."""
    return failing("last words\r\n")


@pytest.fixture
def mistaken(guest, job):
    """A job with one mistake, in line 11; its file."""
    guest()
    return job(config='image_pat = "x"')


@pytest.fixture
def json_lines(qemu_run):
    """The objects in a file of the test's folder, a line each."""

    def read(name):
        text = (qemu_run.folder / name).read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    return read


@pytest.fixture
def event_pipe(qemu_run):
    """A named pipe to give to `--events`, and what reads it: an event at a time, as it comes."""
    pipe = qemu_run.folder / "pipe"
    os.mkfifo(pipe)

    def events():
        with pipe.open() as reader:
            for line in reader:
                yield json.loads(line)

    return events()
