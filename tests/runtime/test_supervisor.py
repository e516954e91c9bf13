"""The supervisor, driven by a spawn of the test's own; the guests are real."""

import re
import signal
import threading

import pytest

from qemu_run.errors import Diagnostic, ExitCode, QemuError
from qemu_run.guests.tiny import End, TinyGuest
from qemu_run.runtime.events import Ended, QemuSaid, Restarting, SinkClosed, Started, Stopping
from qemu_run.runtime.process import spawn
from qemu_run.runtime.signals import Signals
from qemu_run.runtime.sinks import TaskSinks
from qemu_run.runtime.supervisor import Supervision
from qemu_run.verdict.cause import LeaderEnded, OnlySidecarsLeft, Signalled, TaskFailed
from qemu_run.verdict.job import of_run

PATIENCE_SECONDS = 30
ONCE = {"end_at_once": True}


class Collected:
    """A sink that remembers."""

    def __init__(self):
        self.data = b""
        self.closed = 0

    def write(self, data):
        self.data += data

    def close(self):
        self.closed += 1


class Run:
    """A supervised run: what it told, and its outcomes."""

    def __init__(self, allocation, *, spawn_task=None, restart="never", sinks=None):
        self.events = []
        self.sinks = Collected()
        self.outcomes = []
        self._allocation = allocation
        self._supervision = Supervision(
            spawn=spawn_task or (lambda plan: spawn(plan.launch, plan.layout.directory)),
            sinks=lambda _: TaskSinks(console=(*(sinks or ()), self.sinks), stderr=()),
            report=self._hear,
            restart=restart,
        )
        self.on_event = lambda _: None

    def _hear(self, event):
        self.events.append(event)
        self.on_event(event)

    def __call__(self, signals=None):
        end = self._supervision.run([self._allocation], {}, signals or Signals())
        self.outcomes = end.tasks
        return of_run(end)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def failing_first(times):
    """Starts QEMU for real, but only after a few failures."""
    left = [times]

    def start(plan):
        if left[0]:
            left[0] -= 1
            raise QemuError(Diagnostic("no QEMU today"))
        return spawn(plan.launch, plan.layout.directory)

    return start


def policy(attempts=2, delay="10ms", interval="1m", more='mode = "fail"'):
    return f'restart {{\n attempts = {attempts}\n delay = "{delay}"\n interval = "{interval}"\n {more}\n }}'


FAILS = {"auto_ticks": 1, "end": End.DEBUG_EXIT, "exit_value": 3}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_a_signal_that_is_faster_than_the_first_task(allocate, number, code):
    signals = Signals()
    signals.received.append(Signalled(number))
    run = Run(allocate({"vm": ONCE}))
    outcome = run(signals)
    assert outcome.code == code
    assert outcome.words.endswith("before the guest was started")
    assert run.outcomes == ()
    assert run.events == []


def test_a_signal_wakes_a_run_that_falls_asleep_as_it_comes(allocate):
    woken = []

    def look(_event):
        woken.append(signal.set_wakeup_fd(-1))
        signal.set_wakeup_fd(woken[-1])

    run = Run(allocate({"vm": ONCE}))
    run.on_event = look
    assert run().code == 0
    assert woken
    assert all(descriptor >= 0 for descriptor in woken)
    assert signal.set_wakeup_fd(-1) == -1


def test_a_guest_that_fails_and_a_spawn_that_fails_are_followed_by_one_that_works(allocate, tmp_path):
    calls = []

    def start(plan):
        calls.append(plan)
        if len(calls) == 2:
            raise QemuError(Diagnostic("no QEMU today"))
        if len(calls) == 3:
            TinyGuest(**ONCE).write(tmp_path / "vm.img")
        return spawn(plan.launch, plan.layout.directory)

    run = Run(allocate({"vm": FAILS}, more={"vm": policy()}), spawn_task=start, restart="failed")
    outcome = run()
    assert outcome.code == 0
    assert outcome.words.endswith("(attempt 3)")
    assert [event.outcome.code for event in run.of(Restarting)] == [3, ExitCode.QEMU]
    assert [event.attempt for event in run.of(Started)] == [1, 3]
    assert run.outcomes[0].attempts == 3


@pytest.mark.parametrize("mode", ["failed", "nomad"])
def test_what_fails_before_the_first_guest_is_not_tried_again(allocate, mode):
    run = Run(allocate({"vm": ONCE}, more={"vm": policy()}), spawn_task=failing_first(1), restart=mode)
    assert run().code == ExitCode.QEMU
    assert run.of(Restarting) == []


