"""The lines of a template with `env = true`: `NAME=value`, as Nomad's client reads them.

Source: Nomad's documentation of `template`; hashicorp/go-envparse was asked for quotes, escapes and comments.
"""

import json
import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_./]*")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BARE = re.compile(r"""[^'"#]+""")
_ESCAPED = re.compile(r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])')


class EnvironmentFileError(ValueError):
    """A line that is not a variable."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def parse_environment_file(text: str) -> dict[str, str]:
    """The variables that a text sets, the last of a name counting.

    Raises:
        EnvironmentFileError: a line is not empty, not a comment and not a variable; says which and why.
    """
    variables: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        content = line.strip(" \t\r")
        if not content or content.startswith("#"):
            continue
        try:
            name, value = _variable(content.removeprefix("export "))
        except ValueError as error:
            raise EnvironmentFileError(number, str(error)) from None
        variables[name] = value
    return variables


def _variable(line: str) -> tuple[str, str]:
    name, equals, rest = line.partition("=")
    name = name.rstrip(" \t")
    if not equals:
        raise ValueError('there is no "="')
    if not _NAME.fullmatch(name):
        raise ValueError(f'"{name[:40]}" cannot be the name of one')
    return name, _value(rest)


def _value(rest: str) -> str:
    """Bare and quoted stretches one after the other, up to a `#` outside quotes."""
    parts: list[str] = []
    rest = rest.strip(" \t")
    at = 0
    while at < len(rest) and rest[at] != "#":
        if found := _BARE.match(rest, at):
            parts.append(found[0])
        elif found := _SINGLE.match(rest, at):
            parts.append(found[1])
        elif found := _DOUBLE.match(rest, at):
            parts.append(_unescaped(found[1]))
        else:
            raise ValueError(f"a quote is never closed: {rest[at : at + 20]}")
        at = found.end()
    if at < len(rest) and parts:
        parts[-1] = parts[-1].rstrip(" \t")
    return "".join(parts)


def _unescaped(text: str) -> str:
    if "\\" in _ESCAPED.sub("", text):
        raise ValueError("a backslash in double quotes that escapes nothing")
    return _ESCAPED.sub(lambda escape: str(json.loads(f'"{escape[0]}"')), text)
