"""A task's templates: rendered as far as that is possible before the task's files are there.

Source: Nomad's client, `client/allocrunner/taskrunner/template`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from errno import ENOENT
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.errors import Diagnostic, Diagnostics
from qemu_run.jobspec.model import Task, Template
from qemu_run.planning.paths import below
from qemu_run.records import record
from qemu_run.source import Span

if TYPE_CHECKING:
    from qemu_run.planning.environment import TaskEnvironment
    from qemu_run.templates.work import TemplateError

DEFAULT_MODE = 0o644

ReadFile = Callable[[Path], str]
"""The text of a file inside the allocation.

Raises:
    OSError: it cannot be read, or a link leads out.
"""


@record(kw_only=True)
class TemplatePlan:
    """A file that is rendered into the allocation before the task starts."""

    template: Template
    destination: Path
    text: str | None
    """None: it needs a file that an artifact brings, and is rendered when that is there."""
    environment: bool
    """Its lines become variables of the task."""
    mode: int
    """Permissions."""
    uid: int | None
    gid: int | None
    span: Span | None
    known: "TaskEnvironment"
    """The task's variables as the template sees them."""
    now: datetime
    directory: Path
    """The task directory."""


class NotYetError(Exception):
    """The file may be there when the task starts."""


def plan_templates(
    task: Task,
    known: "TaskEnvironment",
    directory: Path,
    now: datetime,
    diagnostics: Diagnostics,
    read: ReadFile | None = None,
) -> tuple[TemplatePlan, ...]:
    """The task's templates in order, rendered where that is possible; mistakes are told to `diagnostics`.

    Args:
        task: Whose templates.
        known: The task's variables, before those that templates bring.
        directory: The task directory.
        now: What `timestamp` tells.
        diagnostics: Where mistakes go.
        read: Reads a file of the allocation; None: there are none yet.
    """
    reader = read or _before_the_run(task, directory)
    planned = (_plan(each, known, directory, now, diagnostics, reader) for each in task.templates)
    return tuple(each for each in planned if each is not None)


def _before_the_run(task: Task, directory: Path) -> ReadFile:
    """What can be read when a run is planned: a file that may come is not there yet, another never is."""
    brings_files = bool(task.artifacts or task.dispatch_payload or len(task.templates) > 1)

    def read(path: Path) -> str:
        if brings_files or not path.is_relative_to(directory):
            raise NotYetError
        raise FileNotFoundError(ENOENT, "nothing of the task brings such a file")

    return read


def template_variables(templates: tuple[TemplatePlan, ...], diagnostics: Diagnostics) -> dict[str, str]:
    """What the task's `env = true` templates say, as far as they are rendered; the last of a name counts."""
    variables: dict[str, str] = {}
    for each in templates:
        if each.environment and each.text is not None:
            variables |= _variables(each, each.text, diagnostics)
    return variables


def _plan(
    template: Template,
    known: "TaskEnvironment",
    directory: Path,
    now: datetime,
    diagnostics: Diagnostics,
    read: ReadFile,
) -> TemplatePlan | None:
    destination = below(directory, known.interpolate(template.destination))
    is_below = destination.is_relative_to(directory.parent) and destination != directory.parent
    if "\0" in template.destination or not is_below:
        label = "this is not a path below the allocation"
        diagnostics.error("a template may not leave the allocation", template.at("DestPath"), label)
        return None
    if "${" in template.destination and (why := _why_no_file(destination, directory)):
        diagnostics.error("the template cannot be written to its destination", template.at("DestPath"), why)
        return None
    before = len(diagnostics.errors)
    text = render(template, known, directory, now, diagnostics, read)
    if len(diagnostics.errors) > before:
        return None
    return TemplatePlan(
        template=template,
        destination=destination,
        text=text,
        environment=template.env,
        mode=int(template.perms or "0", 8) or DEFAULT_MODE,
        uid=_owner(template.uid),
        gid=_owner(template.gid),
        span=template.at(),
        known=known,
        now=now,
        directory=directory,
    )


def _owner(number: int | None) -> int | None:
    return number if number is not None and number >= 0 else None


def render(
    template: Template,
    known: "TaskEnvironment",
    directory: Path,
    now: datetime,
    diagnostics: Diagnostics,
    read: ReadFile,
) -> str | None:
    """The text a template makes; None when it has mistakes, which are told, or needs a file of the run."""
    from qemu_run.templates.inputs import TemplateInputs
    from qemu_run.templates.template import parse
    from qemu_run.templates.work import TemplateError

    def read_file(path: str) -> str:
        if not path:
            return ""
        if not path.startswith("/"):
            raise OSError(0, 'a path begins with env "NOMAD_TASK_DIR" or "NOMAD_SECRETS_DIR"')
        return _read(path, directory, directory, read)

    try:
        data = (
            _source(template, known, directory, read)
            if template.source and not template.data
            else template.data
        )
        parsed, mistakes = parse(data, template.left_delimiter, template.right_delimiter)
        if parsed is None:
            diagnostics.items += [_told(template, mistake) for mistake in mistakes]
            return None
        inputs = TemplateInputs(
            environment=_Names(known),
            now=now,
            read_file=read_file,
            missing_key_is_error=template.error_on_missing_key,
        )
        return parsed.render(inputs)
    except NotYetError:
        return None
    except TemplateError as mistake:
        diagnostics.items.append(_told(template, mistake))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        diagnostics.error(f"cannot read the template: {reason}", template.at("SourcePath"))
    return None


def _why_no_file(destination: Path, directory: Path) -> str:
    from qemu_run.jobspec.validate.destinations import why_no_file

    return why_no_file(relpath(destination, directory))


def _told(template: Template, mistake: "TemplateError") -> Diagnostic:
    """A mistake in a template, at its place in the job."""
    from qemu_run.jobspec.template_places import place_in_job

    place = (
        place_in_job(template, mistake.offset, mistake.length) if template.data else template.at("SourcePath")
    )
    return Diagnostic(mistake.message, place, hints=(mistake.hint,) if mistake.hint else ())


def _source(template: Template, known: "TaskEnvironment", directory: Path, read: ReadFile) -> str:
    return _read(known.interpolate(template.source), directory, directory.parent, read)


def _read(path: str, directory: Path, root: Path, read: ReadFile) -> str:
    """The text of a file below `root`; a relative path starts from the task directory.

    Raises:
        NotYetError: it may be there when the task starts.
        OSError: it lies elsewhere, or cannot be read.
    """
    from posixpath import normpath

    if "\0" in path:
        raise OSError(0, "it has a NUL character in its name")
    wanted = Path(normpath(directory / path))
    if not wanted.is_relative_to(root):
        raise OSError(0, "it lies outside the task's directory")
    return read(wanted)


class _Names(Mapping[str, str]):
    """What `env` knows: the task's variables, and the node's values by their names."""

    def __init__(self, known: "TaskEnvironment") -> None:
        self._known = known

    def __getitem__(self, name: str) -> str:
        value = self._known.variables.get(name)
        if value is None:
            value = self._known.node(name)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._known.variables)

    def __len__(self) -> int:
        return len(self._known.variables)


def _variables(plan: TemplatePlan, text: str, diagnostics: Diagnostics) -> dict[str, str]:
    from qemu_run.planning.environment_file import EnvironmentFileError, parse_environment_file

    try:
        return parse_environment_file(text)
    except EnvironmentFileError as error:
        diagnostics.error(
            f"line {error.line} of this template's text is not a variable: {error}",
            plan.template.at("EmbeddedTmpl"),
            "env = true wants lines of NAME=value",
        )
        return {}
