"""Functions of files and paths, relative to the working directory as in Nomad, not to the job file."""

import base64
import os
import posixpath
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from qemu_run.expressions.equality import set_of
from qemu_run.expressions.functions.arguments import string
from qemu_run.expressions.scope import Function, Scope
from qemu_run.expressions.types import STRING
from qemu_run.expressions.values import LONGEST_STRING, ExpressionError, SetValue
from qemu_run.golang import paths

MOST_FILES = 20_000
STEPS_OF_A_FILE = 10
LARGEST_FILE = LONGEST_STRING


def abspath(scope: Scope, path: str) -> str:
    """The path from the root."""
    return paths.clean(path if path.startswith("/") else f"{scope.folder}/{path}")


def pathexpand(path: str) -> str:
    """The path with a leading `~` as the home folder."""
    if not path.startswith("~"):
        return path
    if len(path) > 1 and path[1] not in "/\\":
        msg = "only one's own home folder can be written ~"
        raise ExpressionError(msg, 0)
    home = os.environ.get("HOME") or str(Path.home())
    return paths.clean(f"{home}/{path[1:]}")


def _resolved(scope: Scope, path: str) -> Path:
    if "\0" in path:
        msg = "a path cannot hold a NUL character"
        raise ExpressionError(msg, 0)
    return Path(abspath(scope, pathexpand(path)))


def _read(scope: Scope, path: str) -> bytes:
    resolved = _resolved(scope, path)
    try:
        if resolved.is_fifo():  # reading one could wait for ever
            raise ExpressionError(f"{resolved} is not a regular file", 0)
        with resolved.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise ExpressionError(f"no such file: {resolved}", 0) from None
    except OSError as error:
        raise ExpressionError(f"{resolved}: {(error.strerror or str(error)).lower()}", 0) from None
    if len(content) > LARGEST_FILE:
        raise ExpressionError(f"{resolved} is too large to be part of a job", 0)
    return content


def file(scope: Scope, path: str) -> str:
    """The text of a file."""
    try:
        return _read(scope, path).decode()
    except UnicodeDecodeError:
        msg = "the file is not UTF-8 text; filebase64(x) reads any file"
        raise ExpressionError(msg, 0) from None


def file_base64(scope: Scope, path: str) -> str:
    """The bytes of a file in base64."""
    return base64.b64encode(_read(scope, path)).decode()


def file_exists(scope: Scope, path: str) -> bool:
    """Whether there is a file; anything else of that name is a failure."""
    resolved = _resolved(scope, path)
    try:
        if not resolved.exists():
            return False
    except OSError as error:
        raise ExpressionError(f"{resolved}: {(error.strerror or str(error)).lower()}", 0) from None
    if not resolved.is_file():
        raise ExpressionError(f"{resolved} is not a regular file", 0)
    return True


def file_set(scope: Scope, path: str, pattern: str) -> SetValue:
    """The files below a folder whose path matches a pattern with `*`, `**`, `?`, `[a-z]` and `{a,b}`."""
    base = _resolved(scope, path) if path.startswith("~/") else Path(abspath(scope, path))
    whole = paths.clean(f"{base}/{pattern}")
    matches = _Search(scope).matches(whole.split("/")[1:], Path("/"))
    return set_of(STRING, (posixpath.relpath(match, base) for match in matches if _is(stat.S_ISREG, match)))


def _is(kind: Callable[[int], bool], path: Path, *, follow: bool = True) -> bool:
    """Whether a path leads to something of a kind; what cannot be looked at is of none."""
    try:
        return kind(path.stat(follow_symlinks=follow).st_mode)
    except (OSError, ValueError):
        return False


class _Search:
    """One walk through folders, of bounded length."""

    def __init__(self, scope: Scope) -> None:
        self._budget = scope.budget
        self._seen = 0

    def matches(self, parts: list[str], folder: Path) -> Iterator[Path]:
        """The paths below a folder that match the parts of a pattern; `**` is any number of folders."""
        if not parts:
            yield folder
            return
        part, rest = parts[0], parts[1:]
        if part == "**":
            yield from self.matches(rest, folder)
            for entry in self._entries(folder):
                if _is(stat.S_ISDIR, entry, follow=False):
                    yield from self.matches(parts, entry)
                elif not rest:
                    yield entry
        elif re.search(r"[*?\[{\\]", part):
            matcher = re.compile(_expression(part))
            for entry in self._entries(folder):
                if matcher.fullmatch(entry.name) and (not rest or _is(stat.S_ISDIR, entry)):
                    yield from self.matches(rest, entry)
        elif _is(lambda _: True, folder / part):
            yield from self.matches(rest, folder / part)

    def _entries(self, folder: Path) -> list[Path]:
        try:
            entries = sorted(folder.iterdir())
        except OSError:
            return []
        self._budget.spend(STEPS_OF_A_FILE * (len(entries) + 1))
        self._seen += len(entries)
        if self._seen > MOST_FILES:
            raise ExpressionError(f"more than {MOST_FILES:,} files to look at", 0)
        return entries


PATTERN = re.compile(
    r"\\(?P<escaped>.)|(?P<any>\*)|(?P<one>\?)|\[(?P<negated>[\^!]?)(?P<set>.[^\]]*)\]|(?P<open>\{)|(?P<close>\})"
    r"|(?P<comma>,)|(?P<other>.)",
    re.DOTALL,
)


def _expression(part: str) -> str:
    """One part of a pattern as a regular expression."""
    made, depth = [], 0
    for token in PATTERN.finditer(part):
        kind = token.lastgroup or ""
        if kind == "set":
            negated = "^" if token["negated"] else ""
            made.append(f"[{negated}{token['set'].replace(chr(92), chr(92) * 2)}]")
        elif token[0] == "[":
            msg = "a [ in the pattern is never closed"
            raise ExpressionError(msg, 1)
        elif kind == "open" or (kind in {"close", "comma"} and depth):
            depth += {"open": 1, "close": -1, "comma": 0}[kind]
            made.append({"open": "(?:", "close": ")", "comma": "|"}[kind])
        else:
            made.append({"any": ".*", "one": "."}.get(kind) or re.escape(token["escaped"] or token[0]))
    if depth:
        msg = "a { in the pattern is never closed"
        raise ExpressionError(msg, 1)
    return "".join(made)


PATH = (string("path"),)
FUNCTIONS = {
    "abspath": Function(abspath, PATH, takes="scope and values"),
    "basename": Function(paths.base, PATH),
    "dirname": Function(paths.directory, PATH),
    "file": Function(file, PATH, takes="scope and values"),
    "filebase64": Function(file_base64, PATH, takes="scope and values"),
    "fileexists": Function(file_exists, PATH, takes="scope and values"),
    "fileset": Function(file_set, (*PATH, string("pattern")), takes="scope and values"),
    "pathexpand": Function(pathexpand, PATH),
}


def _refuse(*_: object) -> str:
    msg = "a job from elsewhere reads files of this host only with --allow-local"
    raise ExpressionError(msg, 0)


REFUSING: Mapping[str, Function] = {
    name: replace(function, call=_refuse) for name, function in FUNCTIONS.items() if name.startswith("file")
}
"""The same names, for a job that may not look at files."""
