"""What to say of a name that a block does not know: what was meant, or where it belongs."""

from collections.abc import Sequence

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec.qemu_config import KEYS as DRIVER_KEYS
from qemu_run.jobspec.schema.job import GROUP, JOB
from qemu_run.jobspec.schema.shared import RESOURCES
from qemu_run.jobspec.schema.task import TASK
from qemu_run.jobspec.schema.words import Schema
from qemu_run.jobspec.wording import a
from qemu_run.syntax.nodes import Attribute, Block

DEPTH = 2
"""How many levels below a block are searched for a name it does not know."""

REPLACED = {
    "consul_token": "it is not part of a job file any more",
    "vault_token": "it is not part of a job file any more",
    "policy_override": "it is an option of the command line",
    "cpus": "the number of processors is cores = ...; cpu counts MHz",
    "environment": "environment variables are the env block of a task",
    "image": 'the disk image is image_path = "..." in the config block',
    "ports": "ports are port blocks of a group's network block",
    "depends_on": "tasks are ordered by their lifecycle blocks",
    "restart_policy": "the block is called restart",
    "healthcheck": "checks are check blocks of a service",
    "depends": "tasks are ordered by their lifecycle blocks",
}
"""Names of other tools and other times, and what is used here."""


def unknown_attribute(node: Attribute, around: Sequence[Schema], diagnostics: Diagnostics) -> None:
    """Say that the innermost of the blocks `around` has no such attribute."""
    schema = around[-1]
    if node.name in schema.blocks:
        diagnostics.error(
            f'"{node.name}" is a block, not an attribute',
            node.name_span,
            'leave out the "="',
            hints=(f"write {node.name} {{ ... }}",),
        )
        return
    known = [*schema.attributes, *schema.blocks]
    diagnostics.error(
        f'{a(schema.name)} block has no attribute "{node.name}"',
        node.name_span,
        "not known here",
        hints=_hints(node.name, known, around),
    )


def unknown_block(node: Block, around: Sequence[Schema], diagnostics: Diagnostics) -> None:
    """Say that the innermost of the blocks `around` has no such block."""
    schema = around[-1]
    is_dynamic = node.type == "dynamic" and bool(node.labels)
    name = node.labels[0].text if is_dynamic else node.type
    if name in schema.attributes:
        diagnostics.error(
            f'"{name}" is an attribute, not a block',
            node.type_span,
            'a "=" is missing',
            hints=(f"write {name} = ...",),
        )
        return
    known = [*schema.blocks, *schema.attributes]
    diagnostics.error(
        f'{a(schema.name)} block has no block "{name}"',
        node.labels[0].span if is_dynamic else node.header,
        "not known here",
        hints=_hints(name, known, around),
    )


def _hints(name: str, known: list[str], around: Sequence[Schema]) -> tuple[str, ...]:
    hint = REPLACED.get(name) or _elsewhere(name, around) or did_you_mean(name, known)
    if not hint and name == "dynamic":
        hint = 'a dynamic block has one label: dynamic "port" { ... }'
    return (hint,) if hint else (f"it knows {_listed(known)}",)


def _listed(known: list[str], most: int = 12) -> str:
    if not known:
        return "nothing at all"
    return ", ".join(known[:most]) + (f" and {len(known) - most} more" if len(known) > most else "")


def _elsewhere(name: str, around: Sequence[Schema]) -> str:
    """Where a name belongs: in the driver's config, in a block below, or in one around."""
    schema = around[-1]
    if name in DRIVER_KEYS and schema in {TASK, GROUP, JOB, RESOURCES}:
        place = "of a task" if schema is not TASK else "of the task"
        return f'"{name}" belongs in the config block {place}'
    if below := _below(name, schema, DEPTH):
        return f'"{name}" belongs in the {below} block'
    for outer in reversed(around[:-1]):
        if name in outer.attributes or name in outer.blocks:
            return f'"{name}" belongs in the {outer.name} block around this one'
    return ""


def _below(name: str, schema: Schema, depth: int) -> str:
    """The nearest block below `schema` that knows the name, with the blocks on the way to it."""
    if depth == 0:
        return ""
    for child in schema.children:
        if name in child.attributes:
            return child.name
    for child in schema.children:
        if found := _below(name, child, depth - 1):
            return f"{found} block of the {child.name}"
    return ""
