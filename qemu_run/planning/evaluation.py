"""References for run time, replaced in the driver's `config` now that the values are known."""

from qemu_run.errors import Diagnostics
from qemu_run.planning.driver_config import Interpolate
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.source import Span


def evaluator(known: TaskEnvironment, diagnostics: Diagnostics) -> Interpolate:
    """A function that replaces the references of one text."""

    def interpolate(text: str, span: Span | None) -> str:
        return known.interpolate(text)

    return interpolate
