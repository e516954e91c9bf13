"""A task's launch: its config evaluated, its disk named, its command written.

Planning calls it with what can be known before anything is on disk, the runtime once more when artifacts are
here and templates are rendered: what they bring (variables, the format of an image) changes the command.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path

from qemu_run.errors import Diagnostics
from qemu_run.jobspec import qemu_config
from qemu_run.jobspec.model import Network, Task
from qemu_run.jobspec.qemu_config import QemuConfig
from qemu_run.node.node import Node
from qemu_run.planning import accelerators, command_line, environment, own_args
from qemu_run.planning.asked import Asked, asked
from qemu_run.planning.disk import DiskInputs, plan_disk
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.planning.evaluation import evaluator
from qemu_run.planning.firmware import FirmwarePlan, plan_firmware
from qemu_run.planning.host import Host, ImageFinding, Options
from qemu_run.planning.listening import Listening, listening
from qemu_run.planning.own_args import OwnArgs
from qemu_run.planning.plan import Allocation, Disk, HostPort, Launch
from qemu_run.qemu.architectures import DEFAULT_MACHINES, INTERFACES, Architecture, defaults, machine_family
from qemu_run.records import record
from qemu_run.source import Span

EMULATOR_PREFIX = "qemu-system-"
_HOST_ONLY = "kvm"
_RUNS_ON = {"amd64": ("x86_64", "i386"), "arm64": ("aarch64",), "riscv64": ("riscv64",), "s390x": ("s390x",)}
"""By the processor, the emulators that KVM speeds up."""
_X86 = frozenset({"x86_64", "i386", _HOST_ONLY})


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
    artifact_sources: tuple[Path, ...]
    """Those of the allocation that are files of this host."""
    host: Host = field(repr=False)


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
    args: OwnArgs
    machine_type: str
    """That of the machine that results."""
    drive_interface: str
    listening: Listening
    firmware: FirmwarePlan
    variables: Mapping[str, str]
    """The task's own part of its environment."""
    emulator: Path | None
    image: ImageFinding | None
    """None: there is no disk, or it is not here yet."""


def launch(inputs: LaunchInputs, files: LaunchFiles, diagnostics: Diagnostics) -> Launched | None:
    """How QEMU is started for the task; None when its config has mistakes, which go to `diagnostics`."""
    known = environment.with_template_variables(inputs.environment, files.variables)
    config = qemu_config.decode(inputs.task, evaluator(known, inputs.node, diagnostics), diagnostics)
    wishes = asked(inputs.allocation.job, inputs.allocation.group, inputs.task, diagnostics)
    if config is None:
        return None
    emulator = inputs.host.find_emulator(config.emulator)
    return _Launching(inputs, files, config, wishes, known, emulator).done()


