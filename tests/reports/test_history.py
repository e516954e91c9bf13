"""What is remembered of a run with several attempts."""

import json
from types import SimpleNamespace

import pytest

from qemu_run.planning.plan import TaskId
from qemu_run.reports.event_document import event_document
from qemu_run.reports.history import History
from qemu_run.reports.run_document import run_document
from qemu_run.runtime.events import Ended, Restarting, Started
from qemu_run.verdict.outcome import Outcome

VM = TaskId("3f9c", "vm", "web.vm")
REFUSED = Outcome(code=114, words="QEMU refused its options", details=("bad -device",))
PANIC = Outcome(code=102, words="the guest panicked after 1.0s")
GOOD = Outcome(code=0, words="the guest powered off after 2.5s")


def started(attempt, time):
    return Started(
        task=VM,
        time=time,
        attempt=attempt,
        emulator="x86_64",
        accelerator="tcg",
        memory_mb=128,
        cores=1,
        forwards=(),
        written_in_place=None,
        power_button=True,
        kill_seconds=5.0,
    )


@pytest.fixture
def history():
    plan = SimpleNamespace(name="web.vm", id=VM, launch=SimpleNamespace(forwards=()))
    allocation = SimpleNamespace(tasks=[plan], group=SimpleNamespace(name="g"), index=0)
    remembers = History()
    remembers.planned(SimpleNamespace(plan=SimpleNamespace(allocations=[allocation])))
    return remembers


def test_each_attempt_has_its_own_end(history):
    history.event(Restarting(task=VM, time=99.0, outcome=REFUSED, attempt=2, delay_seconds=1.0))
    history.event(started(2, 100.0))
    history.event(Restarting(task=VM, time=101.0, outcome=PANIC, attempt=3, delay_seconds=1.0))
    history.event(started(3, 110.0))
    (task,) = history.tasks
    assert task.outcome is None
    history.event(Ended(task=VM, time=112.5, outcome=GOOD))
    (task,) = run_document("web", GOOD, history)["tasks"]
    assert (task["code"], task["seconds"]) == (0, 3.5)
    assert [(attempt["code"], attempt["seconds"]) for attempt in task["attempts"]] == [
        (114, 0.0),
        (102, 1.0),
        (0, 2.5),
    ]


def test_a_task_that_never_began_says_so(history):
    (task,) = run_document("web", GOOD, history)["tasks"]
    assert (task["code"], task["words"], task["attempts"]) == (None, "never started", [])


def test_a_task_whose_end_nobody_saw_says_so(history):
    history.event(started(1, 100.0))
    (task,) = run_document("web", GOOD, history)["tasks"]
    assert (task["code"], task["words"]) == (None, "never ended")


def test_an_event_has_all_it_knows():
    event = Restarting(task=VM, time=0.5, outcome=REFUSED, attempt=2, delay_seconds=1.5)
    assert json.loads(json.dumps(event_document(event))) == {
        "version": 1,
        "time": "1970-01-01T00:00:00.500Z",
        "type": "restarting",
        "name": "web.vm",
        "task": "vm",
        "allocation": "3f9c",
        "outcome": {
            "code": 114,
            "words": "QEMU refused its options",
            "details": ["bad -device"],
            "logs": None,
        },
        "attempt": 2,
        "delay_seconds": 1.5,
    }
