"""Every option of the command line, told once: its parser, its help and its completion read it here."""

from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias

from qemu_run.cli.values import (
    accelerator,
    age,
    disk_size,
    image_format,
    ipv4_address,
    meta,
    report,
    size,
    variable,
)
from qemu_run.errors import Diagnostic
from qemu_run.records import record

Completes: TypeAlias = Literal[
    "nothing", "files", "jobs", "folders", "words", "attributes", "tasks", "variables", "commands"
]
"""What a shell offers for a value; `words` are those that the value can be."""

JOB, HOST, WATCHING, OUTPUT = "Job", "Machine", "Watching", "Output"
GROUPS = (JOB, HOST, WATCHING, OUTPUT)
"""The headings of options in help, in their order; they stand in its margin."""

CONSOLE_MODES = ("interactive", "raw", "follow", "none")
RESTART_MODES = ("never", "failed", "nomad")


@record(kw_only=True)
class Option:
    """An option, spelt with its dashes."""

    name: str
    about: str
    """What it does: one line of help."""
    group: str
    value: str = ""
    """What its value is called in help; empty for a switch."""
    short: str = ""
    repeats: bool = False
    opposite: str = ""
    """The spelling that says no, of a switch that is on without being said; help shows this one."""
    rare: bool = False
    """Left to `help COMMAND --all` where a page with all options would be longer than a screen."""
    completes: Completes = "nothing"
    words: tuple[str, ...] = ()
    """The values to choose from, or the usual ones."""
    check: Callable[[str], Diagnostic | None] | None = None
    """What is wrong with a value."""

    @property
    def shown(self) -> str:
        """How help writes it: `-q, --quiet`, `--var NAME=VALUE`."""
        short = f"{self.short}, " if self.short else ""
        return short + (self.opposite or self.name) + (f" {self.value}" if self.value else "")

    @property
    def spellings(self) -> tuple[str, ...]:
        """Everything that means it."""
        return tuple(filter(None, (self.name, self.opposite, self.short)))


