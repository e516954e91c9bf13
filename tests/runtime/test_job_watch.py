"""What is watched over a run, on a real event loop; what the console says is the test's own."""

import asyncio

from qemu_run.planning.plan import TaskId
from qemu_run.runtime.job_watch import JobWatch, WatchSink
from qemu_run.verdict.cause import Expected, TimeLimit
from qemu_run.verdict.console_watch import ConsoleWatch
from qemu_run.verdict.expectations import Expectations

PATIENCE_SECONDS = 20
TASK = TaskId(allocation="1", task="vm", name="web.vm")


async def cause_of_the_end(expectations, do):
    """What asks for the end of the run, after `do` was done with its watch."""
    asked = asyncio.get_running_loop().create_future()
    watch = JobWatch(
        expectations, [TASK], report=lambda _: None, stop_task=lambda *_: None, stop_all=asked.set_result
    )
    do(watch)
    try:
        return (await asyncio.wait_for(asked, PATIENCE_SECONDS)).cause
    finally:
        watch.close()


def test_a_prompt_is_seen_although_its_line_never_ends():
    def say(watch):
        sink = WatchSink(watch, TASK, ConsoleWatch(expectations.expect), asyncio.get_running_loop())
        sink.write(b"booted\nlogin: ")

    expectations = Expectations(expect=("^login: $",))
    assert asyncio.run(cause_of_the_end(expectations, say)) == Expected("^login: $")


def test_what_preparing_took_is_gone_from_the_time_of_the_run():
    an_hour = 3600.0
    cause = cause_of_the_end(Expectations(run_seconds=an_hour), lambda watch: watch.limit_run(an_hour))
    assert asyncio.run(cause) == TimeLimit("run", an_hour)
