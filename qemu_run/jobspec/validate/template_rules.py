"""Rules of templates.

Source: Nomad's server (`Template.Validate` in `nomad/structs/structs.go`), version 2.0.
"""

import re

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job, Task, TaskGroup, Template
from qemu_run.jobspec.validate.destinations import escapes, why_no_file
from qemu_run.jobspec.wording import first_is

PERMISSIONS = re.compile("0*[0-7]{1,4}")


def check_task(task: Task, _group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check the templates of a task."""
    first: dict[str, Template] = {}
    for template in task.templates:
        _template(template, diagnostics)
        if not template.destination:
            continue
        if template.destination in first:
            diagnostics.error(
                f'a second template for "{template.destination}"',
                template.at("DestPath"),
                first_is(first[template.destination].at("DestPath"), template.at("DestPath")),
            )
        first.setdefault(template.destination, template)


def _template(template: Template, diagnostics: Diagnostics) -> None:
    part = Part.of(template)
    if not template.source and not template.data:
        diagnostics.error("a template without a text", template.at(), "data or source is required")
    if not template.destination:
        diagnostics.error("a template without a destination", template.at(), "destination is required")
    elif escapes(template.destination):
        diagnostics.error(
            f'the destination "{template.destination}" leaves the allocation',
            template.at("DestPath"),
            "a path below the task's directory",
        )
    elif "${" not in template.destination and (why := why_no_file(template.destination)):
        diagnostics.error("the template cannot be written to its destination", template.at("DestPath"), why)
    if template.perms and not PERMISSIONS.fullmatch(template.perms):
        diagnostics.error(
            f'"{template.perms}" is not a file mode', template.at("Perms"), 'octal, such as "0644"'
        )
    if template.change_mode == "signal" and template.env:
        diagnostics.error(
            "a template for the environment cannot change by signal",
            template.at("ChangeMode"),
            "a running task cannot get new variables",
            hints=('use change_mode = "restart" or "noop"',),
        )
    _change_script(template, part.part("ChangeScript"), diagnostics)
    wait = part.part("Wait")
    if wait is not None and wait.integer("Min") > wait.integer("Max") > 0:
        diagnostics.error("wait has a min longer than its max", wait.at("Min"), "at most max")


def _change_script(template: Template, script: Part | None, diagnostics: Diagnostics) -> None:
    if template.change_mode != "script":
        return
    if script is None:
        diagnostics.error(
            'change_mode "script" has no script', template.at("ChangeMode"), "add a change_script block"
        )
    elif not script.text("Command"):
        diagnostics.error("change_script has no command", script.at(), "command is required")
