"""Canonical API form to `Job`: the typed view that the rest of the house works with."""

from collections.abc import Mapping
from datetime import timedelta

from qemu_run.jobspec.api.parts_from_api import (
    artifact,
    constraints,
    lifecycle,
    log_config,
    networks,
    resources,
    restart_policy,
    services,
    template,
    volume_mount,
)
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.gaps import Gaps
from qemu_run.jobspec.model import Job, Json, Parameterized, Places, Task, TaskGroup


def job_from_api(api: Mapping[str, Json], canonical: Mapping[str, Json], places: Places, gaps: Gaps) -> Job:
    """The job of an API form: `canonical` typed, both forms and the places of all values kept in it."""
    part = Part(canonical, places)
    return Job(
        **part.whereabouts,
        id=part.text("ID"),
        name=part.text("Name"),
        type=part.text("Type"),
        priority=part.integer("Priority"),
        region=part.text("Region"),
        namespace=part.text("Namespace"),
        datacenters=part.texts("Datacenters"),
        node_pool=part.text("NodePool"),
        meta=part.strings("Meta"),
        constraints=constraints(part, "Constraints"),
        affinities=constraints(part, "Affinities"),
        groups=tuple(_group(group) for group in part.parts("TaskGroups")),
        parameterized=_parameterized(part.part("ParameterizedJob")),
        api=api,
        gaps=gaps,
    )


def _parameterized(part: Part | None) -> Parameterized | None:
    if part is None:
        return None
    return Parameterized(
        **part.whereabouts,
        payload=part.text("Payload"),
        meta_required=part.texts("MetaRequired"),
        meta_optional=part.texts("MetaOptional"),
    )


def _group(part: Part) -> TaskGroup:
    limit = part.value.get("MaxRunDuration")
    disk = part.inner("EphemeralDisk")
    return TaskGroup(
        **part.whereabouts,
        name=part.text("Name"),
        count=part.integer("Count"),
        meta=part.strings("Meta"),
        constraints=constraints(part, "Constraints"),
        affinities=constraints(part, "Affinities"),
        networks=networks(part),
        services=services(part),
        tasks=tuple(_task(task) for task in part.parts("Tasks")),
        shutdown_delay=part.duration("ShutdownDelay"),
        max_run_duration=None if limit is None else part.duration("MaxRunDuration"),
        disk_mb=disk.integer("SizeMB"),
    )


def _task(part: Part) -> Task:
    config = part.value.get("Config")
    return Task(
        **part.whereabouts,
        name=part.text("Name"),
        driver=part.text("Driver"),
        user=part.text("User"),
        config=config if isinstance(config, Mapping) else {},
        env=part.strings("Env"),
        meta=part.strings("Meta"),
        constraints=constraints(part, "Constraints"),
        affinities=constraints(part, "Affinities"),
        services=services(part),
        resources=resources(part.inner("Resources")),
        restart=restart_policy(part.inner("RestartPolicy")),
        artifacts=tuple(artifact(each) for each in part.parts("Artifacts")),
        templates=tuple(template(each) for each in part.parts("Templates")),
        volume_mounts=tuple(volume_mount(each) for each in part.parts("VolumeMounts")),
        lifecycle=lifecycle(part.part("Lifecycle")),
        logs=log_config(part.inner("LogConfig")),
        dispatch_payload=part.inner("DispatchPayload").text("File"),
        leader=part.flag("Leader"),
        kill_timeout=part.duration("KillTimeout") or timedelta(seconds=5),
        kill_signal=part.text("KillSignal").upper(),
        shutdown_delay=part.duration("ShutdownDelay"),
    )
