# bash completion for qemu-run, printed by: qemu-run completion bash

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
      case $word in --var|--var-file|--task|--meta|--payload|--config|--accelerator|--bind|--image-format|--disk-size|--overlay|--max-download|--expect|--forbid|--ready|--expect-result|--timeout|--boot-timeout|--silence-timeout|--max-reboots|--restart|--console|--events|--junit|--output|--older|--max-size|--template) option=$word ;; esac
    elif [[ -n $command ]]; then
      ((++operands))
    else
      case $word in
        run|demo|validate|plan|inspect|fingerprint|config|cache|init|completion|help|version) command=$word ;;
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
