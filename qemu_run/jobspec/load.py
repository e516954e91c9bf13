"""A job file to a job: read, fill in defaults, build."""

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.read import is_api_json, read_api_json
from qemu_run.jobspec.gaps import Gaps
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.variables.inputs import Inputs
from qemu_run.source import Source

__all__ = ["Inputs", "load"]


def load(source: Source, inputs: Inputs, diagnostics: Diagnostics) -> Job | None:
    """The job of a file in HCL, HCL-JSON or Nomad's API form.

    Args:
        source: The text of the file.
        inputs: Where variables get their values from.
        diagnostics: Where all mistakes are put.

    Returns:
        The job; None when there is none to speak of. After mistakes, which are then among the errors of
        `diagnostics`, it is what the right parts say, so that `validate` can look for more; it is no job to
        run. Rules between values are `validate`'s.
    """
    from qemu_run.jobspec.api.canonical import canonical
    from qemu_run.jobspec.api.job_from_api import job_from_api

    before = len(diagnostics.items)
    gaps = Gaps()
    if inputs.api_json or is_api_json(source):
        read = read_api_json(source, gaps, diagnostics)
    else:
        from qemu_run.jobspec.decode.hcl_file import read_file

        read = read_file(source, inputs, gaps, diagnostics)
    if read is None:
        return None
    gaps.note(item for item in diagnostics.items[before:] if item.severity == "error")
    api, places = read
    return job_from_api(api, canonical(api), places, gaps)
