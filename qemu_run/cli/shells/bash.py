"""Completion in bash."""

from collections.abc import Iterable

from qemu_run.cli.commands import COMMANDS, OF_A_JOB, Command
from qemu_run.cli.options import Completes, Option

_SCRIPT = r"""# bash completion for qemu-run, printed by: qemu-run completion bash

# One more thing to offer; bash replaces only what stands behind the last = or : of a word.
_qemu_run_add() {
  local found=$1
  [[ $typed == [\"\']* ]] || found=${found#"${current%"${current##*[=:]}"}"}
  COMPREPLY+=("$found")
}

# The files among $current* that end as a job file does, and folders.
_qemu_run_files() {
  local name
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do
    if [[ $1 == any || -d ${name/#\~/$HOME} || ( $1 == jobs && $name =~ \.(hcl|nomad|json)$ ) ]]; then
      _qemu_run_add "$name"
    fi
  done < <(compgen -f -- "$current")
}

_qemu_run_words() {
  local word
  for word in "$@"; do
    [[ $word == "$current"* ]] && _qemu_run_add "$word"
  done
}

# What only the program knows: attributes of this machine, tasks and variables of the job.
_qemu_run_offers() {
  local -a offers
  mapfile -t offers < <("${program/#\~/$HOME}" __offers "$1" "${words[@]}" 2>/dev/null)
  _qemu_run_words "${offers[@]}"
  if [[ $1 == variables ]]; then
    compopt -o nospace 2>/dev/null
  elif [[ $typed != [\"\']* ]] && ((${#COMPREPLY[@]})); then
    mapfile -t COMPREPLY < <(printf '%q\n' "${COMPREPLY[@]}")
  fi
}

# A command of its own, whose first word is number $1 of the line.
_qemu_run_beside() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <( ((COMP_CWORD == $1)) && compgen -c -- "$current" || compgen -f -- "$current")
  fi
}

# $1 as the shell understands it: without its quotes.
_qemu_run_plain() {
  case $1 in
    [\"\']*) plain=${1:1} plain=${plain%"${1:0:1}"} ;;
    *\\*) IFS= read plain <<< "$1" ;;
    *) plain=$1 ;;
  esac
}

_qemu_run() {
  local program=$1 typed current word option= command= operands=0 number rest=$COMP_LINE left plain options
  local -a words=() numbers=()
  COMPREPLY=()
  # bash takes words apart at = and :, here they are whole again.
  for ((number = 0; number <= COMP_CWORD; number++)); do
    word=${COMP_WORDS[number]} left=${rest#"${rest%%[![:space:]]*}"}
    if ((number)) && [[ -n $word && $left == "$rest" ]]; then
      words[-1]+=$word
    else
      words+=("$word") numbers+=("$number")
    fi
    rest=${left#"$word"}
  done
  typed=${words[-1]}
  words=("${words[@]:1:${#words[@]}-2}")
  for number in "${!words[@]}"; do
    _qemu_run_plain "${words[number]}"
    words[number]=$plain word=$plain
    if [[ -n $option ]]; then
      option=
    elif [[ $word == -- && $command == @BESIDE@ && $operands -gt 0 ]]; then
      _qemu_run_plain "$typed"
      current=$plain
      _qemu_run_beside "${numbers[number + 2]}"
      return
    elif [[ $word == -* && $word != - ]]; then
      case $word in @VALUED@) option=$word ;; esac
    elif [[ $command == job ]]; then
      command=$word
    elif [[ -n $command ]]; then
      ((++operands))
    else
      case $word in
        @COMMANDS@|job) command=$word ;;
        *) command=run operands=1 ;;
      esac
    fi
  done
  if [[ -z $option && $typed == --*=* ]]; then
    option=${typed%%=*} typed=${typed#*=}
  fi
  _qemu_run_plain "$typed"
  current=$plain
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
    job) _qemu_run_words @OF_A_JOB@ ;;
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
        "BESIDE": "|".join(name for name, command in COMMANDS.items() if command.behind),
        "OF_A_JOB": " ".join(OF_A_JOB),
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
