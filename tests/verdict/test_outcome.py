import signal

import pytest

from qemu_run.errors import ExitCode
from qemu_run.verdict.cause import (
    Broken,
    CommandEnded,
    Expected,
    Forbidden,
    LeaderEnded,
    NothingToBoot,
    OnlySidecarsLeft,
    Panicked,
    RebootLimit,
    Signalled,
    TaskFailed,
    TimeLimit,
    Unhealthy,
)
from qemu_run.verdict.durations import duration, limit
from qemu_run.verdict.job import TaskOutcome, of_job
from qemu_run.verdict.outcome import AttemptEnd, Outcome, judge, stopped_early


def end(**facts):
    return AttemptEnd(**{"returncode": 0, "lived_seconds": 2.0, "stood": True, **facts})


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        ({"shutdown_reason": "guest-shutdown"}, ExitCode.OK, "the guest powered off after 2.0s"),
        ({"shutdown_reason": "guest-reset"}, ExitCode.REBOOT_LOOP, "the guest reset"),
        ({"shutdown_reason": "guest-panic"}, ExitCode.PANIC, "the guest panicked"),
        ({"shutdown_reason": "guest-shutdown", "panicked": True}, ExitCode.PANIC, "the guest panicked"),
        ({"shutdown_reason": "host-signal"}, ExitCode.QEMU, "stopped from outside"),
        ({"shutdown_reason": "host-error"}, ExitCode.HOST, "host error"),
        ({"shutdown_reason": "some-new-reason"}, ExitCode.QEMU, "some-new-reason"),
        ({"returncode": 1, "stood": False}, ExitCode.QEMU, "QEMU refused its options"),
        ({"returncode": 1, "stood": False, "expects_debug_exit": True}, ExitCode.QEMU, "refused its options"),
        ({"returncode": -6, "stood": False}, ExitCode.QEMU, "signal 6 at its start"),
        ({"returncode": -9}, ExitCode.QEMU, "killed by signal 9"),
        ({"returncode": 0}, ExitCode.QEMU, "ended with status 0"),
        ({"returncode": 0, "exits_at_poweroff": True}, ExitCode.OK, "the guest powered off"),
        ({"returncode": -9, "exits_at_poweroff": True}, ExitCode.QEMU, "killed by signal 9"),
        ({"returncode": 85}, ExitCode.QEMU, "ended with status 85"),
    ],
)
def test_without_a_cause_the_facts_decide(facts, code, words):
    outcome = judge(end(**facts), None)
    assert outcome.code == code
    assert words in outcome.words
    assert outcome.is_good == (code == 0)


@pytest.mark.parametrize("reason", [None, "guest-shutdown", "guest-reset"])
@pytest.mark.parametrize("said", [(), ("qemu-system-x86_64: warning: something",)])
@pytest.mark.parametrize(("status", "number"), [(1, 0), (3, 1), (85, 42), (199, 99)])
def test_a_reported_number_counts_whatever_else_qemu_sent_or_said(reason, said, status, number):
    facts = end(returncode=status, shutdown_reason=reason, said=said, expects_debug_exit=True)
    outcome = judge(facts, None)
    assert outcome.code == number
    assert f"the guest reported {number} " in outcome.words


def test_a_reported_number_that_is_no_exit_code_is_a_failed_task():
    outcome = judge(end(returncode=201, expects_debug_exit=True), None)
    assert outcome.code == ExitCode.TASK_FAILED
    assert "the guest reported 100 " in outcome.words


@pytest.mark.parametrize(
    ("cause", "code", "words"),
    [
        (Signalled(signal.SIGINT), ExitCode.INTERRUPTED, "by Ctrl-C"),
        (Signalled(signal.SIGTERM), ExitCode.TERMINATED, "by SIGTERM"),
        (Signalled(signal.SIGHUP), ExitCode.TERMINATED, "by SIGHUP"),
        (Signalled(signal.SIGUSR1), 128 + signal.SIGUSR1, "by SIGUSR1"),
        (Signalled(signal.SIGRTMIN + 6), 128 + signal.SIGRTMIN + 6, "by signal 40"),
        (Expected("ready"), ExitCode.OK, "ready"),
        (Forbidden("Oops", "Oops: 0000"), ExitCode.FORBIDDEN_OUTPUT, "Oops: 0000"),
        (TimeLimit("boot", 30.0), ExitCode.TIME_LIMIT, "not ready within 30s"),
        (TimeLimit("run", 90.0), ExitCode.TIME_LIMIT, "longer than 1m30s"),
        (Unhealthy("web"), ExitCode.TASK_FAILED, '"web"'),
        (Broken("internal-error"), ExitCode.QEMU, "accelerator broke"),
        (Broken("io-error"), ExitCode.HOST, "disk failed"),
        (NothingToBoot("No bootable device"), ExitCode.NO_BOOT, "No bootable device"),
        (Panicked("not syncing"), ExitCode.PANIC, "not syncing"),
        (RebootLimit(10), ExitCode.REBOOT_LOOP, "10 times"),
        (CommandEnded(7), 7, "ended with 7"),
        (LeaderEnded("vm"), ExitCode.OK, "leader vm"),
        (TaskFailed("db"), ExitCode.OK, "db had failed"),
        (OnlySidecarsLeft(), ExitCode.OK, "sidecar"),
    ],
)
@pytest.mark.parametrize("how", [{"shutdown_reason": "guest-shutdown"}, {"returncode": -9}])
def test_a_cause_decides_even_if_qemu_had_to_be_killed(cause, code, words, how):
    outcome = judge(end(**how), cause)
    assert outcome.code == code
    assert words in outcome.words


