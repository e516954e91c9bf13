"""Job x Node -> Plan: the whole of deciding, in the order a person would."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from qemu_run.errors import Diagnostic, Diagnostics, PlacementError
from qemu_run.jobspec import qemu_config
from qemu_run.jobspec.model import Job, Task, TaskGroup
from qemu_run.node.constraints import affinity_score, judge_affinities, judge_job
from qemu_run.node.node import Node
from qemu_run.planning import environment
from qemu_run.planning import ports as port_labels
from qemu_run.planning.checks import with_checks
from qemu_run.planning.conflicts import conflicts
from qemu_run.planning.dispatch import as_child, said_of_child
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.planning.evaluation import evaluator
from qemu_run.planning.foreign_job import check_files
from qemu_run.planning.host import Host, Options
from qemu_run.planning.launch import LaunchFiles, LaunchInputs, launch
from qemu_run.planning.layout import AllocationLayout, TaskLayout
from qemu_run.planning.plan import (
    Allocation,
    ArtifactPlan,
    HostPort,
    Plan,
    Preferences,
    Requirement,
    TaskId,
    TaskPlan,
)
from qemu_run.planning.remarks import remark
from qemu_run.planning.requirements import other_driver, requirements
from qemu_run.planning.templates import plan_templates, template_variables
from qemu_run.records import record

MOST_GUESTS = 200
"""Of one job. Each takes descriptors below CONSOLE_FD."""


@record(kw_only=True)
class _Site:
    """What the placing of every task of a job has in common."""

    job: Job
    node: Node
    host: Host
    options: Options
    addresses: port_labels.HostAddresses
    diagnostics: Diagnostics


def place(job: Job, node: Node, host: Host, options: Options, diagnostics: Diagnostics) -> Plan:
    """Decide everything about running `job` here.

    Mistakes that show only now (references that name nothing, wrong keys of the driver) go to `diagnostics`;
    what this node lacks stands in the plan.

    Raises:
        PlacementError: the job is too large for one node, or no dynamic port is left.
    """
    job = as_child(job, options, host.now(), host.new_id(), diagnostics)
    _check_size(job, options)
    addresses = port_labels.HostAddresses(
        default=options.bind or port_labels.LOOPBACK, networks={} if options.bind else host.network_addresses
    )
    site = _Site(job=job, node=node, host=host, options=options, addresses=addresses, diagnostics=diagnostics)
    allocations: list[Allocation] = []
    rows: list[Requirement] = []
    for group in job.groups:
        for index in range(group.count):
            allocation, needs = _allocate(site, group, index)
            allocations.append(allocation)
            rows += needs
    rows += conflicts(allocations)
    return Plan(
        job=job,
        verdicts=judge_job(job, node),
        preferences=tuple(_preferences(job, node)),
        requirements=tuple(dict.fromkeys(rows)),
        allocations=tuple(allocations),
        ignored_constraints=options.ignore_constraints,
        once=said_of_child(job, options),
    )


def _check_size(job: Job, options: Options) -> None:
    wanted = sum(group.count * len(_chosen(group, options)) for group in job.groups)
    if wanted > MOST_GUESTS:
        largest = max(job.groups, key=lambda group: group.count * len(group.tasks))
        label = f"{wanted} guests in all; {MOST_GUESTS} are the most here"
        raise PlacementError(Diagnostic(f'job "{job.name}" is too large', largest.at("Count"), label))


def _chosen(group: TaskGroup, options: Options) -> tuple[Task, ...]:
    """The tasks of a group that are to run."""
    return tuple(task for task in group.tasks if not options.tasks or task.name in options.tasks)


def _allocate(site: _Site, group: TaskGroup, index: int) -> tuple[Allocation, list[Requirement]]:
    """One running copy of a group, and what it needs of the node."""
    id_ = site.host.new_id()
    allocation = Allocation(
        id=id_,
        index=index,
        job=site.job,
        group=group,
        ports=port_labels.assign_group(group, site.addresses, site.host.choose_port),
        layout=AllocationLayout(site.host.allocations / id_),
    )
    tasks: list[TaskPlan] = []
    rows: list[Requirement] = []
    chosen = _chosen(group, site.options)
    own = {task.name: port_labels.assign_task(task, site.addresses, site.host.choose_port) for task in chosen}
    for task in chosen:
        if task.driver != "qemu":
            rows.append(other_driver(task, group.tasks))
        elif (planned := _plan_task(site, allocation, task, own)) is not None:
            tasks.append(planned[0])
            rows += planned[1]
    # A task may boot from what the artifact of one beside it brought.
    sources = tuple(dict.fromkeys(path for task in tasks for path in task.inputs.artifact_sources))
    knowing = [replace(task, inputs=replace(task.inputs, artifact_sources=sources)) for task in tasks]
    return replace(allocation, tasks=with_checks(allocation, knowing, site.diagnostics)), rows


def _preferences(job: Job, node: Node) -> Iterator[Preferences]:
    """What each group that has affinities would rather have."""
    for group in job.groups:
        if verdicts := judge_affinities(job, group, node):
            yield Preferences(group=group.name, verdicts=verdicts, score=affinity_score(verdicts))


def _plan_task(
    site: _Site, allocation: Allocation, task: Task, own: Mapping[str, tuple[HostPort, ...]]
) -> tuple[TaskPlan, list[Requirement]] | None:
    """The plan of one virtual machine and what it needs of the host; None when its config has mistakes.

    `own`: the ports of the networks that tasks have for themselves, by task.
    """
    layout = allocation.layout.task(task.name)
    ports = (*allocation.ports, *own[task.name])
    known = environment.build(
        allocation,
        task,
        ports,
        site.host.environment,
        lambda name: site.node.find(f"${{{name}}}"),
        {name: others for name, others in own.items() if name != task.name},
    )
    image_path = _image_path(site, task, known)
    templates = plan_templates(task, known, layout.directory, site.host.now(), site.diagnostics)
    artifacts = _artifacts(site, task, known, layout, image_path)
    _check_variables(known, task, site.diagnostics)
    inputs = LaunchInputs(
        task=task,
        name=_name(allocation, task),
        allocation=allocation,
        environment=known,
        ports=ports,
        node=site.node,
        options=site.options,
        brought_image=next((artifact.image for artifact in artifacts if artifact.image), None),
        artifact_sources=tuple(
            local for artifact in artifacts if (local := artifact.request.location.path) is not None
        ),
        host=site.host,
    )
    files = LaunchFiles(variables=template_variables(templates, site.diagnostics))
    launched = launch(inputs, files, site.diagnostics)
    if launched is None:
        return None
    if not site.host.may_name_files:
        check_files(task, launched, layout, site.diagnostics)
    planned = TaskPlan(
        id=TaskId(allocation.id, task.name, inputs.name),
        task=task,
        layout=layout,
        environment=launched.variables,
        artifacts=artifacts,
        templates=templates,
        launch=launched.launch,
        inputs=inputs,
    )
    remark(launched, task, site.host, site.diagnostics)
    return planned, requirements(planned, launched, site.node, site.host)


def _artifacts(
    site: _Site, task: Task, known: TaskEnvironment, layout: TaskLayout, image_path: str
) -> tuple[ArtifactPlan, ...]:
    """What the task fetches. For the many that fetch nothing, nothing of it is imported."""
    if not task.artifacts:
        return ()
    from qemu_run.planning.artifacts import plan_artifacts

    return plan_artifacts(task, known, layout.directory, site.host, image_path, site.diagnostics)


def _image_path(site: _Site, task: Task, known: TaskEnvironment) -> str:
    """What the config says of the image, before what templates add is known; empty when it does not say."""
    unheard = Diagnostics()  # mistakes are told when the whole config is evaluated
    config = qemu_config.decode(task, evaluator(known, site.node, unheard), unheard)
    return config.image_path if config is not None else ""


def _name(allocation: Allocation, task: Task) -> str:
    """`job.task`; with the group where another has a task of that name, with the index of several copies."""
    others = [group for group in allocation.job.groups if group.name != allocation.group.name]
    is_elsewhere = any(task.name == other.name for group in others for other in group.tasks)
    group = f".{allocation.group.name}" if is_elsewhere else ""
    name = f"{allocation.job.name}{group}.{task.name}"
    return f"{name}[{allocation.index}]" if allocation.group.count > 1 else name


def _check_variables(known: TaskEnvironment, task: Task, diagnostics: Diagnostics) -> None:
    for name, value in known.variables.items():
        if "\0" in name + value:
            label = "no program can be given one"
            diagnostics.error(f'"{name}" has a NUL character in it', task.at("Env", name), label)
