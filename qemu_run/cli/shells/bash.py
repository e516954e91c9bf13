"""Completion in bash."""

from collections.abc import Iterable

from qemu_run.cli.commands import COMMANDS, Command
from qemu_run.cli.options import Completes, Option

_SCRIPT = r"""# bash completion for qemu-run, printed by: qemu-run completion bash

# The files among $current* that end as a job file does, and folders.
_qemu_run_files() {
  local name
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do
    if [[ $1 == any || -d ${name/#\~/$HOME} || ( $1 == jobs && $name =~ \.(hcl|nomad|json)$ ) ]]; then
      COMPREPLY+=("$name")
    fi
  done < <(compgen -f -- "$current")
}

_qemu_run_words() {
  local word
  for word in "$@"; do
    [[ $word == "$current"* ]] && COMPREPLY+=("$word")
  done
}

# What only the program knows: attributes of this machine, tasks and variables of the job.
_qemu_run_offers() {
  local -a offers
  mapfile -t offers < <("${program/#\~/$HOME}" __offers "$1" "${words[@]}" 2>/dev/null)
  _qemu_run_words "${offers[@]}"
}

_qemu_run() {
  local program=$1 current word option= command= operands=0 number options
  local -a words=()
  COMPREPLY=()
  # bash takes --name=value apart; here it is one word again.
  for ((number = 1; number <= COMP_CWORD; number++)); do
    word=${COMP_WORDS[number]}
    if ((${#words[@]})) && [[ ( $word == = && ${words[-1]} == --* ) || ${words[-1]} == --*= ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
  done
  current=${words[-1]}
  unset 'words[-1]'
  for word in "${words[@]}"; do
    if [[ -n $option ]]; then
      option=
    elif [[ $word == -* && $word != - ]]; then
      case $word in @VALUED@) option=$word ;; esac
    elif [[ -n $command ]]; then
      ((++operands))
    else
      case $word in
        @COMMANDS@) command=$word ;;
        *) command=run operands=1 ;;
      esac
    fi
  done
  if [[ -z $option && $current == --*=* ]]; then
    option=${current%%=*} current=${current#*=}
  fi
  # As the shell understands the word: without its quotes.
  case $current in
    [\"\']*) current=${current:1} ;;
    *\\*) IFS= read current <<< "$current" ;;
  esac
  if [[ -n $option ]]; then
    case $option in
@VALUES@
    esac
    return
  fi
  if [[ -z $command && $current != -* ]]; then
    ((${#words[@]})) || _qemu_run_words @WORDS@
    _qemu_run_files jobs
    return
  fi
  case ${command:-run} in
@CASES@
  esac
}

complete -F _qemu_run qemu-run
"""


def script() -> str:
    """What bash has to read."""
    options = {option.name: option for command in COMMANDS.values() for option in command.options}
    valued = [option for option in options.values() if option.value]
    replaced = {
        "VALUED": "|".join(option.name for option in valued),
        "COMMANDS": "|".join(COMMANDS),
        "WORDS": " ".join(COMMANDS),
        "VALUES": "\n".join(map(_value, valued)),
        "CASES": "\n".join(map(_case, COMMANDS.values())),
    }
    text = _SCRIPT
    for name, value in replaced.items():
        text = text.replace(f"@{name}@", value)
    return text


def _value(option: Option) -> str:
    return f"      {option.name}) {_offer(option.completes, option.words)} ;;"


def _case(command: Command) -> str:
    spellings = [
        each for option in command.options for each in (option.opposite or option.name, option.short)
    ]
    lines = [
        f"    {command.name})",
        f"      options=({' '.join(filter(None, (*spellings, '--help')))})",
        '      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }',
    ]
    if command.operand is not None:
        offer = _offer(command.operand.completes, command.operand.words)
        most = command.operand.most
        lines.append(f"      {offer}" if most is None else f"      ((operands < {most})) && {offer}")
    return "\n".join([*lines, "      ;;"])


def _offer(completes: Completes, words: Iterable[str]) -> str:
    match completes:
        case "files":
            return "_qemu_run_files any"
        case "jobs":
            return "_qemu_run_files jobs"
        case "folders":
            return "_qemu_run_files folders"
        case "words":
            return f"_qemu_run_words {' '.join(words)}"
        case "commands":
            return f"_qemu_run_words {' '.join(COMMANDS)}"
        case "attributes" | "tasks" | "variables":
            return f"_qemu_run_offers {completes}"
        case "nothing":
            return ":"
