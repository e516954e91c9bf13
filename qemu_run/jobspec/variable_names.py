"""How labels and names of a job stand in names of variables.

Source: Nomad's `helper.CleanEnvVar`.
"""

import re

_UNSAFE = re.compile(rb"[^A-Za-z0-9_.]")


def variable_name(text: str) -> str:
    """The text with an underscore for each byte that no variable's name has on Nomad: `ssh-x` is `ssh_x`."""
    return _UNSAFE.sub(b"_", text.encode("utf-8", "surrogateescape")).decode("ascii")
