"""Reading jobs, and the commands that a person waits for."""

from collections.abc import Iterator

from tests.bench.table import QEMU_RUN, Measured, Place, against

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


def measure(place: Place, python: Measured) -> Iterator[Measured]:
    """The lines about commands that start no guest."""
    text = large_job()
    (place.folder / "large.hcl").write_text(text)
    large = f"validate {text.count(chr(10))} lines"
    yield against("validate job.hcl", place.seconds(QEMU_RUN, "validate", "job.hcl"), python)
    yield against("validate job.hcl, cold", place.cold_seconds(QEMU_RUN, "validate", "job.hcl"), python)
    yield against("plan job.hcl", place.seconds(QEMU_RUN, "plan", "job.hcl"), python)
    yield against(large, place.seconds(QEMU_RUN, "validate", "large.hcl"), python)
    yield against(f"{large}, cold", place.cold_seconds(QEMU_RUN, "validate", "large.hcl"), python)
    yield against("inspect the same", place.seconds(QEMU_RUN, "inspect", "large.hcl"), python)
    yield against("fingerprint", place.seconds(QEMU_RUN, "fingerprint"), python)
    yield against("fingerprint, cold", place.cold_seconds(QEMU_RUN, "fingerprint"), python)
    yield against("--help", place.seconds(QEMU_RUN, "--help"), python)
    tab = place.seconds(QEMU_RUN, "__offers", "tasks", "run", "job.hcl")
    yield Measured(what="a tab of completion", value=tab * 1000, wanted=60)
