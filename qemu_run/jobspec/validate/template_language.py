"""Templates with `data` are parsed: what is wrong with one shows before anything runs.

Nomad takes a job with such a template, and its task never starts.
"""

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Job, Task, TaskGroup, Template
from qemu_run.jobspec.template_places import place_in_job


def check_task(task: Task, _group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check every template of a task."""
    for template in task.templates:
        if template.data:
            _check(template, diagnostics)


def _check(template: Template, diagnostics: Diagnostics) -> None:
    from qemu_run.templates.template import parse

    for mistake in parse(template.data, template.left_delimiter, template.right_delimiter)[1]:
        diagnostics.error(
            mistake.message,
            place_in_job(template, mistake.offset, mistake.length),
            hints=(mistake.hint,) if mistake.hint else (),
        )
