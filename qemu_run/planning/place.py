"""Job x Node -> Plan: the whole of deciding, in the order a person would."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from qemu_run.errors import Diagnostic, Diagnostics, PlacementError
from qemu_run.jobspec.model import Job, Network, Task
from qemu_run.node.constraints import affinity_score, judge_affinities, judge_job
from qemu_run.node.node import Node
from qemu_run.planning import command_line, environment, qemu_config
from qemu_run.planning import ports as port_labels
from qemu_run.planning.artifacts import plan_artifacts
from qemu_run.planning.environment import Allocation, Directories, TaskEnvironment
from qemu_run.planning.evaluation import evaluator
from qemu_run.planning.host import Host, Options
from qemu_run.planning.plan import ArtifactPlan, Disk, Forward, Plan, Preferences, Requirement, TaskPlan
from qemu_run.planning.ports import HostPort
from qemu_run.planning.qemu_config import QemuConfig
from qemu_run.planning.requirements import other_driver, requirements
from qemu_run.records import record

MOST_MACHINES = 200
"""Of one group. Each takes four of the descriptors below CONSOLE_FD."""
OVERLAY_NAME = "image0.qcow2"
_PATH_IN_ARGUMENT = re.compile(r"(?:^|[=:,])((?:/|~|\.\.?/)[^,]*)")
_EMULATOR_PREFIX = "qemu-system-"


@record(kw_only=True)
class _Copy:
    """One allocation of a group, with the ports its tasks share."""

    allocation: Allocation
    directory: Path
    ports: list[HostPort]
    node: Node
    host: Host
    options: Options
    addresses: port_labels.HostAddresses


def place(job: Job, node: Node, host: Host, options: Options, diagnostics: Diagnostics) -> Plan:
    """Decide everything about running `job` here.

    Mistakes that show only now (references that name nothing, wrong keys of the driver) go to `diagnostics`;
    what this machine lacks stands in the plan.

    Raises:
        PlacementError: the job is too large for one machine, or no dynamic port is left.
    """
    _check_size(job)
    tasks: list[TaskPlan] = []
    rows: list[Requirement] = []
    for copy, task in _tasks(job, node, host, options):
        if task.driver != "qemu":
            rows.append(other_driver(task))
        elif (planned := _plan_task(copy, task, diagnostics)) is not None:
            tasks.append(planned[0])
            rows += planned[1]
    return Plan(
        job=job,
        verdicts=judge_job(job, node),
        preferences=tuple(_preferences(job, node)),
        requirements=tuple(dict.fromkeys(rows)),
        tasks=tuple(tasks),
        ignored_constraints=options.ignore_constraints,
    )


def _check_size(job: Job) -> None:
    for group in job.groups:
        if group.count * len(group.tasks) > MOST_MACHINES:
            label = f"{group.count * len(group.tasks)} machines; {MOST_MACHINES} are the most here"
            raise PlacementError(Diagnostic(f'group "{group.name}" is too large', group.at("Count"), label))


def _tasks(job: Job, node: Node, host: Host, options: Options) -> Iterator[tuple[_Copy, Task]]:
    """Every task of every allocation that is to run."""
    addresses = port_labels.HostAddresses(
        default=options.bind or port_labels.LOOPBACK, networks={} if options.bind else host.network_addresses
    )
    for group in job.groups:
        for index in range(group.count):
            allocation = Allocation(id=host.new_id(), index=index, job=job, group=group)
            copy = _Copy(
                allocation=allocation,
                directory=host.allocations / allocation.id,
                ports=port_labels.assign_group(group, addresses, host.choose_port),
                node=node,
                host=host,
                options=options,
                addresses=addresses,
            )
            yield from (
                (copy, task) for task in group.tasks if not options.tasks or task.name in options.tasks
            )


def _preferences(job: Job, node: Node) -> Iterator[Preferences]:
    """What each group that has affinities would rather have."""
    for group in job.groups:
        if verdicts := judge_affinities(job, group, node):
            yield Preferences(group=group.name, verdicts=verdicts, score=affinity_score(verdicts))


def _plan_task(
    copy: _Copy, task: Task, diagnostics: Diagnostics
) -> tuple[TaskPlan, list[Requirement]] | None:
    """The plan of one virtual machine and what it needs of the host; None when its config has mistakes."""
    directory = copy.directory / task.name
    assigned = [*copy.ports, *port_labels.assign_task(task, copy.addresses, copy.host.choose_port)]
    known = _environment(copy, task, directory, assigned)
    config = qemu_config.decode(task, evaluator(known, copy.node, diagnostics), diagnostics)
    image_path = config.image_path if config else ""
    artifacts = plan_artifacts(task, known, directory, copy.host, image_path, diagnostics)
    _check_memory(copy, task, diagnostics)
    _check_variables(known, task, diagnostics)
    if config is None:
        return None
    if copy.options.accelerator:
        config = replace(config, accelerator=copy.options.accelerator)
    emulator = copy.host.find_emulator(config.emulator)
    forwards = port_labels.forwards(assigned, config.port_map or {})
    disk = _disk(copy, config, task, artifacts, directory)
    _check_files(copy, task, config, disk, diagnostics)
    line = _command(copy, task, config, emulator, disk, forwards)
    for warning in line.warnings:
        diagnostics.warning(warning, task.at("Config", "args"))
    planned = TaskPlan(
        task=task,
        group=copy.allocation.group.name,
        index=copy.allocation.index,
        name=_name(copy, task),
        directory=directory,
        allocation=copy.directory,
        command=line.arguments,
        environment=environment.process_environment(known, config.port_map or {}),
        inherited=known.inherited,
        artifacts=artifacts,
        disk=disk,
        forwards=forwards,
        emulator=config.emulator.removeprefix(_EMULATOR_PREFIX),
        accelerator=config.accelerator,
        memory_mb=_memory_mb(task),
        cores=max(1, task.resources.cores),
        kill_timeout=task.kill_timeout,
        power_button=config.graceful_shutdown is not False,
        expects_debug_exit=any("isa-debug-exit" in argument for argument in config.args),
        gave_way=line.gave_way,
    )
    return planned, requirements(planned, config, emulator, copy.node, copy.host)


def _environment(copy: _Copy, task: Task, directory: Path, assigned: list[HostPort]) -> TaskEnvironment:
    directories = Directories(
        alloc=str(copy.directory / "alloc"),
        task=str(directory / "local"),
        secrets=str(directory / "secrets"),
    )
    return environment.build(
        copy.allocation,
        task,
        directories,
        assigned,
        copy.host.environment,
        lambda name: copy.node.find(f"${{{name}}}"),
    )


def _command(
    copy: _Copy,
    task: Task,
    config: QemuConfig,
    emulator: Path | None,
    disk: Disk | None,
    forwards: tuple[Forward, ...],
) -> command_line.CommandLine:
    networks: tuple[Network, ...] = (*task.resources.networks, *copy.allocation.group.networks)
    machine = command_line.Machine(
        emulator=emulator or Path(f"{_EMULATOR_PREFIX}{config.emulator.removeprefix(_EMULATOR_PREFIX)}"),
        name=_name(copy, task),
        config=config,
        memory_mb=_memory_mb(task),
        cores=task.resources.cores,
        disk=disk,
        forwards=forwards,
        network=next(iter(networks), None),
    )
    return command_line.build(machine)


def _name(copy: _Copy, task: Task) -> str:
    """`job.task`, with the allocation's index where there are several."""
    allocation = copy.allocation
    name = f"{allocation.job.name}.{task.name}"
    return f"{name}[{allocation.index}]" if allocation.group.count > 1 else name


