"""Groups of several tasks, and restarts, through the command line."""

import re

import pytest

from qemu_run.errors import ExitCode
from qemu_run.guests.tiny import End

TASK = """
    task "NAME" {
      driver = "DRIVER"
      MORE
      config {
        CONFIG
      }
      resources {
        memory = 128
      }
    }
"""


def task(name, more="", driver="qemu"):
    config = (
        f'image_path  = "{name}.img"\n accelerator = "tcg"' if driver == "qemu" else 'command = "/bin/true"'
    )
    text = TASK.replace("NAME", name).replace("MORE", more)
    return text.replace("DRIVER", driver).replace("CONFIG", config)


def once(text):
    """A task whose guest ends with its first reset."""
    return text.replace('accelerator = "tcg"', 'accelerator = "tcg"\n args = ["-no-reboot"]')


def hook(name, *, sidecar=False):
    return f'lifecycle {{\n hook = "{name}"\n sidecar = {str(sidecar).lower()}\n}}'


@pytest.fixture
def write(qemu_run):
    def make(*tasks, kind="batch", group=""):
        text = f'job "web" {{\n type = "{kind}"\n group "g" {{\n{group}\n{"".join(tasks)}\n}}\n}}\n'
        (qemu_run.folder / "web.hcl").write_text(text)
        return "web.hcl"

    return make


def test_the_order_of_a_groups_tasks(qemu_run, guest, write):
    for name in ("before", "main", "after"):
        guest(f"{name}.img", auto_ticks=4)
    guest("beside.img")
    name = write(
        task("after", hook("poststop")),
        task("main"),
        task("beside", hook("prestart", sidecar=True)),
        task("before", hook("prestart")),
    )
    result = qemu_run.run("run", name)
    assert result.code == 0
    started = re.findall(r"^web\.(\w+) +x86_64", result.err, re.MULTILINE)
    assert set(started[:2]) == {"before", "beside"}
    assert started[2:] == ["main", "after"]
    assert "web.beside  power button pressed" in result.err
    assert "ended well: 3 guests powered off" in result.err.splitlines()[-1]


def test_a_task_that_fails_ends_its_group_and_decides(qemu_run, guest, write):
    guest("bad.img", auto_ticks=36, end=End.RESET)  # by then the other runs, too
    guest("good.img")
    name = write(once(task("bad")), task("good"))
    result = qemu_run.run("run", name)
    assert result.code == ExitCode.REBOOT_LOOP
    assert "web.good  power button pressed" in result.err
    assert "FAILED: web.bad: the guest reset" in result.err.splitlines()[-2] + result.err.splitlines()[-1]


def test_tasks_of_other_drivers(qemu_run, guest, write):
    guest("vm.img", end_at_once=True)
    helper = task("tpm", hook("prestart", sidecar=True), driver="raw_exec")
    name = write(helper, task("vm"))
    refused = qemu_run.run("run", name)
    assert refused.code == ExitCode.PLACEMENT
    assert 'driver of task "tpm"' in refused.err
    assert qemu_run.run("run", name, "--task", "vm").code == 0
    assert qemu_run.run("inspect", name).code == 0


RESTART = 'restart {\n attempts = 1\n delay = "10ms"\n interval = "1m"\n mode = "delay"\n}'


@pytest.mark.parametrize(
    ("mode", "group", "attempts"),
    [("never", RESTART, 1), (None, "", 1), (None, RESTART, 2), ("failed", RESTART, 2)],
)
def test_how_often_a_failing_task_is_tried(qemu_run, guest, write, mode, group, attempts):
    guest("vm.img", end_at_once=True, end=End.RESET)
    text = once(task("vm"))
    options = ("--restart", mode) if mode else ()
    result = qemu_run.run("run", write(text, group=group), *options)
    assert result.code == ExitCode.REBOOT_LOOP
    assert result.err.count("web.vm  x86_64") + result.err.count("attempt 2, x86_64") == attempts
    assert (f"(attempt {attempts})" in result.err) == (attempts > 1)


@pytest.mark.parametrize(("mode", "code"), [("failed", 0), ("nomad", ExitCode.TASK_FAILED)])
def test_a_service_that_powers_off(qemu_run, guest, write, mode, code):
    guest("vm.img", end_at_once=True)
    group = RESTART.replace('delay"\n}', 'fail"\n}')
    result = qemu_run.run("run", write(task("vm"), kind="service", group=group), "--restart", mode)
    assert result.code == code


def test_without_a_block_the_policy_of_the_jobs_type_counts_where_it_is_asked_for(qemu_run, guest, write):
    guest("vm.img", end_at_once=True, end=End.RESET)
    result = qemu_run.run("run", write(once(task("vm"))), "--restart", "failed", "--timeout", "3s")
    assert re.search(r"started again when it fails, up to 3 times within 24h", result.err)
    assert re.search(r"attempt 2 in 1\d", result.err)


def test_what_ctrl_c_does_is_said_once_for_all_it_does_the_same_to(qemu_run, guest, write):
    for name in ("a", "b", "c"):
        guest(f"{name}.img", end_at_once=True)
    result = qemu_run.run(write(task("a"), task("b"), task("c", 'kill_timeout = "9s"')))
    assert result.code == 0
    assert sorted(re.findall(r"kills after (\d+s)", result.err)) == ["5s", "9s"]
