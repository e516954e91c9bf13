"""All rules that a job must keep beyond its syntax, together.

Source: the `Validate` methods of Nomad's server (`nomad/structs`), version 2.0, and its qemu driver.
"""

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.validate import (
    bare_words,
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

RULES = (
    *(limits, jobs, groups, tasks, conditions, policies, networks, services, qemu, bare_words),
    warnings,
)


def validate(job: Job, diagnostics: Diagnostics) -> None:
    """Add an error for every rule that `job` breaks, and a warning for what Nomad warns of.

    Of a job that mistakes left parts out of, what follows from those is not told.
    """
    found = Diagnostics()
    for rules in RULES:
        rules.check(job, found)
    diagnostics.items += job.gaps.without_consequences(found)
