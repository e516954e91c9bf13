"""Who keeps an account of a run: made from what its user and its surroundings ask for."""

from collections.abc import Callable
from pathlib import Path

from qemu_run.reports.listener import Listener, Listeners
from qemu_run.reports.wanted import NOTHING, Wanted


def listeners(
    wanted: Wanted, config: Path | None, *, say: Callable[[str], None], send: Callable[[str], None] | None
) -> Listeners:
    """The listeners of a run.

    Args:
        wanted: What the command line asks for.
        config: The client configuration that it names.
        say: Says on the terminal that something can no longer be written.
        send: Sends a line to the runner of a CI job; None where there is none.
    """
    if wanted == NOTHING and send is None:
        return Listeners()
    from qemu_run.reports.files import ReportFile
    from qemu_run.reports.history import History

    history = History(shows_last_lines=wanted.shows_last_lines)
    chosen: list[Listener] = [history]
    if wanted.events is not None:
        from qemu_run.reports.events_file import EventsFile

        chosen.append(EventsFile(ReportFile(wanted.events, say), with_console=wanted.console_events))
    if wanted.junit is not None:
        from qemu_run.reports.junit import JUnitFile

        chosen.append(JUnitFile(ReportFile(wanted.junit, say), history))
    if wanted.output is not None:
        from qemu_run.reports.events_file import EventsFile
        from qemu_run.reports.evidence import EVENTS, Evidence

        events = ReportFile(wanted.output / EVENTS, say)
        chosen += [
            Evidence(wanted.output, history, config, say),
            EventsFile(events, with_console=wanted.console_events),
        ]
    if send is not None:
        from qemu_run.reports.actions import Actions

        chosen.append(Actions(history, send, say))
    if wanted.json:
        from qemu_run.reports.run_document import RunDocument

        chosen.append(RunDocument(history))
    return Listeners(chosen)
