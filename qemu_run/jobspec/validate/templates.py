"""Templates with `data` are parsed: what is wrong with one shows before anything runs.

Nomad takes a job with such a template, and its task never starts.
"""

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Job, Template
from qemu_run.jobspec.template_places import place_in_job


def check(job: Job, diagnostics: Diagnostics) -> None:
    """Check every template of every task."""
    for group in job.groups:
        for task in group.tasks:
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
