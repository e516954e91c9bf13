"""A job file to a job: read, fill in defaults, build."""

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.read import is_api_json, read_api_json
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
        The job, or None when the file has mistakes. Rules between values are `validate`'s.
    """
    from qemu_run.jobspec.api.canonical import canonical
    from qemu_run.jobspec.api.job_from_api import construct

    before = len(diagnostics.errors)
    if inputs.api_json or is_api_json(source):
        read = read_api_json(source, diagnostics)
    else:
        from qemu_run.jobspec.decode.hcl_file import read_file

        read = read_file(source, inputs, diagnostics)
    if read is None or len(diagnostics.errors) > before:
        return None
    api, places = read
    return construct(api, canonical(api), places)
