"""Overlays of a person's own (`--overlay`), for a plan: whether a run could go on with them."""

from dataclasses import replace

from qemu_run.errors import ExitCode, QemuRunError
from qemu_run.runtime.disk import look_at_overlay
from qemu_run.workflow.make_plan import Planning


def tell_unfit(planning: Planning) -> Planning:
    """The same, with an error for each overlay that a run would refuse, and its exit code."""
    if planning.plan is None or planning.code is not ExitCode.OK:
        return planning
    for task in planning.plan.tasks:
        disk = task.launch.disk
        if disk is None or not disk.keeps_overlay:
            continue
        try:
            look_at_overlay(disk)
        except QemuRunError as error:
            planning.diagnostics.items.extend(error.diagnostics)
            planning = replace(planning, code=error.exit_code)
    return planning
