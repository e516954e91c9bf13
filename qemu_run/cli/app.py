"""What each command does with its command line: its words become the arguments of a module of its name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from qemu_run.cli import options
from qemu_run.cli.commands import TEMPLATE
from qemu_run.cli.line import Line
from qemu_run.cli.values import age_in_seconds, size_in_bytes
from qemu_run.errors import Diagnostic, ExitCode, UsageError

if TYPE_CHECKING:
    from qemu_run.planning.host import Options
    from qemu_run.reports.wanted import Wanted
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
        wanted=_wanted(line),
    )
    placement = replace(
        _placement(line),
        offline=line.has(options.OFFLINE),
        max_download_bytes=_bytes(line.last(options.MAX_DOWNLOAD)),
    )
    return run_job(_file(line), placement, _config(line), how, line.head_start)


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


def _cache(line: Line) -> int:
    from qemu_run.cli import cache

    action = _operand(line) or "list"
    for option, owner in _OF_AN_ACTION.items():
        if option in line.given and action != owner:
            hints = (f"write qemu-run cache {owner} {option.shown}",)
            raise UsageError(Diagnostic(f"{option.name} is not for qemu-run cache {action}", hints=hints))
    match action:
        case "prune":
            age, most = line.last(options.OLDER), _bytes(line.last(options.MAX_SIZE))
            older = None if age is None else age_in_seconds(age)
            return cache.prune_cache(older_seconds=older, most_bytes=most)
        case "verify":
            return cache.verify_cache()
        case "path":
            return cache.show_path()
        case _:
            return cache.list_cache(json=line.has(options.JSON))


_OF_AN_ACTION = {options.JSON: "list", options.OLDER: "prune", options.MAX_SIZE: "prune"}
"""Options of `cache` that only one of its actions has a use for."""


def _init(line: Line) -> int:
    from qemu_run.cli.init import write_job

    return write_job(_operand(line) or "example.nomad.hcl", line.last(TEMPLATE) or "minimal")


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
    "cache": _cache,
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
        allow_local=line.has(options.ALLOW_LOCAL),
        notes=line.notes,
    )


def _placement(line: Line) -> "Options":
    from qemu_run.cli.dispatch import given_meta, given_payload
    from qemu_run.planning.asked import disk_bytes
    from qemu_run.planning.host import Options

    size, overlay = line.last(options.DISK_SIZE), line.last(options.OVERLAY)
    payload = line.last(options.PAYLOAD)
    return Options(
        image_format=line.last(options.IMAGE_FORMAT),
        disk_bytes=None if size is None else disk_bytes(size),
        overlay=None if overlay is None else Path(overlay).absolute(),
        accelerator=line.last(options.ACCELERATOR),
        bind=line.last(options.BIND),
        snapshot=line.has(options.SNAPSHOT),
        ignore_constraints=line.has(options.IGNORE_CONSTRAINTS),
        tasks=frozenset(line.every(options.TASK)),
        meta=given_meta(line.every(options.META)),
        payload=given_payload(None if payload is None else Path(payload)),
    )


def _asked(line: Line) -> "Given":
    """What is expected of the run; a switch is asked for by the word `true`."""
    return {
        name: line.every(option) if option.value else ("true",)
        for option, name in options.EXPECTATIONS.items()
        if option in line.given
    }


def _wanted(line: Line) -> "Wanted":
    from qemu_run.reports.wanted import Wanted

    if options.EVENTS_CONSOLE in line.given and not line.given.keys() & {options.EVENTS, options.EVIDENCE}:
        hints = ("give one of them as well",)
        raise UsageError(Diagnostic("--events-console adds to --events FILE or --output DIR", hints=hints))
    return Wanted(
        events=_path(line.last(options.EVENTS)),
        console_events=line.has(options.EVENTS_CONSOLE),
        junit=_path(line.last(options.JUNIT)),
        output=_path(line.last(options.EVIDENCE)),
        json=line.has(options.RUN_JSON),
    )


def _bytes(size: str | None) -> int | None:
    return None if size is None else size_in_bytes(size)


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name)


def _config(line: Line) -> Path | None:
    return _path(line.last(options.CONFIG))
