# fish completion for qemu-run, printed by: qemu-run completion fish

# The command on the line, and how many operands it has: `run 1`; nothing before the first word.
function __qemu_run_line
    set -l command
    set -l operands 0
    set -l option
    for word in (commandline -opc)[2..]
        if set -q option[1]
            set -e option[1]
        else if test "$word" = --; and contains -- "$command" run; and test $operands -gt 0
            echo beside 0
            return
        else if string match -q -- '-?*' $word
            contains -- $word --var --var-file --task --meta --payload --config --accelerator --bind --image-format --disk-size --overlay --max-download --expect --forbid --ready --expect-result --timeout --boot-timeout --silence-timeout --max-reboots --restart --console --events --junit --output --older --max-size --template; and set option $word
        else if test "$command" = job
            set command $word
        else if set -q command[1]
            set operands (math $operands + 1)
        else if contains -- $word run demo validate plan inspect fingerprint config cache init completion help version job
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
complete -c qemu-run -n '__qemu_run_is job' -a 'run validate plan inspect init'
complete -c qemu-run -n '__qemu_run_is beside' -a '(__qemu_run_beside)'

complete -c qemu-run -n __qemu_run_first -a run -d 'run a job in the foreground until it ends'
complete -c qemu-run -n '__qemu_run_takes run 1' -a '(__qemu_run_jobs)'
complete -c qemu-run -n '__qemu_run_is run' -l var -x -a '(__qemu_run_offers variables)' -d 'set a variable of the job; once for each'
complete -c qemu-run -n '__qemu_run_is run' -l var-file -r -F -d 'read variables from a file; once for each'
complete -c qemu-run -n '__qemu_run_is run' -l json-job -d 'the job is in Nomad\'s API JSON'
complete -c qemu-run -n '__qemu_run_is run' -l no-hcl2-strict -d 'take values for undeclared variables'
complete -c qemu-run -n '__qemu_run_is run' -l allow-local -d 'let a job from a URL name files of this host'
complete -c qemu-run -n '__qemu_run_is run' -l task -x -a '(__qemu_run_offers tasks)' -d 'only this task; once for each'
complete -c qemu-run -n '__qemu_run_is run' -l meta -x  -d 'dispatch a parameterized job; once for each'
complete -c qemu-run -n '__qemu_run_is run' -l payload -r -F -d 'dispatch it with a file, or - (standard input)'
complete -c qemu-run -n '__qemu_run_is run' -l config -r -F -d 'client configuration, as Nomad\'s agent has it'
complete -c qemu-run -n '__qemu_run_is run' -l accelerator -x -a 'tcg kvm kvm:tcg auto' -d 'in place of the job\'s: tcg, kvm, kvm:tcg, auto'
complete -c qemu-run -n '__qemu_run_is run' -l bind -x -a '127.0.0.1 0.0.0.0' -d 'forward ports from there, not from 127.0.0.1'
complete -c qemu-run -n '__qemu_run_is run' -l snapshot -d 'leave images of this host as they are'
complete -c qemu-run -n '__qemu_run_is run' -l image-format -x -a 'raw qcow2' -d 'the image is raw, qcow2, ... whatever it seems'
complete -c qemu-run -n '__qemu_run_is run' -l disk-size -x  -d 'give the guest a larger disk: 20G'
complete -c qemu-run -n '__qemu_run_is run' -l overlay -r -F -d 'keep the guest\'s changes for the next run'
complete -c qemu-run -n '__qemu_run_is run' -l ignore-constraints -d 'run whatever the constraints say'
complete -c qemu-run -n '__qemu_run_is run' -l offline -d 'use what the cache has; ask no server'
complete -c qemu-run -n '__qemu_run_is run' -l max-download -x  -d 'refuse larger artifacts; 100G unless said'
complete -c qemu-run -n '__qemu_run_is run' -l expect -x  -d 'good once the console said this; once for each'
complete -c qemu-run -n '__qemu_run_is run' -l forbid -x  -d 'bad once it says this, or @oops, @oom, ...'
complete -c qemu-run -n '__qemu_run_is run' -l ready -x  -d 'the guest is ready when it says this'
complete -c qemu-run -n '__qemu_run_is run' -l expect-result -x  -d 'the guest has to report this number'
complete -c qemu-run -n '__qemu_run_is run' -l timeout -x  -d 'the run may take so long: 90s, 5m'
complete -c qemu-run -n '__qemu_run_is run' -l boot-timeout -x  -d 'the guest has to be ready by then'
complete -c qemu-run -n '__qemu_run_is run' -l silence-timeout -x  -d 'the console may be silent so long'
complete -c qemu-run -n '__qemu_run_is run' -l max-reboots -x  -d 'the guest may reboot so often'
complete -c qemu-run -n '__qemu_run_is run' -l reboot-ends -d 'a reboot under -no-reboot is a good end'
complete -c qemu-run -n '__qemu_run_is run' -l restart -x -a 'never failed nomad' -d 'in place of the job\'s: never, failed, nomad'
complete -c qemu-run -n '__qemu_run_is run' -l console -x -a 'interactive raw follow none' -d 'interactive, raw, follow or none'
complete -c qemu-run -n '__qemu_run_is run' -s q -l quiet -d 'say only how it ended and what went wrong'
complete -c qemu-run -n '__qemu_run_is run' -l keep -d 'keep the allocation directory, and say where'
complete -c qemu-run -n '__qemu_run_is run' -l events -r -F -d 'write what happens to a file, as JSON lines'
complete -c qemu-run -n '__qemu_run_is run' -l events-console -d 'put console lines among the events'
complete -c qemu-run -n '__qemu_run_is run' -l junit -r -F -d 'write the results to a file, as JUnit XML'
complete -c qemu-run -n '__qemu_run_is run' -l output -x -a '(__fish_complete_directories (commandline -ct))' -d 'keep console, events and plan in a folder'
complete -c qemu-run -n '__qemu_run_is run' -l json -d 'print the outcome as JSON, not the console'
complete -c qemu-run -n '__qemu_run_is run' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a demo -d 'boot the guest that ships with qemu-run'
complete -c qemu-run -n '__qemu_run_is demo' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a validate -d 'find all mistakes of job files'
complete -c qemu-run -n '__qemu_run_takes validate 1000' -a '(__qemu_run_jobs)'
complete -c qemu-run -n '__qemu_run_is validate' -l var -x -a '(__qemu_run_offers variables)' -d 'set a variable of the job; once for each'
complete -c qemu-run -n '__qemu_run_is validate' -l var-file -r -F -d 'read variables from a file; once for each'
complete -c qemu-run -n '__qemu_run_is validate' -l json-job -d 'the job is in Nomad\'s API JSON'
complete -c qemu-run -n '__qemu_run_is validate' -l no-hcl2-strict -d 'take values for undeclared variables'
complete -c qemu-run -n '__qemu_run_is validate' -l allow-local -d 'let a job from a URL name files of this host'
complete -c qemu-run -n '__qemu_run_is validate' -l json -d 'print one JSON document, errors included'
complete -c qemu-run -n '__qemu_run_is validate' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a plan -d 'show what a run would do, with QEMU\'s command'
complete -c qemu-run -n '__qemu_run_takes plan 1' -a '(__qemu_run_jobs)'
complete -c qemu-run -n '__qemu_run_is plan' -l var -x -a '(__qemu_run_offers variables)' -d 'set a variable of the job; once for each'
complete -c qemu-run -n '__qemu_run_is plan' -l var-file -r -F -d 'read variables from a file; once for each'
complete -c qemu-run -n '__qemu_run_is plan' -l json-job -d 'the job is in Nomad\'s API JSON'
complete -c qemu-run -n '__qemu_run_is plan' -l no-hcl2-strict -d 'take values for undeclared variables'
complete -c qemu-run -n '__qemu_run_is plan' -l allow-local -d 'let a job from a URL name files of this host'
complete -c qemu-run -n '__qemu_run_is plan' -l task -x -a '(__qemu_run_offers tasks)' -d 'only this task; once for each'
complete -c qemu-run -n '__qemu_run_is plan' -l meta -x  -d 'dispatch a parameterized job; once for each'
complete -c qemu-run -n '__qemu_run_is plan' -l payload -r -F -d 'dispatch it with a file, or - (standard input)'
complete -c qemu-run -n '__qemu_run_is plan' -l config -r -F -d 'client configuration, as Nomad\'s agent has it'
complete -c qemu-run -n '__qemu_run_is plan' -l accelerator -x -a 'tcg kvm kvm:tcg auto' -d 'in place of the job\'s: tcg, kvm, kvm:tcg, auto'
complete -c qemu-run -n '__qemu_run_is plan' -l bind -x -a '127.0.0.1 0.0.0.0' -d 'forward ports from there, not from 127.0.0.1'
complete -c qemu-run -n '__qemu_run_is plan' -l snapshot -d 'leave images of this host as they are'
complete -c qemu-run -n '__qemu_run_is plan' -l image-format -x -a 'raw qcow2' -d 'the image is raw, qcow2, ... whatever it seems'
complete -c qemu-run -n '__qemu_run_is plan' -l disk-size -x  -d 'give the guest a larger disk: 20G'
complete -c qemu-run -n '__qemu_run_is plan' -l overlay -r -F -d 'keep the guest\'s changes for the next run'
complete -c qemu-run -n '__qemu_run_is plan' -l ignore-constraints -d 'run whatever the constraints say'
complete -c qemu-run -n '__qemu_run_is plan' -l json -d 'print one JSON document, errors included'
complete -c qemu-run -n '__qemu_run_is plan' -l env -d 'show the environment of each task'
complete -c qemu-run -n '__qemu_run_is plan' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a inspect -d 'print the job as Nomad\'s JSON'
complete -c qemu-run -n '__qemu_run_takes inspect 1' -a '(__qemu_run_jobs)'
complete -c qemu-run -n '__qemu_run_is inspect' -l var -x -a '(__qemu_run_offers variables)' -d 'set a variable of the job; once for each'
complete -c qemu-run -n '__qemu_run_is inspect' -l var-file -r -F -d 'read variables from a file; once for each'
complete -c qemu-run -n '__qemu_run_is inspect' -l json-job -d 'the job is in Nomad\'s API JSON'
complete -c qemu-run -n '__qemu_run_is inspect' -l no-hcl2-strict -d 'take values for undeclared variables'
complete -c qemu-run -n '__qemu_run_is inspect' -l allow-local -d 'let a job from a URL name files of this host'
complete -c qemu-run -n '__qemu_run_is inspect' -l canonical -d 'add the defaults that Nomad fills in'
complete -c qemu-run -n '__qemu_run_is inspect' -l json -d 'print one JSON document, errors included'
complete -c qemu-run -n '__qemu_run_is inspect' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a fingerprint -d 'show what this machine offers to constraints'
complete -c qemu-run -n '__qemu_run_takes fingerprint 1' -a '(__qemu_run_offers attributes)'
complete -c qemu-run -n '__qemu_run_is fingerprint' -l config -r -F -d 'client configuration, as Nomad\'s agent has it'
complete -c qemu-run -n '__qemu_run_is fingerprint' -l json -d 'print one JSON document, errors included'
complete -c qemu-run -n '__qemu_run_is fingerprint' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a config -d 'show the client configuration in force'
complete -c qemu-run -n '__qemu_run_is config' -l config -r -F -d 'client configuration, as Nomad\'s agent has it'
complete -c qemu-run -n '__qemu_run_is config' -l json -d 'print one JSON document, errors included'
complete -c qemu-run -n '__qemu_run_is config' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a cache -d 'see and prune the artifacts that are kept'
complete -c qemu-run -n '__qemu_run_takes cache 1' -a 'list prune verify path'
complete -c qemu-run -n '__qemu_run_is cache' -l json -d 'print one JSON document, errors included'
complete -c qemu-run -n '__qemu_run_is cache' -l older -x  -d 'prune only what was not used for so long: 30d'
complete -c qemu-run -n '__qemu_run_is cache' -l max-size -x  -d 'prune only until the rest fits: 20G'
complete -c qemu-run -n '__qemu_run_is cache' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a init -d 'write a job that runs as it is, and an image'
complete -c qemu-run -n '__qemu_run_takes init 1' -a '(__fish_complete_directories (commandline -ct))'
complete -c qemu-run -n '__qemu_run_is init' -l template -x -a 'minimal ports cloud-init ci artifact' -d 'minimal unless said, ports, cloud-init, ci, artifact'
complete -c qemu-run -n '__qemu_run_is init' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a completion -d 'print the completions of a shell'
complete -c qemu-run -n '__qemu_run_takes completion 1' -a 'bash zsh fish'
complete -c qemu-run -n '__qemu_run_is completion' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a help -d 'show help, also of a command'
complete -c qemu-run -n '__qemu_run_takes help 1' -a 'run demo validate plan inspect fingerprint config cache init completion help version'
complete -c qemu-run -n '__qemu_run_is help' -l all -d 'all options of it, however many'
complete -c qemu-run -n '__qemu_run_is help' -s h -l help -d 'show help'

complete -c qemu-run -n __qemu_run_first -a version -d 'print the version'
complete -c qemu-run -n '__qemu_run_is version' -s h -l help -d 'show help'
