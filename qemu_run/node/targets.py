"""What `attribute` and `value` of a constraint may name.

Source: Nomad 2.0, `scheduler/feasible/feasible.go` (resolveTarget).
"""

from qemu_run.jobspec.spellings import canonical_target


def reference(target: str) -> str | None:
    """`attr.kernel.name` for `${attr.kernel.name}` in any accepted spelling; None for a literal text.

    The name goes up to the text's last character: there is no interpolation of a part of the text.
    """
    target = canonical_target(target)
    return target[2:].removesuffix("}") if target.startswith("${") else None


def attribute_name(target: str) -> str | None:
    """`kernel.name` for `${attr.kernel.name}`; None for whatever is no attribute of the machine."""
    name = reference(target)
    return name.removeprefix("attr.") if name is not None and name.startswith("attr.") else None


def shown(target: str) -> str:
    """The target as a table shows it: a reference without its braces, a literal text in quotes."""
    name = reference(target)
    return name if name is not None else f'"{target}"'
