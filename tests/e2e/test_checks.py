"""Checks of services against real guests: when they are healthy, what waits for that, what a failure does."""

import re
import shutil
import signal
import sys

import pytest

from qemu_run.errors import ExitCode

NETWORK = 'network {\n port "http" {\n to = 80\n }\n port "none" {\n to = 9\n }\n}\n'
LINUX = """
      artifact {
        source = "linux.img"
      }
      kill_timeout = "20s"
"""


def check(more="", *, kind="tcp", port="http", interval="1s", timeout="1s"):
    return (
        f'check {{\n type = "{kind}"\n port = "{port}"\n interval = "{interval}"\n timeout = "{timeout}"\n'
        f"{more}\n}}\n"
    )


def service(*checks, provider="nomad"):
    return f'service {{\n name = "web"\n provider = "{provider}"\n port = "http"\n{"".join(checks)}}}\n'


@pytest.fixture
def linux_job(qemu_run, linux_guest, job):
    shutil.copy(linux_guest, qemu_run.folder / "linux.img")

    def write(*checks, group="", provider="nomad"):
        return job(
            image="local/linux.img",
            memory=192,
            group=NETWORK + service(*checks, provider=provider) + group,
            task=LINUX,
            config='drive_interface = "virtio"',
        )

    return write


def test_a_command_waits_for_the_checks(qemu_run, linux_job):
    name = linux_job(check('path = "/"', kind="http"), check('name = "takes"'))
    ask = "import os, urllib.request as r; print(r.urlopen('http://' + os.environ['NOMAD_ADDR_http']).read())"
    result = qemu_run.run("run", name, "--", sys.executable, "-c", ask)
    assert result.code == 0
    assert "hello from the guest" in result.out
    said = result.err
    assert 'check "web" is healthy' in said
    assert 'check "takes" is healthy' in said
    assert said.index("is healthy") < said.index("web.vm  ready")


def test_a_page_that_is_missing_is_unhealthy_and_ends_nothing(qemu_run, linux_job):
    name = linux_job(check('path = "/missing"', kind="http"))
    with qemu_run.start(name) as running:
        running.wait_for('check "web" is unhealthy: 404')
        running.send(signal.SIGINT)
        assert running.finish().code == ExitCode.INTERRUPTED


def test_what_the_network_accepts_for_a_guest_that_does_not_is_no_health(qemu_run, guest, job):
    """QEMU's network takes every connection; the tiny guest has no network at all."""
    guest()
    name = job(group=NETWORK + service(check()))
    result = qemu_run.run("run", name, "--boot-timeout", "4s")
    assert result.code == ExitCode.TIME_LIMIT
    assert 'check "web" is unhealthy: no answer in time' in result.err
    assert "is healthy" not in result.err


def test_a_guest_that_stays_unhealthy_is_started_again_and_then_has_failed(qemu_run, guest, job):
    guest()
    policy = 'restart {\n attempts = 1\n delay = "100ms"\n interval = "1m"\n mode = "fail"\n}\n'
    name = job(group=NETWORK + policy + service(check("check_restart {\n limit = 2\n}\n")))
    result = qemu_run.run(name)
    assert result.code == ExitCode.TASK_FAILED
    assert "started again when it fails, once within 1m" in result.err
    assert re.search(r'check "web" kept failing after \d.*; attempt 2 in', result.err)
    assert "web.vm  attempt 2, x86_64" in result.err
    assert "1 restart within 1m did not help" in result.err
    assert 'FAILED: check "web" kept failing' in result.err


def test_a_check_of_a_port_that_leads_nowhere_is_named(qemu_run, guest, job):
    guest(end_at_once=True)
    name = job(group='network {\n port "http" {}\n}\n' + service(check()))
    result = qemu_run.run("plan", name)
    assert result.code == 0
    assert 'no guest is behind port "http"' in result.err
