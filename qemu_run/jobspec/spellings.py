"""Spellings of a constraint's attributes that only qemu-run takes.

Source: the documentation of Nomad's qemu driver, which writes `driver.qemu.version` without `attr.`.
"""

import re

_DRIVER_ATTRIBUTE = r"""(?xa)
        \$\{ (?P<braces>driver\.qemu[\w.]*) \}
      | \$< (?P<angles>driver\.qemu[\w.]*) >
      | (?P<bare>driver\.qemu[\w.]*)"""


def canonical_target(target: str) -> str:
    """The spelling a cluster takes: `driver.qemu.version` and `$<driver.qemu.version>` need `${attr.}`.

    The driver's own documentation writes its attributes without `attr.`. Any other text stays as it is.
    """
    match = re.fullmatch(_DRIVER_ATTRIBUTE, target)
    if match is None:
        return target
    return f"${{attr.{match['braces'] or match['angles'] or match['bare']}}}"


def spelling_note(target: str) -> str | None:
    """What to write for a cluster, if `target` is a spelling that only qemu-run takes."""
    canonical = canonical_target(target)
    return None if canonical == target else f'a cluster takes this only as "{canonical}"'
