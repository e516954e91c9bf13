"""One table of who listens where: our forwards, those that a job writes by hand, and QEMU's own sockets."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from qemu_run.planning.plan import Forward, HostPort
from qemu_run.planning.ports import forwards
from qemu_run.qemu.own_options import OwnOptions
from qemu_run.records import record
from qemu_run.source import Span

if TYPE_CHECKING:
    from qemu_run.qemu.usernet import ForwardRule


@record(kw_only=True)
class Listening:
    """The ports of one guest."""

    ours: tuple[Forward, ...]
    """Forwards that the command line has to make."""
    own: tuple[Forward, ...]
    """What the job's args open by themselves."""
    without_effect: tuple[Forward, ...]
    """Forwards that would be ours, were there not a network in the job's args, or none at all."""

    @property
    def all(self) -> tuple[Forward, ...]:
        """Whatever listens, by label."""
        return tuple(sorted((*self.ours, *self.own), key=lambda each: each.label))


def listening(
    ports: Iterable[HostPort],
    port_map: Mapping[str, int],
    own: OwnOptions,
    *,
    at: Callable[[int], Span | None],
    has_network: bool,
) -> Listening:
    """The table.

    Args:
        ports: The labels with their ports of the host.
        port_map: Guest ports by label.
        own: The job's args.
        at: The place of one of them.
        has_network: Whether the job leaves the guest a network.
    """
    labels = {each.number: each.port.label for each in ports}
    by_args = tuple(_merged((*_forwards(own, labels, at), *_listeners(own, labels, at))))
    taken = {each.host_port for each in by_args}
    wanted = tuple(each for each in forwards(ports, port_map) if each.host_port not in taken)
    can = has_network and not own.has_network
    return Listening(ours=wanted if can else (), own=by_args, without_effect=() if can else wanted)


def _forwards(
    own: OwnOptions, labels: Mapping[int, str], at: Callable[[int], Span | None]
) -> Iterator[Forward]:
    for each in own.forwards:
        yield Forward(
            label=labels.get(each.host_port, "hostfwd"),
            host_ip=each.host_ip,
            host_port=each.host_port,
            guest_port=each.guest_port,
            protocols=(each.protocol,),
            static=bool(each.host_port),
            span=at(each.index + 1),
            is_own=True,
        )


def _listeners(
    own: OwnOptions, labels: Mapping[int, str], at: Callable[[int], Span | None]
) -> Iterator[Forward]:
    for each in own.listeners:
        if each.protocol != "unix" and each.port:
            protocol: Literal["tcp", "udp"] = "udp" if each.protocol == "udp" else "tcp"
            yield Forward(
                label=labels.get(each.port, each.label or each.what),
                host_ip=each.address,
                host_port=each.port,
                guest_port=None,
                protocols=(protocol,),
                span=at(each.index + 1),
                is_own=True,
                may_move=each.last_port is not None,
            )


def _merged(found: Iterable[Forward]) -> Iterator[Forward]:
    """A port that is forwarded by both protocols is one row."""
    rows: dict[tuple[str, str, int, int | None], Forward] = {}
    for each in found:
        if not each.host_port:  # QEMU takes one for each protocol
            yield each
            continue
        key = (each.label, each.host_ip, each.host_port, each.guest_port)
        first = rows.get(key)
        if first is not None and set(first.protocols) != set(each.protocols):
            rows[key] = Forward(
                label=each.label,
                host_ip=each.host_ip,
                host_port=each.host_port,
                guest_port=each.guest_port,
                span=first.span,
                is_own=True,
                may_move=each.may_move,
            )
        else:
            rows[key] = first or each
    yield from rows.values()


def with_chosen_ports(known: Iterable[Forward], rules: "Iterable[ForwardRule]") -> Iterator[Forward]:
    """The rows with the ports that QEMU took where it was left to choose."""
    made = list(rules)
    for each in known:
        chosen = None if each.host_port else next((rule for rule in made if _is_of(rule, each)), None)
        if chosen is not None:
            made.remove(chosen)
        yield each if chosen is None else replace(each, host_port=chosen.host_port)


def _is_of(rule: "ForwardRule", row: Forward) -> bool:
    where = (rule.host_ip, rule.guest_port)
    return rule.protocol in row.protocols and where == (row.host_ip, row.guest_port)


def overlap(one: Forward, other: Forward) -> bool:
    """Whether two rows want one port."""
    if not one.host_port:
        return False
    same_address = one.host_ip == other.host_ip or one.is_public or other.is_public
    same_protocol = bool(set(one.protocols) & set(other.protocols))
    return one.host_port == other.host_port and same_address and same_protocol
