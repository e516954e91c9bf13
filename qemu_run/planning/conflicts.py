"""What the tasks of one job would take from each other, as rows of the placement table."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from qemu_run.planning.listening import overlap
from qemu_run.planning.plan import Allocation, Forward, Requirement, TaskPlan
from qemu_run.planning.requirements import row


def conflicts(allocations: Iterable[Allocation]) -> list[Requirement]:
    """What the tasks of one job would take from each other: host ports, and images written in place."""
    plans = [task for allocation in allocations for task in allocation.tasks]
    return [*_shared_ports(plans), *_shared_images(plans)]


def _shared_ports(plans: Sequence[TaskPlan]) -> Iterator[Requirement]:
    holders: dict[int, list[tuple[TaskPlan, Forward]]] = {}
    for plan in plans:
        for forward in plan.launch.forwards:
            others = holders.setdefault(forward.host_port, [])
            first = next((each for each in others if overlap(each[1], forward)), None)
            others.append((plan, forward))
            if first is not None and not forward.may_move:
                found = f"wanted by {first[0].name} too" if first[0] is not plan else "wanted twice"
                detail = _copies(plan, forward) if _is_copy(plan, first[0]) else _two_tasks(forward)
                what = f'port "{forward.label}"'
                yield row(forward.span, what, forward.address, found, met=False, detail=detail)


def _is_copy(plan: TaskPlan, other: TaskPlan) -> bool:
    """Whether both are one task of the job, in different allocations."""
    one, two = plan.inputs.allocation, other.inputs.allocation
    return plan is not other and plan.task.name == other.task.name and one.group.name == two.group.name


def _copies(plan: TaskPlan, forward: Forward) -> str:
    """How the copies of one task share the host."""
    count = plan.inputs.allocation.group.count
    times = "twice" if count == 2 else f"{count} times"
    way_out = "leave static out, or count = 1" if forward.static and not forward.is_own else "count = 1"
    return f"count = {count} starts it {times}: {way_out}"


def _two_tasks(forward: Forward) -> str:
    return f"two guests cannot have one port of the host; {_way_out(forward)}"


def _way_out(forward: Forward) -> str:
    """How a port is left to another guest."""
    if forward.is_own:
        return "choose another port in args"
    only_one = "name the task that forwards it with port_map, and leave to out"
    return f"leave static out, or {only_one}" if forward.static else only_one


def _shared_images(plans: Sequence[TaskPlan]) -> Iterator[Requirement]:
    writers: dict[Path, TaskPlan] = {}
    for plan in plans:
        disk = plan.launch.disk
        if disk is None or not (disk.is_written_in_place or disk.keeps_overlay):
            continue
        first = writers.setdefault(disk.path, plan)
        if first is not plan:
            own = "--snapshot gives each guest an overlay of its own"
            detail = "one file cannot keep two guests' writes: --task NAME" if disk.keeps_overlay else own
            found = f"written by {first.name} too"
            yield row(disk.span, "image", disk.path.name, found, met=False, detail=detail)
