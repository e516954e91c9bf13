"""One attempt at a task: a QEMU process from its start to its end, and what is learned of it meanwhile."""

import asyncio
import contextlib
import os
import socket
from dataclasses import replace
from functools import partial
from typing import Any

from qemu_run.errors import Diagnostic, HostError
from qemu_run.planning.listening import with_chosen_ports
from qemu_run.planning.plan import TaskPlan
from qemu_run.qemu.usernet import read_forward_rules
from qemu_run.runtime import remains
from qemu_run.runtime.events import (
    GuestStopped,
    QemuSaid,
    Report,
    SinkClosed,
    Stopping,
    StopStep,
    Waiting,
    started,
)
from qemu_run.runtime.job_watch import JobWatch
from qemu_run.runtime.machine import WAITING_STATES, Machine
from qemu_run.runtime.monitor import Monitor
from qemu_run.runtime.process import Process
from qemu_run.runtime.readers import QemuWords, Readers
from qemu_run.runtime.readiness import never_answered, probed, until_port_answers
from qemu_run.runtime.sinks import Sink, Sinks, TaskSinks
from qemu_run.runtime.stopping import Ladder
from qemu_run.verdict.cause import (
    HAS_NO_EAR,
    IS_EVIDENCE,
    Cause,
    StopRequest,
    Unhealthy,
)
from qemu_run.verdict.outcome import AttemptEnd

_PATIENCE_SECONDS = 3.0
"""After which it is said that nothing happens."""
_LAST_WORDS_SECONDS = 2.0
"""How long a reader of ours that does not read holds up the end, once the end was asked for."""


