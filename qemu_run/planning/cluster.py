"""What a cluster would do otherwise with a job that runs here: one note a difference, at its place.

Each rule below is a row of the table of differences in the README. A note is told of what the job really
uses, by `plan` and never by `run`. Source: Nomad's qemu driver and client, version 2.0.
"""

from collections.abc import Iterator, Sequence

from qemu_run.planning.plan import Plan, TaskPlan
from qemu_run.qemu.removed import REMOVED
from qemu_run.records import record
from qemu_run.source import Span

LONGEST_KILL_SECONDS = 30
"""What a client of the cluster caps `kill_timeout` at, unless its owner says otherwise."""
_SINGLE_FILES = frozenset({"gz", "bz2", "xz", "zst"})
"""What packs one file, in go-getter's words."""
_X86 = ("x86_64", "i386")


@record
class ClusterNote:
    """One difference."""

    text: str
    span: Span | None


def notes(plan: Plan) -> tuple[ClusterNote, ...]:
    """The differences that bear on this job, each once at the first of its places."""
    found: dict[str, ClusterNote] = {}
    for task in plan.tasks:
        for rule in RULES:
            for note in rule(task):
                found.setdefault(note.text, note)
    for verdict in plan.verdicts:
        for text, side in ((verdict.note, "LTarget"), (verdict.warning, "RTarget")):
            if text:
                found.setdefault(text, ClusterNote(text, verdict.constraint.at(side)))
    return tuple(sorted(found.values(), key=lambda note: note.span.start if note.span else -1))


def _image(task: TaskPlan) -> Iterator[ClusterNote]:
    disk, where = task.launch.disk, task.task.at("Config", "image_path")
    if disk is None:
        yield ClusterNote("the driver wants an image_path", task.task.at("Config"))
        return
    if disk.is_cd:
        yield ClusterNote("the driver gives a guest its image as a hard disk, also that of a CD", where)
    if not disk.is_artifact:
        path = task.task.config.get("image_path")
        if isinstance(path, str) and path.startswith("/"):
            yield ClusterNote("the image has to be on the node, in a folder of its image_paths", where)
        else:
            yield ClusterNote("an image beside the job is not found: an artifact brings it", where)


def _machine(task: TaskPlan) -> Iterator[ClusterNote]:
    if task.launch.emulator not in _X86 and "machine_type" not in task.task.config:
        text = (
            f'the driver starts qemu-system-{task.launch.emulator} with machine_type "pc", which it has not'
        )
        yield ClusterNote(text, task.task.at("Config", "emulator"))
    if ":" in (accelerator := f"{task.task.config.get('accelerator', '')}"):
        text = f'the driver knows no accelerator "{accelerator}"'
        yield ClusterNote(text, task.task.at("Config", "accelerator"))
    if task.task.resources.cores and task.launch.accelerator != "kvm":
        text = "cores reach the guest with kvm only; args with -smp say it everywhere"
        yield ClusterNote(text, task.task.resources.at("Cores"))


def _ports(task: TaskPlan) -> Iterator[ClusterNote]:
    group = task.inputs.allocation.group
    in_group = {port.label for network in group.networks for port in network.ports}
    for forward in task.launch.forwards:
        if forward.label in in_group:
            text = "ports of a group's network are not forwarded: the driver does it for a task's own network"
            yield ClusterNote(text, forward.span)
        elif forward.host_ip.startswith("127."):
            yield ClusterNote("forwarded ports listen on every address of the node", forward.span)


def _stop(task: TaskPlan) -> Iterator[ClusterNote]:
    if "graceful_shutdown" not in task.task.config:
        text = "a stop ends the guest at once: graceful_shutdown is false unless set"
        yield ClusterNote(text, task.task.at("Config"))
    if task.kill_timeout.total_seconds() > LONGEST_KILL_SECONDS:
        text = f"kill_timeout is {LONGEST_KILL_SECONDS}s at most, unless the node allows more"
        yield ClusterNote(text, task.task.at("KillTimeout"))
    if task.inputs.allocation.group.max_run_duration is not None:
        text = "a group that reaches its max_run_duration ends complete; here with 124"
        yield ClusterNote(text, task.inputs.allocation.group.at("MaxRunDuration"))


def _artifacts(task: TaskPlan) -> Iterator[ClusterNote]:
    for artifact in task.artifacts:
        if artifact.request.location.kind == "file":
            yield ClusterNote("an artifact from a file of this machine is not found", artifact.span)
        written = next(
            (each for each in task.task.artifacts if artifact.span in (each.at(), each.at("GetterSource"))),
            None,
        )
        if artifact.unpack in _SINGLE_FILES and written is not None and written.mode != "file":
            text = f'a .{artifact.unpack} that holds one file is unpacked with mode = "file" only'
            yield ClusterNote(text, artifact.span)


def _args(task: TaskPlan) -> Iterator[ClusterNote]:
    args = task.task.config.get("args")
    for index, argument in enumerate(args if isinstance(args, Sequence) else ()):
        gone = REMOVED.get(f"{argument}".lstrip("-")) if f"{argument}".startswith("-") else None
        if gone is not None:
            text = f'"{argument}" stops QEMU from {gone.version[0]}.{gone.version[1]} on: it is gone'
            yield ClusterNote(text, task.task.at("Config", "args", index))


def _restarts(task: TaskPlan) -> Iterator[ClusterNote]:
    job = task.inputs.allocation.job
    if job.type in {"service", "system"} and task.task.lifecycle is None:
        text = f"a task of a {job.type} job is started again whenever it ends, here with --restart nomad"
        yield ClusterNote(text, job.at("Type"))
    elif not task.task.restart.is_written and task.task.restart.attempts:
        text = "a task that fails is started again, here where the file has a restart block"
        yield ClusterNote(text, task.task.at())


def _checks(task: TaskPlan) -> Iterator[ClusterNote]:
    for check in task.checks:
        if check.http is None:
            text = "a tcp check passes when the node takes the connection, whether or not the guest does"
            yield ClusterNote(text, check.span)


def _schedule(task: TaskPlan) -> Iterator[ClusterNote]:
    job = task.inputs.allocation.job
    if job.parameterized is not None:
        yield ClusterNote("the job waits for nomad job dispatch", job.parameterized.at())
    elif job.parent_id:
        yield ClusterNote("the job waits for its schedule", job.at("Periodic"))


RULES = (_image, _machine, _ports, _stop, _artifacts, _args, _restarts, _checks, _schedule)
