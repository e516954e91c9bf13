# bash completion for qemu-run, printed by: qemu-run completion bash

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
    elif [[ $word == -- && $command == run && $operands -gt 0 ]]; then
      _qemu_run_plain "$typed"
      current=$plain
      _qemu_run_beside "${numbers[number + 2]}"
      return
    elif [[ $word == -* && $word != - ]]; then
      case $word in --var|--var-file|--task|--meta|--payload|--config|--accelerator|--bind|--image-format|--disk-size|--overlay|--max-download|--expect|--forbid|--ready|--expect-result|--timeout|--boot-timeout|--silence-timeout|--max-reboots|--restart|--console|--events|--junit|--output|--older|--max-size|--template) option=$word ;; esac
    elif [[ $command == job ]]; then
      command=$word
    elif [[ -n $command ]]; then
      ((++operands))
    else
      case $word in
        run|demo|validate|plan|inspect|fingerprint|config|cache|init|completion|help|version|job) command=$word ;;
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
      --var) _qemu_run_offers variables ;;
      --var-file) _qemu_run_files any ;;
      --task) _qemu_run_offers tasks ;;
      --meta) : ;;
      --payload) _qemu_run_files any ;;
      --config) _qemu_run_files any ;;
      --accelerator) _qemu_run_words tcg kvm kvm:tcg auto ;;
      --bind) _qemu_run_words 127.0.0.1 0.0.0.0 ;;
      --image-format) _qemu_run_words raw qcow2 ;;
      --disk-size) : ;;
      --overlay) _qemu_run_files any ;;
      --max-download) : ;;
      --expect) : ;;
      --forbid) : ;;
      --ready) : ;;
      --expect-result) : ;;
      --timeout) : ;;
      --boot-timeout) : ;;
      --silence-timeout) : ;;
      --max-reboots) : ;;
      --restart) _qemu_run_words never failed nomad ;;
      --console) _qemu_run_words interactive raw follow none ;;
      --events) _qemu_run_files any ;;
      --junit) _qemu_run_files any ;;
      --output) _qemu_run_files folders ;;
      --older) : ;;
      --max-size) : ;;
      --template) _qemu_run_words minimal ports cloud-init ci artifact ;;
    esac
    return
  fi
  if [[ -z $command && $current != -* ]]; then
    ((${#words[@]})) || _qemu_run_words run demo validate plan inspect fingerprint config cache init completion help version
    _qemu_run_files jobs
    return
  fi
  case ${command:-run} in
    job) _qemu_run_words run validate plan inspect init ;;
    run)
      options=(--var --var-file --json-job --no-hcl2-strict --allow-local --task --meta --payload --config --accelerator --bind --snapshot --image-format --disk-size --overlay --ignore-constraints --offline --max-download --expect --forbid --ready --expect-result --timeout --boot-timeout --silence-timeout --max-reboots --reboot-ends --restart --console --quiet -q --keep --events --events-console --junit --output --json --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ((operands < 1)) && _qemu_run_files jobs
      ;;
    demo)
      options=(--help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ;;
    validate)
      options=(--var --var-file --json-job --no-hcl2-strict --allow-local --json --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      _qemu_run_files jobs
      ;;
    plan)
      options=(--var --var-file --json-job --no-hcl2-strict --allow-local --task --meta --payload --config --accelerator --bind --snapshot --image-format --disk-size --overlay --ignore-constraints --json --env --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ((operands < 1)) && _qemu_run_files jobs
      ;;
    inspect)
      options=(--var --var-file --json-job --no-hcl2-strict --allow-local --canonical --json --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ((operands < 1)) && _qemu_run_files jobs
      ;;
    fingerprint)
      options=(--config --json --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ((operands < 1)) && _qemu_run_offers attributes
      ;;
    config)
      options=(--config --json --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ;;
    cache)
      options=(--json --older --max-size --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ((operands < 1)) && _qemu_run_words list prune verify path
      ;;
    init)
      options=(--template --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ((operands < 1)) && _qemu_run_files folders
      ;;
    completion)
      options=(--help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ((operands < 1)) && _qemu_run_words bash zsh fish
      ;;
    help)
      options=(--all --help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ((operands < 1)) && _qemu_run_words run demo validate plan inspect fingerprint config cache init completion help version
      ;;
    version)
      options=(--help)
      [[ $current == -* ]] && { _qemu_run_words "${options[@]}"; return; }
      ;;
  esac
}

complete -F _qemu_run qemu-run
