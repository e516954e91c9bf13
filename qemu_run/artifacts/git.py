"""Clone repositories with the `git` program: no prompts, no hooks, no transport that runs commands.

Source: go-getter's git getter for `ref`, `depth` and `sshkey`; `git help git` for GIT_ALLOW_PROTOCOL.
"""

import base64
import binascii
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from qemu_run.artifacts import address
from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.location import GIT_SCHEMES, Location
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.words import masked

_MOST_SECONDS = 30 * 60
_QUIET = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false"),
    *("-c", "credential.interactive=false", "-c", "protocol.ext.allow=never"),
    *("-c", "core.logAllRefUpdates=false"),  # a log would name the address, password and all
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false"),  # nothing goes on behind our back
)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_LINES_SHOWN = 4
_MOST_BYTES = 64 << 10
"""Of what git prints: the few lines we ask for, or complaints."""


def option_problem(options: Mapping[str, str]) -> str:
    """What is wrong with the options of a repository, in a few words; empty when nothing is."""
    if options.get("ref", "").startswith("-"):
        return "a ref does not begin with a dash"
    if not options.get("ref", "").isprintable():
        return "a ref has no control characters"
    depth = options.get("depth", "")
    if depth and not (depth.isascii() and depth.isdecimal()):
        return "depth is a number of commits"
    if depth.strip("0") and named_commit(options.get("ref", "")):
        return "depth is for a branch or a tag: git clones no commit by its hash"
    if "sshkey" in options:
        try:
            base64.b64decode(options["sshkey"], validate=True)
        except (binascii.Error, ValueError):
            return "sshkey is a private key in base64, as `base64 -w0 FILE` prints it"
    return ""


def named_commit(ref: str) -> str:
    """The commit that a ref names by its whole hash, which never means another; empty when it does not."""
    return ref.lower() if _COMMIT.fullmatch(ref) else ""


def remote_commit(location: Location, options: Mapping[str, str], stop: Stop) -> str:
    """The commit that a branch, a tag or the default has at its server now; empty when there is no such name.

    Raises:
        FetchError: git is not there, or the server does not answer.
        StoppedError: all is to end.
    """
    ref = options.get("ref", "")
    names = [f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}"] if ref else ["HEAD"]
    with _environment(options) as environment:
        said = _git(("ls-remote", "--quiet", "--", location.url, *names), environment, location, stop)
    found = {name: commit for commit, _, name in (line.partition("\t") for line in said.splitlines())}
    return next((named_commit(found[name]) for name in names if name in found), "")


def clone(location: Location, options: Mapping[str, str], target: Path, lock: int, stop: Stop) -> str:
    """Clone a repository into the empty folder `target`, without what is secret; gives the commit.

    Whoever has the descriptor `lock` works on the folder: git keeps it, should we be killed before it ends.

    Raises:
        FetchError: git is not there, or failed.
        StoppedError: all is to end.
    """
    ref, depth = options.get("ref", ""), int(options.get("depth") or 0)
    shallow = ["--depth", str(depth)] if depth > 0 else []
    branch = ["--branch", ref] if shallow and ref else []
    inside = ("-C", str(target))
    with _environment(options) as environment:

        def git(*arguments: str) -> str:
            return _git(arguments, environment, location, stop, lock)

        flags = ("--quiet", "--template=", "--no-checkout", *shallow, *branch)
        git("clone", *flags, "--", location.url, str(target))
        git(*inside, "checkout", "--quiet", ref or "HEAD", "--")
        if (target / ".gitmodules").is_file():
            git(*inside, "submodule", "--quiet", "update", "--init", "--recursive", *shallow)
        _forget_secrets(target, location)
        return git(*inside, "rev-parse", "HEAD").strip()


def _forget_secrets(target: Path, location: Location) -> None:
    """Take users, passwords and queries out of the addresses that git noted."""
    user, at, _ = location.url.partition("://")[2].partition("/")[0].rpartition("@")
    for path in (target / ".git").rglob("config"):
        text = path.read_text(errors="surrogateescape")
        plain = text.replace(location.url, address.printable(location.url))
        plain = plain.replace(f"//{user}@", "//") if at else plain
        if plain != text:
            path.write_text(plain, errors="surrogateescape")


@contextmanager
def _environment(options: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The variables for git: nobody is asked for anything, and the job's key is used if it has one."""
    ssh = ["ssh", "-o", "BatchMode=yes"]
    with tempfile.TemporaryDirectory(prefix="qemu-run-git-") as folder:
        if key := options.get("sshkey"):
            path = Path(folder) / "key"
            path.touch(mode=0o600)
            path.write_bytes(base64.b64decode(key))
            ssh += ["-i", str(path), "-o", "IdentitiesOnly=yes"]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        yield {
            **inherited,
            "GIT_ALLOW_PROTOCOL": ":".join(GIT_SCHEMES),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "true",
            "SSH_ASKPASS": "true",
            "GIT_SSH_COMMAND": " ".join(ssh),
            "LC_ALL": "C",
        }


def _git(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    location: Location,
    stop: Stop,
    lock: int | None = None,
) -> str:
    """Run git to its end; gives what it printed.

    Raises:
        FetchError: it is not there, failed, or took too long.
        StoppedError: all is to end.
    """
    if shutil.which("git") is None:
        raise FetchError("this machine has no git", hints=("install git: apt install git",))
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            ["git", *_QUIET, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            pass_fds=() if lock is None else (lock,),
        )
        try:
            with stop.waking(lambda: os.killpg(process.pid, signal.SIGKILL)):
                code = process.wait(_MOST_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise FetchError("git takes more than 30 minutes", detail=f"from {location.printable}") from error
        finally:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        stop.check()
        said.seek(0)
        text = said.read(_MOST_BYTES).decode("utf-8", "replace")
        if code:
            lines = text.replace("\r", "\n").splitlines()
            words = [masked(line) for line in lines if line.strip()][-_LINES_SHOWN:]
            raise FetchError(
                "git cannot fetch the artifact", detail="\n".join((f"from {location.printable}", *words))
            )
        return text
