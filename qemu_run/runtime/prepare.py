"""Everything a machine needs on disk before it starts: artifacts, checked images, overlays."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from qemu_run.artifacts.fetch import Fetched, FetchError, fetch
from qemu_run.errors import ArtifactError, Diagnostic, Diagnostics, HostError, JobError, PlacementError
from qemu_run.images.formats import Image
from qemu_run.images.overlay import write_overlay
from qemu_run.planning.launch import Launched, LaunchFiles, launch
from qemu_run.planning.plan import ArtifactPlan, Disk, TaskPlan
from qemu_run.planning.templates import TemplatePlan, template_variables
from qemu_run.runtime.events import ArtifactReady, Downloading, Report
from qemu_run.runtime.templates import write_templates

_PROGRESS_SECONDS = 0.1
"""A download reports at most this often."""


def prepare(plan: TaskPlan, cache: Path, report: Report) -> TaskPlan:
    """Fetch the task's artifacts, render its templates and make its disk; the plan with its final launch.

    Raises:
        ArtifactError: an artifact did not come, or is not what its checksum says.
        JobError: what the artifacts brought makes the job's config wrong.
        PlacementError: the image is missing, is not a disk, or refers to other files.
        HostError: the disk cannot be written.
    """
    for artifact in plan.artifacts:
        _bring(plan, artifact, cache, report)
    templates = write_templates(plan.templates, plan.layout.directory.parent)
    launched = _relaunched(plan, templates)
    if launched.launch.disk is not None and launched.image is not None and launched.image.image is not None:
        _make_overlay(launched.launch.disk, launched.image.image)
    return replace(plan, launch=launched.launch)


def _bring(plan: TaskPlan, artifact: ArtifactPlan, cache: Path, report: Report) -> None:
    name = artifact.request.location.file_name
    reported_at = 0.0

    def progress(received: int, total: int | None) -> None:
        nonlocal reported_at
        now = time.monotonic()
        if now - reported_at >= _PROGRESS_SECONDS or received == total:
            reported_at = now
            report(Downloading(task=plan.id, file_name=name, received_bytes=received, total_bytes=total))

    if artifact.unpack is not None:
        summary = f"unpacking .{artifact.unpack} artifacts is not supported yet"
        hints = ('options { archive = "false" } leaves it packed',)
        raise ArtifactError(Diagnostic(summary, artifact.span, hints=hints))
    try:
        fetched = fetch(artifact.request, cache, plan.layout.directory / "tmp", progress)
        _put(plan, artifact, fetched)
    except FetchError as error:
        text = Diagnostic(error.summary, artifact.span, detail=error.detail, hints=error.hints)
        raise ArtifactError(text) from error
    except OSError as error:
        text = Diagnostic(f'cannot place artifact "{name}": {error.strerror}', artifact.span)
        raise HostError(text) from error
    checksum = artifact.request.checksum
    report(
        ArtifactReady(
            task=plan.id,
            file_name=name,
            size_bytes=fetched.size_bytes,
            algorithm=checksum.algorithm if checksum else None,
            was_cached=fetched.was_cached,
        )
    )


def _put(plan: TaskPlan, artifact: ArtifactPlan, fetched: Fetched) -> None:
    """Put a fetched file where the job wants it.

    The image a guest boots from is linked: only its overlay is written. Anything else is a copy, which the
    task may write.
    """
    artifact.destination.parent.mkdir(parents=True, exist_ok=True)
    artifact.destination.unlink(missing_ok=True)
    if plan.launch.disk is not None and plan.launch.disk.base == artifact.destination:
        artifact.destination.symlink_to(fetched.path.resolve())
    elif fetched.path.is_relative_to(plan.layout.directory):
        fetched.path.replace(artifact.destination)
    else:
        shutil.copyfile(fetched.path, artifact.destination)


def _relaunched(plan: TaskPlan, templates: tuple[TemplatePlan, ...]) -> Launched:
    """The task's launch, now that its files are here.

    Raises:
        JobError: what the files brought makes the job's config wrong.
        PlacementError: the image is missing, is no disk, or refers to other files.
    """
    diagnostics = Diagnostics()
    files = LaunchFiles(variables=template_variables(templates, diagnostics), are_here=True)
    launched = launch(plan.inputs, files, diagnostics)
    if launched is None or diagnostics.errors:
        raise JobError(*diagnostics)
    disk, finding = launched.launch.disk, launched.image
    if disk is not None and finding is not None and finding.image is None:
        hints = (finding.hint,) if finding.hint else ()
        raise PlacementError(Diagnostic(finding.problem, disk.span, finding.detail, hints=hints))
    return launched


def _make_overlay(disk: Disk, image: Image) -> None:
    """The file that takes the guest's writes.

    Raises:
        PlacementError: an image of this format cannot have one.
        HostError: it cannot be written.
    """
    if disk.base is None:
        return
    if image.virtual_bytes is None:
        hint = "qemu-img convert -O qcow2 makes one that can"
        raise PlacementError(
            Diagnostic(
                f"a {image.format} image cannot have an overlay", disk.span, f'"{disk.base}"', hints=(hint,)
            )
        )
    try:
        write_overlay(disk.path, disk.base.resolve(), image.qemu_format, image.virtual_bytes)
    except (OSError, ValueError) as error:
        raise HostError(Diagnostic(f"cannot make the overlay: {error}", disk.span)) from error