@record
class _Launching:
    """What a launch is made of."""

    inputs: LaunchInputs
    files: LaunchFiles
    config: QemuConfig
    wishes: Asked
    known: TaskEnvironment
    emulator: Path | None

    def done(self) -> Launched:
        """The launch."""
        decided = self._decided()
        parts = self._parts(decided)
        return Launched(
            launch=self._launch(decided, command_line.build(parts)),
            config=self.config,
            args=decided.args,
            machine_type=parts.board,
            drive_interface=decided.drive_interface,
            listening=decided.listening,
            firmware=decided.firmware,
            variables=environment.task_variables(self.known, self.config.port_map or {}),
            emulator=self.emulator,
            image=decided.image,
        )

    def _decided(self) -> "_Decided":
        args = self._args()
        machine_type = self._default_machine
        if "machine_type" in self.inputs.task.config:
            machine_type = self.config.machine_type
        board = args.own.machine_type or machine_type
        disk, image = plan_disk(self._disk_inputs())
        interface = self._interface(board)
        if disk is not None and disk.is_cd and "ide" in INTERFACES.get(machine_family(board), ()):
            interface = "ide"
            disk = replace(disk, takes_cd_place=not any(each.is_cdrom for each in args.own.disks))
        wanted = self.wishes.firmware
        return _Decided(
            args=args,
            listening=listening(
                self.inputs.ports,
                self.config.port_map or {},
                args.own,
                at=self._place,
                has_network=self._network is None or self._network.mode != "none",
            ),
            machine_type=machine_type,
            drive_interface=interface,
            disk=disk,
            image=image,
            firmware=plan_firmware(self._architecture, args.own, board, wanted, disk, image, self.inputs),
        )

    def _parts(self, decided: "_Decided") -> command_line.CommandParts:
        task = self.inputs.task
        return command_line.CommandParts(
            emulator=self.emulator or Path(f"{EMULATOR_PREFIX}{self._architecture}"),
            architecture=self._defaults,
            is_x86=self._architecture in _X86,
            name=self.inputs.name,
            args=decided.args,
            machine_type=decided.machine_type,
            machine_properties=decided.firmware.machine_properties,
            drive_interface=decided.drive_interface,
            guest_agent=self.config.guest_agent,
            memory_mb=memory_mb(task),
            cores=task.resources.cores,
            disk=decided.disk,
            forwards=decided.listening.ours,
            network=self._network,
            firmware=decided.firmware.arguments,
            has_sandbox=self.emulator is None or self.inputs.host.has_sandbox(self.emulator),
            wants_result=self.inputs.options.wants_result,
        )

    def _launch(self, decided: "_Decided", line: command_line.CommandLine) -> Launch:
        own, task, has_button = decided.args.own, self.inputs.task, self._defaults.power_button
        bios_disk = self._bios_disk(decided)
        return Launch(
            command=line.arguments,
            environment=environment.process_environment(self.known, self.config.port_map or {}, own),
            disk=decided.disk,
            drive_interface=decided.drive_interface,
            forwards=decided.listening.all,
            emulator=self._architecture,
            accelerator=decided.args.accelerator,
            memory_mb=own.memory_mb or memory_mb(task),
            cores=own.cores or max(1, task.resources.cores),
            power_button=self.config.graceful_shutdown is not False and has_button,
            has_button=has_button,
            expects_debug_exit=own.debug_exit is not None,
            exits_at_poweroff=self._defaults.exits_at_poweroff,
            variables_template=decided.firmware.variables_template,
            variables_copy=decided.firmware.variables_copy,
            stands_still=own.paused_index is not None,
            hangs_in_firmware=bios_disk is not None and bios_disk.has_no_loader,
            wants_uefi=bios_disk is not None and bios_disk.needs_uefi,
            own_args=tuple(self.config.args),
            gave_way=line.gave_way,
            notes=tuple(self._notes(decided)),
        )

    def _bios_disk(self, decided: "_Decided") -> ImageFinding | None:
        """The image that a BIOS is to start from; None where UEFI is, or a kernel of the job's own."""
        has_bios = self._architecture in _X86 and not decided.firmware.is_uefi
        return decided.image if has_bios and decided.args.own.kernel_index is None else None

    @property
    def _architecture(self) -> str:
        """The emulator's name, by which its defaults are found."""
        return self.config.emulator.removeprefix(EMULATOR_PREFIX)

    @property
    def _defaults(self) -> Architecture:
        """What the emulator needs; of one that is known by name only, what fits most."""
        known = defaults("x86_64" if self._architecture == _HOST_ONLY else self._architecture)
        return known or Architecture(machine_type="virt", console="", package="qemu-system-misc")

    @property
    def _default_machine(self) -> str:
        return DEFAULT_MACHINES.get(self._architecture) or self._defaults.machine_type

    def _interface(self, board: str) -> str:
        """What the job says; else Nomad's own default where the machine has it."""
        if "drive_interface" in self.inputs.task.config:
            return self.config.drive_interface
        known = INTERFACES.get(machine_family(board), ())
        wanted = self._defaults.drive_interface
        return wanted if wanted in known or not known else "virtio" if "virtio" in known else known[0]

    @property
    def _network(self) -> Network | None:
        networks = (*self.inputs.task.resources.networks, *self.inputs.allocation.group.networks)
        return next(iter(networks), None)

    def _place(self, index: int) -> Span | None:
        return self.inputs.task.at("Config", "args", index) or self.inputs.task.at("Config", "args")

    def _args(self) -> OwnArgs:
        override = self.inputs.options.accelerator
        return own_args.read(
            self.config.args,
            lambda: self.inputs.host.version(self.emulator) if self.emulator else "",
            accelerator=self.config.accelerator,
            override=accelerators.AUTOMATIC if override == accelerators.ANY else override,
            works=lambda name: not accelerator_obstacle(name, self.inputs, self.emulator),
        )

    def _disk_inputs(self) -> DiskInputs:
        options = self.inputs.options
        return DiskInputs(
            image_path=self.config.image_path,
            task=self.inputs.task,
            layout=self.inputs.allocation.layout,
            brought_image=self.inputs.brought_image,
            artifact_sources=self.inputs.artifact_sources,
            job_folder=self.inputs.host.job_folder,
            image_folders=tuple(map(Path, self.inputs.node.config.image_paths)),
            format=options.image_format or self.wishes.image_format,
            size_bytes=options.disk_bytes or self.wishes.disk_bytes,
            options=options,
            inspect=self.inputs.host.inspect_image,
            are_here=self.files.are_here,
            may_be_cd="drive_interface" not in self.inputs.task.config,
        )

    def _notes(self, decided: "_Decided") -> Iterator[str]:
        disk = decided.disk
        if disk is not None and disk.keeps_overlay:
            yield f"changes are kept in {disk.path}"
        elif disk is not None and disk.base is not None:
            yield "changes to its disk are thrown away at the end"
        if self._defaults.note:
            yield self._defaults.note
        attributes = self.inputs.node.attributes
        faster = accelerators.hint(
            decided.args.accelerator,
            is_hosts_own=self._architecture in _RUNS_ON.get(attributes.get("cpu.arch", ""), ()),
            kvm=lambda: attributes.get("driver.qemu.kvm", ""),
        )
        if faster and self.inputs.options.accelerator is None:
            yield faster


@record(kw_only=True)
class _Decided:
    """What was decided of a launch."""

    args: OwnArgs
    listening: Listening
    machine_type: str
    """The config's, or the default of the emulator."""
    drive_interface: str
    disk: Disk | None
    image: ImageFinding | None
    firmware: FirmwarePlan


def accelerator_obstacle(name: str, inputs: LaunchInputs, emulator: Path | None) -> str:
    """Why an accelerator cannot be used here, in a few words; empty if it can."""
    return accelerators.obstacle(
        name,
        lambda: inputs.host.accelerators(emulator) if emulator else (),
        lambda: inputs.node.attributes.get("driver.qemu.kvm", "unusable: no emulator to ask"),
    )


def memory_mb(task: Task) -> int:
    """Nomad adds the size of the secrets directory to the task's memory."""
    return task.resources.memory_mb + task.resources.secrets_mb
