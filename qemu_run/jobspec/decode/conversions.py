"""What reading a job file does to a block beyond copying its values, by kind of block.

Source: Nomad's `jobspec2` package (`hcl_conversions.go`, `parse_job.go`), version 2.0.
"""

from collections.abc import Callable, Mapping

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.defaults import WRITTEN_CHANGE_SCRIPT, WRITTEN_TEMPLATE, WRITTEN_VAULT
from qemu_run.jobspec.api.objects import Object, objects
from qemu_run.jobspec.api.places import NotedPlaces
from qemu_run.jobspec.model import Json
from qemu_run.jobspec.schema.job import GROUP, JOB, PERIODIC
from qemu_run.jobspec.schema.shared import (
    AFFINITY,
    AFFINITY_SHORTHANDS,
    CONSTRAINT,
    CONSTRAINT_IGNORED,
    CONSTRAINT_SHORTHANDS,
    GROUP_SCALING,
    NETWORK,
    TASK_SCALING,
    VAULT,
)
from qemu_run.jobspec.schema.task import CHANGE_SCRIPT, TASK, TEMPLATE
from qemu_run.jobspec.schema.words import Schema
from qemu_run.records import record
from qemu_run.syntax.nodes import Block


@record
class BlockRead:
    """A block that was read: its values so far, and what is needed to complete them."""

    values: Object
    block: Block
    noted: NotedPlaces
    diagnostics: Diagnostics

    def fill(self, defaults: Mapping[str, Json]) -> None:
        """Put in the defaults that reading a file already knows."""
        for name, value in defaults.items():
            if self.values[name] is None:
                self.values[name] = list(value) if isinstance(value, list) else value

    def move(self, source: str, target: str, value: Json) -> None:
        """Set `target` to a value that was written as `source`."""
        self.values[target] = value
        if span := self.noted.of(self.values, source):
            self.noted.inside(self.values, target, span)


def _constraint(this: BlockRead) -> None:
    _condition(this, CONSTRAINT_SHORTHANDS)
    values = this.values
    for name in CONSTRAINT_IGNORED:
        values.pop(name)
    hosts, prop = values.pop("distinct_hosts"), values.pop("distinct_property")
    if hosts is not None:
        this.move("distinct_hosts", "RTarget", "true" if hosts else "false")
        this.move("distinct_hosts", "Operand", "distinct_hosts")
    if prop:
        this.move("distinct_property", "LTarget", prop)
        this.move("distinct_property", "Operand", "distinct_property")
    values["Operand"] = values["Operand"] or "="


def _affinity(this: BlockRead) -> None:
    _condition(this, AFFINITY_SHORTHANDS)
    this.values["Operand"] = this.values["Operand"] or "="


def _condition(this: BlockRead, shorthands: tuple[str, ...]) -> None:
    """The last shorthand that is set wins; an empty one is as if absent."""
    for name in shorthands:
        if value := this.values.pop(name):
            this.move(name, "RTarget", value)
            this.move(name, "Operand", name)


def _network(this: BlockRead) -> None:
    """Ports with a number of their own are reserved; any port makes the old `reserved_ports` void."""
    ports = objects(this.values["DynamicPorts"])
    if ports:
        this.values["ReservedPorts"] = [port for port in ports if _static(port) > 0] or None
        this.values["DynamicPorts"] = [port for port in ports if _static(port) <= 0] or None


def _static(port: Object) -> int:
    return value if isinstance(value := port["Value"], int) else 0


def _template(this: BlockRead) -> None:
    this.fill(WRITTEN_TEMPLATE)


def _change_script(this: BlockRead) -> None:
    this.fill(WRITTEN_CHANGE_SCRIPT)


def _vault(this: BlockRead) -> None:
    this.fill(WRITTEN_VAULT)


def _periodic(this: BlockRead) -> None:
    if this.values["Spec"] is not None or this.values["Specs"] is not None:
        this.values["SpecType"] = "cron"


TASK_SCALING_TYPES = {"cpu": "vertical_cpu", "mem": "vertical_mem"}


