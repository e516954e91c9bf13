"""What a user wants to have of a run besides its lines on the terminal."""

from pathlib import Path

from qemu_run.records import record


@record(kw_only=True)
class Wanted:
    """The options of `run` that ask for a report."""

    events: Path | None = None
    """A file for events as JSON lines."""
    console_events: bool = False
    """Whether what the guests say stands among them."""
    junit: Path | None = None
    """A file for results as test tools write them."""
    output: Path | None = None
    """A folder for all that is known of the run."""
    json: bool = False
    """The outcome as one document on standard output, which the console then leaves alone."""
    last_lines: bool = False
    """The console's last lines after a bad end, since nobody saw them when they came."""

    @property
    def shows_last_lines(self) -> bool:
        """Whether they stand below the verdict: where the console was not shown, and among evidence."""
        return self.last_lines or self.json or self.output is not None


NOTHING = Wanted()
