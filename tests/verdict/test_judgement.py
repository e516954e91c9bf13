import pytest

from qemu_run.errors import ExitCode
from qemu_run.verdict.outcome import MachineEnd, duration, judge, stopped_early


def end(**facts):
    return MachineEnd(**{"returncode": 0, "lived_seconds": 2.0, "stood": True, **facts})


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        ({"shutdown_reason": "guest-shutdown"}, ExitCode.OK, "the guest powered off after 2.0s"),
        ({"shutdown_reason": "guest-reset"}, ExitCode.REBOOT_LOOP, "the guest reset"),
        ({"shutdown_reason": "guest-panic"}, ExitCode.PANIC, "the guest panicked"),
        ({"shutdown_reason": "guest-shutdown", "panicked": True}, ExitCode.PANIC, "the guest panicked"),
        ({"shutdown_reason": "host-signal"}, ExitCode.MACHINE, "stopped from outside"),
        ({"shutdown_reason": "host-error"}, ExitCode.HOST, "host error"),
        ({"shutdown_reason": "some-new-reason"}, ExitCode.MACHINE, "some-new-reason"),
        ({"stopped_by": "SIGINT", "shutdown_reason": "guest-shutdown"}, ExitCode.INTERRUPTED, "by Ctrl-C"),
        ({"stopped_by": "SIGTERM", "returncode": -9}, ExitCode.TERMINATED, "by SIGTERM"),
        ({"run_state": "internal-error"}, ExitCode.MACHINE, "accelerator broke"),
        ({"run_state": "io-error"}, ExitCode.HOST, "disk failed"),
        ({"returncode": 1, "stood": False}, ExitCode.MACHINE, "QEMU refused its options"),
        ({"returncode": -6, "stood": False}, ExitCode.MACHINE, "signal 6 at its start"),
        ({"returncode": -9}, ExitCode.MACHINE, "killed by signal 9"),
        ({"returncode": 0}, ExitCode.MACHINE, "ended with status 0"),
        ({"returncode": 85}, ExitCode.MACHINE, "ended with status 85"),
        ({"returncode": 85, "expects_debug_exit": True}, 42, "the guest reported 42"),
        ({"returncode": 1, "expects_debug_exit": True}, 0, "the guest reported 0"),
        (
            {"returncode": 1, "expects_debug_exit": True, "said": ("no",)},
            ExitCode.MACHINE,
            "ended with status 1",
        ),
        ({"returncode": 7, "expects_debug_exit": True, "stood": False}, 3, "the guest reported 3"),
        ({"returncode": 199, "expects_debug_exit": True}, 99, "the guest reported 99"),
        ({"returncode": 201, "expects_debug_exit": True}, ExitCode.TASK_FAILED, "the guest reported 100"),
    ],
)
def test_the_facts_decide(facts, code, words):
    verdict = judge(end(**facts))
    assert verdict.code == code
    assert words in verdict.words
    assert verdict.is_good == (code == 0)


def test_qemus_own_words_come_with_its_failures():
    assert judge(end(returncode=1, stood=False, said=("qemu: no",))).details == ("qemu: no",)


def test_a_stop_before_there_is_a_guest():
    assert stopped_early("SIGHUP").code == ExitCode.TERMINATED


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0s"), (2.94, "2.9s"), (9.96, "10s"), (41.2, "41s"), (125, "2m05s"), (3720, "1h02m")],
)
def test_durations_read_as_people_say_them(seconds, text):
    assert duration(seconds) == text
