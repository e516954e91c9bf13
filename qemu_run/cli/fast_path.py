"""The plainest command lines, understood without Typer, whose set-up takes a tenth of a second.

Only a command with positional arguments, or with `--json`, is plain. Everything else, `--help` and wrong
usage above all, is Typer's; both ways end in the same functions.
"""

from collections.abc import Callable, Sequence

from qemu_run.workflow.job_file import JobFile


def fast_path(arguments: Sequence[str]) -> Callable[[], int] | None:
    """What carries out this command line, or None when it is not a plain one."""
    command, *rest = arguments or [""]
    names = [argument for argument in rest if argument == "-" or not argument.startswith("-")]
    json = "--json" in rest
    if len(names) + rest.count("--json") != len(rest) or rest.count("--json") > 1:
        return None
    match command, names:
        case "run", [name] if not json:
            return lambda: _run(name)
        case "validate", [_, *_]:
            return lambda: _validate(names, json=json)
        case "plan", [name]:
            return lambda: _plan(name, json=json)
        case "inspect", [name] if not json:
            return lambda: _inspect(name)
        case "fingerprint", [] | [_]:
            return lambda: _fingerprint(names[0] if names else None, json=json)
        case _:
            return None


def _run(name: str) -> int:
    from qemu_run.cli.run import run_job
    from qemu_run.planning.host import Options

    return run_job(JobFile(name=name), Options(), None)


def _validate(names: Sequence[str], *, json: bool) -> int:
    from qemu_run.cli.validate import validate_jobs

    return validate_jobs([JobFile(name=name) for name in names], json=json)


def _plan(name: str, *, json: bool) -> int:
    from qemu_run.cli.plan import plan_job
    from qemu_run.planning.host import Options

    return plan_job(JobFile(name=name), Options(), None, json=json, environment=False)


def _inspect(name: str) -> int:
    from qemu_run.cli.inspect import inspect_job

    return inspect_job(JobFile(name=name), canonical=False)


def _fingerprint(attribute: str | None, *, json: bool) -> int:
    from qemu_run.cli.fingerprint import show_fingerprint

    return show_fingerprint(attribute, None, json=json)
