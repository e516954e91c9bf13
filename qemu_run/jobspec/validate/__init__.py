"""The rules that a job must keep beyond its syntax: Nomad's own, and the qemu driver's.

Source: the `Validate` methods of Nomad's server (`nomad/structs`), version 2.0, and its qemu driver.
"""

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Job


def validate(job: Job, diagnostics: Diagnostics) -> None:
    """Add an error for every rule that `job` breaks, and a warning for what Nomad warns of."""
    from qemu_run.jobspec.validate import (
        conditions,
        groups,
        jobs,
        limits,
        networks,
        policies,
        qemu,
        services,
        tasks,
        warnings,
    )

    limits.check(job, diagnostics)
    for rules in (jobs, groups, tasks, conditions, policies, networks, services, qemu, warnings):
        rules.check(job, diagnostics)
