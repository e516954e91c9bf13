"""How fast it is, side by side with what it is made of: medians and ratios of one run.

    make bench                      the table
    make bench ARGS="--json"        the same for a program, to compare two runs

Times are told as ratios, since machines differ and are shared; nothing here is ever a test.
"""

import argparse
import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from qemu_run.guests.tiny import TinyGuest

ROOT = Path(__file__).parents[1]
QEMU = ("qemu-system-x86_64", "-machine", "type=pc,accel=tcg,graphics=off", "-m", "128M", "-display", "none")

JOB = """job "bench" {
  type = "batch"
  group "g" {
    task "vm" {
      driver = "qemu"
      config {
        image_path  = "disk.img"
        accelerator = "tcg"
      }
      resources {
        memory = 128
      }
    }
  }
}
"""

TASK = """    task "vm-{number}" {{
      driver       = "qemu"
      kill_timeout = "${{10 * 2}}s"
      artifact {{
        source      = "https://images.example.com/${{var.release}}/disk-{number}.qcow2"
        destination = "local/disk-{number}.qcow2"
        mode        = "file"
        options {{
          checksum = "sha256:{digest}"
        }}
      }}
      env {{
        NAME    = "vm-{number}"
        RELEASE = upper(var.release)
        PORT    = "${{NOMAD_PORT_http}}"
        PEERS   = join(",", [for n in range(3) : "vm-${{n}}"])
      }}
      config {{
        image_path        = "local/disk-{number}.qcow2"
        accelerator       = local.accelerator
        graceful_shutdown = true
        args              = ["-smp", "${{1 + 1}}", "-cpu", "max"]
      }}
      # what the guest may use
      resources {{
        cpu    = 500
        memory = 256 * 2
      }}
    }}
"""


def large_job(groups: int = 50, tasks: int = 4) -> str:
    """A job of some 6,000 lines: artifacts, environment and expressions in every task."""
    text = (
        'variable "release" {\n  default = "bookworm"\n}\nlocals {\n  accelerator = "tcg"\n}\njob "large" {\n'
    )
    for group in range(groups):
        text += f'  group "g{group}" {{\n'
        text += '    network {\n      port "http" {\n        to = 80\n      }\n    }\n'
        numbers = range(group * tasks, (group + 1) * tasks)
        text += "".join(TASK.format(number=number, digest=f"{number:064x}") for number in numbers)
        text += "  }\n"
    return text + "}\n"


@dataclass(frozen=True)
class Measured:
    """One line of the table."""

    what: str
    milliseconds: float
    against: str = ""
    ratio: float | None = None


def seconds(run: Callable[[], object], times: int) -> float:
    """The median time of `run`, after one run that warms up."""
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def program(*arguments: str, cwd: Path, env: dict[str, str]) -> Callable[[], object]:
    """A run of a program, quietly."""
    return lambda: subprocess.run(
        arguments, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )


def seconds_after_qemu(command: Sequence[str], folder: Path, env: dict[str, str], times: int) -> float:
    """The median time from the end of QEMU to the end of qemu-run."""
    taken = []
    for _ in range(times):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, cwd=folder, env=env, **quiet) as process:
            while not (machines := psutil.Process(process.pid).children()):
                pass
            descriptor = os.pidfd_open(machines[0].pid)
            select.select([descriptor], [], [])
            start = time.perf_counter()
            process.wait()
            taken.append(time.perf_counter() - start)
            os.close(descriptor)
    return statistics.median(taken)


def measure(folder: Path, times: int) -> list[Measured]:
    """Every line of the table."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    qemu_run = str(Path(sys.executable).with_name("qemu-run"))
    TinyGuest(end_at_once=True).write(folder / "disk.img")
    (folder / "job.hcl").write_text(JOB)
    text = large_job()
    (folder / "large.hcl").write_text(text)
    lines = text.count("\n")
    drive = ("-drive", "file=disk.img,format=raw,if=ide")

    def timed(*arguments: str) -> float:
        return seconds(program(*arguments, cwd=folder, env=environment), times)

    python = timed(sys.executable, "-c", "pass")
    raw = timed(*QEMU, *drive, "-serial", "null")
    table = [
        Measured("python -c pass", python * 1000),
        Measured("the tiny guest in raw QEMU", raw * 1000),
    ]

    def add(what: str, took: float, against: str, base: float) -> None:
        table.append(Measured(what, took * 1000, against, took / base))

    add("qemu-run job.hcl", timed(qemu_run, "job.hcl"), "raw QEMU", raw)
    TinyGuest(auto_ticks=18).write(folder / "disk.img")
    took = seconds_after_qemu((qemu_run, "job.hcl"), folder, environment, times)
    add("from QEMU's end to ours", took, "python -c pass", python)
    add("validate job.hcl", timed(qemu_run, "validate", "job.hcl"), "python -c pass", python)
    add(f"validate {lines} lines", timed(qemu_run, "validate", "large.hcl"), "python -c pass", python)
    add(f"inspect {lines} lines", timed(qemu_run, "inspect", "large.hcl"), "python -c pass", python)
    add("fingerprint, warm", timed(qemu_run, "fingerprint"), "python -c pass", python)
    cold = {**environment, "XDG_CACHE_HOME": "/dev/null"}  # no folder can be made there, by root neither
    took = seconds(program(qemu_run, "fingerprint", cwd=folder, env=cold), times)
    add("fingerprint, cold", took, "python -c pass", python)
    add("fingerprint cpu.arch", timed(qemu_run, "fingerprint", "cpu.arch"), "python -c pass", python)
    add("--help", timed(qemu_run, "--help"), "python -c pass", python)
    return table


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--times", type=int, default=9)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        table = measure(Path(folder), options.times)
    if options.json:
        print(json.dumps([asdict(row) for row in table], indent=2))  # noqa: T201  # its output
        return
    for row in table:
        ratio = f"{row.ratio:6.2f} x {row.against}" if row.ratio else ""
        print(f"{row.what:<30}{row.milliseconds:9.1f} ms  {ratio}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
