"""What a run must show, must not show, and how long it may take: by options or by the job's `meta`."""

from qemu_run.errors import ExitCode
from qemu_run.records import record
from qemu_run.verdict.outcome import Outcome

_LARGEST_RESULT = 99


@record(kw_only=True)
class Expectations:
    """All that is asked of a run besides that it ends."""

    expect: tuple[str, ...] = ()
    """Patterns that the consoles must all show; then the run is ended, and was good."""
    forbid: tuple[str, ...] = ()
    """Patterns that no console may show; `@name` stands for a built-in signature."""
    ready: str | None = None
    """The pattern with which a guest says that it is ready."""
    result: int | None = None
    """The number that the guest has to report."""
    run_seconds: float | None = None
    boot_seconds: float | None = None
    """Until it is ready, or has shown the first expected pattern."""
    silence_seconds: float | None = None
    most_reboots: int | None = None
    """None: ten resets none of which lived half a minute are a loop."""
    reboot_is_end: bool = False
    """A reset under the job's own -no-reboot is a good end, as an installer's is."""
    text_ends: bool = True
    """Built-in signatures end a run; where a person types they are only told."""


NOTHING = Expectations()


def held_against(outcome: Outcome, expectations: Expectations, reported: int | None) -> Outcome:
    """The outcome of a task whose end was its own, held against the result that was asked for.

    `reported` is the number that the guest has reported, by whatever way.
    """
    if expectations.result is None or not (outcome.is_good or reported is not None):
        return outcome
    return _by_result(outcome, expectations.result, reported)


def _by_result(outcome: Outcome, wanted: int, reported: int | None) -> Outcome:
    if reported is None:
        words = f"{outcome.words}, and reported no result"
        return Outcome(code=ExitCode.NO_RESULT, words=words, details=outcome.details)
    if reported == wanted:
        return Outcome(code=ExitCode.OK, words=f"the guest reported {reported}, as expected")
    code = reported if 0 < reported <= _LARGEST_RESULT else ExitCode.TASK_FAILED
    return Outcome(code=code, words=f"the guest reported {reported}, and not {wanted}")
