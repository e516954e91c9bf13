import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_they_are_what_the_program_has():
    subprocess.run([sys.executable, ROOT / ".ci/completions", "--check"], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (["qemu-run", "va"], ["validate"]),
        (["qemu-run", ""], ["job.hcl", "run", "fingerprint"]),
        (["qemu-run", "run", "--ke"], ["--keep"]),
        (["qemu-run", "job.hcl", "--qu"], ["--quiet"]),
        (["qemu-run", "plan", "jo"], ["job.hcl"]),
        (["qemu-run", "plan", "--config", "cl"], ["client.conf"]),
    ],
)
def test_in_bash(tmp_path, typed, wanted):
    (tmp_path / "job.hcl").touch()
    (tmp_path / "client.conf").touch()
    words = " ".join(f"'{word}'" for word in typed)
    script = f"""compopt() {{ :; }}
        source {ROOT}/completions/qemu-run.bash
        COMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _qemu_run
        printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert set(wanted) <= set(done.stdout.split())