def test_an_ignored_power_button_is_told_from_one_that_was_heard():
    assert judge(end(ignored_press=True), Signalled(signal.SIGINT)).code == ExitCode.KILLED
    assert judge(end(ignored_press=True), Expected("done")).code == ExitCode.OK


def test_qemus_own_words_come_with_its_failures():
    assert judge(end(returncode=1, stood=False, said=("qemu: no",)), None).details == ("qemu: no",)


def test_a_stop_before_there_is_a_guest():
    outcome = stopped_early(Signalled(signal.SIGHUP))
    assert outcome.code == ExitCode.TERMINATED
    assert outcome.words == "stopped by SIGHUP before the guest was started"


def task(name, code, words, at, cause=None):
    return TaskOutcome(
        name=name,
        outcome=Outcome(code=code, words=words),
        cause=cause,
        ended_at=at,
        lived_seconds=at,
    )


def test_of_several_tasks_the_first_that_failed_by_itself_decides():
    outcome = of_job(
        [
            task("web.a", 0, "the guest powered off after 1.0s", 1.0),
            task("web.c", 0, "stopped after 4.0s", 4.0, TaskFailed("b")),
            task("web.d", 102, "the guest panicked after 5.0s", 5.0),
            task("web.b", 42, "the guest reported 42 after 3.0s", 3.0),
        ]
    )
    assert outcome.code == 42
    assert outcome.words.startswith("web.b: the guest reported 42")


def test_several_good_ends_are_counted():
    outcome = of_job([task(f"web.{i}", 0, "the guest powered off after 1.0s", 1.0 + i) for i in range(4)])
    assert outcome.code == 0
    assert outcome.words == "4 guests powered off after 4.0s"


@pytest.mark.parametrize(
    ("followers", "words"),
    [
        (1, "web.a powered off after 1.0s, 1 more was stopped"),
        (2, "web.a powered off after 1.0s, 2 more were stopped"),
    ],
)
def test_guests_that_were_stopped_because_of_another_did_not_end_as_it_did(followers, words):
    leader = task("web.a", 0, "the guest powered off after 1.0s", 1.0)
    others = [task(f"web.b{i}", 0, "stopped after 6.0s", 6.0, LeaderEnded("web.a")) for i in range(followers)]
    assert of_job([leader, *others]).words == words


def test_of_several_guests_that_were_stopped_one_that_was_killed_is_told():
    asked = Signalled(signal.SIGINT)
    outcome = of_job(
        [task("web.a", 130, "stopped", 1.0, asked), task("web.b", 137, "ignored its button", 6.0, asked)]
    )
    assert outcome.code == ExitCode.KILLED


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0s"),
        (2.94, "2.9s"),
        (9.96, "10s"),
        (41.2, "41s"),
        (125, "2m05s"),
        (1800, "30m"),
        (3720, "1h02m"),
        (7200, "2h"),
    ],
)
def test_durations_read_as_people_say_them(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1e-9, "1ns"), (2.5e-6, "2.5us"), (0.02, "20ms"), (0.3, "0.3s"), (3, "3s"), (90, "1m30s"), (0, "0s")],
)
def test_limits_are_said_as_they_were_given(seconds, text):
    assert limit(seconds) == text


@pytest.mark.parametrize("stood", [True, False])
def test_a_death_by_the_sandbox_tells_the_way_out(stood):
    outcome = judge(end(returncode=-31, stood=stood), None)
    assert outcome.code == ExitCode.QEMU
    assert any("-sandbox" in each for each in outcome.details)


SAID = {
    "a lock": ('qemu: Failed to get "write" lock', ExitCode.PLACEMENT, "--snapshot"),
    "a port": (
        "qemu: Could not set up host forwarding rule 'tcp:127.0.0.1:1-:2'",
        ExitCode.PLACEMENT,
        "another port",
    ),
    "an address": (
        "qemu: -vnc :1: Failed to find: Address already in use",
        ExitCode.PLACEMENT,
        "another port",
    ),
    "a missing file": ("qemu: Could not open 'x.iso': No such file or directory", ExitCode.QEMU, "artifact"),
    "something new": ("qemu: the moon is full", ExitCode.QEMU, "the moon is full"),
}


@pytest.mark.parametrize(("said", "code", "cure"), SAID.values(), ids=SAID)
def test_what_qemu_says_is_explained(said, code, cure):
    outcome = judge(end(returncode=1, stood=False, said=(said,)), None)
    assert outcome.code == code
    assert outcome.details[0] == said
    assert any(cure in each for each in outcome.details)