def test_without_restarts_a_spawn_that_fails_is_the_end(allocate):
    run = Run(allocate({"vm": ONCE}), spawn_task=failing_first(1))
    outcome = run()
    assert outcome.code == ExitCode.QEMU
    assert "no QEMU today" in outcome.words


def test_restarts_are_used_up(allocate):
    run = Run(allocate({"vm": FAILS}, more={"vm": policy()}), restart="failed")
    outcome = run()
    assert outcome.code == 3
    assert "(attempt 3)" in outcome.words
    assert outcome.details == ("2 restarts within 1m did not help",)
    assert len(run.of(Restarting)) == 2


def test_a_cluster_starts_a_service_again_until_its_restarts_are_used_up(allocate):
    allocation = allocate({"vm": ONCE}, more={"vm": policy(attempts=1)}, kind="service")
    run = Run(allocation, restart="nomad")
    outcome = run()
    assert outcome.code == ExitCode.TASK_FAILED
    assert "powered off" in outcome.words
    assert [event.outcome.code for event in run.of(Restarting)] == [0]


def test_a_pause_follows_where_the_mode_is_delay(allocate):
    allocation = allocate({"vm": FAILS}, more={"vm": policy(interval="5s", more='mode = "delay"')})
    run = Run(allocation, restart="nomad")
    run.on_event = lambda _: len(run.of(Restarting)) == 3 and signal.raise_signal(signal.SIGINT)
    with Signals() as signals:
        signals.hold()
        run(signals)
    assert [event.delay_seconds > 0.5 for event in run.of(Restarting)] == [False, False, True]


def test_each_attempt_finds_the_disk_as_the_last_one_left_it(allocate):
    allocation = allocate({"vm": {**FAILS, "count_boots": True}}, more={"vm": policy(attempts=1)})
    run = Run(allocation, restart="failed")
    run()
    assert re.findall(rb"boots=(\d+)", run.sinks.data) == [b"0001", b"0002"]


def test_a_prestart_task_ends_before_the_main_task_starts(allocate):
    before = 'lifecycle {\n hook = "prestart"\n }'
    run = Run(allocate({"main": ONCE, "first": ONCE}, more={"first": before}))
    assert run().code == 0
    told = [(type(event), event.task.task) for event in run.events if isinstance(event, Started | Ended)]
    assert told == [(Started, "first"), (Ended, "first"), (Started, "main"), (Ended, "main")]


def test_a_failed_prestart_task_keeps_the_main_task_from_starting(allocate):
    before = 'lifecycle {\n hook = "prestart"\n }'
    started = []

    def start(plan):
        if plan.task.name == "first":
            raise QemuError(Diagnostic("no QEMU today"))
        started.append(plan)
        return spawn(plan.launch, plan.layout.directory)

    run = Run(allocate({"main": ONCE, "first": ONCE}, more={"first": before}), spawn_task=start)
    assert run().code == ExitCode.QEMU
    assert started == []


def test_a_leaders_end_is_the_end_of_its_group(allocate):
    leader = {"auto_ticks": 5}
    run = Run(allocate({"boss": leader, "other": {}}, more={"boss": "leader = true"}))
    assert run().code == 0
    causes = {outcome.name: outcome.cause for outcome in run.outcomes}
    assert causes["web.boss"] is None
    assert causes["web.other"] == LeaderEnded("boss")


def test_sidecars_end_with_what_they_are_for(allocate):
    sidecar = 'lifecycle {\n hook = "prestart"\n sidecar = true\n }'
    run = Run(allocate({"main": {"auto_ticks": 5}, "side": {}}, more={"side": sidecar}))
    assert run().code == 0
    assert {outcome.name: outcome.cause for outcome in run.outcomes}["web.side"] == OnlySidecarsLeft()


def test_a_task_that_fails_takes_the_others_along_and_decides(allocate):
    def start(plan):
        if plan.task.name == "bad":
            raise QemuError(Diagnostic("no QEMU today"))
        return spawn(plan.launch, plan.layout.directory)

    run = Run(allocate({"good": {}, "bad": {}}), spawn_task=start)
    outcome = run()
    assert outcome.code == ExitCode.QEMU
    assert outcome.words.startswith("web.bad: ")
    assert {each.name: each.cause for each in run.outcomes}["web.good"] == TaskFailed("bad")


def test_a_poststop_task_runs_after_all_others(allocate):
    after = 'lifecycle {\n hook = "poststop"\n }'
    run = Run(allocate({"main": ONCE, "last": ONCE}, more={"last": after}))
    assert run().code == 0
    assert [event.task.task for event in run.of(Started)] == ["main", "last"]


