"""Every command, told once: what it takes, what its help teaches, what a shell completes."""

from qemu_run.cli.options import (
    ALL,
    ARTIFACTS,
    CANONICAL,
    CONFIG,
    CONSOLE,
    ENV,
    EXPECTATIONS,
    JSON,
    KEEP,
    LANGUAGE,
    MAX_SIZE,
    OLDER,
    OUTPUT,
    PLACEMENT,
    QUIET,
    REPORTS,
    RESTART,
    Completes,
    Option,
)
from qemu_run.errors import ExitCode
from qemu_run.records import record

TEMPLATES = ("minimal", "ports", "cloud-init", "ci", "artifact")
SHELLS = ("bash", "zsh", "fish")
OF_A_JOB = ("run", "validate", "plan", "inspect", "init")
"""Those that mean the same behind Nomad's `job`."""
CACHE_ACTIONS = ("list", "prune", "verify", "path")

TEMPLATE = Option(
    name="--template",
    value="NAME",
    about="minimal unless said, ports, cloud-init, ci, artifact",
    group=OUTPUT,
    completes="words",
    words=TEMPLATES,
)


@record(kw_only=True)
class Operand:
    """What a command takes besides options."""

    name: str
    """What help calls it: `JOB`."""
    about: str
    least: int = 1
    most: int | None = 1
    """None: as many as there are."""
    completes: Completes = "nothing"
    words: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """How usage writes it: `JOB`, `[FILE]`, `JOB...`."""
        name = self.name + ("..." if self.most is None else "")
        return name if self.least else f"[{name}]"


Example = tuple[str, str]
"""A command line, and what it is for."""


@record(kw_only=True)
class Command:
    """A command."""

    name: str
    about: str
    """One line, as the list of commands has it."""
    group: str
    """The heading that it stands below in the list of commands."""
    operand: Operand | None = None
    options: tuple[Option, ...] = ()
    behind: tuple[str, str] | None = None
    """What the words behind `--` are called and do, if they are not operands."""
    more: str = ""
    """What a user should know besides."""
    examples: tuple[Example, ...] = ()
    exits: tuple[ExitCode, ...] = (ExitCode.OK, ExitCode.USAGE)

    @property
    def usage(self) -> str:
        """`run JOB`, `init [FILE]`."""
        return self.name + (f" {self.operand.shown}" if self.operand else "")


GROUPS = ("Run", "Look", "Machine", "Begin")
_RUN, _LOOK, _HOST, _BEGIN = GROUPS

_JOB = Operand(name="JOB", about="a path, - for standard input, or a URL", completes="jobs")
_RUN_EXITS = tuple(code for code in ExitCode if code is not ExitCode.READER_LEFT)
"""A run goes on when nobody reads."""

