"""What a template is given to look at, and nothing besides."""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from types import MappingProxyType

from qemu_run.records import record

ReadFile = Callable[[str], str]
"""The text of a file by the path that the template names.

Raises:
    OSError: it cannot be read, or lies outside what the template may read.
"""


@record(kw_only=True)
class TemplateInputs:
    """All that the text of a rendered template depends on."""

    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What `env` knows."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """The time that `timestamp` tells."""
    read_file: ReadFile | None = None
    """What `file` reads; None: there are no files yet, and `file` is an error."""
    missing_key_is_error: bool = False
    """A field that a map does not have is an error, not a zero value."""
