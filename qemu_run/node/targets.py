"""What `attribute` and `value` of a constraint may name, and the spellings only qemu-run takes.

Source: Nomad 2.0, `scheduler/feasible/feasible.go` (resolveTarget), and the documentation of the
qemu driver for `driver.qemu.*`.
"""

import re

_DRIVER_ATTRIBUTE = re.compile(
    r"""\$\{ (?P<braces>driver\.qemu[\w.]*) \}
      | \$< (?P<angles>driver\.qemu[\w.]*) >
      | (?P<bare>driver\.qemu[\w.]*)""",
    re.VERBOSE | re.ASCII,
)


def canonical_target(target: str) -> str:
    """The spelling a cluster takes: `driver.qemu.version` and `$<driver.qemu.version>` need `${attr.}`.

    The driver's own documentation writes its attributes without `attr.`. Any other text stays as it is.
    """
    match = _DRIVER_ATTRIBUTE.fullmatch(target)
    if match is None:
        return target
    return f"${{attr.{match['braces'] or match['angles'] or match['bare']}}}"


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


def spelling_note(target: str) -> str | None:
    """What to write for a cluster, if `target` is a spelling that only qemu-run takes."""
    canonical = canonical_target(target)
    return None if canonical == target else f'a cluster takes this only as "{canonical}"'
