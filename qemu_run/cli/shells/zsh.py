"""Completion in zsh."""

from collections.abc import Iterable, Iterator

from qemu_run.cli.commands import COMMANDS, OF_A_JOB, Command
from qemu_run.cli.options import Completes, Option

_SCRIPT = r"""#compdef qemu-run
# zsh completion for qemu-run, printed by: qemu-run completion zsh

_qemu_run_jobs() {
  _alternative \
    'jobs:job file:_path_files -g "*.(hcl|nomad|json)(-.)"' \
    'folders:folder:_path_files -/'
}

# What only the program knows: attributes of this machine, tasks and variables of the job.
_qemu_run_offers() {
  local -a offers
  offers=(${(f)"$(${(e)program} __offers $1 "${(@Q)typed}" 2>/dev/null)"})
  [[ $1 == variables ]] && compadd -S '' -a offers || compadd -a offers
}

_qemu_run_commands() {
  local -a commands
  commands=(
@COMMANDS@
  )
  _describe -t commands command commands
}

_qemu_run() {
  local program=${words[1]/#\~/$HOME} command=run
  local -a typed=("${(@)words[2,CURRENT-1]}")
  if [[ $words[2] == job ]] && (( CURRENT > 2 )); then
    if (( CURRENT == 3 )); then
      compadd @OF_A_JOB@
      return
    fi
    words[2]=()
    (( CURRENT-- ))
  fi
  if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then
    _qemu_run_commands
    _qemu_run_jobs
    return
  fi
  case $words[2] in
    @NAMES@)
      command=$words[2]
      shift words
      (( CURRENT-- ))
      ;;
  esac
  local beside=${words[(i)--]}
  if [[ $command == @BESIDE@ ]] && (( beside > 2 && beside < CURRENT )); then
    shift $beside words
    (( CURRENT -= beside ))
    _normal -p $service
    return
  fi
  case $command in
@CASES@
  esac
}

if [[ $funcstack[1] == _qemu[-_]run ]]; then
  _qemu_run "$@"
else
  compdef _qemu_run qemu-run
fi
"""


def script() -> str:
    """What zsh has to read: from a file of `fpath`, or by `eval`."""
    named = (f"    '{each.name}:{_quoted(each.about)}'" for each in COMMANDS.values())
    replaced = {
        "COMMANDS": "\n".join(named),
        "NAMES": "|".join(COMMANDS),
        "BESIDE": _beside(),
        "OF_A_JOB": " ".join(OF_A_JOB),
        "CASES": "\n".join(map(_case, COMMANDS.values())),
    }
    text = _SCRIPT
    for name, value in replaced.items():
        text = text.replace(f"@{name}@", value)
    return text


def _beside() -> str:
    """A pattern for the commands that take one of this machine."""
    return f"({'|'.join(name for name, command in COMMANDS.items() if command.behind)})"


def _case(command: Command) -> str:
    specs = [spec for option in command.options for spec in _option(option)]
    specs.append("'(- *)'{-h,--help}'[show help]'")
    if command.operand is not None:
        place = "1" if command.operand.most == 1 else "*"
        offer = _offer(command.operand.completes, command.operand.words)
        specs.append(f"'{place}:{_quoted(command.operand.name)}:{offer}'")
    body = " \\\n        ".join(["_arguments -s", *specs])
    return f"    {command.name})\n      {body}\n      ;;"


def _option(option: Option) -> Iterator[str]:
    about = _quoted(option.about)
    name = option.opposite or option.name
    if option.value:
        repeats = "*" if option.repeats else ""
        yield f"'{repeats}{name}=[{about}]:{_quoted(option.value)}:{_offer(option.completes, option.words)}'"
    elif option.short:
        yield f"'({option.short} {name})'{{{option.short},{name}}}'[{about}]'"
    else:
        yield f"'{name}[{about}]'"


def _quoted(text: str) -> str:
    """For a word in single quotes, where brackets and colons have a meaning of their own."""
    for plain in ("[", "]", ":"):
        text = text.replace(plain, f"\\{plain}")
    return text.replace("'", "'\\''")


def _offer(completes: Completes, words: Iterable[str]) -> str:
    match completes:
        case "files":
            return "_files"
        case "jobs":
            return "_qemu_run_jobs"
        case "folders":
            return "_path_files -/"
        case "words":
            return f"({_quoted(' '.join(words))})"
        case "commands":
            return "_qemu_run_commands"
        case "attributes" | "tasks" | "variables":
            return f"{{_qemu_run_offers {completes}}}"
        case "nothing":
            return " "
