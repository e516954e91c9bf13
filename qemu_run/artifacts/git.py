"""Clone repositories with the `git` program: no prompts, no hooks, no transport that runs commands.

Source: go-getter's git getter for `ref`, `depth` and `sshkey`; `git help git` for GIT_ALLOW_PROTOCOL.
"""

import base64
import binascii
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.location import GIT_SCHEMES, Location
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.words import masked

_MOST_SECONDS = 30 * 60
_QUIET = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false"),
    *("-c", "credential.interactive=false", "-c", "protocol.ext.allow=never"),
)
_LINES_SHOWN = 4


def option_problem(options: Mapping[str, str]) -> str:
    """What is wrong with the options of a repository, in a few words; empty when nothing is."""
    if options.get("ref", "").startswith("-"):
        return "a ref does not begin with a dash"
    depth = options.get("depth", "")
    if depth and not (depth.isascii() and depth.isdecimal()):
        return "depth is a number of commits"
    if "sshkey" in options:
        try:
            base64.b64decode(options["sshkey"], validate=True)
        except (binascii.Error, ValueError):
            return "sshkey is a private key in base64, as `base64 -w0 FILE` prints it"
    return ""


def clone(location: Location, options: Mapping[str, str], target: Path, stop: Stop) -> None:
    """Clone a repository into the folder `target`, which is not there yet.

    Raises:
        FetchError: git is not there, or failed.
        StoppedError: all is to end.
    """
    if shutil.which("git") is None:
        raise FetchError("this machine has no git", hints=("install git: apt install git",))
    ref, depth = options.get("ref", ""), int(options.get("depth") or 0)
    with _environment(options) as environment:
        shallow = ["--depth", str(depth)] if depth > 0 else []
        if shallow and ref:
            shallow += ["--branch", ref]
        order = (
            "clone",
            "--quiet",
            "--template=",
            "--no-checkout",
            *shallow,
            "--",
            location.url,
            str(target),
        )
        _git(order, environment, location, stop)
        inside = ("-C", str(target))
        _git((*inside, "checkout", "--quiet", ref or "HEAD", "--"), environment, location, stop)
        if (target / ".gitmodules").is_file():
            order = (*inside, "submodule", "--quiet", "update", "--init", "--recursive", *shallow[:2])
            _git(order, environment, location, stop)


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


def _git(arguments: Sequence[str], environment: Mapping[str, str], location: Location, stop: Stop) -> None:
    """Run git to its end.

    Raises:
        FetchError: it failed, or took too long.
        StoppedError: all is to end.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            ["git", *_QUIET, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
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
        if code:
            said.seek(0)
            lines = said.read(64 << 10).decode("utf-8", "replace").replace("\r", "\n").splitlines()
            words = [masked(line) for line in lines if line.strip()][-_LINES_SHOWN:]
            raise FetchError(
                "git cannot fetch the artifact", detail="\n".join((f"from {location.printable}", *words))
            )
