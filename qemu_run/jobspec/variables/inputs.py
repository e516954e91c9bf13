"""What a job file is read with besides its own text."""

from collections.abc import Mapping

from qemu_run.records import record
from qemu_run.source import Source


@record(slots=False)
class Inputs:
    """The variables' values from outside, and how to take them."""

    environment: Mapping[str, str]
    """The process environment, of which `NOMAD_VAR_*` is used."""
    files: tuple[Source, ...] = ()
    """Variable files, in their order."""
    assignments: tuple[str, ...] = ()
    """`name=value` of the command line, in their order."""
    may_read_files: bool = True
    """Whether functions of the job may look at files of this host."""
    strict: bool = True
    """Whether a value for an undeclared variable is a mistake."""
    api_json: bool = False
    """Whether the file is known to be in Nomad's API form; that is recognised by its content too."""
