"""Watch machines to their ends: processes, monitor events and requests to stop, all awaited at once."""

import asyncio
import os
from collections.abc import Sequence

from qemu_run.runtime.console import ConsoleOutput, MachineWords, Reader
from qemu_run.runtime.events import Ended, MachineSaid, Report, Started
from qemu_run.runtime.monitor import Monitor, MonitorEvent
from qemu_run.runtime.process import Process
from qemu_run.runtime.shutdown import stop
from qemu_run.runtime.signals import Stops
from qemu_run.verdict.outcome import MachineEnd, Verdict, judge

_BROKEN_STATES = frozenset({"internal-error", "io-error"})


def supervise(
    processes: Sequence[Process], stops: Stops, output: ConsoleOutput, report: Report
) -> list[Verdict]:
    """Run the machines to their ends; one verdict for each, in their order."""
    return asyncio.run(_supervise(processes, stops, output, report))


async def _supervise(
    processes: Sequence[Process], stops: Stops, output: ConsoleOutput, report: Report
) -> list[Verdict]:
    machines = [_Machine(process, output, report) for process in processes]
    loop = asyncio.get_running_loop()

    def heard() -> None:
        """A signal came: the first asks the guests, any further one ends the waiting."""
        output.interrupted()
        for machine in machines:
            (machine.hurry if len(stops.received) > 1 else machine.asked).set()

    def wake() -> None:
        loop.call_soon_threadsafe(heard)

    stops.tell(wake)
    return list(await asyncio.gather(*(machine.run(stops) for machine in machines)))


class _Machine:
    """One machine while it is watched: what has been learned of it so far."""

    def __init__(self, process: Process, output: ConsoleOutput, report: Report) -> None:
        self.process = process
        self.report = report
        self.asked, self.hurry = asyncio.Event(), asyncio.Event()
        self.opened, self.gone = asyncio.Event(), asyncio.Event()
        self.monitor = Monitor(process.plan.name)
        self.words = MachineWords(lambda line: report(MachineSaid(task=process.plan, line=line)))
        self.output = output
        self.readers: list[Reader] = []
        self.shutdown_reason: str | None = None
        self.panicked = False
        self.broken_state: str | None = None

    async def run(self, stops: Stops) -> Verdict:
        """Watch it to its end; nothing of it is left afterwards."""
        popen = self.process.popen
        assert popen.stdout is not None and popen.stderr is not None  # noqa: S101, PT018  # spawn made them pipes
        self.readers = [Reader(popen.stderr.fileno(), self.words.write)]
        watching = asyncio.ensure_future(self._watch())
        stopping = asyncio.ensure_future(self._stop_when_asked())
        try:
            stood = await self._follow(popen.stdout.fileno())
            await watching
            if self.asked.is_set():
                await stopping
        finally:
            stopping.cancel()
            watching.cancel()
            await self.monitor.close()
        for reader in self.readers:
            await asyncio.to_thread(reader.finish)
        verdict = judge(self._end(stops, stood=stood))
        self.report(Ended(task=self.process.plan, verdict=verdict))
        return verdict

    async def _follow(self, stdout: int) -> bool:
        """Learn from the monitor until it closes; False when QEMU ended before it answered."""
        stood = await self.monitor.open(self.process.monitor)
        if stood:
            self.words.release()
            self.report(Started(task=self.process.plan))
        self._read_console(stdout)  # only now, so that the guest's words come after ours about its start
        self.opened.set()
        if stood:
            async for event in self.monitor.events():
                await self._learn(event)
        return stood

    def _read_console(self, stdout: int) -> None:
        """Pass on what the guest says, and what a console of the job's own writes to QEMU's output."""
        for descriptor in (self.process.console.fileno(), stdout):
            self.readers.append(Reader(descriptor, self.output.writer(self.process.plan.name)))

    async def _watch(self) -> None:
        """Wait for the process to end, without asking again and again."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        descriptor = os.pidfd_open(self.process.popen.pid)
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
        self.process.popen.wait()
        self.gone.set()

    async def _learn(self, event: MonitorEvent) -> None:
        match event.name:
            case "SHUTDOWN":
                self.shutdown_reason = str(event.data.get("reason", ""))
            case "GUEST_PANICKED":
                self.panicked = True
            case "STOP":
                state = await self.monitor.run_state()
                if state in _BROKEN_STATES:
                    self.broken_state = state
                    self.hurry.set()
                    self.asked.set()
            case _:
                pass

    async def _stop_when_asked(self) -> None:
        """End the machine once somebody asks for it."""
        await self.asked.wait()
        await self.opened.wait()
        await stop(self.process, self.monitor, self.gone, self.hurry, self.report)

    def _end(self, stops: Stops, *, stood: bool) -> MachineEnd:
        return MachineEnd(
            returncode=self.process.popen.returncode,
            lived_seconds=self.process.lived_seconds,
            stood=stood,
            shutdown_reason=self.shutdown_reason,
            panicked=self.panicked,
            run_state=self.broken_state,
            stopped_by=stops.received[0] if stops.received else None,
            expects_debug_exit=self.process.plan.expects_debug_exit,
            said=self._said(stood=stood),
        )

    def _said(self, *, stood: bool) -> tuple[str, ...]:
        """QEMU's words, and which of the job's args they are about."""
        lines = self.words.lines
        if stood:
            return lines
        task = self.process.plan.task
        args = task.config.get("args")
        for index, argument in enumerate(args if isinstance(args, Sequence) else ()):
            span = task.at("Config", "args", index)
            if span is not None and any(f"{argument}" in line for line in lines):
                return (*lines, f"from args at {span.source.name}:{span.first.line}")
        return lines
