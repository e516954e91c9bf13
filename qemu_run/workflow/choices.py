"""What planning has chosen at random, so that a further planning of the same job chooses the same."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import field, replace
from itertools import count
from typing import ParamSpec, TypeVar

from qemu_run.planning.host import Host
from qemu_run.planning.plan import Plan
from qemu_run.records import mutable
from qemu_run.runtime.events import PortLost, Report
from qemu_run.runtime.lost_ports import PortsLostError

_Parameters = ParamSpec("_Parameters")
_Value = TypeVar("_Value")


@mutable
class Choices:
    """Identities and dynamic ports, in the order in which they were chosen."""

    _ids: list[str | None] = field(default_factory=list)
    _ports: list[int | None] = field(default_factory=list)

    @classmethod
    def before(cls, ids: Iterable[str], ports: Iterable[int]) -> "Choices":
        """Choices that were made before, in their order."""
        return cls(list(ids), list(ports))

    @property
    def ids(self) -> list[str]:
        """The identities, in their order."""
        return [each for each in self._ids if each is not None]

    @property
    def ports(self) -> list[int]:
        """The dynamic ports, in their order."""
        return [each for each in self._ports if each is not None]

    def made_on(self, host: Host) -> Host:
        """The host, choosing what was chosen before, and what is chosen from now on for the next time."""
        return replace(
            host,
            new_id=_again(self._ids, host.new_id),
            choose_port=_again(self._ports, host.choose_port),
        )

    def without(self, lost: Collection[int]) -> "Choices":
        """The same choices, but for ports that were lost."""
        return Choices(list(self._ids), [None if port in lost else port for port in self._ports])


def _again(
    chosen: list[_Value | None], choose: Callable[_Parameters, _Value]
) -> Callable[_Parameters, _Value]:
    """`choose`, where nothing was chosen yet; what it chooses is kept in its place."""
    places = count()

    def choice(*args: _Parameters.args, **named: _Parameters.kwargs) -> _Value:
        place = next(places)
        known = chosen[place] if place < len(chosen) else None
        value = choose(*args, **named) if known is None else known
        chosen[place : place + 1] = [value]
        return value

    return choice


_MOST_TIMES = 10


@mutable
class PlanAgain:
    """Plans a run anew when ports of it were lost, and says so; a few times at most."""

    plan: Callable[[Choices], Plan | None]
    choices: Choices
    """Those of the first planning."""
    report: Report
    _left: int = _MOST_TIMES

    def __call__(self, lost: PortsLostError) -> Plan:
        """The same plan with other ports in the place of those that were lost.

        Raises:
            PortsLostError: others are of no use either, or cannot be had.
        """
        self._left -= 1
        if not self._left:
            raise lost
        for each in lost.ports:
            self.report(PortLost(task=lost.task, label=each.label, host_port=each.host_port))
        self.choices = self.choices.without({each.host_port for each in lost.ports})
        plan = self.plan(self.choices)
        if plan is None or not plan.fits:
            raise lost
        return plan