VAR = Option(
    name="--var",
    value="NAME=VALUE",
    about="set a variable of the job; once for each",
    group=JOB,
    repeats=True,
    completes="variables",
    check=variable,
)
VAR_FILE = Option(
    name="--var-file",
    value="FILE",
    about="read variables from a file; once for each",
    group=JOB,
    rare=True,
    repeats=True,
    completes="files",
)
TASK = Option(
    name="--task",
    value="NAME",
    about="only this task; once for each",
    group=JOB,
    rare=True,
    repeats=True,
    completes="tasks",
)
META = Option(
    name="--meta",
    value="KEY=VALUE",
    about="dispatch a parameterized job; once for each",
    group=JOB,
    rare=True,
    repeats=True,
    check=meta,
)
PAYLOAD = Option(
    name="--payload",
    value="FILE",
    about="dispatch it with a file, or - (standard input)",
    group=JOB,
    rare=True,
    completes="files",
)
JSON_JOB = Option(name="--json-job", about="the job is in Nomad's API JSON", group=JOB, rare=True)
STRICT = Option(
    name="--hcl2-strict",
    opposite="--no-hcl2-strict",
    about="take values for undeclared variables",
    group=JOB,
    rare=True,
)
ALLOW_LOCAL = Option(
    name="--allow-local", about="let a job from a URL name files of this host", group=JOB, rare=True
)
CONFIG = Option(
    name="--config",
    value="FILE",
    about="client configuration, as Nomad's agent has it",
    group=HOST,
    rare=True,
    completes="files",
)
ACCELERATOR = Option(
    name="--accelerator",
    value="NAME",
    about="in place of the job's: tcg, kvm, kvm:tcg, auto",
    group=HOST,
    completes="words",
    words=("tcg", "kvm", "kvm:tcg", "auto"),
    check=accelerator,
)
BIND = Option(
    name="--bind",
    value="ADDRESS",
    about="forward ports from there, not from 127.0.0.1",
    group=HOST,
    rare=True,
    completes="words",
    words=("127.0.0.1", "0.0.0.0"),  # noqa: S104  # offered to a user who asks for it
    check=ipv4_address,
)
SNAPSHOT = Option(name="--snapshot", about="leave images of this host as they are", group=HOST, rare=True)
IMAGE_FORMAT = Option(
    name="--image-format",
    value="FORMAT",
    about="the image is raw, qcow2, ... whatever it seems",
    group=HOST,
    rare=True,
    completes="words",
    words=("raw", "qcow2"),
    check=partial(image_format, "--image-format"),
)
DISK_SIZE = Option(
    name="--disk-size",
    value="SIZE",
    about="give the guest a larger disk: 20G",
    group=HOST,
    rare=True,
    check=partial(disk_size, "--disk-size"),
)
OVERLAY = Option(
    name="--overlay",
    value="FILE",
    about="keep the guest's changes for the next run",
    group=HOST,
    completes="files",
)
IGNORE_CONSTRAINTS = Option(
    name="--ignore-constraints", about="run whatever the constraints say", group=HOST, rare=True
)
OFFLINE = Option(name="--offline", about="use what the cache has; ask no server", group=HOST, rare=True)
MAX_DOWNLOAD = Option(
    name="--max-download",
    value="SIZE",
    about="refuse larger artifacts; 100G unless said",
    group=HOST,
    rare=True,
    check=partial(size, "--max-download"),
)
EXPECT = Option(
    name="--expect",
    value="REGEX",
    about="good once the console said this; once for each",
    group=WATCHING,
    repeats=True,
)
FORBID = Option(
    name="--forbid",
    value="REGEX",
    about="bad once it says this, or @oops, @oom, ...",
    group=WATCHING,
    rare=True,
    repeats=True,
)
TIMEOUT = Option(name="--timeout", value="TIME", about="the run may take so long: 90s, 5m", group=WATCHING)
READY = Option(name="--ready", value="REGEX", about="the guest is ready when it says this", group=WATCHING)
EXPECT_RESULT = Option(
    name="--expect-result",
    value="N",
    about="the guest has to report this number",
    group=WATCHING,
    rare=True,
)
BOOT_TIMEOUT = Option(
    name="--boot-timeout",
    value="TIME",
    about="the guest has to be ready by then",
    group=WATCHING,
    rare=True,
)
SILENCE_TIMEOUT = Option(
    name="--silence-timeout",
    value="TIME",
    about="the console may be silent so long",
    group=WATCHING,
    rare=True,
)
MAX_REBOOTS = Option(
    name="--max-reboots", value="N", about="the guest may reboot so often", group=WATCHING, rare=True
)
REBOOT_ENDS = Option(
    name="--reboot-ends", about="a reboot under -no-reboot is a good end", group=WATCHING, rare=True
)
RESTART = Option(
    name="--restart",
    value="MODE",
    about="in place of the job's: never, failed, nomad",
    group=WATCHING,
    rare=True,
    completes="words",
    words=RESTART_MODES,
)
CONSOLE = Option(
    name="--console",
    value="MODE",
    about="interactive, raw, follow or none",
    group=OUTPUT,
    rare=True,
    completes="words",
    words=CONSOLE_MODES,
)
QUIET = Option(name="--quiet", short="-q", about="say only how it ended and what went wrong", group=OUTPUT)
KEEP = Option(name="--keep", about="keep the allocation directory, and say where", group=OUTPUT, rare=True)
EVENTS = Option(
    name="--events",
    value="FILE",
    about="write what happens to a file, as JSON lines",
    group=OUTPUT,
    rare=True,
    completes="files",
    check=report,
)
EVENTS_CONSOLE = Option(
    name="--events-console", about="put console lines among the events", group=OUTPUT, rare=True
)
JUNIT = Option(
    name="--junit",
    value="FILE",
    about="write the results to a file, as JUnit XML",
    group=OUTPUT,
    rare=True,
    completes="files",
    check=report,
)
EVIDENCE = Option(
    name="--output",
    value="DIR",
    about="keep console, events and plan in a folder",
    group=OUTPUT,
    rare=True,
    completes="folders",
)
RUN_JSON = Option(name="--json", about="print the outcome as JSON, not the console", group=OUTPUT, rare=True)
OLDER = Option(
    name="--older",
    value="AGE",
    about="prune only what was not used for so long: 30d",
    group=OUTPUT,
    check=partial(age, "--older"),
)
MAX_SIZE = Option(
    name="--max-size",
    value="SIZE",
    about="prune only until the rest fits: 20G",
    group=OUTPUT,
    check=partial(size, "--max-size"),
)
JSON = Option(name="--json", about="print one JSON document, errors included", group=OUTPUT)
ENV = Option(name="--env", about="show the environment of each task", group=OUTPUT)
ALL = Option(name="--all", about="all options of it, however many", group=OUTPUT)
CANONICAL = Option(name="--canonical", about="add the defaults that Nomad fills in", group=OUTPUT)

LANGUAGE = (VAR, VAR_FILE, JSON_JOB, STRICT, ALLOW_LOCAL)
"""How a job file is read: for every command that reads one."""
PLACEMENT = (
    *(TASK, META, PAYLOAD, CONFIG, ACCELERATOR, BIND),
    *(SNAPSHOT, IMAGE_FORMAT, DISK_SIZE, OVERLAY, IGNORE_CONSTRAINTS),
)
"""How a job meets this machine: the same for `run` and `plan`."""
ARTIFACTS = (OFFLINE, MAX_DOWNLOAD)
"""How a run gets its artifacts."""
REPORTS = (EVENTS, EVENTS_CONSOLE, JUNIT, EVIDENCE, RUN_JSON)
"""What a run leaves for programs."""
EXPECTATIONS = {
    EXPECT: "expect",
    FORBID: "forbid",
    READY: "ready",
    EXPECT_RESULT: "result",
    TIMEOUT: "run_seconds",
    BOOT_TIMEOUT: "boot_seconds",
    SILENCE_TIMEOUT: "silence_seconds",
    MAX_REBOOTS: "most_reboots",
    REBOOT_ENDS: "reboot_is_end",
}
"""What is expected of a run, by what the expectation is called behind the command line."""
