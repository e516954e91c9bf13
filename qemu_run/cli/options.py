"""Every option of the command line, told once: its parser, its help and its completion read it here."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from qemu_run.cli.values import accelerator, ipv4_address, variable
from qemu_run.errors import Diagnostic
from qemu_run.records import record

Completes: TypeAlias = Literal[
    "nothing", "files", "jobs", "folders", "words", "attributes", "tasks", "variables", "commands"
]
"""What a shell offers for a value; `words` are those that the value can be."""

JOB, HOST, OUTPUT = "Job", "This machine", "Output"
GROUPS = (JOB, HOST, OUTPUT)
"""The headings of options in help, in their order."""

ACCELERATORS = ("tcg", "kvm", "xen", "hvf", "whpx", "nvmm", "hax", "mshv", "nitro", "qtest")
"""Names that QEMU knows on some system."""


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
    """Only named on the page of a command; `help COMMAND --all` explains it."""
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
    repeats=True,
    completes="files",
)
TASK = Option(
    name="--task",
    value="NAME",
    about="only this task; once for each",
    group=JOB,
    repeats=True,
    completes="tasks",
)
JSON_JOB = Option(
    name="--json-job", about="the job is in Nomad's API JSON (noticed without it, too)", group=JOB, rare=True
)
STRICT = Option(
    name="--hcl2-strict",
    opposite="--no-hcl2-strict",
    about="take values for variables that are not declared",
    group=JOB,
    rare=True,
)
CONFIG = Option(
    name="--config",
    value="FILE",
    about="the client configuration, in the form of Nomad's agent",
    group=HOST,
    completes="files",
)
ACCELERATOR = Option(
    name="--accelerator",
    value="NAME",
    about="use tcg or kvm, whatever the job says",
    group=HOST,
    completes="words",
    words=("tcg", "kvm"),
    check=lambda value: accelerator(value, ACCELERATORS),
)
BIND = Option(
    name="--bind",
    value="ADDRESS",
    about="forward ports from this address, not from 127.0.0.1",
    group=HOST,
    completes="words",
    words=("127.0.0.1", "0.0.0.0"),  # noqa: S104  # offered to a user who asks for it
    check=ipv4_address,
)
SNAPSHOT = Option(
    name="--snapshot", about="leave images of this host as they are: use an overlay", group=HOST
)
IGNORE_CONSTRAINTS = Option(name="--ignore-constraints", about="run whatever the constraints say", group=HOST)
QUIET = Option(name="--quiet", short="-q", about="say only how it ended and what went wrong", group=OUTPUT)
KEEP = Option(name="--keep", about="keep the allocation directory, and say where it is", group=OUTPUT)
JSON = Option(name="--json", about="print one JSON document, errors included", group=OUTPUT)
ENV = Option(name="--env", about="show the environment of each task", group=OUTPUT)
ALL = Option(name="--all", about="show the rare options, too", group=OUTPUT)
CANONICAL = Option(name="--canonical", about="add the defaults that Nomad fills in", group=OUTPUT)

LANGUAGE = (VAR, VAR_FILE, JSON_JOB, STRICT)
"""How a job file is read: for every command that reads one."""
PLACEMENT = (TASK, CONFIG, ACCELERATOR, BIND, SNAPSHOT, IGNORE_CONSTRAINTS)
"""How a job meets this machine: the same for `run` and `plan`."""
