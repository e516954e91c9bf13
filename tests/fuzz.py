"""Coverage-guided fuzzing of all that is left of planning, by hand: only clean diagnostics may come out.

    .venv/bin/pip install atheris
    .venv/bin/python -m tests.fuzz -max_total_time=1800 -timeout=10 CORPUS tests/jobspec/data/jobs/valid

An input is a job file; what is not UTF-8 is passed over, since it never comes that far. A new way to fail is
written to `crash-*` in the working folder; the options are libFuzzer's.
"""

import sys

import atheris

with atheris.instrument_imports(include=["qemu_run"]):
    from qemu_run.errors import Diagnostics
    from qemu_run.jobspec.load import Inputs, load
    from qemu_run.jobspec.validate.rules import validate
    from qemu_run.source import Source
    from qemu_run.terminal.diagnostics import lines
    from qemu_run.terminal.wrapping import plain


def one_input(data: bytes) -> None:
    """Read, evaluate, decode and validate one file, and draw what is wrong with it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    diagnostics = Diagnostics()
    job = load(Source("fuzz.hcl", text), Inputs(environment={}), diagnostics)
    if job is None and not diagnostics.errors:
        raise AssertionError("no job, and nothing said about it")
    if job is not None:
        validate(job, diagnostics)
    for diagnostic in diagnostics:
        for pieces in lines(diagnostic):
            plain(pieces)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