class Full:
    """A sink that takes no more."""

    def __str__(self):
        return "a full disk"

    def write(self, data):
        raise OSError(28, "No space left on device")

    def close(self):
        pass


class Odd(Full):
    def write(self, data):
        raise ZeroDivisionError


@pytest.mark.parametrize("sink", [Full(), Odd()])
def test_a_sink_that_fails_is_noted_and_ends_nothing(allocate, sink):
    run = Run(allocate({"vm": ONCE}), sinks=[sink])
    assert run().code == 0
    assert b"ready" in run.sinks.data
    assert run.sinks.closed == 1
    (closed,) = run.of(SinkClosed)
    assert closed.what == "a full disk"


def test_a_watcher_that_fails_ends_the_run_and_leaves_nothing(allocate, monkeypatch):
    monkeypatch.setattr("qemu_run.runtime.monitor.Monitor.next_event", lambda _: 1 / 0)
    processes = []

    def start(plan):
        processes.append(spawn(plan.launch, plan.layout.directory))
        return processes[-1]

    with pytest.raises(ZeroDivisionError):
        Run(allocate({"vm": {}, "other": {}}), spawn_task=start)()
    assert [process.child.poll() for process in processes] == [-signal.SIGKILL] * 2


def interrupted_when(run, kind, number=signal.SIGINT, times=1):
    """The run's outcome, with signals sent to this process at the first event of a kind."""
    sent = []

    def on_event(event):
        if isinstance(event, kind) and not sent:
            sent.extend([number] * times)
            for _ in range(times):
                signal.raise_signal(number)

    run.on_event = on_event
    with Signals() as signals:
        signals.hold()
        return run(signals)


def test_a_signal_presses_the_power_button_of_every_guest(allocate):
    run = Run(allocate({"a": {}, "b": {}}))
    outcome = interrupted_when(run, Started)
    assert outcome.code in {ExitCode.INTERRUPTED, ExitCode.KILLED}  # one may not have booted yet
    assert {event.task.task for event in run.of(Stopping)} == {"a", "b"}


def test_a_stop_during_the_delay_of_a_restart_is_the_end(allocate):
    waits = policy(delay="1h", interval="3h")
    run = Run(allocate({"vm": FAILS}, more={"vm": waits}), restart="failed")
    assert interrupted_when(run, Restarting).code == 3
    assert len(run.of(Restarting)) == 1


def test_signals_without_end_are_one_stop(allocate):
    run = Run(allocate({"vm": {"ignore_power_button": True}}))
    assert interrupted_when(run, Started, signal.SIGTERM, times=8).code == ExitCode.TERMINATED


def test_a_stopped_qemu_is_ended_all_the_same(allocate):
    processes = []

    def start(plan):
        processes.append(spawn(plan.launch, plan.layout.directory))
        return processes[-1]

    run = Run(allocate({"vm": {}}), spawn_task=start)

    def on_event(event):
        if isinstance(event, Started):
            processes[0].signal(signal.SIGSTOP)
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    run.on_event = on_event
    with Signals() as signals:
        signals.hold()
        assert run(signals).code == ExitCode.INTERRUPTED
    assert run.of(Stopping)[-1].step == "kill"


def test_qemus_words_before_it_ran_are_no_news(allocate):
    run = Run(allocate({"vm": ONCE}))
    run()
    assert run.of(QemuSaid) == []
    assert threading.active_count() < 20


def test_a_stop_asks_the_leader_first_and_sidecars_last(allocate):
    sidecar = 'lifecycle {\n hook = "prestart"\n sidecar = true\n}'
    run = Run(allocate({"side": {}, "main": {}, "lead": {}}, more={"lead": "leader = true", "side": sidecar}))
    seen = []

    def on_event(event):
        if isinstance(event, Started):
            seen.append(event)
            if len(seen) == 3:
                signal.raise_signal(signal.SIGINT)

    run.on_event = on_event
    with Signals() as signals:
        signals.hold()
        run(signals)
    pressed = [event.task.task for event in run.of(Stopping) if event.step == "power button"]
    assert pressed == ["lead", "main", "side"]


def test_when_the_time_of_the_group_is_over_no_poststop_task_starts(allocate):
    poststop = 'lifecycle {\n hook = "poststop"\n}'
    allocation = allocate(
        {"main": {}, "after": ONCE}, more={"after": poststop}, group='max_run_duration = "500ms"'
    )
    run = Run(allocation)
    assert run().code == ExitCode.TIME_LIMIT
    assert [event.task.task for event in run.of(Started)] == ["main"]
