"""Words that people know from Nomad, docker and other VM runners, and what qemu-run has instead."""

_FOREGROUND = "a run is a process in the foreground: pgrep -af qemu-run shows what runs"
_STOP = "Ctrl-C in the run's terminal, or kill -TERM of its process, presses the guest's power button"
_CONSOLE = "the guest's console is the standard output of its run"
_LOGS = f"{_CONSOLE}; qemu-run run JOB --keep leaves its log files, too"
_SSH = "forward a port to the guest's 22 (qemu-run init --template ports), and use ssh -p PORT 127.0.0.1"
_PORTS = "a run says its ports when it starts; qemu-run plan JOB shows them before"
_NODE = "qemu-run fingerprint shows what this machine offers; qemu-run config its configuration"
_NOMAD = "is for a cluster: nomad job run takes the same file"
_RUN = "qemu-run run JOB starts one"
_NOTHING_LEFT = "a run leaves nothing behind unless it is told to --keep; kept folders can be deleted"

INSTEAD = {
    **dict.fromkeys(("ps", "ls", "list", "status", "top", "stats"), _FOREGROUND),
    **dict.fromkeys(("stop", "kill", "down", "halt", "shutdown", "poweroff", "signal"), _STOP),
    **dict.fromkeys(("logs", "log", "events"), _LOGS),
    **dict.fromkeys(("attach", "console", "monitor"), _CONSOLE),
    **dict.fromkeys(("ssh", "exec", "shell", "cp"), _SSH),
    **dict.fromkeys(("port", "ports"), _PORTS),
    **dict.fromkeys(("node", "info", "doctor", "env"), _NODE),
    **dict.fromkeys(("submit", "alloc", "deployment", "eval", "server", "agent", "system"), f"that {_NOMAD}"),
    **dict.fromkeys(("namespace", "operator", "volume", "service", "dispatch", "scale"), f"that {_NOMAD}"),
    **dict.fromkeys(("start", "up", "boot", "launch"), _RUN),
    **dict.fromkeys(("restart", "reboot", "reset", "pause", "resume", "suspend"), f"{_STOP}; {_RUN}"),
    **dict.fromkeys(("rm", "delete", "destroy", "purge", "gc", "clean"), _NOTHING_LEFT),
    **dict.fromkeys(("check", "lint", "test"), "qemu-run validate JOB finds the mistakes of a file"),
    **dict.fromkeys(("dry-run", "show", "explain", "preview"), "qemu-run plan JOB shows what a run would do"),
    **dict.fromkeys(("create", "new", "example"), "qemu-run init writes a job to begin with"),
    **dict.fromkeys(("pull", "fetch", "download"), "a run fetches the artifacts of its job itself"),
    **dict.fromkeys(("image", "images", "artifact", "artifacts"), "qemu-run cache list shows what is kept"),
    "job": "write qemu-run job run JOB, or shorter qemu-run run JOB",
    "fmt": "nomad fmt formats the same file; qemu-run validate finds its mistakes",
    "json": "qemu-run inspect JOB prints the job as JSON",
    "options": "qemu-run run --help shows the options of a run",
    "completions": "qemu-run completion SHELL prints what a shell completes",
}
"""What to do, by the word that was typed."""

_MEMORY = "memory stands in the job: resources { memory = 512 }, in MB"
_CORES = "cores stand in the job: resources { cores = 2 }"
_PORT = 'ports stand in the job: network { port "ssh" { to = 22 } } in its group'
_IMAGE = 'the image stands in the job: image_path = "disk.img" in the config of its task'

INSTEAD_OF_OPTIONS = {
    **dict.fromkeys(("m", "mem", "memory", "ram"), _MEMORY),
    **dict.fromkeys(("smp", "cpus", "--cpu", "cores", "vcpus"), _CORES),
    **dict.fromkeys(("p", "port", "ports", "publish", "hostfwd"), _PORT),
    **dict.fromkeys(("hda", "drive", "disk", "image", "cdrom", "iso"), _IMAGE),
    **dict.fromkeys(("--name", "title"), 'the name stands in the job: job "web" { ... }'),
    **dict.fromkeys(("kvm", "--accel"), "write --accelerator kvm"),
    **dict.fromkeys(("d", "daemon", "background"), "a run stays in the foreground; a shell's & takes it out"),
    **dict.fromkeys(("rm", "remove"), "a run leaves nothing behind, unless it is told to --keep"),
    **dict.fromkeys(("interactive", "tty", "it", "i"), "at a terminal you type to the guest; see --console"),
}
"""What to do, by the option that was typed, without its dashes; with them where QEMU has one of its own."""
