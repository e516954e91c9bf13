"""A task's launch: its config evaluated, its disk named, its command written.

Planning calls it with what can be known before anything is on disk, the runtime once more when artifacts are
here and templates are rendered: what they bring (variables, the format of an image) changes the command.
"""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from pathlib import Path

from qemu_run.errors import Diagnostics
from qemu_run.jobspec import qemu_config
from qemu_run.jobspec.model import Network, Task
from qemu_run.jobspec.qemu_config import QemuConfig
from qemu_run.node.node import Node
from qemu_run.planning import command_line, environment
from qemu_run.planning import ports as port_labels
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.planning.evaluation import evaluator
from qemu_run.planning.host import ImageFinding, InspectImage, Options
from qemu_run.planning.plan import Allocation, Disk, HostPort, Launch
from qemu_run.records import record

EMULATOR_PREFIX = "qemu-system-"


@record(kw_only=True)
class LaunchInputs:
    """What was settled about a task before its launch."""

    task: Task
    name: str
    allocation: Allocation
    """Without its tasks."""
    environment: TaskEnvironment
    ports: tuple[HostPort, ...]
    """Those of the group and of the task's own network."""
    node: Node
    options: Options
    brought_image: Path | None
    """The image that an artifact of the task brings."""
    job_folder: Path
    find_emulator: Callable[[str], Path | None]
    inspect_image: InspectImage


@record(kw_only=True)
class LaunchFiles:
    """What is known of the task's files."""

    variables: Mapping[str, str] = field(default_factory=dict)
    """From templates with `env = true`."""
    are_here: bool = False
    """Artifacts and templates are in their places."""


@record(kw_only=True)
class Launched:
    """A launch, with what its planning looks at besides."""

    launch: Launch
    config: QemuConfig
    variables: Mapping[str, str]
    """The task's own part of its environment."""
    emulator: Path | None
    image: ImageFinding | None
    """None: there is no disk, or it is not here yet."""


def launch(inputs: LaunchInputs, files: LaunchFiles, diagnostics: Diagnostics) -> Launched | None:
    """How QEMU is started for the task; None when its config has mistakes, which go to `diagnostics`."""
    known = environment.with_template_variables(inputs.environment, files.variables)
    config = qemu_config.decode(inputs.task, evaluator(known, inputs.node, diagnostics), diagnostics)
    if config is None:
        return None
    if inputs.options.accelerator:
        config = replace(config, accelerator=inputs.options.accelerator)
    emulator = inputs.find_emulator(config.emulator)
    forwards = port_labels.forwards(inputs.ports, config.port_map or {})
    disk, image = _disk(inputs, config, files)
    networks: tuple[Network, ...] = (*inputs.task.resources.networks, *inputs.allocation.group.networks)
    architecture = config.emulator.removeprefix(EMULATOR_PREFIX)
    parts = command_line.CommandParts(
        emulator=emulator or Path(f"{EMULATOR_PREFIX}{architecture}"),
        name=inputs.name,
        config=config,
        memory_mb=memory_mb(inputs.task),
        cores=inputs.task.resources.cores,
        disk=disk,
        forwards=forwards,
        network=next(iter(networks), None),
        wants_result=inputs.options.wants_result,
    )
    line = command_line.build(parts)
    launched = Launch(
        command=line.arguments,
        environment=environment.process_environment(known, config.port_map or {}, line.arguments),
        disk=disk,
        forwards=forwards,
        emulator=architecture,
        accelerator=config.accelerator,
        memory_mb=memory_mb(inputs.task),
        cores=max(1, inputs.task.resources.cores),
        power_button=config.graceful_shutdown is not False,
        expects_debug_exit=any("isa-debug-exit" in argument for argument in config.args),
        gave_way=line.gave_way,
    )
    variables = environment.task_variables(known, config.port_map or {})
    return Launched(launch=launched, config=config, variables=variables, emulator=emulator, image=image)


def memory_mb(task: Task) -> int:
    """Nomad adds the size of the secrets directory to the task's memory."""
    return task.resources.memory_mb + task.resources.secrets_mb


def _disk(
    inputs: LaunchInputs, config: QemuConfig, files: LaunchFiles
) -> tuple[Disk | None, ImageFinding | None]:
    """The image the guest boots from: an overlay over an artifact, or the host's own file."""
    if not config.image_path:
        return None, None
    layout = inputs.allocation.layout.task(inputs.task.name)
    span = inputs.task.at("Config", "image_path")
    in_task = inputs.brought_image or layout.directory / config.image_path
    # What lies in the allocation came from an artifact, if not of this task then of one beside it.
    inside = Path(config.image_path).is_absolute() and in_task.is_relative_to(
        inputs.allocation.layout.directory
    )
    is_artifact = inside or inputs.brought_image is not None
    base = in_task if is_artifact else inputs.job_folder / config.image_path
    image = inputs.inspect_image(base, is_artifact) if files.are_here or not is_artifact else None
    if is_artifact or inputs.options.snapshot:
        return Disk(path=layout.overlay, format="qcow2", base=base, is_artifact=is_artifact, span=span), image
    named = image.image.qemu_format if image is not None and image.image is not None else "raw"
    return Disk(path=base, format=named, base=None, is_artifact=False, span=span), image
