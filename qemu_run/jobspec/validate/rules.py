"""All rules that a job must keep beyond its syntax, and the one walk that asks them.

Source: the `Validate` methods of Nomad's server (`nomad/structs`), version 2.0, and its qemu driver.
"""

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.validate import (
    artifact_rules,
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
    template_language,
    template_rules,
    unhonoured,
    warnings,
)

JOB_RULES = (
    limits.check_job,
    jobs.check_job,
    conditions.check_job,
    bare_words.check_job,
    unhonoured.check_job,
)
GROUP_RULES = (
    jobs.check_group,
    groups.check_group,
    conditions.check_group,
    policies.check_group,
    networks.check_group,
    services.check_group,
    warnings.check_group,
)
TASK_RULES = (
    jobs.check_task,
    tasks.check_task,
    artifact_rules.check_task,
    template_rules.check_task,
    template_language.check_task,
    conditions.check_task,
    policies.check_task,
    services.check_task,
    qemu.check_task,
    warnings.check_task,
)


def validate(job: Job, diagnostics: Diagnostics) -> None:
    """Add an error for every rule that `job` breaks, and every warning that can be given without a host.

    Of a job that mistakes left parts out of, what follows from those is not told.
    """
    found = Diagnostics()
    for of_job in JOB_RULES:
        of_job(job, found)
    for group in job.groups:
        for of_group in GROUP_RULES:
            of_group(group, job, found)
        for task in group.tasks:
            for of_task in TASK_RULES:
                of_task(task, group, job, found)
    diagnostics.items += job.gaps.without_consequences(found)
