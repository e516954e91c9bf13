"""Completion in fish."""

from collections.abc import Iterable, Iterator

from qemu_run.cli.commands import COMMANDS, OF_A_JOB, Command
from qemu_run.cli.options import Completes, Option

_SCRIPT = r"""# fish completion for qemu-run, printed by: qemu-run completion fish

# The command on the line, and how many operands it has: `run 1`; nothing before the first word.
function __qemu_run_line
    set -l command
    set -l operands 0
    set -l option
    for word in (commandline -opc)[2..]
        if set -q option[1]
            set -e option[1]
        else if test "$word" = --; and contains -- "$command" @BESIDE@; and test $operands -gt 0
            echo beside 0
            return
        else if string match -q -- '-?*' $word
            contains -- $word @VALUED@; and set option $word
        else if test "$command" = job
            set command $word
        else if set -q command[1]
            set operands (math $operands + 1)
        else if contains -- $word @COMMANDS@ job
            set command $word
        else
            set command run
            set operands 1
        end
    end
    set -q command[1]; and echo $command $operands
end

function __qemu_run_first
    test (count (commandline -opc)) -lt 2
end

# Whether the command is $argv[1]; a line that begins with an option is a run's.
function __qemu_run_is
    set -l line (string split ' ' (__qemu_run_line))
    set -q line[1]; or set line run 0
    test $line[1] = $argv[1]
end

# Whether it is, and has fewer than $argv[2] operands.
function __qemu_run_takes
    set -l line (string split ' ' (__qemu_run_line))
    set -q line[1]; or set line run 0
    test $line[1] = $argv[1]; and test $line[2] -lt $argv[2]
end

# The word at the cursor without its quotes, as far as it is typed.
function __qemu_run_word
    set -l word (commandline -ct)
    switch $word
        case '"*' "'*"
            string sub -s 2 -- $word
        case '*'
            string unescape -- $word
    end
end

# The command beside the guest, as it is completed elsewhere.
function __qemu_run_beside
    set -l words (commandline -opc)
    set -l first (math (contains -i -- -- $words) + 1)
    complete -C (string join ' ' -- (string escape -- $words[$first..]) (commandline -ct))
end

function __qemu_run_jobs
    __fish_complete_path (__qemu_run_word) | string match -r '^.*(?:\.(?:hcl|nomad|json)|/)(?:\t.*)?$'
end

# What only the program knows: attributes of this machine, tasks and variables of the job.
function __qemu_run_offers
    set -l words (commandline -opc)
    $words[1] __offers $argv[1] $words[2..] 2>/dev/null
end

complete -c qemu-run -f
complete -c qemu-run -n __qemu_run_first -a '(__qemu_run_jobs)'
complete -c qemu-run -n '__qemu_run_is job' -a '@OF_A_JOB@'
complete -c qemu-run -n '__qemu_run_is beside' -a '(__qemu_run_beside)'
"""


def script() -> str:
    """What fish has to read."""
    options = {option.name: option for command in COMMANDS.values() for option in command.options}
    replaced = {
        "VALUED": " ".join(option.name for option in options.values() if option.value),
        "COMMANDS": " ".join(COMMANDS),
        "BESIDE": " ".join(name for name, command in COMMANDS.items() if command.behind),
        "OF_A_JOB": " ".join(OF_A_JOB),
    }
    text = _SCRIPT
    for name, value in replaced.items():
        text = text.replace(f"@{name}@", value)
    lines = [line for command in COMMANDS.values() for line in _lines(command)]
    return text + "\n".join(lines) + "\n"


def _lines(command: Command) -> Iterator[str]:
    yield f"\ncomplete -c qemu-run -n __qemu_run_first -a {command.name} -d {_quoted(command.about)}"
    if command.operand is not None:
        most = command.operand.most or 1000
        arguments = _offer(command.operand.completes, command.operand.words)
        if arguments:
            yield f"complete -c qemu-run -n '__qemu_run_takes {command.name} {most}' {arguments}"
    for option in command.options:
        yield f"complete -c qemu-run -n '__qemu_run_is {command.name}' {_option(option)}"
    yield f"complete -c qemu-run -n '__qemu_run_is {command.name}' -s h -l help -d 'show help'"


def _option(option: Option) -> str:
    short = f"-s {option.short.removeprefix('-')} " if option.short else ""
    name = (option.opposite or option.name).removeprefix("--")
    value = ""
    if option.value:
        value = "-r -F " if option.completes == "files" else f"-x {_offer(option.completes, option.words)} "
    return f"{short}-l {name} {value}-d {_quoted(option.about)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _offer(completes: Completes, words: Iterable[str]) -> str:
    match completes:
        case "files":
            return "-F"
        case "jobs":
            return "-a '(__qemu_run_jobs)'"
        case "folders":
            return "-a '(__fish_complete_directories (commandline -ct))'"
        case "words":
            return f"-a '{' '.join(words)}'"
        case "commands":
            return f"-a '{' '.join(COMMANDS)}'"
        case "attributes" | "tasks" | "variables":
            return f"-a '(__qemu_run_offers {completes})'"
        case "nothing":
            return ""