def _task_scaling(this: BlockRead) -> None:
    """A task's policy follows from its label."""
    label = this.block.labels[0]
    wanted = TASK_SCALING_TYPES.get(label.text.lower())
    if wanted is None:
        this.diagnostics.error(f'a task cannot scale its "{label.text}"', label.span, '"cpu" or "mem"')
        return
    given = this.values["Type"] or wanted
    if given != wanted:
        this.diagnostics.error(
            f'"{given}" does not fit scaling "{label.text}"',
            this.noted.of(this.values, "Type"),
            f'leave it out, or set to "{wanted}"',
        )
    this.values["Type"] = wanted


def _group_scaling(this: BlockRead) -> None:
    """A group's policy is horizontal."""
    this.values["Type"] = this.values["Type"] or "horizontal"
    if this.values["Type"] != "horizontal":
        this.diagnostics.error(
            f'a group cannot scale by "{this.values["Type"]}"',
            this.noted.of(this.values, "Type"),
            '"horizontal"',
        )
    if "max" not in {attribute.name for attribute in this.block.body.attributes}:
        this.diagnostics.error("scaling has no max", this.block.header, "max is required")


def _task(this: BlockRead) -> None:
    """The identity without a name, or named default, has a field of its own."""
    identities = objects(this.values["Identities"])
    for identity in identities:
        if identity["Name"] in {"", "default"}:
            identities.remove(identity)
            this.values["Identity"] = identity
            this.values["Identities"] = list(identities)
            break
    if this.values["CSIPluginConfig"] is None:
        del this.values["CSIPluginConfig"]
    _one_scaling_each(this)


def _one_scaling_each(this: BlockRead) -> None:
    seen: set[str] = set()
    for block in this.block.body.blocks:
        label = block.labels[0].text.lower() if block.labels else ""
        if block.type == "scaling" and label:
            if label in seen:
                this.diagnostics.error(f'a second scaling "{label}"', block.header, "one of each is enough")
            seen.add(label)


def _group(this: BlockRead) -> None:
    inherit(objects(this.values["Tasks"]), this.values.pop("Vault"), this.values.pop("Secrets"))


def inherit(tasks: list[Object], vault: Json, secrets: Json) -> None:
    """Give tasks the vault they lack, and secrets beside their own."""
    for task in tasks:
        if task["Vault"] is None:
            task["Vault"] = vault
        if secrets:
            task["Secrets"] = [*objects(task["Secrets"]), *objects(secrets)]


def _job(this: BlockRead) -> None:
    """A task outside groups gets a group of its own, before the others; the label is the ID and the name."""
    values = this.values
    alone = objects(values.pop("Tasks"))
    groups = [_group_around(task, this.noted) for task in alone] + objects(values["TaskGroups"])
    values["TaskGroups"] = list(groups) or None
    vault, secrets = values.pop("Vault"), values.pop("Secrets")
    for group in groups:
        inherit(objects(group["Tasks"]), vault, secrets)
    label = this.block.labels[0]
    for name in ("ID", "Name"):
        if values[name] is None:
            values[name] = label.text
            this.noted.inside(values, name, label.span)


def _group_around(task: Object, noted: NotedPlaces) -> Object:
    group: Object = {name: value for name, value in GROUP.unset.items() if name not in GROUP.extras}
    group["Name"] = task["Name"]
    group["Tasks"] = [task]
    if span := noted.at(task):
        noted.here(group, span)
    return group


CONVERSIONS: Mapping[Schema, Callable[[BlockRead], None]] = {
    CONSTRAINT: _constraint,
    AFFINITY: _affinity,
    NETWORK: _network,
    TEMPLATE: _template,
    CHANGE_SCRIPT: _change_script,
    VAULT: _vault,
    PERIODIC: _periodic,
    GROUP_SCALING: _group_scaling,
    TASK_SCALING: _task_scaling,
    TASK: _task,
    GROUP: _group,
    JOB: _job,
}
"""By kind of block: what completes a block's values, in place."""
