"""The runner of GitHub Actions, which reads commands to itself out of what a step prints.

A line that begins with `::`, or has `##[` in it, may be one. What strangers say must not be; what we mean
for the runner is.
Source: GitHub's "Workflow commands for GitHub Actions", and the runner's ActionCommand.
"""

import os
import re
import stat

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def is_listening() -> bool:
    """Whether a runner reads what we print."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def is_file(descriptor: int) -> bool:
    """Whether what is written there goes to a file, where no runner reads it."""
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def new_token() -> str:
    """What nobody can guess: it ends the time in which the runner takes no commands."""
    return os.urandom(16).hex()


def deaf(token: str) -> str:
    """From this line on the runner takes no commands."""
    return f"::stop-commands::{token}\n"


def hearing(token: str) -> str:
    """From this line on it does again."""
    return f"::{token}::\n"


def harmless(text: str) -> str:
    """A text of ours, that may hold a stranger's words, as no command."""
    return re.sub(r"^(\s*):(?=:)", r"\1: ", text).replace("##[", "## [")


def command(name: str, text: str, **properties: object) -> str:
    """A command to the runner; properties that are None are left out."""
    pairs = (
        f"{key}={_escaped(f'{value}', _PROPERTY)}" for key, value in properties.items() if value is not None
    )
    return f"::{name} {','.join(pairs)}".rstrip() + f"::{_escaped(text, _DATA)}"


def _escaped(text: str, codes: dict[str, str]) -> str:
    return "".join(codes.get(character, character) for character in text)
