"""What each command does with its command line: its words become the arguments of a module of its name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from qemu_run.cli import options
from qemu_run.cli.commands import TEMPLATE
from qemu_run.cli.line import Line
from qemu_run.errors import ExitCode

if TYPE_CHECKING:
    from qemu_run.planning.host import Options
    from qemu_run.runtime.restart import RestartMode
    from qemu_run.terminal.keyboard import ConsoleMode
    from qemu_run.workflow.expectations import Given
    from qemu_run.workflow.job_file import JobFile


def _run(line: Line) -> int:
    from qemu_run.cli.run import RunOptions, run_job

    how = RunOptions(
        quiet=line.has(options.QUIET),
        keep=line.has(options.KEEP),
        console=cast("ConsoleMode | None", line.last(options.CONSOLE)),
        restart=cast("RestartMode", line.last(options.RESTART) or "auto"),
        asked=_asked(line),
        command=line.behind,
    )
    return run_job(_file(line), _placement(line), _config(line), how)


def _demo(_: Line) -> int:
    from qemu_run.cli.demo import run_demo

    return run_demo()


def _validate(line: Line) -> int:
    from qemu_run.cli.validate import validate_jobs

    files = [_file(line, name) for name in line.operands]
    return validate_jobs(files, json=line.has(options.JSON))


def _plan(line: Line) -> int:
    from qemu_run.cli.plan import plan_job

    json, environment = line.has(options.JSON), line.has(options.ENV)
    return plan_job(_file(line), _placement(line), _config(line), json=json, environment=environment)


def _inspect(line: Line) -> int:
    from qemu_run.cli.inspect import inspect_job

    return inspect_job(_file(line), canonical=line.has(options.CANONICAL))


def _fingerprint(line: Line) -> int:
    from qemu_run.cli.fingerprint import show_fingerprint

    return show_fingerprint(_operand(line), _config(line), json=line.has(options.JSON))


def _show_config(line: Line) -> int:
    from qemu_run.cli.config import show_configuration

    return show_configuration(_config(line), json=line.has(options.JSON))


def _init(line: Line) -> int:
    from qemu_run.cli.init import write_job

    return write_job(Path(_operand(line) or "example.nomad.hcl"), line.last(TEMPLATE) or "minimal")


def _completion(line: Line) -> int:
    from qemu_run.cli.completion import print_script

    return print_script(line.operands[0])


def _help(line: Line) -> int:
    from qemu_run.cli.help import show_help

    return show_help(_operand(line), everything=line.has(options.ALL))


def _version(_: Line) -> int:
    from qemu_run import __version__
    from qemu_run.terminal.output import say

    say(f"qemu-run {__version__}\n")
    return ExitCode.OK


_ACTIONS: Mapping[str, Callable[[Line], int]] = {
    "run": _run,
    "demo": _demo,
    "validate": _validate,
    "plan": _plan,
    "inspect": _inspect,
    "fingerprint": _fingerprint,
    "config": _show_config,
    "init": _init,
    "completion": _completion,
    "help": _help,
    "version": _version,
}
"""The commands of the table, each with what carries it out."""


def carry_out(line: Line) -> int:
    """Do what a command line says; the exit code."""
    return _ACTIONS[line.command.name](line)


def _operand(line: Line) -> str | None:
    return line.operands[0] if line.operands else None


def _file(line: Line, name: str | None = None) -> "JobFile":
    from qemu_run.workflow.job_file import JobFile

    return JobFile(
        name=line.operands[0] if name is None else name,
        variables=line.every(options.VAR),
        variable_files=line.every(options.VAR_FILE),
        api_json=line.has(options.JSON_JOB),
        strict=line.has(options.STRICT),
        notes=line.notes,
    )


def _placement(line: Line) -> "Options":
    from qemu_run.planning.host import Options

    return Options(
        accelerator=line.last(options.ACCELERATOR),
        bind=line.last(options.BIND),
        snapshot=line.has(options.SNAPSHOT),
        ignore_constraints=line.has(options.IGNORE_CONSTRAINTS),
        tasks=frozenset(line.every(options.TASK)),
    )


def _asked(line: Line) -> "Given":
    """What is expected of the run; a switch is asked for by the word `true`."""
    return {
        name: line.every(option) if option.value else ("true",)
        for option, name in options.EXPECTATIONS.items()
        if option in line.given
    }


def _config(line: Line) -> Path | None:
    file = line.last(options.CONFIG)
    return None if file is None else Path(file)
