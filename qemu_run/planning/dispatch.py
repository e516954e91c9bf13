"""A parameterized or periodic job as the child that a dispatch, or its schedule, makes of it: run once, now.

Source: Nomad's server, `nomad/job_endpoint.go` (`Dispatch`) and `nomad/periodic.go`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job, Parameterized
from qemu_run.planning.host import Options

LARGEST_PAYLOAD_BYTES = 16 << 10


def as_child(job: Job, options: Options, now: datetime, new_id: str, diagnostics: Diagnostics) -> Job:
    """The job that is run: with what it was dispatched with, and a child's ID.

    What a dispatch of it lacks, or may not have, goes to `diagnostics`. A job of neither kind stays as it is.
    """
    seconds = int(now.timestamp())
    if job.parameterized is not None:
        _check_meta(job.parameterized, options.meta, diagnostics)
        _check_payload(job.parameterized, options.payload, diagnostics)
        optional = dict.fromkeys(job.parameterized.meta_optional, "")
        meta = MappingProxyType({**optional, **job.meta, **options.meta})
        return replace(job, id=f"{job.id}/dispatch-{seconds}-{new_id[:8]}", parent_id=job.id, meta=meta)
    if options.meta or options.payload is not None:
        option = "--meta" if options.meta else "--payload"
        hint = "a parameterized { } block in the job names what it takes"
        diagnostics.error(f"the job is not parameterized: it takes no {option}", job.at(), hints=(hint,))
    if _is_periodic(job):
        return replace(job, id=f"{job.id}/periodic-{seconds}", parent_id=job.id)
    return job


def said_of_child(job: Job, options: Options) -> str:
    """What is said of such a job when it is run; nothing of others."""
    if not job.parent_id:
        return ""
    if job.parameterized is None:
        return "a periodic job: runs once, now, whatever its schedule"
    given = [f"{name}={value}" for name, value in options.meta.items()]
    given += [f"a payload of {len(options.payload)} bytes"] if options.payload is not None else []
    return "a parameterized job: dispatched once, now" + (f", with {', '.join(given)}" if given else "")


def _is_periodic(job: Job) -> bool:
    periodic = Part.written(job, job).part("Periodic")
    return periodic is not None and periodic.value.get("Enabled") is not False


def _check_meta(takes: Parameterized, given: Mapping[str, str], diagnostics: Diagnostics) -> None:
    if missing := [name for name in takes.meta_required if name not in given]:
        names = ", ".join(f'"{name}"' for name in missing)
        hints = (" ".join(f"--meta {name}=..." for name in missing),)
        diagnostics.error(f"a dispatch of this job needs meta {names}", takes.at("MetaRequired"), hints=hints)
    known = [*takes.meta_required, *takes.meta_optional]
    for name in given:
        if name not in known:
            label = did_you_mean(name, known)
            diagnostics.error(f'a dispatch of this job takes no meta "{name}"', takes.at(), label)


def _check_payload(takes: Parameterized, payload: bytes | None, diagnostics: Diagnostics) -> None:
    place = takes.at("Payload")
    if takes.payload == "required" and not payload:
        diagnostics.error("a dispatch of this job needs a payload", place, hints=("--payload FILE",))
    elif takes.payload == "forbidden" and payload:
        diagnostics.error("a dispatch of this job takes no payload", place, "leave --payload out")
    elif payload is not None and len(payload) > LARGEST_PAYLOAD_BYTES:
        diagnostics.error("the payload is too large", place, f"{LARGEST_PAYLOAD_BYTES >> 10} KiB at most")
