"""`qemu-run init [FILE]`: a commented job to begin with."""

import os
from pathlib import Path

from qemu_run.errors import Diagnostic, ExitCode, HostError
from qemu_run.terminal.output import say

_EXAMPLE = """\
# Run it:            qemu-run {name}
# See what it would: qemu-run plan {name}

job "example" {{
  group "example" {{
    network {{
      # A port of the guest, forwarded from a port that is chosen at start.
      # For a fixed one: static = 8080
      port "http" {{
        to = 80
      }}
    }}

    task "vm" {{
      driver = "qemu"

      # An image from the web goes into an artifact, with its checksum:
      #
      # artifact {{
      #   source = "https://images.example.com/debian-12.qcow2"
      #   options {{
      #     checksum = "sha256:..."
      #   }}
      # }}

      config {{
        # Beside this file; an artifact's is "local/debian-12.qcow2".
        image_path  = "disk.img"
        accelerator = "tcg" # "kvm" where this machine has it
      }}

      resources {{
        memory = 512 # MB
      }}
    }}
  }}
}}
"""


def write_example(file: Path) -> int:
    """Write a commented example job."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660)
    except FileExistsError as error:
        raise HostError(Diagnostic(f"{file} exists already; it stays as it is")) from error
    except OSError as error:
        raise HostError(Diagnostic(f"cannot write {file}: {error.strerror}")) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(_EXAMPLE.format(name=file))
    say(f"wrote {file}\n")
    return ExitCode.OK
