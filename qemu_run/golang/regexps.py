"""Regular expressions of RE2, the dialect of Go and therefore of Nomad.

Source: the syntax page of RE2; Go's package `regexp`.
"""

from typing import TYPE_CHECKING, AnyStr

if TYPE_CHECKING:
    import re2


def compile_regexp(pattern: AnyStr) -> "re2._Regexp[AnyStr]":
    """A pattern ready to search with; one in bytes is searched for in bytes.

    Raises:
        ValueError: saying why RE2 refuses the pattern.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "RE2 refuses it"
        raise ValueError(
            reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        ) from None


def as_bytes(text: str) -> bytes:
    """A text in UTF-8, to be searched whatever is in it: half a surrogate pair too."""
    return text.encode("utf-8", "surrogatepass")
