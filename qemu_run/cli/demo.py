"""`qemu-run demo`: the guest that ships with the program, booted from anywhere."""

from pathlib import Path

from qemu_run.planning.host import Options
from qemu_run.terminal.screen import Screen
from qemu_run.workflow.job_file import JobFile


def run_demo() -> int:
    """Run the job of `qemu-run init` in a folder that is gone afterwards; the exit code is the run's."""
    from tempfile import TemporaryDirectory

    from qemu_run.cli.init import written
    from qemu_run.cli.run import run_job

    Screen().line(
        ("demo", "strong"),
        "  a guest of one kilobyte; qemu-run init writes a job like its own",
    )
    with TemporaryDirectory(prefix="qemu-run-demo-") as folder:
        job = written(Path(folder) / "demo.nomad.hcl", "minimal").job
        # An overlay, so that a run says nothing about an image that nobody will see again.
        return run_job(JobFile(name=str(job)), Options(snapshot=True), None)
