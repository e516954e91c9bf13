"""What a real Nomad answers to the job files in `data`, and how ours is compared with it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from qemu_run.errors import Diagnostic, Diagnostics
from qemu_run.jobspec.load import Inputs, load
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.validate.rules import validate
from qemu_run.source import Source

DATA = Path(__file__).parent / "data"


def text_of(path: Path) -> str:
    """The file as it is on disk: line ends and byte order mark included."""
    return path.read_bytes().decode("utf-8", "replace")


@dataclass(frozen=True)
class Loaded:
    job: Job | None
    diagnostics: Diagnostics

    @property
    def errors(self) -> list[Diagnostic]:
        return [item for item in self.diagnostics.in_order() if item.severity == "error"]

    @property
    def mistakes(self) -> list[Diagnostic]:
        """Errors and warnings apart from what has no effect here, which has tests of its own."""
        return [
            item for item in self.diagnostics.in_order() if not item.summary.endswith("has no effect here")
        ]

    @property
    def lines(self) -> set[int]:
        return {item.span.first.line for item in self.errors if item.span}


def load_text(text: str, *, name: str = "test.nomad.hcl", checked: bool = True, **inputs) -> Loaded:
    diagnostics = Diagnostics()
    job = load(Source(name, text), Inputs(**{"environment": {}, **inputs}), diagnostics)
    if job is not None and checked:
        validate(job, diagnostics)
    return Loaded(job, diagnostics)


def load_file(path: Path, **inputs) -> Loaded:
    return load_text(text_of(path), name=path.name, api_json=".api." in path.name, **inputs)


def answer(name: str):
    return json.loads((DATA / "answers" / name).read_text())


def wanted_line(path: Path) -> int:
    """The line that a user looks at, from the comment at the top of each invalid file."""
    first = text_of(path).splitlines()[0]
    return int(re.search(r"line (\d+)\s*$", first)[1])


def job_of(group: str = "", *, job: str = "", task: str = "", config: str = 'image_path = "x"') -> str:
    """A small job with more in it where it matters."""
    return f"""job "j" {{
  {job}
  group "g" {{
    {group}
    task "t" {{
      driver = "qemu"
      {task}
      config {{
        {config}
      }}
    }}
  }}
}}
"""


def shown(diagnostic: Diagnostic) -> str:
    """A diagnostic in the short form of the golden files."""
    place = f"{diagnostic.span.first.line}:{diagnostic.span.first.column}" if diagnostic.span else "-"
    lines = [f"{diagnostic.severity} {place}: {diagnostic.summary}"]
    if diagnostic.span:
        marked = diagnostic.span.text.splitlines()
        lines.append(f"  > {marked[0] if marked else ''}")
    lines += [f"  ^ {diagnostic.label}"] * bool(diagnostic.label)
    lines += [f"  . {diagnostic.detail}"] * bool(diagnostic.detail)
    lines += [f"  = {hint}" for hint in diagnostic.hints]
    return "\n".join(lines)