_LIST = (
    Command(
        name="run",
        about="run a job in the foreground until it ends",
        group=_RUN,
        operand=_JOB,
        options=(
            *LANGUAGE,
            *PLACEMENT,
            *ARTIFACTS,
            *EXPECTATIONS,
            RESTART,
            CONSOLE,
            QUIET,
            KEEP,
            *REPORTS,
        ),
        behind=("COMMAND", "runs once the guest is ready; its code counts"),
        examples=(
            ("qemu-run web.nomad.hcl", "the word run can be left out"),
            ("qemu-run web.nomad.hcl --var release=12", "with a variable of the job"),
            ("qemu-run web.nomad.hcl -- ./test-it", "a test while the guest runs"),
        ),
        exits=_RUN_EXITS,
    ),
    Command(
        name="demo",
        about="boot the guest that ships with qemu-run",
        group=_RUN,
        more="The guest ends by itself, and nothing is left behind. It needs QEMU, and neither\n"
        "a job nor an image nor the network.",
        examples=(
            ("qemu-run demo", "see a guest come and go"),
            ("qemu-run init", "then write a job of your own"),
            ("qemu-run fingerprint", "and see what this machine offers"),
        ),
        exits=(ExitCode.OK, ExitCode.USAGE, ExitCode.PLACEMENT, ExitCode.QEMU, ExitCode.INTERRUPTED),
    ),
    Command(
        name="validate",
        about="find all mistakes of job files",
        group=_LOOK,
        operand=Operand(
            name="JOB", about="a path, - for standard input, or a URL", most=None, completes="jobs"
        ),
        options=(*LANGUAGE, JSON),
        more="What needs no machine to be known is checked; plan checks the rest.",
        examples=(
            ("qemu-run validate *.nomad.hcl", "all of a folder"),
            ("qemu-run validate --json web.nomad.hcl", "for an editor"),
            ("qemu-run validate - < web.nomad.hcl", "from standard input"),
        ),
        exits=(ExitCode.OK, ExitCode.USAGE, ExitCode.JOB),
    ),
    Command(
        name="plan",
        about="show what a run would do, with QEMU's command",
        group=_LOOK,
        operand=_JOB,
        options=(*LANGUAGE, *PLACEMENT, JSON, ENV),
        more="The command is written for a shell: pasted there, it boots the guest without\n"
        "qemu-run. --json has it exactly as a run starts it.",
        examples=(
            ("qemu-run plan web.nomad.hcl", "what a run would do"),
            ("qemu-run plan --env web.nomad.hcl", "with each task's variables"),
            ("qemu-run plan --json web.nomad.hcl", "for a program"),
        ),
        exits=(
            *(ExitCode.OK, ExitCode.USAGE, ExitCode.JOB, ExitCode.PLACEMENT, ExitCode.ARTIFACT),
            *(ExitCode.HOST, ExitCode.READER_LEFT),
        ),
    ),
    Command(
        name="inspect",
        about="print the job as Nomad's JSON",
        group=_LOOK,
        operand=_JOB,
        options=(*LANGUAGE, CANONICAL, JSON),
        more="It is what nomad job run -output prints. What is wrong with the job is said on\n"
        "standard error, and with --json in the document.",
        examples=(
            ("qemu-run inspect web.nomad.hcl", "what the job says"),
            ("qemu-run inspect --canonical web.nomad.hcl", "with defaults"),
            ("qemu-run inspect web.nomad.hcl | jq .Job.Meta", "a part of it"),
        ),
        exits=(ExitCode.OK, ExitCode.USAGE, ExitCode.JOB, ExitCode.READER_LEFT),
    ),
    Command(
        name="fingerprint",
        about="show what this machine offers to constraints",
        group=_HOST,
        operand=Operand(
            name="ATTRIBUTE",
            about="print only its value: driver.qemu.version",
            least=0,
            completes="attributes",
        ),
        options=(CONFIG, JSON),
        more="The names are Nomad's: a job asks for them as ${attr.NAME}, ${meta.NAME} and\n"
        "${node.NAME}. The exit code is 1 when the machine does not have the attribute.",
        examples=(
            ("qemu-run fingerprint", "everything, a line each"),
            ("qemu-run fingerprint driver.qemu.version", "one value, for a script"),
            ("qemu-run fingerprint --json", "for a program"),
        ),
        exits=(ExitCode.OK, ExitCode.USAGE, ExitCode.JOB, ExitCode.READER_LEFT),
    ),
    Command(
        name="config",
        about="show the client configuration in force",
        group=_HOST,
        options=(CONFIG, JSON),
        more="It is read from --config FILE, from the file that QEMU_RUN_CONFIG names, or from\n"
        "qemu-run/client.hcl in the user's or the system's configuration folder.",
        examples=(
            ("qemu-run config", "the settings in force"),
            ("qemu-run config --config client.hcl", "those of a file to come"),
            ("qemu-run config --json", "for a program"),
        ),
        exits=(ExitCode.OK, ExitCode.USAGE, ExitCode.JOB, ExitCode.READER_LEFT),
    ),
    Command(
        name="cache",
        about="see and prune the artifacts that are kept",
        group=_HOST,
        operand=Operand(
            name="ACTION",
            about="list (unless said), prune, verify or path",
            least=0,
            completes="words",
            words=CACHE_ACTIONS,
        ),
        options=(JSON, OLDER, MAX_SIZE),
        more="list says what is kept, prune removes what no guest stands on that runs or is\n"
        "kept, verify hashes all and removes what is not right, path prints the folder.\n"
        "--json is for list, --older and --max-size are for prune.",
        examples=(
            ("qemu-run cache list", "what is kept"),
            ("qemu-run cache prune --older 30d", "be rid of what is old"),
            ("qemu-run cache prune --max-size 20G", "and of what does not fit"),
        ),
        exits=(ExitCode.OK, ExitCode.USAGE, ExitCode.ARTIFACT, ExitCode.HOST, ExitCode.READER_LEFT),
    ),
    Command(
        name="init",
        about="write a job that runs as it is, and an image",
        group=_BEGIN,
        operand=Operand(
            name="FILE",
            about="where to write it; example.nomad.hcl unless said",
            least=0,
            completes="folders",
        ),
        options=(TEMPLATE,),
        more="A file that is there already stays as it is.",
        examples=(
            ("qemu-run init && qemu-run example.nomad.hcl", "the shortest way"),
            ("qemu-run init web.nomad.hcl --template ports", "with ports"),
            ("qemu-run init vm.nomad.hcl --template cloud-init", "Debian, from the web"),
        ),
        exits=(ExitCode.OK, ExitCode.USAGE, ExitCode.HOST),
    ),
    Command(
        name="completion",
        about="print the completions of a shell",
        group=_BEGIN,
        operand=Operand(name="SHELL", about="bash, zsh or fish", completes="words", words=SHELLS),
        more='bash  ~/.bashrc: eval "$(qemu-run completion bash)"\n'
        'zsh   ~/.zshrc, below compinit: eval "$(qemu-run completion zsh)"\n'
        "fish  qemu-run completion fish > ~/.config/fish/completions/qemu-run.fish",
        examples=(
            ('eval "$(qemu-run completion bash)"', "for this shell only"),
            ("qemu-run completion zsh > ~/.zfunc/_qemu-run", "in a folder of fpath"),
            ("qemu-run completion fish | source", "for this shell only"),
        ),
    ),
    Command(
        name="help",
        about="show help, also of a command",
        group=_BEGIN,
        operand=Operand(name="COMMAND", about="the command to show help of", least=0, completes="commands"),
        options=(ALL,),
        examples=(
            ("qemu-run help", "what there is"),
            ("qemu-run help run", "the same as qemu-run run --help"),
            ("qemu-run help run --all", "with all of its options"),
        ),
    ),
    Command(
        name="version",
        about="print the version",
        group=_BEGIN,
        examples=(
            ("qemu-run version", "of qemu-run"),
            ("qemu-run --version", "the same"),
            ("qemu-run fingerprint driver.qemu.version", "of QEMU"),
        ),
    ),
)

COMMANDS = {command.name: command for command in _LIST}
"""Every command by its name."""