class Attempt:
    """A running QEMU under watch. Who asks first for its end gives the cause; others can only hasten it."""

    def __init__(  # what is watched, and where to tell of it
        self,
        plan: TaskPlan,
        process: Process,
        *,
        sinks: TaskSinks,
        report: Report,
        watch: JobWatch,
        number: int = 1,
        restarts: str = "",
    ) -> None:
        self.plan = plan
        self.cause: Cause | None = None
        self._process = process
        self._report = report
        self._number = number
        self._restarts = restarts
        self._picture = sinks.picture
        self._monitor = Monitor(process.monitor)
        self._words = QemuWords(lambda line: report(QemuSaid(task=plan.id, line=line)))
        self._watch_over = watch
        self._console = Sinks([*sinks.console, watch.sink(plan)], self._sink_failed)
        self._stderr = Sinks([*sinks.stderr, self._words], self._sink_failed)
        self._asked, self._hurry, self._gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._knows_ports = asyncio.Event()
        self._readers = Readers()
        self._ladder = Ladder(
            process, self._monitor, self._gone, self._hurry, terminate=plan.terminate_signal
        )
        self._asked_seconds: float | None = None
        self._ignored_press = False
        self._group_has_waited = False
        self._machine = Machine(
            stop=self.stop,
            over=self._is_over,
            waits=lambda: report(Waiting(task=plan.id, what="the guest is paused")),
            most_resets=watch.expectations.most_reboots,
        )

    def stop(self, request: StopRequest) -> None:
        """Bring the guest to its end."""
        has_ended = self._machine.shutdown_reason is not None or self._gone.is_set()
        if self.cause is None and (not has_ended or isinstance(request.cause, IS_EVIDENCE)):
            self.cause = request.cause
            self._asked_seconds = self._process.lived_seconds
        self._group_has_waited = request.group_has_waited
        if request.at_once:
            self._hurry.set()
        self._asked.set()

    def type(self, data: bytes) -> None:
        """Send what a person types to the guest's console; what it does not take at once is lost."""
        with contextlib.suppress(OSError):
            self._process.console.send(data, socket.MSG_DONTWAIT)

    async def run(self) -> AttemptEnd:
        """Watch it to its end. Nothing of QEMU is left then, whatever went wrong here.

        Raises:
            HostError: QEMU cannot be ended.
        """
        try:
            await self._watch()
            await self._readers.finish(self._asked)
        finally:
            self._monitor.close()
            self._process.close()
        return self._end()

    async def _watch(self) -> None:
        """Everything at once until the process has ended. What goes wrong in one of them ends the attempt."""
        self._readers.read([self._process.child.stderr], self._stderr)
        gone = asyncio.ensure_future(self._wait_for_the_process())
        learning = [asyncio.ensure_future(self._monitor.listen()), asyncio.ensure_future(self._follow())]
        stopping = asyncio.ensure_future(self._stop_when_asked())
        others = (self._say_that_it_waits(), self._probe())
        watching = {gone, *learning, stopping, *map(asyncio.ensure_future, others)}
        try:
            pending = set(watching)
            while not gone.done():
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
            await asyncio.wait(learning, timeout=_LAST_WORDS_SECONDS)
            if self._asked.is_set():
                await stopping
        finally:
            for each in watching:
                each.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    def _sink_failed(self, sink: Sink, error: Exception) -> None:
        why = error.strerror or str(error) if isinstance(error, OSError) else repr(error)
        self._report(SinkClosed(task=self.plan.id, what=str(sink), why=why))

    async def _follow(self) -> None:
        """Learn from the monitor until it closes."""
        stood = asyncio.ensure_future(self._monitor.stood.wait())
        gone = asyncio.ensure_future(self._gone.wait())
        await asyncio.wait({stood, gone}, return_when=asyncio.FIRST_COMPLETED)
        stood.cancel()
        gone.cancel()
        if self._monitor.stood.is_set():
            self._words.release()
            await self._learn_ports()
            self._report(started(self.plan, attempt=self._number, restarts=self._restarts))
        # Only now, so that the guest's words come after ours about its start. What a console of the job's own
        # writes to QEMU's output is the guest's, too.
        self._readers.read([self._process.console.fileno(), self._process.child.stdout], self._console)
        if self._monitor.stood.is_set() and await self._monitor.run_state() in WAITING_STATES:
            self._report(Waiting(task=self.plan.id, what=self._why_it_waits()))
        while (event := await self._monitor.next_event()) is not None:
            await self._machine.learn(event, self._process.lived_seconds, self._monitor.run_state)

    async def _learn_ports(self) -> None:
        """Ask for the ports that the job's args let QEMU choose."""
        known = self.plan.launch.forwards
        if not all(each.host_port for each in known):
            rules = read_forward_rules(await self._monitor.human("info usernet"))
            forwards = tuple(with_chosen_ports(known, rules))
            self.plan = replace(self.plan, launch=replace(self.plan.launch, forwards=forwards))
        self._knows_ports.set()

    def _why_it_waits(self) -> str:
        if self._monitor.refusal:
            return f"QEMU does not let the guest run: {self._monitor.refusal}"
        return "the guest is paused (-S): it waits for a debugger"

    async def _probe(self) -> None:
        """Ask the guest whether it is ready and healthy, until its end is asked for."""
        await self._monitor.stood.wait()
        health = self._watch_over.health(self.plan, self._report, self.stop)
        probing = asyncio.gather(self._until_ready(), health.run(self._monitor))
        asked = asyncio.ensure_future(self._asked.wait())
        either: set[asyncio.Future[Any]] = {probing, asked}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if probing.done():
                probing.result()
        finally:
            asked.cancel()
            probing.cancel()
            await asyncio.gather(probing, return_exceptions=True)

    async def _until_ready(self) -> None:
        """Where no words tell that the guest is ready, its ports do."""
        await self._knows_ports.wait()
        forwards = probed(self.plan)
        if self._watch_over.probes_ports and forwards:
            for each in forwards:
                self._watch_over.waits_for(self.plan.id, partial(never_answered, each))
                await until_port_answers(self._monitor, each)
            self._watch_over.became_ready(self.plan.id)

    def _is_over(self) -> None:
        """-no-shutdown and -action keep QEMU after its guest; the guest's end is the run's end."""
        self._hurry.set()
        self._asked.set()

    async def _wait_for_the_process(self) -> None:
        """Wait for the process to end, without asking again and again."""
        loop = asyncio.get_running_loop()
        descriptor = os.pidfd_open(self._process.child.pid)
        loop.add_reader(descriptor, self._gone.set)
        try:
            await self._gone.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
        self._process.child.reap()

    async def _say_that_it_waits(self) -> None:
        """Tell when QEMU does not begin: it may wait for a client of one of its sockets."""
        try:
            await asyncio.wait_for(self._monitor.stood.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            what = "QEMU has not started the guest yet: it waits, perhaps for a client of a socket in args"
            self._report(Waiting(task=self.plan.id, what=what))

    async def _stop_when_asked(self) -> None:
        """End QEMU once somebody asks for it."""
        await self._asked.wait()
        if self._picture is not None and not self._gone.is_set():
            await self._monitor.draw_screen(self._picture)
        told_at = self._process.lived_seconds
        if not isinstance(self.cause, HAS_NO_EAR):
            await self._ladder.delay(self._delay_seconds, self._tell)
        by_itself = self._gone.is_set() or await self._ask_guest()
        if not by_itself:
            self._ignored_press = self._ladder.pressed and not self._hurry.is_set()
            await self._ladder.end_qemu(self._tell)
        if not self._gone.is_set():
            raise HostError(Diagnostic("QEMU cannot be ended: it does not die of SIGKILL"))
        if self.cause is not None:
            seconds = self._process.lived_seconds - told_at
            self._report(GuestStopped(task=self.plan.id, by_itself=by_itself, seconds=seconds))

    @property
    def _delay_seconds(self) -> float:
        """How long the job wants its guests to go on after a stop was asked for."""
        seconds = self.plan.task.shutdown_delay.total_seconds()
        if self._group_has_waited or isinstance(self.cause, Unhealthy):
            return seconds
        return seconds + self.plan.inputs.allocation.group.shutdown_delay.total_seconds()

    async def _ask_guest(self) -> bool:
        """Give the guest the chance to go by itself; whether it took it."""
        if not self.plan.launch.power_button or isinstance(self.cause, HAS_NO_EAR):
            return False
        return await self._ladder.ask_guest(self.plan.kill_timeout.total_seconds(), self._tell)

    def _tell(self, step: StopStep, seconds: float) -> None:
        if self.cause is not None:
            self._report(Stopping(task=self.plan.id, step=step, seconds_left=seconds))

    def _end(self) -> AttemptEnd:
        stood, said = self._monitor.stood.is_set(), self._words.lines
        return AttemptEnd(
            returncode=self._process.child.reap(),
            lived_seconds=self._process.lived_seconds,
            asked_seconds=self._asked_seconds,
            shutdown_reason=self._machine.shutdown_reason,
            panicked=self._machine.panicked,
            ignored_press=self._ignored_press,
            result=remains.result(self.plan),
            reboot_is_end=self._watch_over.expectations.reboot_is_end,
            expects_debug_exit=self.plan.launch.expects_debug_exit,
            exits_at_poweroff=self.plan.launch.exits_at_poweroff,
            stood=stood,
            said=said if stood else (*said, *remains.place(self.plan, said)),
            taken="" if stood else remains.taken(self.plan),
            missing=frozenset() if stood else remains.missing(self.plan, said),
        )