def _memory_mb(task: Task) -> int:
    """Nomad adds the size of the secrets directory to the task's memory."""
    return task.resources.memory_mb + task.resources.secrets_mb


def _disk(
    copy: _Copy, config: QemuConfig, task: Task, artifacts: tuple[ArtifactPlan, ...], directory: Path
) -> Disk | None:
    """The image the guest boots from: an overlay over an artifact, or the host's own file."""
    if not config.image_path:
        return None
    span = task.at("Config", "image_path")
    overlay = directory / OVERLAY_NAME
    in_task = directory / config.image_path
    # What lies in the allocation came from an artifact, if not of this task then of one beside it.
    brought = next((artifact.image for artifact in artifacts if artifact.image), None)
    in_task = brought or in_task
    if brought or (Path(config.image_path).is_absolute() and in_task.is_relative_to(copy.directory)):
        return Disk(path=overlay, format="qcow2", base=in_task, is_artifact=True, is_there=False, span=span)
    on_host = copy.host.job_folder / config.image_path
    image = copy.host.inspect_image(on_host)
    return Disk(
        path=overlay if copy.options.snapshot else on_host,
        format="qcow2" if copy.options.snapshot else image.qemu_format if image else "raw",
        base=on_host if copy.options.snapshot else None,
        is_artifact=False,
        is_there=image is not None,
        span=span,
    )


def _check_files(
    copy: _Copy, task: Task, config: QemuConfig, disk: Disk | None, diagnostics: Diagnostics
) -> None:
    """A job from elsewhere names no files of this host, neither as an image nor in QEMU's options."""
    if copy.host.may_name_files:
        return
    summary = "a job from elsewhere names files of this host only with --allow-local"
    if disk is not None and not disk.is_artifact:
        diagnostics.error(summary, disk.span, "no artifact brings this image")
    for argument in config.args:
        for path in _PATH_IN_ARGUMENT.findall(argument):
            if ".." in Path(path).parts or not Path(copy.directory, path).is_relative_to(copy.directory):
                diagnostics.error(summary, task.at("Config", "args"), f'"{path}"')


def _check_memory(copy: _Copy, task: Task, diagnostics: Diagnostics) -> None:
    """Warn of a guest that is larger than the machine: it starts, and then the machine swaps or kills it."""
    host_mb = copy.host.memory_bytes() >> 20
    if _memory_mb(task) > host_mb:
        diagnostics.warning(
            f"the guest may use more memory than this machine has ({host_mb} MB)",
            task.resources.at("MemoryMB"),
        )


def _check_variables(known: TaskEnvironment, task: Task, diagnostics: Diagnostics) -> None:
    for name, value in known.variables.items():
        if "\0" in name + value:
            label = "no program can be given one"
            diagnostics.error(f'"{name}" has a NUL character in it', task.at("Env", name), label)
