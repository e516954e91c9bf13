"""Everything a machine needs on disk before it starts: artifacts, checked images, overlays."""

from dataclasses import replace
from datetime import UTC, datetime

from qemu_run.errors import ArtifactError, Diagnostic, Diagnostics, HostError, JobError, PlacementError
from qemu_run.planning.launch import Launched, LaunchFiles, launch
from qemu_run.planning.paths import below
from qemu_run.planning.plan import TaskPlan
from qemu_run.planning.requirements import contained
from qemu_run.planning.templates import TemplatePlan, template_variables
from qemu_run.runtime.disk import make_disk, make_firmware_variables
from qemu_run.runtime.events import Report
from qemu_run.runtime.supply import Supply
from qemu_run.runtime.templates import write_inside, write_templates


def prepare(plan: TaskPlan, supply: Supply, report: Report) -> TaskPlan:
    """Fetch the task's artifacts, render its templates and make its disk; the plan with its final launch.

    Raises:
        ArtifactError: an artifact did not come, is not what its checksum says, or brings no disk.
        JobError: what the artifacts brought makes the job's config wrong.
        PlacementError: an image of this host is missing or no disk; one of any refers to other files.
        HostError: the disk cannot be written.
    """
    _write_payload(plan)
    if plan.artifacts:
        from qemu_run.runtime.artifacts import bring

        bring(plan, supply, report)
    templates = write_templates(plan.templates, plan.layout.directory.parent)
    launched = _relaunched(plan, templates)
    if launched.launch.disk is not None:
        make_disk(launched.launch.disk)
    make_firmware_variables(launched.launch)
    return replace(plan, launch=launched.launch)


def _write_payload(plan: TaskPlan) -> None:
    """Put what the job was dispatched with where the task wants it.

    Raises:
        HostError: it cannot be written.
    """
    payload, name = plan.inputs.options.payload, plan.task.dispatch_payload
    if not payload or not name:
        return
    span = plan.task.at("DispatchPayload")
    try:
        write_inside(plan.layout.directory.parent, below(plan.layout.local, name), payload)
    except OSError as error:
        raise HostError(Diagnostic("cannot write the payload", span, f"{name}: {error.strerror}")) from error


def render_again(plan: TaskPlan) -> TaskPlan:
    """Render the task's templates anew before another attempt; the plan with the launch that follows.

    Raises:
        JobError, HostError: as `prepare` does.
    """
    now = datetime.now(UTC)
    fresh = tuple(replace(each, text=None, now=now) for each in plan.templates)
    templates = write_templates(fresh, plan.layout.directory.parent)
    return replace(plan, templates=templates, launch=_relaunched(plan, templates).launch)


def _relaunched(plan: TaskPlan, templates: tuple[TemplatePlan, ...]) -> Launched:
    """The task's launch, now that its files are here.

    Raises:
        JobError: what the files brought makes the job's config wrong.
        ArtifactError: the image that an artifact was to bring is missing, or is no disk.
        PlacementError: the same of an image of this host; one of any that refers to other files.
    """
    diagnostics = Diagnostics()
    files = LaunchFiles(variables=template_variables(templates, diagnostics), are_here=True)
    launched = launch(plan.inputs, files, diagnostics)
    if launched is None or diagnostics.errors:
        raise JobError(*diagnostics)
    disk, finding = launched.launch.disk, launched.image
    if disk is not None and finding is not None and not finding.layers:
        hints = (finding.hint,) if finding.hint else ()
        text = Diagnostic(finding.problem, disk.span, finding.detail, hints=hints)
        raise ArtifactError(text) if plan.artifacts and finding.brought_none else PlacementError(text)
    for row in contained(plan, launched):
        label = f"{row.found} is not in {row.wanted}"
        raise PlacementError(
            Diagnostic(f"{row.what} does not allow this", row.span, label, detail=row.detail)
        )
    return launched
